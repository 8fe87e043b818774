//! Text with roles, and the rows made of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;

/// What a piece of text means, and how it is stressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub role: Role,
    pub stress: Modifier,
}

impl Look {
    pub(super) const fn of(role: Role) -> Look {
        Look { role, stress: Modifier::empty() }
    }

    pub(super) fn with(mut self, stress: Modifier) -> Look {
        self.stress |= stress;
        self
    }

    pub(super) fn in_role(mut self, role: Role) -> Look {
        self.role = role;
        self
    }
}

/// From the end of the run before up to `end` (a byte offset) the text has this look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) end: u32,
    pub(super) look: Look,
}

/// Text with looks. No control characters but line feeds (forced breaks) and, in code, tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Styled {
    text: String,
    runs: Vec<Run>,
}

impl Styled {
    pub(super) fn of(text: &str, look: Look) -> Styled {
        let mut styled = Styled::default();
        styled.push(text, look);
        styled
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn push(&mut self, text: &str, look: Look) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        match self.runs.last_mut() {
            Some(last) if last.look == look => last.end = end,
            _ => self.runs.push(Run { end, look }),
        }
    }

    pub(super) fn append(&mut self, other: &Styled) {
        for (text, look) in other.spans() {
            self.push(text, look);
        }
    }

    /// Takes away everything from the byte `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        let end = u32::try_from(len).unwrap_or(u32::MAX);
        while self.runs.len() > 1 && self.runs[self.runs.len() - 2].end >= end {
            self.runs.pop();
        }
        match self.runs.last_mut() {
            Some(last) if len > 0 => last.end = last.end.min(end),
            _ => self.runs.clear(),
        }
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.runs.shrink_to_fit();
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = (&str, Look)> {
        self.slice(0, self.text.len())
    }

    /// The spans of the bytes from `start` to `end`.
    pub(super) fn slice(&self, start: usize, end: usize) -> impl Iterator<Item = (&str, Look)> {
        slice(&self.text, &self.runs, start, end)
    }
}

/// The spans of `text[start..end]` under `runs`.
pub(super) fn slice<'a>(
    text: &'a str,
    runs: &'a [Run],
    start: usize,
    end: usize,
) -> impl Iterator<Item = (&'a str, Look)> {
    let first = runs.partition_point(|run| run.end as usize <= start);
    let mut from = start;
    runs[first..].iter().map_while(move |run| {
        let to = (run.end as usize).min(end);
        let span = (from < to).then(|| (&text[from..to], run.look))?;
        from = to;
        Some(span)
    })
}

/// One row, ready to be drawn with any theme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub(super) body: Styled,
    /// The ground that the whole row has.
    pub(super) fill: Option<Role>,
}

impl Line {
    /// The text of the row; never a control character.
    pub fn text(&self) -> &str {
        self.body.text()
    }

    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Columns taken.
    pub fn width(&self) -> usize {
        text::width(self.body.text())
    }

    pub fn spans(&self) -> impl Iterator<Item = (&str, Look)> {
        self.body.spans()
    }
}

/// Draws `line` at `x`, `y`, at most `max_width` columns of it; clips to the buffer.
pub fn draw(line: &Line, x: u16, y: u16, max_width: u16, buf: &mut Buffer, theme: &Theme) {
    let area = Rect::new(x, y, max_width, 1).intersection(buf.area);
    if area.is_empty() || area.x != x {
        return;
    }
    if let Some(ground) = line.fill.and_then(|role| theme.style(role).bg) {
        buf.set_style(area, ratatui::style::Style::new().bg(ground));
    }
    let mut x = x;
    for (text, look) in line.spans() {
        let room = area.right().saturating_sub(x);
        if room == 0 {
            break;
        }
        let style = theme.style(look.role).add_modifier(look.stress);
        x = text::set(text, x, y, room, style, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Styled {
        let mut styled = Styled::of("ab", Look::of(Role::Text));
        styled.push("cd", Look::of(Role::Text));
        styled.push("漢e", Look::of(Role::Code));
        styled
    }

    #[test]
    fn spans_merge_slice_and_shorten() {
        let mut styled = sample();
        let text = Look::of(Role::Text);
        let code = Look::of(Role::Code);
        assert_eq!(styled.spans().collect::<Vec<_>>(), [("abcd", text), ("漢e", code)]);
        assert_eq!(styled.slice(1, 7).collect::<Vec<_>>(), [("bcd", text), ("漢", code)]);
        assert_eq!(styled.slice(4, 7).collect::<Vec<_>>(), [("漢", code)]);
        assert_eq!(styled.slice(2, 2).count(), 0);
        styled.truncate(7);
        assert_eq!(styled.spans().last(), Some(("漢", code)));
        styled.truncate(4);
        assert_eq!(styled.spans().collect::<Vec<_>>(), [("abcd", text)]);
        styled.truncate(0);
        assert_eq!(styled.spans().count(), 0);
    }

    #[test]
    fn drawing_clips_to_width_and_buffer() {
        let theme = Theme::default();
        let line = Line { body: sample(), fill: None };
        assert_eq!(line.width(), 7);
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        draw(&line, 1, 0, 5, &mut buf, &theme);
        let shown: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!(shown, " abcd   ", "half of a wide character is not drawn");
        draw(&line, 6, 0, 50, &mut buf, &theme);
        draw(&line, 0, 7, 50, &mut buf, &theme);
        draw(&line, 99, 0, 50, &mut buf, &theme);
        assert_eq!(buf[(6, 0)].symbol(), "a");
    }
}
