//! Telling someone who looks elsewhere: bell, notification, window title. Bytes to be posted.

use super::caps::{Caps, Multiplexer};
use crate::domain::text::clean_line;

/// Characters of a title or a notification; more is cut.
const LONGEST: usize = 200;

/// A bell and, where the terminal knows it, a notification (OSC 9). Whoever calls this decides
/// when: only unfocused, only for long waits, and rarely.
pub fn notification(text: &str, caps: &Caps) -> Vec<u8> {
    let mut bytes = vec![7];
    let text = harmless(text);
    let message = format!("\x1b]9;{text}\x07");
    match caps.multiplexer {
        Multiplexer::None | Multiplexer::Zellij => bytes.extend_from_slice(message.as_bytes()),
        // tmux hands it on only with `allow-passthrough`; otherwise it drops it.
        Multiplexer::Tmux => {
            let doubled = message.replace('\x1b', "\x1b\x1b");
            bytes.extend_from_slice(format!("\x1bPtmux;{doubled}\x1b\\").as_bytes());
        }
        Multiplexer::Screen => {}
    }
    bytes
}

/// Sets the window title; nothing where titles are not to be had. The old one comes back when the
/// session ends.
pub fn title(text: &str, caps: &Caps) -> Vec<u8> {
    if !caps.title {
        return Vec::new();
    }
    format!("\x1b]2;{}\x07", harmless(text)).into_bytes()
}

fn harmless(text: &str) -> String {
    clean_line(text).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_the_string_early() {
        let caps = Caps::default();
        let bytes = title("evil\u{7}\u{1b}]52;c;eA==\u{7}name\nline", &caps);
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{1b}]2;evilname line\u{7}");
        let console = Caps { title: false, ..Caps::default() };
        assert!(title("x", &console).is_empty());
        assert!(title(&"x".repeat(5000), &caps).len() < 300);
    }

    #[test]
    fn the_bell_always_rings_and_tmux_gets_a_wrapped_message() {
        let tmux = Caps { multiplexer: Multiplexer::Tmux, ..Caps::default() };
        let bytes = notification("done", &tmux);
        assert_eq!(bytes, b"\x07\x1bPtmux;\x1b\x1b]9;done\x07\x1b\\");
        let screen = Caps { multiplexer: Multiplexer::Screen, ..Caps::default() };
        assert_eq!(notification("done", &screen), b"\x07");
    }
}
