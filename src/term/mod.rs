//! Our terminal: what a full-screen program over a slow line needs and knows no app types.

pub mod input;
