//! What was used and what it cost: totals by model, provider, day and chat, and the key's limits.

mod account;
mod board;
mod period;
mod table;
mod update;
mod view;

#[cfg(test)]
mod tests;

pub use board::Board;
