//! All chats that are kept: searched, opened, renamed, deleted and brought back.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::id::ChatId;
use crate::engine::{Reply, Trouble};
use crate::tui::action::{Action, Context};
use crate::tui::cx::Cx;
use crate::tui::effect::{Effects, Ticket};

/// The state of the pane.
#[derive(Debug, Default)]
pub struct History {}

impl History {
    pub fn context(&self) -> Context {
        Context::History
    }

    /// The pane comes into view, or a chat changed.
    pub fn refresh(&mut self, _cx: &Cx) -> Effects {
        Effects::new()
    }

    /// The selected chat and its title.
    pub fn selected(&self) -> Option<(ChatId, String)> {
        None
    }

    pub fn act(&mut self, _action: Action, _cx: &Cx) -> Effects {
        Effects::new()
    }

    pub fn text(&mut self, _key: KeyEvent, _cx: &Cx) -> Effects {
        Effects::new()
    }

    pub fn paste(&mut self, _text: &str, _cx: &Cx) -> Effects {
        Effects::new()
    }

    pub fn hear(&mut self, _ticket: Ticket, _reply: Result<Reply, Trouble>, _cx: &Cx) {}

    pub fn draw(&self, _cx: &Cx, _area: Rect, _buf: &mut Buffer) -> Option<Position> {
        None
    }
}
