//! The real binary in a pseudo-terminal, and the emitter against a terminal emulator.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests end them this way")]

#[path = "terminal/budget.rs"]
mod budget;
#[path = "terminal/emulator.rs"]
mod emulator;
#[path = "terminal/hostile.rs"]
mod hostile;
#[path = "terminal/pty.rs"]
mod pty;
#[path = "terminal/screen.rs"]
mod screen;
#[path = "terminal/session.rs"]
mod session;
