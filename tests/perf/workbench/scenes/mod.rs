//! What is played and measured.

pub(crate) mod answer;
pub(crate) mod keys;
pub(crate) mod open;
pub(crate) mod rest;
pub(crate) mod start;

use crate::home::Home;
use crate::pty::Terminal;
use crate::upstream::Upstream;

/// The workbench as a person finds it a moment after the start.
fn settled(home: &Home, upstream: &Upstream) -> Terminal {
    let terminal = Terminal::open(home.command(Some(upstream)));
    terminal.wait("the catalogue", |screen| screen.contains("per million"));
    terminal.rest();
    terminal
}
