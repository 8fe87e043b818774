//! One line of text input, edited by grapheme cluster.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;

use super::text;
use crate::domain::text::clean;
use crate::tui::theme::{Role, Theme};

/// The text and the cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    /// A byte offset, always at the border of a cluster.
    cursor: usize,
}

impl Field {
    /// A field that holds `text`, the cursor at its end.
    pub fn new(text: &str) -> Field {
        let mut field = Field::default();
        field.insert(text);
        field
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Replaces everything; the cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        *self = Field::new(text);
    }

    pub fn clear(&mut self) {
        *self = Field::default();
    }

    /// Inserts typed or pasted text; line breaks and tabs become spaces, controls vanish.
    pub fn insert(&mut self, typed: &str) {
        let line: String =
            clean(typed).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.text.insert_str(self.cursor, &line);
        // A combining mark joins the cluster before it.
        self.cursor = self.border_at_or_after(self.cursor + line.len());
    }

    /// Removes the cluster before the cursor.
    pub fn backspace(&mut self) {
        let start = self.before();
        self.remove(start, self.cursor);
    }

    /// Removes the cluster after the cursor.
    pub fn delete(&mut self) {
        self.remove(self.cursor, self.after());
    }

    /// Removes the word before the cursor (Ctrl+W).
    pub fn delete_word(&mut self) {
        self.remove(self.word_start(), self.cursor);
    }

    /// Removes everything before the cursor (Ctrl+U).
    pub fn delete_to_start(&mut self) {
        self.remove(0, self.cursor);
    }

    /// Removes everything after the cursor (Ctrl+K).
    pub fn delete_to_end(&mut self) {
        self.remove(self.cursor, self.text.len());
    }

    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    pub fn right(&mut self) {
        self.cursor = self.after();
    }

    pub fn word_left(&mut self) {
        self.cursor = self.word_start();
    }

    pub fn word_right(&mut self) {
        let rest = &self.text[self.cursor..];
        let skipped = rest.len() - rest.trim_start().len();
        let word = rest[skipped..].find(char::is_whitespace).unwrap_or(rest.len() - skipped);
        self.cursor += skipped + word;
    }

    pub fn home(&mut self) {
        self.cursor = 0;
    }

    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// Draws the part around the cursor, or `placeholder` when empty; gives the cursor's cell.
    pub fn draw(
        &self,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        placeholder: &str,
    ) -> Option<Position> {
        self.draw_as(&self.text, self.cursor, area, buf, theme, placeholder)
    }

    /// Like [`Field::draw`] with a dot for every cluster: for secrets.
    pub fn draw_masked(
        &self,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        placeholder: &str,
    ) -> Option<Position> {
        let dots = |part: &str| "•".repeat(part.graphemes(true).count());
        let before = dots(&self.text[..self.cursor]);
        let all = format!("{before}{}", dots(&self.text[self.cursor..]));
        self.draw_as(&all, before.len(), area, buf, theme, placeholder)
    }

    fn draw_as(
        &self,
        shown: &str,
        cursor: usize,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        placeholder: &str,
    ) -> Option<Position> {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return None;
        }
        let row = Rect { height: 1, ..area };
        if shown.is_empty() {
            text::draw(placeholder, row, buf, theme.style(Role::Placeholder));
            return Some(Position::new(area.x, area.y));
        }
        let columns = usize::from(area.width);
        // One column stays free for the cursor behind the last cluster.
        let start = window_start(&shown[..cursor], columns - 1);
        let (visible, _) = text::head(&shown[start..], columns);
        buf.set_stringn(area.x, area.y, visible, columns, theme.style(Role::Text));
        let x = text::width(&shown[start..cursor]).min(columns - 1) as u16;
        Some(Position::new(area.x + x, area.y))
    }

    fn remove(&mut self, start: usize, end: usize) {
        self.text.replace_range(start..end, "");
        self.cursor = self.border_at_or_after(start);
    }

    fn before(&self) -> usize {
        let last = self.text[..self.cursor].grapheme_indices(true).next_back();
        last.map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        let space = before.char_indices().rev().find(|(_, c)| c.is_whitespace());
        space.map_or(0, |(at, c)| at + c.len_utf8())
    }

    fn border_at_or_after(&self, at: usize) -> usize {
        let borders = self.text.grapheme_indices(true).map(|(border, _)| border);
        borders.chain([self.text.len()]).find(|border| *border >= at).unwrap_or(0)
    }
}

/// Where the visible part begins, so that everything up to the cursor fits into `columns`.
fn window_start(before: &str, columns: usize) -> usize {
    let mut used = 0;
    let mut start = before.len();
    for (at, cluster) in before.grapheme_indices(true).rev() {
        used += text::cluster_width(cluster);
        if used > columns {
            break;
        }
        start = at;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(field: &Field, width: u16) -> (String, Option<u16>) {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let cursor = field.draw(buf.area, &mut buf, &Theme::default(), "find");
        let text: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        (text.trim_end().to_owned(), cursor.map(|at| at.x))
    }

    #[test]
    fn a_cluster_is_one_step_and_one_backspace() {
        let mut field = Field::new("a👩‍🔬🇨🇭e\u{301}");
        for expected in ["a👩‍🔬🇨🇭", "a👩‍🔬", "a", "", ""] {
            field.backspace();
            assert_eq!(field.text(), expected);
        }
        field.set("a👩‍🔬b");
        field.left();
        field.left();
        field.insert("x");
        assert_eq!(field.text(), "ax👩‍🔬b");
        field.delete();
        assert_eq!(field.text(), "axb");
        field.right();
        field.right();
        field.delete();
        assert_eq!(field.text(), "axb");
    }

    #[test]
    fn words_and_ends() {
        let mut field = Field::new("one two  three");
        field.delete_word();
        assert_eq!(field.text(), "one two  ");
        field.delete_word();
        assert_eq!(field.text(), "one ");
        field.insert("four");
        field.word_left();
        field.insert("x ");
        assert_eq!(field.text(), "one x four");
        field.word_right();
        field.insert("!");
        assert_eq!(field.text(), "one x four!");
        field.word_left();
        field.delete_to_end();
        assert_eq!(field.text(), "one x ");
        field.home();
        field.delete_to_start();
        field.right();
        field.delete_to_start();
        assert_eq!(field.text(), "ne x ");
    }

    #[test]
    fn pasted_lines_become_one_line() {
        assert_eq!(Field::new("a\r\nb\tc\u{1b}[31md").text(), "a b cd");
    }

    #[test]
    fn the_view_follows_the_cursor() {
        let mut field = Field::new("abcdefgh");
        assert_eq!(shown(&field, 5), ("efgh".into(), Some(4)));
        field.home();
        assert_eq!(shown(&field, 5), ("abcde".into(), Some(0)));
        assert_eq!(shown(&field, 1), ("a".into(), Some(0)));
        assert_eq!(shown(&field, 0), (String::new(), None));
        assert_eq!(shown(&Field::new("漢字漢"), 4), ("漢".into(), Some(2)));
        assert_eq!(shown(&Field::default(), 9), ("find".into(), Some(0)));
    }

    #[test]
    fn secrets_show_dots_only() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        let mut field = Field::new("kéy");
        field.left();
        let cursor = field.draw_masked(buf.area, &mut buf, &Theme::default(), "");
        let text: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert_eq!((text.as_str(), cursor), ("•••   ", Some(Position::new(2, 0))));
    }
}
