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

/// ASCII markdown of at least this many bytes.
pub(crate) fn text(bytes: usize) -> String {
    let mut out = String::new();
    let mut number = 0;
    let mut next = || {
        number += 1;
        mark(number)
    };
    let mut part = 0;
    while out.len() < bytes {
        part += 1;
        let [a, b, c, d] = [next(), next(), next(), next()];
        let _ = write!(
            out,
            "## Part {part} of the answer\n\nThe *first* thing to {a} know is that **nothing** in \
             this paragraph means much, but it is {b} about as long as a paragraph of an answer \
             tends to be, and it holds `code` as they {c} do. It ends with a longer sentence, so \
             that lines wrap {d} more than once at a usual width.\n\n"
        );
        let [a, b, c] = [next(), next(), next()];
        let _ = write!(
            out,
            "- an item that says {a} something\n- another one, **longer** than the first {b} and \
             with a [link](https://example.org)\n- and the last {c} of them\n\n"
        );
        let [a, b, c] = [next(), next(), next()];
        let _ = write!(
            out,
            "```rust\nfn {a}(values: &[u64]) -> u64 {{\n    // sums them up\n    let {b} = \
             values.iter().sum();\n    println!(\"{{}}\", {b});\n    {b} + {c}\n}}\n```\n\n"
        );
    }
    out
}
