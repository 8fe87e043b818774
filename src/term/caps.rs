//! What the terminal can do, guessed from the environment alone.
//!
//! No query is sent: a reply that comes late over a slow line would be typed into the draft. What
//! only tmux itself knows is asked by `TmuxFacts` on a worker and filled in afterwards.

use thiserror::Error;

/// How many colours may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColorDepth {
    /// Modifiers only (bold, underline, reverse).
    None,
    /// The terminal's own sixteen.
    Sixteen,
    /// The 6×6×6 cube and the greys as well.
    Indexed,
    /// 24 bit.
    True,
}

/// What becomes of clusters whose width terminals disagree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmojiMode {
    /// Written as they are, with the cursor set anew behind each.
    Full,
    /// Written as their first character: no joiners, flags as two letters.
    Simple,
}

/// The innermost program between us and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Multiplexer {
    /// The terminal itself, or something that does not say so.
    None,
    Tmux,
    Screen,
    Zellij,
}

/// How keys such as Shift+Enter can be told from Enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyProtocol {
    /// Nothing is asked for.
    Plain,
    /// The kitty protocol, disambiguation only. Terminals that do not know it ignore it.
    Kitty,
    /// tmux: only once it has said that it speaks `csi-u`.
    AskTmux,
}

/// What the terminal can do. Plain data; the owner may change any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caps {
    /// How many colours may be sent.
    pub depth: ColorDepth,
    /// Frames are wrapped in synchronized updates (mode 2026).
    pub sync: bool,
    /// Scroll regions are honoured and cheap. In tmux this starts as false; see `TmuxFacts`.
    pub regions: bool,
    /// How doubtful clusters are written.
    pub emoji: EmojiMode,
    /// What stands between us and the terminal.
    pub multiplexer: Multiplexer,
    /// We run at the far end of an SSH connection.
    pub ssh: bool,
    /// How keys are asked for.
    pub keys: KeyProtocol,
    /// The window title may be set.
    pub title: bool,
}

/// What the configuration wants instead of the guess; `None` leaves the guess.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapsOptions {
    /// Wins over `NO_COLOR` and everything else.
    pub depth: Option<ColorDepth>,
    pub emoji: Option<EmojiMode>,
    pub regions: Option<bool>,
    pub sync: Option<bool>,
}

/// There is no terminal that a full-screen program could use; the text says what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoTerminal {
    #[error(
        "TERM is not set, so the full screen cannot be drawn; run this in a terminal, or use \
         `routedeck ask`"
    )]
    Unset,
    #[error(
        "TERM=dumb cannot show a full screen; use another terminal, set TERM to what yours is, \
         or use `routedeck ask`"
    )]
    Dumb,
}

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Caps {
    /// Reads the environment. Pure: the same environment gives the same answer.
    pub fn detect(env: Env<'_>, options: &CapsOptions) -> Result<Self, NoTerminal> {
        let term = env("TERM").unwrap_or_default();
        match term.as_str() {
            "" => return Err(NoTerminal::Unset),
            "dumb" => return Err(NoTerminal::Dumb),
            _ => {}
        }
        let multiplexer = multiplexer(env, &term);
        let console = term == "linux";
        let sync = !console && multiplexer != Multiplexer::Screen;
        let keys = match multiplexer {
            Multiplexer::None | Multiplexer::Zellij if !console => KeyProtocol::Kitty,
            Multiplexer::Tmux => KeyProtocol::AskTmux,
            Multiplexer::None | Multiplexer::Zellij | Multiplexer::Screen => KeyProtocol::Plain,
        };
        let emoji = match multiplexer {
            // tmux may be new enough; until it has said so we stay on the safe side.
            Multiplexer::Tmux | Multiplexer::Screen => EmojiMode::Simple,
            Multiplexer::None | Multiplexer::Zellij if console => EmojiMode::Simple,
            Multiplexer::None | Multiplexer::Zellij => EmojiMode::Full,
        };
        Ok(Self {
            depth: options.depth.unwrap_or_else(|| depth(env, &term, multiplexer)),
            sync: options.sync.unwrap_or(sync),
            regions: options.regions.unwrap_or(multiplexer == Multiplexer::None),
            emoji: options.emoji.unwrap_or(emoji),
            multiplexer,
            ssh: is_set(env, "SSH_TTY") || is_set(env, "SSH_CONNECTION"),
            keys,
            title: !console,
        })
    }
}

/// A capable terminal without surprises; for tests and pictures.
impl Default for Caps {
    fn default() -> Self {
        Self {
            depth: ColorDepth::True,
            sync: true,
            regions: true,
            emoji: EmojiMode::Full,
            multiplexer: Multiplexer::None,
            ssh: false,
            keys: KeyProtocol::Kitty,
            title: true,
        }
    }
}

fn is_set(env: Env<'_>, name: &str) -> bool {
    env(name).is_some_and(|value| !value.is_empty())
}

