//! Which view is open, which keys are half typed, and which places a key is looked up in.

use std::time::Instant;

use super::keymap::Chord;

/// The views, in the order of the tab line. Digits are their places in the whole product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    #[default]
    Chat,
    Models,
    Usage,
    History,
}

impl View {
    pub const ALL: [View; 4] = [View::Chat, View::Models, View::Usage, View::History];

    /// The digit that opens it.
    pub fn digit(self) -> char {
        match self {
            View::Chat => '1',
            View::Models => '2',
            View::Usage => '5',
            View::History => '6',
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            View::Chat => "Chat",
            View::Models => "Models",
            View::Usage => "Usage",
            View::History => "History",
        }
    }

    /// The view `by` places to the right, round the end.
    pub fn step(self, by: isize) -> View {
        let count = Self::ALL.len() as isize;
        let at = Self::ALL.iter().position(|v| *v == self).unwrap_or(0) as isize;
        Self::ALL[(at + by).rem_euclid(count) as usize]
    }
}

/// Keys of a sequence that is not complete.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    pub chords: Vec<Chord>,
    pub since: Option<Instant>,
}

impl Pending {
    pub fn clear(&mut self) {
        *self = Pending::default();
    }

    pub fn push(&mut self, chord: Chord, now: Instant) {
        self.chords.push(chord);
        self.since = Some(now);
    }

    pub fn is_empty(&self) -> bool {
        self.chords.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_go_round() {
        assert_eq!(View::Chat.step(-1), View::History);
        assert_eq!(View::History.step(1), View::Chat);
        assert_eq!(View::Models.step(1), View::Usage);
    }
}
