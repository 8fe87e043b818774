//! The whole workbench in-process against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support {
    pub(crate) mod desk;
}

#[path = "desk/first.rs"]
mod first;
