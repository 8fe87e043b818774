//! A new title for a chat.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::id::ChatId;
use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::typing;
use crate::tui::widgets::Field;
use crate::tui::widgets::panel::{Panel, overlay};

use super::{Choice, Outcome};

/// A field for the new title of a chat.
#[derive(Clone, Debug)]
pub struct Rename {
    chat: ChatId,
    field: Field,
}

impl Rename {
    pub fn new(chat: ChatId, title: &str) -> Rename {
        Rename { chat, field: Field::new(title) }
    }

    pub fn act(&mut self, action: Action) -> Outcome {
        match action {
            Action::FormSave if self.field.text().trim().is_empty() => Outcome::Close,
            Action::FormSave => {
                Outcome::Chosen(Choice::Rename(self.chat, self.field.text().trim().to_owned()))
            }
            _ => Outcome::Stay,
        }
    }

    pub fn text(&mut self, key: KeyEvent) {
        typing::edit(&mut self.field, key);
    }

    pub fn paste(&mut self, text: &str) {
        typing::paste(&mut self.field, text);
    }

    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        let foot = "Enter keep · Esc leave";
        let panel = Panel { title: "title of this chat", note: "", foot, focus: true };
        let inner = overlay(area, 64, 3, panel, buf, cx.theme);
        self.field.draw(inner, buf, cx.theme, "a title")
    }
}
