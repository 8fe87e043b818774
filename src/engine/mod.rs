//! The product without a face: turns, the catalogue, the ledger, everything that is kept.

pub mod ask;
pub mod event;