/// TMUX wins over everything: variables of the outer terminal survive into it.
fn multiplexer(env: Env<'_>, term: &str) -> Multiplexer {
    if is_set(env, "TMUX") || term.starts_with("tmux") {
        Multiplexer::Tmux
    } else if is_set(env, "ZELLIJ") {
        Multiplexer::Zellij
    } else if is_set(env, "STY") || term.starts_with("screen") {
        Multiplexer::Screen
    } else {
        Multiplexer::None
    }
}

fn depth(env: Env<'_>, term: &str, multiplexer: Multiplexer) -> ColorDepth {
    if is_set(env, "NO_COLOR") {
        return ColorDepth::None;
    }
    let colorterm = env("COLORTERM").unwrap_or_default();
    let guess = if term == "linux" {
        ColorDepth::Sixteen
    } else if multiplexer == Multiplexer::Screen {
        ColorDepth::Indexed
    } else if matches!(colorterm.as_str(), "truecolor" | "24bit")
        || term.ends_with("-direct")
        // tmux maps true colour down to what the outer terminal has.
        || multiplexer == Multiplexer::Tmux
    {
        ColorDepth::True
    } else if term.contains("256color") || term == "xterm" {
        ColorDepth::Indexed
    } else {
        ColorDepth::Sixteen
    };
    match env("FORCE_COLOR").as_deref() {
        Some("1") => ColorDepth::Sixteen,
        Some("2") => ColorDepth::Indexed,
        Some("3") => ColorDepth::True,
        _ => guess,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(vars: &[(&str, &str)]) -> Result<Caps, NoTerminal> {
        detect_with(vars, &CapsOptions::default())
    }

    fn detect_with(vars: &[(&str, &str)], options: &CapsOptions) -> Result<Caps, NoTerminal> {
        let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Caps::detect(&env, options)
    }

    #[test]
    fn colour_depth_follows_the_order_of_trust() {
        for (vars, depth) in [
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], ColorDepth::True),
            (&[("TERM", "xterm-256color")][..], ColorDepth::Indexed),
            (&[("TERM", "xterm")][..], ColorDepth::Indexed),
            (&[("TERM", "xterm-direct")][..], ColorDepth::True),
            (&[("TERM", "vt220")][..], ColorDepth::Sixteen),
            (&[("TERM", "linux"), ("COLORTERM", "truecolor")][..], ColorDepth::Sixteen),
            (&[("TERM", "screen-256color"), ("TMUX", "/tmp/x,1,0")][..], ColorDepth::True),
            (&[("TERM", "screen-256color"), ("COLORTERM", "24bit")][..], ColorDepth::Indexed),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1")][..], ColorDepth::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")][..], ColorDepth::Indexed),
            (&[("TERM", "vt220"), ("FORCE_COLOR", "3")][..], ColorDepth::True),
            (&[("TERM", "vt220"), ("FORCE_COLOR", "3"), ("NO_COLOR", "1")][..], ColorDepth::None),
        ] {
            assert_eq!(detect(vars).unwrap().depth, depth, "{vars:?}");
        }
        let options = CapsOptions { depth: Some(ColorDepth::Sixteen), ..CapsOptions::default() };
        let forced = detect_with(&[("TERM", "xterm"), ("NO_COLOR", "1")], &options).unwrap();
        assert_eq!(forced.depth, ColorDepth::Sixteen);
    }

    #[test]
    fn tmux_wins_over_what_the_outer_terminal_left_behind() {
        let vars = [("TERM", "xterm-kitty"), ("TMUX", "/tmp/x,1,0"), ("KITTY_WINDOW_ID", "1")];
        let caps = detect(&vars).unwrap();
        assert_eq!(caps.multiplexer, Multiplexer::Tmux);
        assert_eq!(caps.keys, KeyProtocol::AskTmux);
        assert!(!caps.regions, "only tmux knows whether the pane is full width");
        assert!(caps.sync);
    }

    #[test]
    fn screen_and_the_console_get_nothing_new() {
        let screen = detect(&[("TERM", "screen"), ("STY", "1.x")]).unwrap();
        assert!(!screen.sync && !screen.regions);
        assert_eq!((screen.keys, screen.emoji), (KeyProtocol::Plain, EmojiMode::Simple));
        let console = detect(&[("TERM", "linux")]).unwrap();
        assert!(!console.sync && !console.title && console.regions);
        assert_eq!((console.keys, console.emoji), (KeyProtocol::Plain, EmojiMode::Simple));
    }

    #[test]
    fn no_terminal_says_what_to_do() {
        assert_eq!(detect(&[]), Err(NoTerminal::Unset));
        assert_eq!(detect(&[("TERM", "dumb")]), Err(NoTerminal::Dumb));
        assert!(NoTerminal::Dumb.to_string().contains("routedeck ask"));
    }
}
