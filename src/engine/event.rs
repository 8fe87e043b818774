//! What the engine tells everyone who listens, whoever asked for it.

use std::sync::Arc;

use crate::domain::account::KeyInfo;
use crate::domain::catalog::Catalog;
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;
use crate::domain::usage::LedgerEntry;

/// Something happened. A listener that lags misses some and asks for the totals anew: the meters
/// may be late, never wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineEvent {
    /// A new row of the ledger.
    Entry(LedgerEntry),
    /// An earlier row, known by its generation id, is now known better: what it cost, what it
    /// used. Not another row, so totals that counted it must take the difference or be asked for
    /// anew.
    Settled {
        before: Box<LedgerEntry>,
        now: Box<LedgerEntry>,
    },
    /// The list of models was swapped.
    Catalog(Arc<Catalog>),
    Key(KeyInfo),
    Refresh(RefreshState),
    Store(HealthNotice),
}

/// How the refresh of the catalogue goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshState {
    Began,
    /// So many models are known now; what was odd about the list, in sentences.
    Done {
        models: usize,
        problems: Vec<SafeText>,
    },
    /// The list from before stays.
    Failed(Fault),
}

/// Whether what is written reaches the disk. Anything but `Fine` stays on screen until it passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HealthNotice {
    #[default]
    Fine,
    /// The disk is full; so many writes wait in memory and are tried again.
    Full { queued: u64 },
    /// Something else is wrong, in a sentence; writes wait in memory and are tried again.
    Failing(SafeText),
}

/// What is known of the upstream without asking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamFacts {
    pub name: String,
    pub base_url: String,
    /// The sandbox: answers are simulated and cost nothing.
    pub simulated: bool,
    pub has_key: bool,
}
