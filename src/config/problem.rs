//! What is wrong with a setting, as data: the start is never stopped by it.

use std::fmt;

/// One thing to correct. Everything that is not named by a problem is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `config.toml:12 chat.temperature`, or the name of a variable.
    pub place: String,
    /// What is wrong there, and what is done instead.
    pub what: String,
    /// How to put it right.
    pub hint: String,
}

impl Problem {
    pub fn new(
        place: impl Into<String>,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        Problem { place: place.into(), what: what.into(), hint: hint.into() }
    }
}

/// One paragraph: the place, what is wrong, what to do.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.place, self.what, self.hint)
    }
}
