//! Plain data and arithmetic: what routedeck is about, without IO, async or a terminal.
//!
//! Not for: anything that touches a socket, a file, a clock or a cell on screen.

pub mod account;
pub mod ask;
pub mod catalog;
pub mod conversation;
pub mod cost;
pub mod estimate;
pub mod fault;
pub mod find;
pub mod id;
pub mod money;
pub mod pricing;
pub mod secret;
pub mod text;
pub mod turn;
pub mod usage;
