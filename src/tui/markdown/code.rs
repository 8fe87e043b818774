//! A code block: its lines as they are, and as much colour as was asked for.
//!
//! Colour is apart from rows: rows are counted without it, and it is made for what is looked at.

use super::highlight::{LONGEST_LINE, MOST_BYTES, MOST_LINES, Painter};
use super::line::{Look, Run, slice};
use crate::tui::theme::Role;

/// Colour is made at once for lines at most this far behind what is coloured already.
const AHEAD: usize = 400;

#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    language: Box<str>,
    /// The lines, each with its line feed.
    text: String,
    /// Where each line ends in `text`, before its line feed.
    ends: Vec<u32>,
    colour: Colour,
    /// The last line is still arriving: it is coloured anew each time.
    pub(super) live: bool,
}

#[derive(Clone, Debug, Default)]
struct Colour {
    runs: Vec<Run>,
    /// For each coloured line, where its runs end in `runs`.
    ends: Vec<u32>,
    painter: Paint,
}

#[derive(Clone, Debug, Default)]
enum Paint {
    #[default]
    Unasked,
    Ready(Box<Painter>),
    /// Unknown language, or the parser gave up.
    Plain,
}

impl Code {
    pub(super) fn new(info: &str) -> Code {
        let word = info.trim_start_matches(['{', '.']);
        let word = word.split([' ', '\t', ',', '{', '}', ':', ';']).next().unwrap_or("");
        Code { language: word.into(), ..Code::default() }
    }

    pub(super) fn language(&self) -> &str {
        &self.language
    }

