//! The product without a face: turns, the catalogue, the ledger and what is kept.

mod ask;
mod event;

pub use self::ask::{Change, OpenChat, Query, Reply, StartFacts, Trouble};
pub use self::event::{EngineEvent, HealthNotice, RefreshState, UpstreamFacts};
