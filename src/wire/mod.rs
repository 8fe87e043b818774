//! What crosses a socket and nothing else: the protocol's types and its framing, for both ends.
//!
//! Everything that is read here comes from outside, so every field is read on its own terms: a
//! field of the wrong kind is a missing field, an unknown field or word is passed over, and no
//! input makes a panic. Numbers that are money are read from their literal text.

pub mod account;
pub mod chat;
pub mod errors;
pub mod models;
pub mod sse;

mod loose;

pub use loose::{as_text, is_web_page, web_page_title};
