//! Lines that say what just happened and go away by themselves, and banners that stay.

use std::time::{Duration, Instant};

use crate::domain::text::clean_line;

const SHOWN: Duration = Duration::from_secs(6);
const MOST: usize = 3;

/// Whether it is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
}

/// One line and when it goes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub tone: Tone,
    until: Instant,
}

/// The lines in sight, newest last.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    shown: Vec<Toast>,
    /// A state that lasts, such as a full disk: stays until it is taken back.
    pub banner: Option<String>,
}

impl Toasts {
    pub fn say(&mut self, tone: Tone, text: impl AsRef<str>, now: Instant) {
        let text = clean_line(text.as_ref());
        self.shown.retain(|toast| toast.text != text);
        self.shown.push(Toast { text, tone, until: now + SHOWN });
        if self.shown.len() > MOST {
            self.shown.remove(0);
        }
    }

    /// Takes out what was shown long enough; whether anything changed.
    pub fn expire(&mut self, now: Instant) -> bool {
        let before = self.shown.len();
        self.shown.retain(|toast| toast.until > now);
        before != self.shown.len()
    }

    pub fn next_expiry(&self) -> Option<Instant> {
        self.shown.iter().map(|toast| toast.until).min()
    }

    pub fn shown(&self) -> &[Toast] {
        &self.shown
    }

    pub fn dismiss(&mut self) -> bool {
        let any = !self.shown.is_empty();
        self.shown.clear();
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toast_goes_by_itself_and_is_not_said_twice() {
        let start = Instant::now();
        let mut toasts = Toasts::default();
        toasts.say(Tone::Good, "kept", start);
        toasts.say(Tone::Good, "kept", start);
        assert_eq!(toasts.shown().len(), 1);
        assert!(!toasts.expire(start));
        assert!(toasts.expire(start + SHOWN));
        assert_eq!(toasts.next_expiry(), None);
    }
}
