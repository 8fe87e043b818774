//! The real binary in a pseudo-terminal, and the emitter against a terminal emulator.

#[path = "terminal/budget.rs"]
mod budget;
#[path = "terminal/emulator.rs"]
mod emulator;
#[path = "terminal/hostile.rs"]
mod hostile;
#[path = "terminal/screen.rs"]
mod screen;
#[path = "terminal/session.rs"]
mod session;
