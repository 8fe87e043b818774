//! Text to read over the view: the help of a place, a receipt.

use std::cell::Cell;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::{Action, Context};
use crate::tui::cx::Cx;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Role;
use crate::tui::widgets::panel::{Panel, overlay};
use crate::tui::widgets::{scroll, text};

use super::{Choice, Outcome};

const WIDTH: u16 = 92;
/// The narrow parts take no more columns than this.
const MOST_LEFT: u16 = 30;

/// One line: a narrow part on the left and a wide one on the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLine {
    pub left: String,
    pub right: String,
    pub role: Role,
}

impl PageLine {
    pub fn heading(text: impl Into<String>) -> PageLine {
        PageLine { left: text.into(), right: String::new(), role: Role::Heading }
    }

    pub fn pair(left: impl Into<String>, right: impl Into<String>) -> PageLine {
        PageLine { left: left.into(), right: right.into(), role: Role::Text }
    }

    pub fn blank() -> PageLine {
        PageLine::pair("", "")
    }
}

/// A scrollable page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    title: String,
    lines: Vec<PageLine>,
    top: usize,
    /// The lowest top of the last frame: noted when drawing, read by the next step.
    most: Cell<usize>,
}

impl Page {
    pub fn new(title: impl Into<String>, lines: Vec<PageLine>) -> Page {
        Page { title: title.into(), lines, top: 0, most: Cell::new(usize::MAX) }
    }

    /// The keys that work in these places, nearest first.
    pub fn help(places: &[Context], keymap: &Keymap) -> Page {
        let mut lines = Vec::new();
        for place in places {
            if !lines.is_empty() {
                lines.push(PageLine::blank());
            }
            lines.push(PageLine::heading(place.title()));
            for action in Action::ALL.iter().filter(|a| a.info().context == *place) {
                let keys = keymap.keys_of(*action).join(", ");
                let keys = if keys.is_empty() { "palette".to_owned() } else { keys };
                lines.push(PageLine::pair(keys, action.info().help));
            }
            if place.takes_text() {
                lines.push(PageLine::pair("", "All other keys type."));
            }
        }
        Page::new("keys", lines)
    }

    fn text(&self) -> String {
        let line = |l: &PageLine| format!("{}\t{}", l.left, l.right).trim().to_owned();
        self.lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub fn act(&mut self, action: Action, cx: &Cx) -> Outcome {
        let page = usize::from(cx.page.max(4)) - 2;
        let most = self.most.get();
        let top = self.top.min(most);
        match action {
            Action::MessageDown | Action::ScrollDown => self.top = (top + 1).min(most),
            Action::MessageUp | Action::ScrollUp => self.top = top.saturating_sub(1),
            Action::PageDown => self.top = top.saturating_add(page).min(most),
            Action::PageUp => self.top = top.saturating_sub(page),
            Action::Top => self.top = 0,
            Action::Bottom => self.top = most,
            Action::CopyMessage | Action::CopyBlock => {
                return Outcome::Meanwhile(Choice::Copy(self.text()));
            }
            Action::Help | Action::BrowseHelp | Action::ToCompose | Action::ShowReceipt => {
                return Outcome::Close;
            }
            _ => {}
        }
        Outcome::Stay
    }

    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let columns = WIDTH.min(area.width);
        // Borders, their air, and one column before the bar.
        let rows = self.rows(columns.saturating_sub(5));
        let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2);
        let panel =
            Panel { title: &self.title, note: "", foot: "j k scroll · Esc close", focus: true };
        let inner = overlay(area, WIDTH, height.min(area.height), panel, buf, cx.theme);
        let most = rows.len().saturating_sub(usize::from(inner.height));
        self.most.set(most);
        let left = self.left_columns().min(inner.width);
        let gap = (left + 2).min(inner.width);
        for (row, at) in rows.iter().skip(self.top.min(most)).zip(inner.rows()) {
            let head = if row.heading { at } else { Rect { width: left, ..at } };
            let role = if row.heading { row.role } else { Role::Key };
            text::draw(row.left, head, buf, cx.theme.style(role));
            let rest = Rect { x: at.x + gap, width: at.width - gap, ..at };
            text::draw(&row.right, rest, buf, cx.theme.style(row.role));
        }
        let bar = Rect { x: inner.right(), width: 1, ..inner };
        scroll::bar(bar, buf, cx.theme, rows.len(), self.top.min(most));
        None
    }

    /// Columns of the narrow parts.
    fn left_columns(&self) -> u16 {
        let pairs = self.lines.iter().filter(|line| !line.right.is_empty());
        let widest = pairs.map(|line| text::width(&line.left)).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(MOST_LEFT).min(MOST_LEFT)
    }

    /// The lines as rows of this many columns.
    fn rows(&self, columns: u16) -> Vec<Row<'_>> {
        let room = usize::from(columns.saturating_sub(self.left_columns() + 2)).max(8);
        let mut rows = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let heading = line.right.is_empty();
            let mut left = line.left.as_str();
            for right in broken(&line.right, room) {
                rows.push(Row { left, right, role: line.role, heading });
                left = "";
            }
        }
        rows
    }
}

/// One row of a page.
struct Row<'p> {
    left: &'p str,
    right: String,
    role: Role,
    /// The left part has the whole row.
    heading: bool,
}

/// Broken between words; at least one line. A word longer than a line is cut where it is drawn.
fn broken(words: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let at = lines.len() - 1;
        let line = &mut lines[at];
        if line.is_empty() {
            line.push_str(word);
        } else if text::width(line) + 1 + text::width(word) <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_shows_the_keys_of_the_places_one_is_in_and_no_others() {
        let (keymap, _) = Keymap::resolve(&[]);
        let page = Page::help(&[Context::Models, Context::Global], &keymap);
        let text = page.text();
        assert!(text.contains("Use the selected model in the chat."));
        assert!(text.contains("Ctrl+P"));
        assert!(!text.contains("Rename"), "{text}");
        assert!(text.starts_with("Models"));
    }
}
