//! Reading single values of the file: the right type and range, or a problem naming the line.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::problem::Problem;
use crate::domain::find::nearest;
use crate::domain::text::clean_line;

/// A valid value and the line it is on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Set<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// A key of the file and where it is.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    pub(super) section: &'static str,
    pub(super) key: String,
    pub(super) line: usize,
}

/// Reads values and collects problems.
pub(super) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, text: &'a str, problems: &'a mut Vec<Problem>) -> Reader<'a> {
        Reader { file, text, problems }
    }

    /// Where a key is. `section` is empty at the top.
    pub(super) fn keyed(&self, section: &'static str, key: &Spanned<DeString<'_>>) -> Keyed {
        Keyed { section, key: key.get_ref().to_string(), line: self.line(key.span().start) }
    }

    fn line(&self, byte: usize) -> usize {
        let before = &self.text.as_bytes()[..byte.min(self.text.len())];
        before.iter().filter(|b| **b == b'\n').count() + 1
    }

    pub(super) fn problem(&mut self, at: &Keyed, what: &str, hint: &str) {
        let key = if at.key.contains('.') { format!("{:?}", at.key) } else { at.key.clone() };
        let dot = if at.section.is_empty() { "" } else { "." };
        let place = clean_line(&format!("{}:{} {}{dot}{key}", self.file, at.line, at.section));
        self.problems.push(Problem::new(place, what, hint));
    }

    /// A key or section that does not exist.
    pub(super) fn unknown(&mut self, at: &Keyed, known: &[&str]) {
        let hint = match nearest(&at.key, known.iter().copied()).first() {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Known here: {}.", known.join(", ")),
        };
        self.problem(at, "is not a setting; it is ignored", &hint);
    }

    /// A value at the top of the file, where only sections are; says which section it belongs to.
    pub(super) fn misplaced(&mut self, at: &Keyed, sections: &[&str], keys: &[&[&str]]) {
        let home = sections
            .iter()
            .zip(keys)
            .find(|(_, known)| known.contains(&at.key.as_str()))
            .map(|(section, _)| *section);
        match home {
            // `[[chat]]` is a list of sections, not one.
            None if sections.contains(&at.key.as_str()) => {
                self.wrong_type(at, &format!("a section, begun by a line `[{}]`", at.key));
            }
            Some(home) => self.problem(
                at,
                "is outside of its section; it is ignored",
                &format!("Put it below a line `[{home}]`."),
            ),
            None => self.unknown(at, sections),
        }
    }

    pub(super) fn wrong_type(&mut self, at: &Keyed, wanted: &str) {
        self.problem(at, &format!("must be {wanted}; it is ignored"), "Correct the value.");
    }

    pub(super) fn text(&mut self, at: &Keyed, value: &Spanned<DeValue<'_>>) -> Option<Set<String>> {
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => {
                Some(Set { value: text.to_owned(), line: at.line })
            }
            Some(_) => {
                self.problem(at, "is empty; it is ignored", "Give a value or remove the line.");
                None
            }
            None => {
                self.wrong_type(at, "text in quotes");
                None
            }
        }
    }

    /// `true`, `false`, or `"auto"`, which is `None`.
    pub(super) fn switch(&mut self, at: &Keyed, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        if let Some(on) = value.get_ref().as_bool() {
            return Some(on);
        }
        if value.get_ref().as_str() != Some("auto") {
            self.wrong_type(at, "true, false or \"auto\"");
        }
        None
    }

    pub(super) fn number(
        &mut self,
        at: &Keyed,
        value: &Spanned<DeValue<'_>>,
        least: f64,
        most: f64,
    ) -> Option<Set<f64>> {
        let number = match value.get_ref() {
            DeValue::Float(float) => float.as_str().replace('_', "").parse().ok(),
            DeValue::Integer(_) => whole(value).map(|n| n as f64),
            DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        match number {
            Some(number) if (least..=most).contains(&number) => {
                Some(Set { value: number, line: at.line })
            }
            Some(_) | None => {
                self.wrong_type(at, &format!("a number from {least} to {most}"));
                None
            }
        }
    }

    /// A whole number above zero.
    pub(super) fn count(&mut self, at: &Keyed, value: &Spanned<DeValue<'_>>) -> Option<Set<u32>> {
        match whole(value).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0) {
            Some(count) => Some(Set { value: count, line: at.line }),
            None => {
                self.wrong_type(at, "a whole number above 0");
                None
            }
        }
    }

    /// One of `words`, quoted; a number is taken for its digits (`depth = 256`).
    pub(super) fn word<T>(
        &mut self,
        at: &Keyed,
        value: &Spanned<DeValue<'_>>,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Set<T>> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => String::new(),
        };
        match parse(&text) {
            Some(value) => Some(Set { value, line: at.line }),
            None => {
                self.wrong_type(at, &format!("one of {}", words.join(", ")));
                None
            }
        }
    }
}

fn whole(value: &Spanned<DeValue<'_>>) -> Option<i64> {
    let number = value.get_ref().as_integer()?;
    i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
}
