//! Draws the list of chats, each with where the search matched.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::conversation::ChatSummary;
use crate::domain::text::clean_line;
use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::footer;
use crate::tui::numbers::{ago, count, plural};
use crate::tui::spans::{Spans, draw_rows, sentence, wrap};
use crate::tui::theme::Role;
use crate::tui::widgets::{Cell, Column, Size, Table, scroll, text};

use super::snippet;
use super::state::{History, MOST};

const PROMPT: &str = "> ";
/// Snippets are indented under their title.
const INDENT: u16 = 4;

impl History {
    /// Draws the pane and says where the cursor is, when it is in the search field.
    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let mut area = area.intersection(buf.area);
        if area.is_empty() {
            return None;
        }
        if area.height >= 12 {
            area.height -= 1;
            let line = Rect { y: area.bottom(), height: 1, ..area };
            footer::draw(self.hints(), cx, line, buf);
        }
        let cursor = self.draw_search(cx, Rect { height: 1, ..area }, buf);
        let list = Rect { y: area.y + 1, height: area.height - 1, ..area };
        if let Some(trouble) = &self.trouble {
            draw_rows(&sentence(trouble, usize::from(list.width)), list, buf, cx.theme);
        } else if self.rows().is_empty() {
            self.draw_nothing(cx, list, buf);
        } else {
            self.draw_rows(cx, list, buf);
        }
        cursor
    }

    fn draw_search(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let note = Spans::new(Role::Dim, self.note());
        let noted = u16::try_from(note.width()).unwrap_or(u16::MAX);
        let mut row = area;
        if noted > 0 && noted.saturating_add(24) <= area.width {
            note.draw_right(area, buf, cx.theme);
            row.width -= noted + 1;
        }
        let role = if self.typing { Role::Accent } else { Role::Dim };
        let used = text::draw(PROMPT, row, buf, cx.theme.style(role));
        let rest = Rect { x: row.x + used, width: row.width - used, ..row };
        let placeholder = match (self.typing, cx.keymap.key_of(Action::SearchChats)) {
            (false, Some(key)) => format!("{key} searches the text of all chats"),
            (true, _) | (false, None) => "words of a title or a message".into(),
        };
        let cursor = self.field.draw(rest, buf, cx.theme, &placeholder);
        cursor.filter(|_| self.typing)
    }

    /// How many there are, and that there are more when there are.
    fn note(&self) -> String {
        let Some(rows) = &self.rows else { return String::new() };
        let shown = rows.len() as u64;
        let what = if self.search().is_some() { "found" } else { "newest first" };
        if shown >= u64::from(MOST) {
            format!("{MOST} chats, there are more · {what}")
        } else {
            format!("{} · {what}", plural(shown, "chat"))
        }
    }

    /// The table. While one searches each chat takes two rows: its own and that of the match.
    fn draw_rows(&self, cx: &Cx, area: Rect, buf: &mut Buffer) {
        if area.is_empty() {
            return;
        }
        let rows = self.rows();
        let least = if area.width < 60 { 12 } else { 30 };
        let columns = [
            Column { size: Size::Flex { least, share: 3 }, ..Column::flex("title", least) },
            Column::flex("model", 14).drop_at(3),
            Column::fixed("msgs", 5).right().drop_at(2),
            Column::fixed("cost", 12).right().drop_at(1),
            Column::fixed("updated", 10).right(),
        ];
        let head = Table { columns: &columns, header: true, rows: 0, offset: 0, selected: None };
        head.draw(Rect { height: 1, ..area }, buf, cx.theme, |_| Vec::new());
        let list = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let matched = rows.iter().any(|row| row.snippet.is_some());
        let per_chat: u16 = if matched { 2 } else { 1 };
        let page = usize::from(list.height.div_ceil(per_chat));
        // A chat whose second row has no room is not the last one in view.
        let whole = usize::from(list.height / per_chat).max(1);
        let offset = self.cursor.offset(rows.len(), whole);
        let selected = self.cursor.selected();
        let below = rows.iter().enumerate().skip(offset).take(page);
        for ((at, row), y) in below.zip((list.y..list.bottom()).step_by(usize::from(per_chat))) {
            let line = Rect { y, height: 1, ..list };
            let selected = (at == selected).then_some(0);
            let one = Table { header: false, rows: 1, selected, ..head };
            one.draw(line, buf, cx.theme, |_| cells(row, cx));
            let under = Rect { y: y + 1, ..line };
            if let Some(raw) = row.snippet.as_ref().filter(|_| per_chat == 2) {
                let indent = INDENT.min(under.width);
                let under = Rect { x: under.x + indent, width: under.width - indent, ..under };
                let row = snippet::row(raw, usize::from(under.width));
                row.draw(under.intersection(list), buf, cx.theme);
            }
        }
        let bar = Rect { x: list.right() - 1, width: 1, height: list.height, ..list };
        if per_chat == 1 && list.width > 30 {
            scroll::bar(bar, buf, cx.theme, rows.len(), offset);
        }
    }

    fn draw_nothing(&self, cx: &Cx, area: Rect, buf: &mut Buffer) {
        let key = |action| cx.keymap.key_of(action).unwrap_or_else(|| "the palette".into());
        let words = match (&self.rows, self.search()) {
            (None, _) => "asking …".into(),
            (Some(_), Some(_)) if self.waiting.is_some() => "searching …".into(),
            (Some(_), Some(_)) if self.typing => {
                format!("No chat has these words. {} empties the field.", key(Action::Back))
            }
            (Some(_), Some(_)) => {
                format!("No chat has these words. {} goes to the field.", key(Action::SearchChats))
            }
            (Some(_), None) if !self.deleted.is_empty() => {
                format!("No chats. {} brings back the one deleted last.", key(Action::UndoDelete))
            }
            (Some(_), None) => {
                let chat = key(Action::BrowseChat);
                format!("No chats yet. {chat} goes to the chat; what is sent there is kept here.")
            }
        };
        let rows = wrap(&words, usize::from(area.width)).into_iter();
        let rows: Vec<Spans> = rows.map(|row| Spans::new(Role::Dim, row)).collect();
        draw_rows(&rows, area, buf, cx.theme);
    }

    fn hints(&self) -> &'static [Action] {
        if self.typing {
            return &[Action::QueryDone, Action::QueryDown, Action::QueryUp, Action::Back];
        }
        if self.deleted.is_empty() { &HINTS[1..] } else { HINTS }
    }
}

/// The first one only where something was deleted.
const HINTS: &[Action] = &[
    Action::UndoDelete,
    Action::OpenChat,
    Action::SearchChats,
    Action::RenameChat,
    Action::DeleteChat,
    Action::BrowseHelp,
];

fn cells<'r>(row: &ChatSummary, cx: &Cx) -> Vec<Cell<'r>> {
    let title = clean_line(&row.chat.title);
    let title = if title.trim().is_empty() { "untitled".to_owned() } else { title };
    let model = row.chat.model.as_ref().map_or("", |model| model.short());
    let cost = if row.totals.unknown > 0 { Role::Warn } else { Role::Money };
    let spent = if row.totals.sends == 0 { String::new() } else { row.totals.cost_label() };
    vec![
        Cell::new(Role::Text, title),
        Cell::new(Role::Dim, model.to_owned()),
        Cell::new(Role::Text, count(row.messages)),
        Cell::new(cost, spent),
        Cell::new(Role::Dim, ago(row.chat.updated, cx.now.wall)),
    ]
}
