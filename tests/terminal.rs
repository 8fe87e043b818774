//! The real binary in a pseudo-terminal, and the emitter against a terminal emulator.
