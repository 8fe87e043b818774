//! Everything the app can ask of the world.

use crate::domain::id::TurnId;
use crate::domain::turn::TurnRequest;
use crate::engine::{Change, Query};

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    App,
    Models,
    Usage,
    History,
}

/// Names a question, so that its reply finds the place that still waits for it. A place counts
/// its own questions and ignores replies to those it no longer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub place: Place,
    pub number: u64,
}

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    StartTurn(TurnId, Box<TurnRequest>),
    StopTurn(TurnId),
    Ask(Ticket, Query),
    Apply(Change),
    /// Take the list of models from the store.
    LoadCatalog,
    RefreshCatalog,
    RefreshKey,
    /// Put text on the clipboard by whatever way works here, and say which.
    Copy(String),
    /// Open the text in `$EDITOR`.
    Edit(String),
    /// Draw with this theme from now on.
    UseTheme(String),
    /// Draw with the next colour depth.
    NextColors,
    Redraw,
    Suspend,
    Bell,
    Quit,
}

/// Wishes in the order in which they are to be done.
pub type Effects = Vec<Effect>;