    /// The code as it was written, tabs included, every line ended.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn line(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize + 1);
        &self.text[start..self.ends[index] as usize]
    }

    pub(super) fn push_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.text.push('\n');
    }

    /// Gives back what growing left over.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    pub(super) fn coloured(&self) -> usize {
        self.colour.ends.len()
    }

    /// Colours what `line` needs, if that is near. Returns the lines coloured now, and whether the
    /// line is still owed its colour.
    pub(super) fn colour_near(&mut self, line: usize) -> (usize, bool) {
        if line >= self.coloured() + AHEAD && !matches!(self.colour.painter, Paint::Plain) {
            return (0, line < MOST_LINES);
        }
        (self.colour_to(line + 1), false)
    }

    /// Colours the lines before `count`; returns how many that were.
    pub(super) fn colour_to(&mut self, count: usize) -> usize {
        let before = self.coloured();
        let count = count.min(self.len() - usize::from(self.live && self.len() > 0));
        while self.coloured() < count {
            let index = self.coloured();
            let mut runs = std::mem::take(&mut self.colour.runs);
            self.paint(index, &mut runs);
            self.colour.ends.push(u32::try_from(runs.len()).unwrap_or(u32::MAX));
            self.colour.runs = runs;
        }
        self.coloured() - before
    }

    /// The spans of `line` from byte `start` to `end`.
    pub(super) fn spans(&self, line: usize, start: usize, end: usize) -> Vec<(&str, Look)> {
        let text = self.line(line);
        if line < self.coloured() {
            let from = line.checked_sub(1).map_or(0, |before| self.colour.ends[before] as usize);
            let runs = &self.colour.runs[from..self.colour.ends[line] as usize];
            return slice(text, runs, start, end).collect();
        }
        if start == end {
            return Vec::new();
        }
        vec![(&text[start..end], Look::of(Role::CodeBlock))]
    }

    /// The runs of a line that would follow, without remembering it; `None` when the lines before
    /// have no colour yet.
    pub(super) fn paint_next(&self, line: &str) -> Option<Vec<Run>> {
        if self.coloured() < self.len() - usize::from(self.live && self.len() > 0) {
            return None;
        }
        let mut runs = Vec::new();
        let mut painter = match &self.colour.painter {
            Paint::Unasked => Painter::new(&self.language)?,
            Paint::Ready(painter) => (**painter).clone(),
            Paint::Plain => return None,
        };
        let small = line.len() <= LONGEST_LINE
            && self.text.len() + line.len() <= MOST_BYTES
            && self.len() < MOST_LINES;
        (small && painter.paint(line, &mut runs)).then_some(runs)
    }

    /// Takes over the colour of an earlier state of the same block.
    pub(super) fn adopt(&mut self, earlier: &Code) {
        let done = earlier.coloured();
        let Some(end) = done.checked_sub(1).map(|last| earlier.ends[last]) else {
            return;
        };
        let bytes = end as usize + 1;
        let same = self.language == earlier.language
            && self.coloured() < done
            && self.ends.get(done - 1) == Some(&end)
            && self.len() - usize::from(self.live) >= done
            && self.text.as_bytes()[..bytes] == earlier.text.as_bytes()[..bytes];
        if same {
            self.colour = earlier.colour.clone();
        }
    }

    fn paint(&mut self, index: usize, runs: &mut Vec<Run>) {
        if matches!(self.colour.painter, Paint::Unasked) {
            self.colour.painter = match Painter::new(&self.language) {
                Some(painter) => Paint::Ready(Box::new(painter)),
                None => Paint::Plain,
            };
        }
        let line = {
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize + 1);
            &self.text[start..self.ends[index] as usize]
        };
        let plain = Run { end: line.len() as u32, look: Look::of(Role::CodeBlock) };
        let small = line.len() <= LONGEST_LINE && self.ends[index] as usize <= MOST_BYTES;
        match &mut self.colour.painter {
            Paint::Ready(painter) if small && index < MOST_LINES => {
                if !painter.paint(line, runs) {
                    self.colour.painter = Paint::Plain;
                }
            }
            _ if line.is_empty() => {}
            Paint::Ready(_) | Paint::Unasked | Paint::Plain => runs.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(lines: usize) -> Code {
        let mut code = Code::new("rust,ignore");
        for index in 0..lines {
            code.push_line(&format!("let x{index} = \"{index}\"; // note"));
        }
        code
    }

    #[test]
    fn lines_are_kept_as_written() {
        let mut code = Code::new("{.python title=x}");
        code.push_line("\tone");
        code.push_line("");
        code.push_line("two");
        assert_eq!(code.language(), "python");
        assert_eq!(code.text(), "\tone\n\ntwo\n");
        assert_eq!([code.line(0), code.line(1), code.line(2)], ["\tone", "", "two"]);
    }

    #[test]
    fn colour_comes_only_as_far_as_needed() {
        let mut code = sample(1000);
        assert_eq!(code.colour_near(9), (10, false));
        assert_eq!(code.colour_near(5), (0, false));
        assert_eq!(code.colour_near(900), (0, true), "too far to do at once");
        assert_eq!(code.spans(900, 0, 3)[0].1.role, Role::CodeBlock);
        code.colour_to(901);
        assert_eq!(code.spans(900, 0, 3)[0].1.role, Role::SyntaxKeyword);
    }

    #[test]
    fn a_line_that_follows_is_coloured_like_a_line_that_came() {
        let mut code = sample(3);
        let next = "let y = 1;";
        assert_eq!(code.paint_next(next), None);
        code.colour_to(3);
        let runs = code.paint_next(next).unwrap();
        code.push_line(next);
        code.colour_to(4);
        assert_eq!(code.spans(3, 0, 10), slice(next, &runs, 0, 10).collect::<Vec<_>>());
    }

    #[test]
    fn colour_is_taken_over_from_an_earlier_state_only() {
        let mut earlier = sample(5);
        earlier.colour_to(5);
        let mut later = sample(6);
        later.adopt(&earlier);
        assert_eq!(later.coloured(), 5);
        let mut other = Code::new("rust");
        other.push_line("x");
        other.adopt(&earlier);
        assert_eq!(other.coloured(), 0);
    }

    #[test]
    fn giants_stay_plain() {
        let mut code = Code::new("json");
        code.push_line(&format!("[{}]", "1,".repeat(2000)));
        code.push_line("1");
        code.colour_to(2);
        assert_eq!(code.spans(0, 0, 5)[0].1.role, Role::CodeBlock);
        assert_eq!(code.spans(1, 0, 1)[0].1.role, Role::SyntaxNumber);
        let mut code = Code::new("klingon");
        code.push_line("1");
        assert_eq!(code.colour_near(0), (1, false));
        assert_eq!(code.spans(0, 0, 1), [("1", Look::of(Role::CodeBlock))]);
    }
}
