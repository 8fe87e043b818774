//! What keys and replies do to the list of chats.

use crossterm::event::KeyEvent;

use crate::domain::ask::ChatsAsk;
use crate::engine::{Change, Query, Reply, Trouble};
use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::effect::{Effect, Effects, Place, Ticket};
use crate::tui::typing;

use super::state::{History, MOST};

impl History {
    /// The pane comes into view, or a chat changed.
    pub fn refresh(&mut self, _cx: &Cx) -> Effects {
        vec![self.ask()]
    }

    /// Does what concerns the pane alone. Opening and renaming are the app's.
    pub fn act(&mut self, action: Action, _cx: &Cx) -> Effects {
        let total = self.rows().len();
        match action {
            Action::SearchChats => self.typing = true,
            Action::QueryDone => self.typing = false,
            Action::Back if self.typing && self.field.is_empty() => self.typing = false,
            Action::Back if self.typing => {
                self.field.clear();
                return self.searched();
            }
            Action::ChatDown | Action::QueryDown => self.cursor.down(1, total),
            Action::ChatUp | Action::QueryUp => self.cursor.up(1, total),
            Action::ChatPageDown | Action::QueryPageDown => self.cursor.page_down(total),
            Action::ChatPageUp | Action::QueryPageUp => self.cursor.page_up(total),
            Action::ChatTop => self.cursor.go(0, total),
            Action::ChatBottom => self.cursor.go(usize::MAX, total),
            Action::DeleteChat => return self.delete(),
            Action::UndoDelete => return self.undo(),
            _ => {}
        }
        Effects::new()
    }

    pub fn text(&mut self, key: KeyEvent, _cx: &Cx) -> Effects {
        if typing::edit(&mut self.field, key) { self.searched() } else { Effects::new() }
    }

    pub fn paste(&mut self, text: &str, _cx: &Cx) -> Effects {
        typing::paste(&mut self.field, text);
        self.searched()
    }

    /// The reply to a question of this pane; only the one to the last question counts.
    pub fn hear(&mut self, ticket: Ticket, reply: Result<Reply, Trouble>, _cx: &Cx) {
        if self.waiting != Some(ticket.number) {
            return;
        }
        self.waiting = None;
        match reply {
            Ok(Reply::Chats(rows)) => self.take(rows),
            Err(trouble) => self.trouble = Some(trouble),
            Ok(Reply::Chat(_) | Reply::Usage(_) | Reply::Endpoints(_) | Reply::Start(_)) => {}
        }
    }

    fn searched(&mut self) -> Effects {
        self.cursor.reset();
        vec![self.ask()]
    }

    fn ask(&mut self) -> Effect {
        self.asked += 1;
        self.waiting = Some(self.asked);
        let ticket = Ticket { place: Place::History, number: self.asked };
        let wanted = ChatsAsk { search: self.search(), limit: MOST, deleted: false };
        Effect::Ask(ticket, Query::Chats(wanted))
    }

    /// Takes the chat out of view before the store did, and remembers it.
    fn delete(&mut self) -> Effects {
        let at = self.cursor.selected();
        let Some(rows) = self.rows.as_mut().filter(|rows| at < rows.len()) else {
            return Effects::new();
        };
        let row = rows.remove(at);
        let id = row.chat.id;
        self.deleted.push((at, row));
        self.restored = None;
        self.cursor.go(at, self.rows().len());
        vec![Effect::Apply(Change::DeleteChat(id)), self.ask()]
    }

    fn undo(&mut self) -> Effects {
        let Some((at, row)) = self.deleted.pop() else { return Effects::new() };
        let id = row.chat.id;
        let rows = self.rows.get_or_insert_default();
        let at = at.min(rows.len());
        rows.insert(at, row.clone());
        self.restored = Some((at, row));
        self.select(Some(id));
        vec![Effect::Apply(Change::RestoreChat(id)), self.ask()]
    }
}
