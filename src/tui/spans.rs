//! One row of pieces, each with its role, and text broken into rows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use crate::engine::Trouble;

use super::theme::{Role, Theme};
use super::widgets::text;

/// One row. Text from outside must have been cleaned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(pub Vec<(Role, String)>);

impl Spans {
    pub fn new(role: Role, words: impl Into<String>) -> Spans {
        Spans(vec![(role, words.into())])
    }

    pub fn and(mut self, role: Role, words: impl Into<String>) -> Spans {
        self.0.push((role, words.into()));
        self
    }

    /// The columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|(_, words)| text::width(words)).sum()
    }

    /// Draws into the first row of `area`, cut with `…` at its end; the columns taken.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> u16 {
        let mut at = Rect { height: area.height.min(1), ..area };
        for (role, words) in &self.0 {
            if at.width == 0 {
                break;
            }
            let cut = text::width(words) > usize::from(at.width);
            let used = text::draw(words, at, buf, theme.style(*role));
            at.x += used;
            at.width = if cut { 0 } else { at.width.saturating_sub(used) };
        }
        area.width.min(at.x - area.x)
    }

    /// Draws at the right end of the first row of `area`, if it fits whole.
    pub fn draw_right(&self, area: Rect, buf: &mut Buffer, theme: &Theme) -> bool {
        let Some(left) = usize::from(area.width).checked_sub(self.width()) else {
            return false;
        };
        // What is left of a width is one.
        let left = left as u16;
        self.draw(Rect { x: area.x + left, width: area.width - left, ..area }, buf, theme);
        true
    }
}

/// Breaks text into rows of at most `columns`, at white space where there is some. An empty line
/// of the text is an empty row.
pub fn wrap(words: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut rows = Vec::new();
    for line in words.lines() {
        let (mut row, mut used) = (String::new(), 0);
        for word in line.split_whitespace() {
            let width = text::width(word);
            if used > 0 && used + 1 + width > columns {
                rows.push(std::mem::take(&mut row));
                used = 0;
            }
            if used > 0 {
                row.push(' ');
                used += 1;
            }
            for cluster in word.graphemes(true) {
                let cell = text::cluster_width(cluster);
                if used > 0 && used + cell > columns {
                    rows.push(std::mem::take(&mut row));
                    used = 0;
                }
                row.push_str(cluster);
                used += cell;
            }
        }
        rows.push(row);
    }
    rows
}

/// Pieces one after the other with a dot between them, broken before a piece that does not fit.
pub fn flow(pieces: Vec<Spans>, columns: usize) -> Vec<Spans> {
    const DOT: &str = " · ";
    let mut rows: Vec<Spans> = Vec::new();
    for piece in pieces {
        match rows.last_mut() {
            Some(row) if row.width() + text::width(DOT) + piece.width() <= columns => {
                row.0.push((Role::Dim, DOT.into()));
                row.0.extend(piece.0);
            }
            _ => rows.push(piece),
        }
    }
    rows
}

/// What went wrong, why and what to do, in rows of this width.
pub fn sentence(trouble: &Trouble, columns: usize) -> Vec<Spans> {
    let words = format!("{}: {} {}", trouble.what, trouble.why, trouble.hint);
    let rows = wrap(words.trim(), columns).into_iter();
    rows.map(|row| Spans::new(Role::Bad, row)).collect()
}

/// Draws rows one below the other, as many as there is room for.
pub fn draw_rows(rows: &[Spans], area: Rect, buf: &mut Buffer, theme: &Theme) {
    for (spans, row) in rows.iter().zip(area.rows()) {
        spans.draw(row, buf, theme);
    }
}

/// Draws a line across the first row of `area` with a title near its left end and, where there is
/// room, a note near its right end.
pub fn rule(title: &str, note: &str, area: Rect, buf: &mut Buffer, theme: &Theme) {
    let area = Rect { height: area.height.min(1), ..area }.intersection(buf.area);
    for at in area.positions() {
        buf[at].set_symbol("─").set_style(theme.style(Role::Border));
    }
    if area.width < 6 {
        return;
    }
    let room = Rect { x: area.x + 2, width: area.width - 4, ..area };
    let used = match title {
        "" => 0,
        title => Spans::new(Role::Title, format!(" {title} ")).draw(room, buf, theme),
    };
    let rest = Rect { x: room.x + used, width: room.width - used, ..room };
    if !note.is_empty() {
        Spans::new(Role::Dim, format!(" {note} ")).draw_right(rest, buf, theme);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("漢字かな", 4), ["漢字", "かな"]);
        assert_eq!(wrap("a\n\n  b", 9), ["a", "", "b"]);
        assert_eq!(wrap("", 9), Vec::<String>::new());
        assert_eq!(wrap("漢", 1), ["漢"]);
    }

    #[test]
    fn pieces_follow_each_other_and_the_last_one_is_cut() {
        let theme = Theme::default();
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 2));
        let spans = Spans::new(Role::Text, "ab").and(Role::Dim, "cdefg").and(Role::Text, "h");
        assert_eq!(spans.draw(Rect::new(0, 0, 6, 1), &mut buf, &theme), 6);
        assert!(!spans.draw_right(Rect::new(0, 1, 6, 1), &mut buf, &theme));
        assert!(Spans::new(Role::Text, "xy").draw_right(Rect::new(0, 1, 6, 1), &mut buf, &theme));
        let row = |y| (0..6).map(|x| buf[(x, y)].symbol()).collect::<String>();
        assert_eq!((row(0).as_str(), row(1).as_str()), ("abcde…", "    xy"));
    }
}
