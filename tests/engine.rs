//! The engine against the sandbox over real loopback HTTP, and against servers that are none.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

#[path = "engine/asking.rs"]
mod asking;
#[path = "engine/behaviours.rs"]
mod behaviours;
#[path = "engine/catalogue.rs"]
mod catalogue;
#[path = "engine/endings.rs"]
mod endings;
#[path = "engine/keeping.rs"]
mod keeping;
#[path = "engine/kit.rs"]
mod kit;
#[path = "engine/money.rs"]
mod money;
#[path = "engine/servers.rs"]
mod servers;
