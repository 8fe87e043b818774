//! Outside text made harmless: the only text that may be drawn.
//!
//! Model answers, names, prices, error bodies and file names come from outside. An escape
//! sequence in any of them could drive the terminal (CWE-150). Everything passes here before it
//! reaches a cell, a title, a notification or the clipboard. The raw text stays in the database.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An escape sequence that does not end within this many bytes is given up and shown as text.
const LONGEST_SEQUENCE: usize = 4096;
/// More combining marks than this on one letter are a prank, not a language.
const MOST_MARKS: u8 = 8;

/// A single line of harmless text: no control characters, no line breaks, no bidi overrides.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SafeText(Arc<str>);

impl SafeText {
    pub fn new(outside: impl AsRef<str>) -> Self {
        Self(clean_line(outside.as_ref()).into())
    }
}

impl Deref for SafeText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for SafeText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<SafeText> for String {
    fn from(text: SafeText) -> Self {
        text.0.to_string()
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Cleans one line: like [`clean`], and every white space character becomes one space.
pub fn clean_line(outside: &str) -> String {
    // Most names are plain: no copy through the state machine for them.
    if outside.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return outside.to_owned();
    }
    let cleaned = clean(outside);
    cleaned
        .split(['\n', '\t', '\u{2028}', '\u{2029}', '\u{85}'])
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

/// Cleans a whole text; line feeds and tabs stay.
pub fn clean(outside: &str) -> String {
    let mut cleaner = Cleaner::default();
    let mut out = String::with_capacity(outside.len());
    cleaner.push(outside, &mut out);
    cleaner.finish(&mut out);
    out
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte (`ESC ( B`).
    EscapeIntermediate,
    /// In a control sequence, until its final byte.
    Csi,
    /// In OSC, DCS, APC, PM or SOS, until BEL or ST.
    Text,
    /// In such a string, after ESC: `\` ends it.
    TextEscape,
}

/// Cleans a stream: a sequence that is cut between two pieces is still one sequence.
#[derive(Clone, Debug, Default)]
pub struct Cleaner {
    state: State,
    /// What a sequence swallowed so far, to be shown should it never end.
    held: String,
    /// A carriage return waits to see whether a line feed follows.
    pending_cr: bool,
    /// A joiner (ZWJ, ZWNJ) waits for a letter or emoji to follow.
    pending_joiner: Option<char>,
    last: Option<char>,
    marks: u8,
    removed: bool,
}

impl Cleaner {
    /// Appends the harmless part of `piece` to `out`.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        for c in piece.chars() {
            self.step(c, out);
        }
    }

    /// Ends the stream: an unfinished sequence is dropped.
    pub fn finish(&mut self, out: &mut String) {
        if std::mem::take(&mut self.pending_cr) {
            out.push('\n');
        }
        self.pending_joiner = None;
        self.state = State::Ground;
        self.held.clear();
    }

    /// Whether anything was taken out so far.
    pub fn removed_anything(&self) -> bool {
        self.removed
    }

    fn step(&mut self, c: char, out: &mut String) {
        if std::mem::take(&mut self.pending_cr) {
            out.push('\n');
            self.last = Some('\n');
            if c == '\n' {
                return;
            }
        }
        match self.state {
            State::Ground => self.ground(c, out),
            _ => self.in_sequence(c, out),
        }
    }

    fn in_sequence(&mut self, c: char, out: &mut String) {
        self.held.push(c);
        let next = match (self.state, c) {
            // CAN and SUB abort, a line feed never belongs to a sequence we want to lose text for.
            (_, '\u{18}' | '\u{1a}') => State::Ground,
            (State::Escape, '[') => State::Csi,
            (State::Escape, ']' | 'P' | '_' | '^' | 'X') => State::Text,
            (State::Escape | State::EscapeIntermediate, ' '..='/') => State::EscapeIntermediate,
            (State::Escape, '\u{1b}') => State::Escape,
            (State::Escape | State::EscapeIntermediate, _) => {
                if c.is_ascii_graphic() {
                    State::Ground
                } else {
                    return self.abandon(c, out);
                }
            }
            (State::Csi, '@'..='~') => State::Ground,
            (State::Csi, ' '..='?') => State::Csi,
            (State::Csi, '\u{1b}') => State::Escape,
            (State::Csi, _) => return self.abandon(c, out),
            (State::Text, '\u{7}' | '\u{9c}') => State::Ground,
            (State::Text, '\u{1b}') => State::TextEscape,
            (State::TextEscape, '\\') => State::Ground,
            (State::TextEscape, '[') => State::Csi,
            (State::TextEscape, ']' | 'P' | '_' | '^' | 'X') => State::Text,
            (State::Text, _) => State::Text,
            (State::TextEscape, _) => State::Text,
            (State::Ground, _) => State::Ground,
        };
        self.state = next;
        if next == State::Ground {
            self.held.clear();
        } else if self.held.len() > LONGEST_SEQUENCE {
            self.state = State::Ground;
            let held = std::mem::take(&mut self.held);
            // Without its introducer the rest is plain text; it may hold controls, so clean it too.
            for c in held.chars() {
                if c != '\u{1b}' {
                    self.ground(c, out);
                }
            }
        }
    }

