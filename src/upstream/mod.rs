//! The client side of the wire: a base URL and a key in, answers, streams and faults out.
//!
//! Not for: trying again, falling back, keeping records. One call here is one HTTP exchange.

mod answer;
mod client;
mod diagnose;
mod place;
mod reader;
mod retry_after;
mod transport;

pub use crate::wire::account::GenerationRecord;
pub use answer::{Answer, Piece};
pub use client::{Client, Settings, Timeouts};
