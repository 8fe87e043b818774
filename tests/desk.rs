//! The whole workbench in-process against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/desk/mod.rs"]
mod desk;

#[path = "desk/first.rs"]
mod first;
