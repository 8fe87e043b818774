//! Taking a real pseudo-terminal over and giving it back.
