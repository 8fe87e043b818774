//! Names and numbers that identify things. Each is its own type so that they cannot be mixed up.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::text::clean_line;

/// A model id as the upstream wants to read it, variant suffix included: `openai/gpt-4o:free`.
///
/// Control characters are removed when it is made, so it may be drawn as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ModelId(Arc<str>);

/// Suffixes that ask for a way of routing and are not listed in a catalogue (reference 6.3).
pub const DYNAMIC_VARIANTS: [&str; 4] = ["nitro", "floor", "exacto", "online"];

impl ModelId {
    pub fn new(id: impl AsRef<str>) -> Self {
        Self(clean_line(id.as_ref().trim()).into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `:` behind the last `/`, such as `free` or `nitro`.
    ///
    /// An id without an author, such as Ollama's `llama3:8b`, has a tag, not a variant.
    pub fn variant(&self) -> Option<&str> {
        let slash = self.0.rfind('/')?;
        let colon = self.0[slash..].rfind(':')? + slash;
        Some(&self.0[colon + 1..])
    }

    /// The id without a *dynamic* variant: what a catalogue lists.
    pub fn listed(&self) -> &str {
        match self.variant() {
            Some(v) if DYNAMIC_VARIANTS.contains(&v) => &self.0[..self.0.len() - v.len() - 1],
            _ => &self.0,
        }
    }

    /// The part before the first `/`; empty where there is none.
    pub fn author(&self) -> &str {
        self.0.split_once('/').map_or("", |(author, _)| author)
    }

    /// The part after the first `/`: what a narrow column shows.
    pub fn short(&self) -> &str {
        self.0.split_once('/').map_or(&*self.0, |(_, rest)| rest)
    }
}

impl From<String> for ModelId {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<&str> for ModelId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<ModelId> for String {
    fn from(id: ModelId) -> Self {
        id.0.to_string()
    }
}

impl Borrow<str> for ModelId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Row id of a chat in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChatId(pub i64);

/// Row id of a message in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId(pub i64);

/// A turn started by this process: a counter of the face that started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TurnId(pub u64);

/// Milliseconds since the Unix epoch, UTC. Pure code receives it, it never asks a clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Millis(pub i64);

impl Millis {
    /// Whole seconds from `earlier` to `self`, never negative.
    pub fn seconds_since(self, earlier: Millis) -> i64 {
        (self.0 - earlier.0).max(0) / 1000
    }

    /// Time of day in UTC as `HHMM`, the unit of `utc_start` and `utc_end` in price overrides.
    pub fn utc_hhmm(self) -> u16 {
        let minutes = self.0.div_euclid(60_000).rem_euclid(1440);
        u16::try_from(minutes / 60 * 100 + minutes % 60).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_found_behind_the_author_only() {
        assert_eq!(ModelId::new("a/b:free").variant(), Some("free"));
        assert_eq!(ModelId::new("a/b:free").listed(), "a/b:free");
        assert_eq!(ModelId::new("a/b:nitro").listed(), "a/b");
        assert_eq!(ModelId::new("llama3:8b").variant(), None);
        assert_eq!(ModelId::new("llama3:8b").short(), "llama3:8b");
    }

    #[test]
    fn an_id_carries_no_control_characters() {
        assert_eq!(ModelId::new("a/\u{1b}[31mb\n").as_str(), "a/b");
    }

    #[test]
    fn time_of_day_is_hours_and_minutes() {
        assert_eq!(Millis(30 * 60_000).utc_hhmm(), 30);
        assert_eq!(Millis((13 * 60 + 5) * 60_000).utc_hhmm(), 1305);
    }
}
