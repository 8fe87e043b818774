//! A key that never prints itself.

use std::fmt;
use std::sync::Arc;

/// An API key. Its `Debug` is blind, it has no `Display` and cannot be serialised, so it reaches
/// no log, screen, export or database by accident. Only the HTTP client reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// White space around a key is a slip of the hand; an empty key is none.
    pub fn new(key: impl AsRef<str>) -> Option<Secret> {
        let key = key.as_ref().trim();
        (!key.is_empty()).then(|| Secret(key.into()))
    }

    /// The key itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `sk-or-v1-abc…123`: enough to recognise a key by, never enough to use it.
    pub fn masked(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        if chars.len() < 20 {
            return "…".into();
        }
        let head: String = chars[..12].iter().collect();
        let tail: String = chars[chars.len() - 3..].iter().collect();
        format!("{head}…{tail}")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        let key = Secret::new(" sk-or-v1-0123456789abcdef \n").unwrap();
        assert_eq!(format!("{key:?}"), "Secret(…)");
        assert_eq!(key.masked(), "sk-or-v1-012…def");
        assert_eq!(Secret::new("short").unwrap().masked(), "…");
        assert_eq!(Secret::new("  "), None);
    }
}
