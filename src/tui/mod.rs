//! The workbench on screen.

pub mod action;
pub mod app;
#[cfg(test)]
mod budget;
pub mod chat;
pub mod cursor;
pub mod cx;
mod editor;
pub mod effect;
pub mod focus;
pub mod footer;
pub mod frames;
pub mod history;
pub mod keymap;
pub mod layout;
pub mod markdown;
pub mod models;
pub mod msg;
pub mod numbers;
pub mod open;
pub mod overlay;
pub mod perform;
pub mod runtime;
pub mod spans;
pub mod stage;
#[cfg(test)]
pub(crate) mod tests;
pub mod theme;
pub mod toast;
pub mod typing;
pub mod usage;
pub mod view;
pub mod widgets;

pub use open::{NotOpened, open};
pub use runtime::Exit;
