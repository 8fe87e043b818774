//! The whole workbench in-process against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/desk/mod.rs"]
mod desk;

#[path = "desk/faults.rs"]
mod faults;
#[path = "desk/first.rs"]
mod first;
#[path = "desk/keys.rs"]
mod keys;
#[path = "desk/memory.rs"]
mod memory;
#[path = "desk/models.rs"]
mod models;
#[path = "desk/pace.rs"]
mod pace;
#[path = "desk/panes.rs"]
mod panes;
#[path = "desk/pictures.rs"]
mod pictures;
#[path = "desk/settings.rs"]
mod settings;
#[path = "desk/talk.rs"]
mod talk;
