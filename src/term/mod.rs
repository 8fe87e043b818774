//! Our terminal: what a full-screen program over a slow line needs and knows no app types.
//!
//! The rest of the program draws into a ratatui `Buffer`; everything about bytes, escape
//! sequences, termios, signals and the clipboard lives here. ratatui's own `Terminal` is not
//! used: it cannot scroll a region, write one frame at a time or leave a frame out.

pub mod caps;
mod child;
pub mod clipboard;
mod colour;
mod emit;
mod gather;
mod glyph;
pub mod input;
mod life;
mod modes;
mod moves;
pub mod notify;
mod pen;
mod rescue;
mod screen;
mod shift;
mod signals;
mod tmux;
mod writer;

pub use caps::{Caps, CapsOptions, ColorDepth, EmojiMode, KeyProtocol, Multiplexer, NoTerminal};
pub use clipboard::{CopyCommand, CopyPlan, CopyWay};
pub use gather::text_of;
pub use input::{Input, Keyboard, KeyboardOptions};
pub use life::{Session, SessionOptions, Suspended, size};
pub use modes::RESET;
pub use rescue::take_background_panics;
pub use screen::{Cursor, CursorShape, Presented, Screen, Scroll};
pub use signals::{QuitBy, Signal, Signals};
pub use tmux::TmuxFacts;
pub use writer::{Output, OutputState, Recorder, TtyWriter};
