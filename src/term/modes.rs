//! The fixed byte strings that switch the terminal over and back.

use super::caps::{Caps, KeyProtocol};

/// Undoes everything that is ever switched on, in an order that is right from any state.
///
/// First a sequence that may have been cut off is cancelled. The key protocols are per screen, so
/// they go before the alternate screen does. What a terminal does not know it ignores.
pub const RESET: &[u8] = b"\x18\x1b[?2026l\x1b[<u\x1b[>4;0m\
    \x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\
    \x1b[r\x1b[m\x1b[0 q\x1b[?25h\x1b[23;0t\x1b[?1049l";

/// Asks tmux for distinct Shift+Enter and friends. Only for a tmux that answers in `csi-u` form:
/// the other form would be lost on the way in.
pub(super) const TMUX_KEYS: &[u8] = b"\x1b[>4;1m";

/// What the program wants of the terminal beside the screen itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) title: bool,
    pub(super) focus: bool,
    pub(super) mouse: bool,
}

/// The string that enters the full screen.
pub(super) fn entering(caps: &Caps, wanted: Wanted) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    if wanted.title && caps.title {
        bytes.extend_from_slice(b"\x1b[22;0t");
    }
    bytes.extend_from_slice(b"\x1b[?1049h\x1b[?2004h");
    if wanted.focus {
        bytes.extend_from_slice(b"\x1b[?1004h");
    }
    if wanted.mouse {
        bytes.extend_from_slice(b"\x1b[?1000h\x1b[?1006h");
    }
    match caps.keys {
        // Flag 1 only: with event types a release could reach the shell after we are gone.
        KeyProtocol::Kitty => bytes.extend_from_slice(b"\x1b[>1u"),
        KeyProtocol::AskTmux | KeyProtocol::Plain => {}
    }
    bytes
}
