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
#[path = "terminal/pty_home.rs"]
mod pty_home;
#[path = "terminal/pty_life.rs"]
mod pty_life;
#[path = "terminal/pty_screen.rs"]
mod pty_screen;
#[path = "terminal/pty_shell.rs"]
mod pty_shell;
#[path = "terminal/pty_start.rs"]
mod pty_start;
#[path = "terminal/screen.rs"]
mod screen;
#[path = "terminal/session.rs"]
mod session;
