//! The conversation: what was said, what is being said, and the draft of what comes next.

pub mod composer;
pub mod item;
mod kept;
pub mod receipt;
pub mod state;
pub mod strip;
pub mod transcript;
pub mod update;
pub mod view;

pub use composer::Composer;
pub use item::{Item, Live, Phase};
pub use state::{Chats, Conversation, Part, Scroll};
