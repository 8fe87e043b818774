//! What the engine tells everyone, whoever asked.

use std::sync::Arc;

use crate::domain::account::KeyInfo;
use crate::domain::catalog::Catalog;
use crate::domain::fault::Fault;
use crate::domain::usage::LedgerEntry;

#[derive(Clone, Debug, PartialEq)]
pub enum EngineEvent {
    /// A row of the ledger was written, or corrected.
    Entry(Box<LedgerEntry>),
    Catalog(Arc<Catalog>),
    Key(Box<KeyInfo>),
    Refresh(RefreshState),
    Store(HealthNotice),
}

/// How the refresh of the catalogue goes.
#[derive(Clone, Debug, PartialEq)]
pub enum RefreshState {
    Running,
    Done,
    /// The old catalogue stays.
    Failed(Box<Fault>),
}

/// Whether what happens can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthNotice {
    Fine,
    /// The disk is full; this many bytes wait in memory.
    Full { queued: usize },
    Failing(String),
}

/// What a face may know about the upstream: everything but the key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamFacts {
    pub name: String,
    pub base_url: String,
    pub simulated: bool,
    pub has_key: bool,
}
