//! All chats that are kept: searched, opened, renamed, deleted and brought back.

mod snippet;
mod state;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use state::History;
