//! A text of several lines that a person writes: the draft, and long fields of a form.
//!
//! Wraps the text area crate and moves and deletes by grapheme cluster, which it does not.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, CursorRenderMode, TextArea, WrapMode};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::estimate;
use crate::domain::text::clean;

/// The largest text that may be pasted at once.
pub const LONGEST_PASTE: usize = 8 << 20;

/// An editable text with a cursor and undo.
#[derive(Clone, Debug)]
pub struct Composer {
    area: TextArea<'static>,
    /// Rows of the text at the width it was fitted to last.
    rows: u16,
    width: u16,
    /// Estimated tokens of the text.
    tokens: u64,
}

impl Default for Composer {
    fn default() -> Self {
        Composer::new("")
    }
}

impl Composer {
    pub fn new(text: &str) -> Composer {
        let mut area = TextArea::new(lines_of(text));
        area.set_wrap_mode(WrapMode::Word);
        area.set_cursor_line_style(Style::default());
        area.set_cursor_render_mode(CursorRenderMode::Hidden);
        area.set_max_histories(500);
        area.set_undo_coalescing(true);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Composer { area, rows: 1, width: 0, tokens: estimate::tokens(text) }
    }

    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Nothing but white space.
    pub fn is_blank(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Rows that the text takes at the width given to [`Composer::fit`].
    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// Estimated tokens of the text, a line at a time.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Measures the text for a width; call after a change of either.
    pub fn fit(&mut self, width: u16) {
        self.width = width;
        self.rows = self.area.measure(width.max(1)).content_rows.max(1);
        self.tokens = self.area.lines().iter().map(|line| estimate::tokens(line)).sum();
    }

    /// Replaces the whole text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        let width = self.width;
        *self = Composer::new(text);
        self.fit(width);
    }

    /// Takes the text out and leaves nothing, undo included.
    pub fn take(&mut self) -> String {
        let text = self.text();
        self.set("");
        text
    }

    /// Inserts text at the cursor as one step of undo; control characters are taken out.
    pub fn insert(&mut self, text: &str) {
        self.area.insert_str(clean(text));
        self.fit(self.width);
    }

    pub fn newline(&mut self) {
        self.area.insert_newline();
        self.fit(self.width);
    }

    pub fn undo(&mut self) {
        self.area.undo();
        self.fit(self.width);
    }

    pub fn redo(&mut self) {
        self.area.redo();
        self.fit(self.width);
    }

    /// A key that is no command: text, a movement or an edit. Whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let plain = key.modifiers - KeyModifiers::SHIFT == KeyModifiers::NONE;
        let control = key.modifiers == KeyModifiers::CONTROL;
        let changed = match key.code {
            KeyCode::Left if plain => self.step(CursorMove::Back, self.cluster_before()),
            KeyCode::Right if plain => self.step(CursorMove::Forward, self.cluster_after()),
            KeyCode::Backspace if plain => {
                self.delete(self.cluster_before(), TextArea::delete_char)
            }
            KeyCode::Char('h') if control => {
                self.delete(self.cluster_before(), TextArea::delete_char)
            }
            KeyCode::Delete if plain => {
                self.delete(self.cluster_after(), TextArea::delete_next_char)
            }
            KeyCode::Char('d') if control => {
                self.delete(self.cluster_after(), TextArea::delete_next_char)
            }
            KeyCode::Char('u') if control => self.area.delete_line_by_head(),
            KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab | KeyCode::Esc | KeyCode::F(_) => {
                false
            }
            // Keys of the crate that would surprise: its undo, redo and paging.
            KeyCode::Char('r' | 'v' | 'm' | 'j' | 'c' | 'x') if control => false,
            _ => self.area.input(key),
        };
        if changed {
            self.fit(self.width);
        }
        changed
    }

    fn step(&mut self, towards: CursorMove, chars: usize) -> bool {
        for _ in 0..chars.max(1) {
            self.area.move_cursor(towards);
        }
        false
    }

    fn delete(&mut self, chars: usize, once: fn(&mut TextArea<'static>) -> bool) -> bool {
        let mut changed = false;
        for _ in 0..chars.max(1) {
            changed |= once(&mut self.area);
        }
        changed
    }

    /// Characters in the cluster before the cursor; 0 at the start of a line.
    fn cluster_before(&self) -> usize {
        let (row, column) = self.area.cursor();
        let before: String = self.area.lines()[row].chars().take(column).collect();
        before.graphemes(true).next_back().map_or(0, |g| g.chars().count())
    }

    fn cluster_after(&self) -> usize {
        let (row, column) = self.area.cursor();
        let after: String = self.area.lines()[row].chars().skip(column).take(64).collect();
        after.graphemes(true).next().map_or(0, |g| g.chars().count())
    }

    /// Draws the text and says where the cursor is.
    pub fn draw(&self, area: Rect, style: Style, buf: &mut Buffer) -> Option<Position> {
        if area.is_empty() {
            return None;
        }
        (&self.area).render(area, buf);
        buf.set_style(area, style);
        self.area.rendered_cursor_position()
    }
}

fn lines_of(text: &str) -> Vec<String> {
    let cleaned = clean(text);
    let lines: Vec<String> = cleaned.split('\n').map(str::to_owned).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(composer: &mut Composer, code: KeyCode) -> bool {
        composer.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn a_cluster_is_one_step_and_one_backspace() {
        for cluster in ["👩‍🔬", "👨‍👩‍👧", "🇩🇪", "e\u{301}", "한", "❤️"]
        {
            let mut composer = Composer::new(&format!("a{cluster}b"));
            press(&mut composer, KeyCode::Left);
            press(&mut composer, KeyCode::Left);
            composer.insert("|");
            assert_eq!(composer.text(), format!("a|{cluster}b"), "{cluster}");
            press(&mut composer, KeyCode::Right);
            assert!(press(&mut composer, KeyCode::Backspace));
            assert_eq!(composer.text(), "a|b", "{cluster}");
        }
    }

    #[test]
    fn backspace_at_the_start_of_a_line_joins_it_to_the_one_before() {
        let mut composer = Composer::new("one\ntwo");
        composer.key(KeyEvent::new(KeyCode::Home, KeyModifiers::NONE));
        press(&mut composer, KeyCode::Backspace);
        assert_eq!(composer.text(), "onetwo");
        press(&mut composer, KeyCode::Left);
        assert_eq!(composer.text(), "onetwo");
    }

    #[test]
    fn pasted_control_characters_are_taken_out_and_undo_brings_back() {
        let mut composer = Composer::new("");
        composer.insert("a\u{1b}[31mb\r\nc");
        assert_eq!(composer.text(), "ab\nc");
        composer.undo();
        assert_eq!(composer.text(), "");
        composer.redo();
        assert_eq!(composer.text(), "ab\nc");
    }

    #[test]
    fn rows_follow_the_width() {
        let mut composer = Composer::new("one two three four");
        composer.fit(40);
        assert_eq!(composer.rows(), 1);
        composer.fit(9);
        assert!(composer.rows() >= 2);
        composer.take();
        assert_eq!(composer.rows(), 1);
    }
}
