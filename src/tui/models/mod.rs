//! The model browser: every model of the upstream with its prices, and who serves it.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::id::ModelId;
use crate::engine::{Reply, Trouble};
use crate::tui::action::{Action, Context};
use crate::tui::cx::Cx;
use crate::tui::effect::{Effects, Ticket};

/// The state of the pane.
#[derive(Debug, Default)]
pub struct Browser {}

impl Browser {
    /// Where keys are looked up: the list, or its query field.
    pub fn context(&self) -> Context {
        Context::Models
    }

    /// The pane comes into view, or the catalogue, the shelf or the draft changed.
    pub fn refresh(&mut self, _cx: &Cx) -> Effects {
        Effects::new()
    }

    pub fn selected(&self) -> Option<ModelId> {
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

    /// The reply to a question of this pane.
    pub fn hear(&mut self, _ticket: Ticket, _reply: Result<Reply, Trouble>, _cx: &Cx) {}

    /// Draws the pane and says where the cursor is, when it is in the query field.
    pub fn draw(&self, _cx: &Cx, _area: Rect, _buf: &mut Buffer) -> Option<Position> {
        None
    }
}
