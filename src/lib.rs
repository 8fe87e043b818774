//! routedeck: a terminal workbench for OpenRouter and other servers that speak its protocol.
//!
//! The program is `cli::run`; everything else is a library so that tests and benchmarks can reach
//! it. It promises no stable interface. `ARCHITECTURE.md` is the map, with the journeys of a
//! streamed delta and of a key press.
//!
//! Layers, lower ones know nothing of higher ones; `tests/architecture.rs` holds them to it:
//! `domain` ← `wire` ← `upstream`; `domain` ← `store`, `config`; all of these ← `engine` ← `tui`;
//! `sandbox` is the other side of the wire and knows `domain` and `wire` only; `term` knows
//! `domain::text` only; `cli` builds everything.

pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod sandbox;
pub mod store;
pub mod term;
pub mod tui;
pub mod upstream;
pub mod wire;
