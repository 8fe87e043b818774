//! Text to read over the view: the help of a place, a receipt.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::action::{Action, Context};
use crate::tui::cx::Cx;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Role;
use crate::tui::widgets::panel::{Panel, overlay};
use crate::tui::widgets::text;

use super::{Choice, Outcome};

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
}

impl Page {
    pub fn new(title: impl Into<String>, lines: Vec<PageLine>) -> Page {
        Page { title: title.into(), lines, top: 0 }
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
        let last = self.lines.len().saturating_sub(1);
        match action {
            Action::MessageDown | Action::ScrollDown => self.top = (self.top + 1).min(last),
            Action::MessageUp | Action::ScrollUp => self.top = self.top.saturating_sub(1),
            Action::PageDown => self.top = (self.top + page).min(last),
            Action::PageUp => self.top = self.top.saturating_sub(page),
            Action::Top => self.top = 0,
            Action::Bottom => self.top = last,
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
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let height = rows.saturating_add(2).min(area.height);
        let panel =
            Panel { title: &self.title, note: "", foot: "j k scroll · Esc close", focus: true };
        let inner = overlay(area, 92, height, panel, buf, cx.theme);
        let most = self.lines.len().saturating_sub(usize::from(inner.height));
        let left_width = self.lines.iter().filter(|l| !l.right.is_empty());
        let left_width = left_width.map(|l| text::width(&l.left)).max().unwrap_or(0).min(26);
        for (row, line) in self.lines.iter().skip(self.top.min(most)).enumerate() {
            let y = inner.y.saturating_add(u16::try_from(row).unwrap_or(u16::MAX));
            if y >= inner.bottom() {
                break;
            }
            let at = Rect { y, height: 1, ..inner };
            if line.right.is_empty() {
                text::draw(&line.left, at, buf, cx.theme.style(line.role));
                continue;
            }
            let left = u16::try_from(left_width).unwrap_or(0).min(at.width);
            text::draw(&line.left, Rect { width: left, ..at }, buf, cx.theme.style(Role::Key));
            let gap = (left + 2).min(at.width);
            let rest = Rect { x: at.x + gap, width: at.width - gap, ..at };
            text::draw(&line.right, rest, buf, cx.theme.style(line.role));
        }
        None
    }
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
