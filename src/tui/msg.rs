//! Everything that can happen to the app.

use std::time::Instant;

use crate::domain::id::{Millis, TurnId};
use crate::domain::turn::TurnEvent;
use crate::engine::EngineEvent;
use crate::engine::{Reply, Trouble};
use crate::term::Input;

use super::effect::Ticket;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    Input(Input),
    /// Of a turn this app started.
    Turn(TurnId, TurnEvent),
    /// What the engine tells everyone.
    Engine(Box<EngineEvent>),
    /// The engine told more than could be taken in: figures have to be asked for anew.
    Missed,
    /// The reply to an effect that asked for something.
    Reply(Ticket, Result<Reply, Trouble>),
    /// An effect could not be done.
    Trouble(Trouble),
    /// Something worth a line that goes away by itself.
    Notice(String),
    /// The text came back from the editor; `None` when nothing changed.
    Edited(Option<String>),
    /// Time passed while something on screen moves by itself.
    Tick,
}

/// A moment as both clocks tell it; pure code is given it and asks no clock.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    pub instant: Instant,
    pub wall: Millis,
}
