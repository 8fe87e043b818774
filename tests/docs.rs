//! The README says what the code does.
//!
//! What can be made by the program (keys, help, pictures, JSON, the sample) is made by it and
//! compared with what stands in the page. `UPDATE_DOCS=1 cargo test --test docs` writes it anew.

#![expect(clippy::unwrap_used, reason = "what the tests share is not in a test function")]

#[path = "docs/commands.rs"]
mod commands;
#[path = "support/desk/mod.rs"]
#[expect(dead_code, reason = "the pictures need only a part of the desk")]
mod desk;
#[path = "docs/home.rs"]
mod home;
#[path = "docs/house.rs"]
mod house;
#[path = "docs/keys.rs"]
mod keys;
#[path = "docs/page.rs"]
mod page;
#[path = "docs/pictures.rs"]
mod pictures;
#[path = "docs/settings.rs"]
mod settings;
#[path = "docs/shapes.rs"]
mod shapes;
#[path = "docs/shell.rs"]
mod shell;
