//! The conversation: what was said, what is being said, and the draft of what comes next.

pub mod composer;
pub mod item;
pub mod state;
pub mod update;

pub use composer::Composer;
pub use item::{Item, Live, Phase};
pub use state::{Chats, Conversation, Part, Scroll};
pub mod strip;
pub mod transcript;
