//! The database as a whole: several instances, kill in mid-turn, old and broken files.

#![expect(clippy::unwrap_used, reason = "what the tests share is not in a test function")]

#[path = "store/chats.rs"]
mod chats;
#[path = "store/damage.rs"]
mod damage;
#[path = "store/full.rs"]
mod full;
#[path = "store/instances.rs"]
mod instances;
#[path = "store/kill.rs"]
mod kill;
#[path = "store/ledger.rs"]
mod ledger;
#[path = "store/search.rs"]
mod search;
#[path = "store/support.rs"]
mod support;
#[path = "store/versions.rs"]
mod versions;
