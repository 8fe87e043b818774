//! What only tmux can tell: whether our pane spans its window, how old it is, how it sends keys.

use std::io;
use std::time::Duration;

use super::caps::{Caps, CapsOptions, EmojiMode, KeyProtocol};
use super::{child, modes};

const FORMAT: &str =
    "#{pane_at_left}#{pane_at_right} #{version} #{extended-keys} #{extended-keys-format}";

/// tmux's answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TmuxFacts {
    /// The pane is as wide as the terminal: tmux passes scroll regions on. In a narrower pane it
    /// repaints all of it for each scroll.
    pub full_width: bool,
    /// Major and minor version, (0, 0) if it could not be read.
    pub version: (u32, u32),
    /// Extended keys are on and come in the form that the input layer understands.
    pub extended_keys: bool,
}

impl TmuxFacts {
    /// Asks the tmux around us. Blocks up to `limit`; call it on a worker, at the start and after
    /// each resize.
    pub fn ask(limit: Duration) -> io::Result<Self> {
        let pane = std::env::var("TMUX_PANE").unwrap_or_default();
        let mut arguments = vec!["display-message", "-p"];
        if !pane.is_empty() {
            arguments.extend(["-t", &pane]);
        }
        arguments.push(FORMAT);
        let answer = child::run("tmux", &arguments, "", limit)?;
        Self::read(&answer).ok_or_else(|| io::Error::other("tmux answered in an unknown form"))
    }

    fn read(answer: &str) -> Option<Self> {
        let mut words = answer.trim_end().split(' ');
        let edges = words.next().filter(|edges| !edges.is_empty())?;
        let version = words.next().map_or((0, 0), read_version);
        let keys = words.next().unwrap_or_default();
        // An old tmux has no such option and always speaks csi-u.
        let format = words.next().unwrap_or_default();
        Some(Self {
            full_width: edges == "11",
            version,
            extended_keys: matches!(keys, "on" | "always" | "1" | "2")
                && matches!(format, "" | "csi-u"),
        })
    }

    /// Fills in what follows from the answers, where the options leave a choice.
    pub fn apply(&self, caps: &mut Caps, options: &CapsOptions) {
        caps.regions = options.regions.unwrap_or(self.full_width);
        let emoji = if self.version >= (3, 5) { EmojiMode::Full } else { EmojiMode::Simple };
        caps.emoji = options.emoji.unwrap_or(emoji);
    }

    /// The string to post so that Shift+Enter arrives as such, if tmux can do it.
    pub fn keys(&self, caps: &Caps) -> Option<&'static [u8]> {
        (self.extended_keys && caps.keys == KeyProtocol::AskTmux).then_some(modes::TMUX_KEYS)
    }
}

/// `3.3a`, `next-3.6`, `3.5`.
fn read_version(text: &str) -> (u32, u32) {
    let text = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    (number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_old_and_new_versions_are_read() {
        let old = TmuxFacts::read("11 3.3a off \n").unwrap();
        let facts = TmuxFacts { full_width: true, version: (3, 3), extended_keys: false };
        assert_eq!(old, facts);
        assert!(TmuxFacts::read("11 3.3a on \n").unwrap().extended_keys);
        let split = TmuxFacts::read("10 next-3.6 on xterm\n").unwrap();
        let facts = TmuxFacts { full_width: false, version: (3, 6), extended_keys: false };
        assert_eq!(split, facts);
        assert!(TmuxFacts::read("01 3.6 always csi-u\n").unwrap().extended_keys);
        assert_eq!(TmuxFacts::read("\n"), None);
    }

    #[test]
    fn the_configuration_wins_over_the_answers() {
        let facts = TmuxFacts { full_width: true, version: (3, 5), extended_keys: true };
        let mut caps = Caps { regions: false, keys: KeyProtocol::AskTmux, ..Caps::default() };
        facts.apply(&mut caps, &CapsOptions::default());
        assert!(caps.regions);
        assert_eq!(caps.emoji, EmojiMode::Full);
        assert!(facts.keys(&caps).is_some());
        let never = CapsOptions { regions: Some(false), ..CapsOptions::default() };
        facts.apply(&mut caps, &never);
        assert!(!caps.regions);
    }
}
