//! The model browser: every model of the upstream with its prices, and who serves it.

mod details;
mod endpoints;
mod offers;
mod order;
mod state;
mod table;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use state::Browser;
