//! The wire against recorded exchanges, and the client against servers that misbehave.
//!
//! Everything goes over real sockets on the loopback interface.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

#[path = "wire/broken.rs"]
mod broken;
#[path = "wire/catalogue.rs"]
mod catalogue;
#[path = "wire/client.rs"]
mod client;
#[path = "wire/environment.rs"]
mod environment;
#[path = "wire/recordings.rs"]
mod recordings;
#[path = "wire/refusals.rs"]
mod refusals;
#[path = "wire/silence.rs"]
mod silence;
#[path = "wire/support.rs"]
mod support;
