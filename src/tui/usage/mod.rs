//! What was used and what it cost: totals by model, provider, day and chat, and the key's limits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::account::KeyInfo;
use crate::domain::id::ChatId;
use crate::engine::{Reply, Trouble};
use crate::tui::action::{Action, Context};
use crate::tui::cx::Cx;
use crate::tui::effect::{Effects, Ticket};

/// The state of the pane.
#[derive(Debug, Default)]
pub struct Board {}

impl Board {
    pub fn context(&self) -> Context {
        Context::Usage
    }

    /// The pane comes into view, or the ledger changed: asks for its figures anew. `chat` is the
    /// open chat.
    pub fn refresh(&mut self, _chat: Option<ChatId>, _cx: &Cx) -> Effects {
        Effects::new()
    }

    pub fn act(&mut self, _action: Action, _cx: &Cx) -> Effects {
        Effects::new()
    }

    pub fn hear(&mut self, _ticket: Ticket, _reply: Result<Reply, Trouble>, _cx: &Cx) {}

    pub fn draw(&self, _key: Option<&KeyInfo>, _cx: &Cx, _area: Rect, _buf: &mut Buffer) {}
}
