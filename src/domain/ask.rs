//! Questions to what is kept, and their answers: plain data that the faces, the engine and the
//! store share, so that a face never needs the store.

use super::id::{ChatId, Millis};
use super::usage::{Totals, UsageRow};

/// Which chats to list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatsAsk {
    /// Words to find in titles and messages, as typed: the last one may be half a word.
    /// Nothing but white space finds everything.
    pub search: Option<String>,
    /// At most this many.
    pub limit: u32,
    /// The deleted ones instead of the others.
    pub deleted: bool,
}

/// What to break usage down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UsageBy {
    /// The model that was asked.
    Model,
    Provider,
    /// UTC days, the time zone in which services bill and reset.
    Day,
    Chat,
}

impl UsageBy {
    pub const ALL: [UsageBy; 4] = [UsageBy::Model, UsageBy::Provider, UsageBy::Day, UsageBy::Chat];

    pub fn as_str(self) -> &'static str {
        match self {
            UsageBy::Model => "model",
            UsageBy::Provider => "provider",
            UsageBy::Day => "day",
            UsageBy::Chat => "chat",
        }
    }

    pub fn parse(text: &str) -> Option<UsageBy> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

/// Which part of the ledger to add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageAsk {
    /// `None` asks for the total only.
    pub by: Option<UsageBy>,
    /// From this moment on.
    pub since: Option<Millis>,
    /// Up to, but without, this moment.
    pub until: Option<Millis>,
    pub chat: Option<ChatId>,
    /// Count what the sandbox simulated as well.
    pub include_simulated: bool,
}

/// The sums asked for. The rows add up to the total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageReport {
    pub total: Totals,
    /// Days newest first; everything else the most expensive first.
    pub rows: Vec<UsageRow>,
}

/// What a piece of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkKind {
    Text,
    Reasoning,
}
