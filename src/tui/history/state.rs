//! What the list of chats knows: the rows that came, the search, what was deleted.

use crate::domain::conversation::ChatSummary;
use crate::domain::id::ChatId;
use crate::domain::text::clean_line;
use crate::engine::Trouble;
use crate::tui::action::Context;
use crate::tui::cursor::Cursor;
use crate::tui::widgets::Field;

/// At most this many chats are listed; the search finds the others.
pub(super) const MOST: u32 = 500;

/// The state of the pane.
#[derive(Debug, Default)]
pub struct History {
    pub(super) field: Field,
    /// Whether keys type into the field.
    pub(super) typing: bool,
    /// The chats in view, in the order of the store; `None` until they were read once.
    pub(super) rows: Option<Vec<ChatSummary>>,
    pub(super) cursor: Cursor,
    pub(super) trouble: Option<Trouble>,
    /// The question that is out.
    pub(super) waiting: Option<u64>,
    pub(super) asked: u64,
    /// Deleted chats and where they stood, the last one at the end. A reply that was on its way
    /// may still have them.
    pub(super) deleted: Vec<(usize, ChatSummary)>,
    /// Brought back just now and where: a reply that was on its way may not have it yet.
    pub(super) restored: Option<(usize, ChatSummary)>,
}

impl History {
    /// Where keys are looked up: the list, or its search field.
    pub fn context(&self) -> Context {
        if self.typing { Context::Query } else { Context::History }
    }

    /// The selected chat and its title.
    pub fn selected(&self) -> Option<(ChatId, String)> {
        let row = self.rows().get(self.cursor.selected())?;
        Some((row.chat.id, clean_line(&row.chat.title)))
    }

    pub(super) fn rows(&self) -> &[ChatSummary] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// The words searched for, if any.
    pub(super) fn search(&self) -> Option<String> {
        let words = self.field.text().trim();
        (!words.is_empty()).then(|| words.to_owned())
    }

    /// Takes rows that came; the selection stays on its chat, else near its line.
    pub(super) fn take(&mut self, mut rows: Vec<ChatSummary>) {
        let selected = self.selected().map(|(id, _)| id);
        rows.retain(|row| !self.deleted.iter().any(|(_, gone)| gone.chat.id == row.chat.id));
        if let Some((at, chat)) = self.restored.take() {
            let listed = rows.iter().any(|row| row.chat.id == chat.chat.id);
            if !listed && self.search().is_none() {
                rows.insert(at.min(rows.len()), chat);
            }
        }
        self.rows = Some(rows);
        self.trouble = None;
        self.select(selected);
    }

    pub(super) fn select(&mut self, chat: Option<ChatId>) {
        let line = self.rows().iter().position(|row| Some(row.chat.id) == chat);
        self.cursor.go(line.unwrap_or(self.cursor.selected()), self.rows().len());
    }
}
