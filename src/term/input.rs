//! What a person or the terminal did.

use crossterm::event::KeyEvent;

/// One event from the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(KeyEvent),
    Paste(String),
    Resize(u16, u16),
    Focus(bool),
}
