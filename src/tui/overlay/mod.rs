//! What lies over a view: one stack, keys from the top, drawn from the bottom.
//!
//! An overlay returns a choice; it never acts itself.

pub mod confirm;
pub mod page;
pub mod palette;
pub mod rename;
pub mod settings;
pub mod switcher;

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::id::{ChatId, ModelId};
use crate::domain::turn::Params;

use super::action::{Action, Context};
use super::cursor::Cursor;
use super::cx::Cx;

pub use confirm::{Confirm, Question};
pub use page::Page;
pub use palette::Palette;
pub use rename::Rename;
pub use settings::Settings;
pub use switcher::Switcher;

/// One thing that lies over the view.
#[derive(Clone, Debug)]
pub enum Overlay {
    Switcher(Switcher),
    Palette(Palette),
    /// Text to read: help, a receipt.
    Page(Page),
    Settings(Box<Settings>),
    Rename(Rename),
    Confirm(Confirm),
}

/// What an overlay made of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Stay,
    Close,
    /// It closes and this is done.
    Chosen(Choice),
    /// It stays and this is done.
    Meanwhile(Choice),
}

/// Moves through a list of this many lines.
fn walk(cursor: &mut Cursor, action: Action, total: usize) {
    match action {
        Action::ListDown => cursor.down(1, total),
        Action::ListUp => cursor.up(1, total),
        Action::ListPageDown => cursor.page_down(total),
        Action::ListPageUp => cursor.page_up(total),
        _ => {}
    }
}

/// What was chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Run(Action),
    UseModel(ModelId),
    Star(ModelId),
    Params(Box<Params>),
    Rename(ChatId, String),
    Confirmed(Question),
    Copy(String),
    /// Edit a long text of the form in `$EDITOR`.
    Edit(String),
}

impl Overlay {
    /// Where keys are looked up while it lies on top.
    pub fn context(&self) -> Context {
        match self {
            Overlay::Switcher(_) | Overlay::Palette(_) => Context::List,
            Overlay::Page(_) => Context::Browse,
            Overlay::Settings(_) | Overlay::Rename(_) => Context::Form,
            Overlay::Confirm(_) => Context::Confirm,
        }
    }

    pub fn act(&mut self, action: Action, cx: &Cx) -> Outcome {
        if action == Action::Back {
            return Outcome::Close;
        }
        match self {
            Overlay::Switcher(switcher) => switcher.act(action, cx),
            Overlay::Palette(palette) => palette.act(action, cx),
            Overlay::Page(page) => page.act(action, cx),
            Overlay::Settings(settings) => settings.act(action),
            Overlay::Rename(rename) => rename.act(action),
            Overlay::Confirm(confirm) => confirm.act(action),
        }
    }

    /// A key that is no command.
    pub fn text(&mut self, key: KeyEvent, cx: &Cx) {
        match self {
            Overlay::Switcher(switcher) => switcher.text(key, cx),
            Overlay::Palette(palette) => palette.text(key, cx),
            Overlay::Settings(settings) => settings.text(key),
            Overlay::Rename(rename) => rename.text(key),
            Overlay::Page(_) | Overlay::Confirm(_) => {}
        }
    }

    pub fn paste(&mut self, text: &str, cx: &Cx) {
        match self {
            Overlay::Switcher(switcher) => switcher.paste(text, cx),
            Overlay::Palette(palette) => palette.paste(text, cx),
            Overlay::Settings(settings) => settings.paste(text),
            Overlay::Rename(rename) => rename.paste(text),
            Overlay::Page(_) | Overlay::Confirm(_) => {}
        }
    }

    /// Draws it over `area` and says where the cursor is.
    pub fn draw(&self, cx: &Cx, area: Rect, buf: &mut Buffer) -> Option<Position> {
        match self {
            Overlay::Switcher(switcher) => switcher.draw(cx, area, buf),
            Overlay::Palette(palette) => palette.draw(cx, area, buf),
            Overlay::Page(page) => page.draw(cx, area, buf),
            Overlay::Settings(settings) => settings.draw(cx, area, buf),
            Overlay::Rename(rename) => rename.draw(cx, area, buf),
            Overlay::Confirm(confirm) => confirm.draw(cx, area, buf),
        }
    }
}
