//! The text of scripted answers: prose, lists and code, cut into small pieces, with numbered words
//! in it by which the place that is on screen is known.

use std::fmt::Write as _;

/// What to answer: so many deltas of about five bytes, so many a second (0: as fast as it goes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) deltas: usize,
    pub(crate) rate: u64,
}

impl Script {
    /// The message that asks for it.
    pub(crate) fn message(self) -> String {
        format!("answer {} {}", self.deltas, self.rate)
    }

    pub(crate) fn of(message: &str) -> Script {
        let mut words = message.split(' ').skip(1).map(|word| word.parse().unwrap_or(0));
        let deltas = words.next().unwrap_or(0);
        let rate = words.next().unwrap_or(0);
        Script { deltas: deltas as usize, rate }
    }

    /// The pieces, in order.
    pub(crate) fn pieces(self) -> Vec<String> {
        let text = text(self.deltas * 5);
        let bytes = text.as_bytes().chunks(5).take(self.deltas);
        bytes.map(|piece| String::from_utf8(piece.to_vec()).expect("ASCII")).collect()
    }
}

/// The numbered word.
pub(crate) fn mark(number: usize) -> String {
    format!("m{number:05}")
}

/// The greatest number among the marks in a text.
pub(crate) fn greatest_mark(text: &str) -> Option<usize> {
    let numbers = text.match_indices('m').filter_map(|(at, _)| {
        let digits = text.get(at + 1..at + 6)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    });
    numbers.max()
}

/// A usual answer over and over, with a mark behind every eighth word of its prose.
pub(crate) fn text(bytes: usize) -> String {
    const USUAL: &str = include_str!("../../fixtures/markdown/typical.md");
    assert!(USUAL.is_ascii(), "it is cut into pieces anywhere");
    let mut out = String::new();
    let (mut words, mut in_code) = (0, false);
    for line in USUAL.split_inclusive('\n').cycle() {
        if out.len() >= bytes {
            return out;
        }
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        for word in line.split_inclusive(' ') {
            out.push_str(word);
            if !in_code && !is_fence && word.ends_with(' ') {
                words += 1;
                if words % 8 == 0 {
                    let _ = write!(out, "{} ", mark(words / 8));
                }
            }
        }
    }
    out
}