    /// The sequence was broken by a character that cannot be part of it: keep that character.
    fn abandon(&mut self, c: char, out: &mut String) {
        self.state = State::Ground;
        self.held.clear();
        self.ground(c, out);
    }

    fn ground(&mut self, c: char, out: &mut String) {
        match c {
            '\n' | '\t' => self.keep(c, out),
            '\r' => {
                self.pending_joiner = None;
                self.pending_cr = true;
            }
            '\u{1b}' => self.enter(State::Escape, c),
            // The 8-bit forms of the same introducers.
            '\u{9b}' => self.enter(State::Csi, c),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => self.enter(State::Text, c),
            '\u{200c}' | '\u{200d}' => self.pending_joiner = Some(c),
            _ if is_dropped(c) => self.removed = true,
            '\u{fe00}'..='\u{fe0d}' => self.removed = true,
            _ => self.keep(c, out),
        }
    }

    fn enter(&mut self, state: State, c: char) {
        self.removed = true;
        self.pending_joiner = None;
        self.state = state;
        self.held.clear();
        self.held.push(c);
    }

    fn keep(&mut self, c: char, out: &mut String) {
        if let Some(joiner) = self.pending_joiner.take() {
            let joins = |x: Option<char>| x.is_some_and(|x| !x.is_ascii() && !x.is_whitespace());
            if joins(self.last) && joins(Some(c)) {
                out.push(joiner);
            } else {
                self.removed = true;
            }
        }
        if is_mark(c) {
            self.marks = self.marks.saturating_add(1);
            if self.marks > MOST_MARKS {
                self.removed = true;
                return;
            }
        } else {
            self.marks = 0;
        }
        self.last = Some(c);
        out.push(c);
    }
}

/// Characters that draw nothing and only deceive or steer.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}' | '\u{2029}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_vanish_whole() {
        for (dirty, cleaned) in [
            ("a\u{1b}[31mred\u{1b}[0m", "ared"),
            ("a\u{1b}]52;c;ZXZpbA==\u{7}b", "ab"),
            ("a\u{1b}]0;title\u{1b}\\b", "ab"),
            ("a\u{1b}P1$q\u{1b}\\b", "ab"),
            ("a\u{9b}31mb", "ab"),
            ("a\u{9d}0;x\u{9c}b", "ab"),
            ("a\u{1b}(Bb", "ab"),
            ("a\u{1b}cb", "ab"),
            ("one\r\ntwo\rthree", "one\ntwo\nthree"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{e0041}e", "abcde"),
            ("a\u{0}\u{8}\u{7f}b", "ab"),
        ] {
            assert_eq!(clean(dirty), cleaned, "{dirty:?}");
        }
    }

    #[test]
    fn a_sequence_cut_between_two_pieces_is_one_sequence() {
        let mut cleaner = Cleaner::default();
        let mut out = String::new();
        for piece in ["safe\u{1b}", "]52;c;", "ZXZp", "\u{7}", "text"] {
            cleaner.push(piece, &mut out);
        }
        assert_eq!(out, "safetext");
        assert!(cleaner.removed_anything());
    }

    #[test]
    fn an_endless_sequence_cannot_swallow_the_answer() {
        let text = format!("a\u{1b}]{}", "x".repeat(10_000));
        assert!(clean(&text).len() > 9_000);
    }

    #[test]
    fn emoji_and_scripts_keep_their_joiners() {
        for text in ["👩‍🔬 ok", "❤️", "👨‍👩‍👧", "क्‍ष", "می‌خواهم", "e\u{301}"]
        {
            assert_eq!(clean(text), text);
        }
        assert_eq!(clean("pass\u{200d}word"), "password");
    }

    #[test]
    fn towers_of_marks_are_capped() {
        let tower = format!("a{}", "\u{301}".repeat(100));
        assert_eq!(clean(&tower).chars().count(), 9);
    }

    #[test]
    fn a_line_has_no_breaks() {
        assert_eq!(&*SafeText::new("a\nb\tc\u{1b}[1m"), "a b c");
    }

    proptest! {
        #[test]
        fn no_control_character_survives_any_split(text in "\\PC*|(\u{1b}|\u{9b}|\\[|\\]|;|[a-z]|\u{7}|\r|\n){0,60}", cut in 0usize..60) {
            let at = text.char_indices().nth(cut).map_or(text.len(), |(i, _)| i);
            let mut cleaner = Cleaner::default();
            let mut out = String::new();
            cleaner.push(&text[..at], &mut out);
            cleaner.push(&text[at..], &mut out);
            cleaner.finish(&mut out);
            prop_assert!(out.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
            prop_assert_eq!(out, clean(&text));
        }
    }
}
