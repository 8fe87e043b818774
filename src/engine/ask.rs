//! Questions and changes a face sends to the engine, and what comes back: plain data.

use std::sync::Arc;

use crate::domain::ask::{ChatsAsk, UsageAsk, UsageReport};
use crate::domain::catalog::Endpoints;
use crate::domain::conversation::{Chat, ChatSummary, Message};
use crate::domain::id::{ChatId, ModelId};
use crate::domain::text::SafeText;
use crate::domain::turn::Params;
use crate::domain::usage::Totals;

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Everything the first screen wants.
    Start,
    Chats(ChatsAsk),
    Chat(ChatId),
    Usage(UsageAsk),
    /// `fresh` asks the upstream even when a young answer is at hand.
    Endpoints { model: ModelId, fresh: bool },
}

/// Its answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Start(Box<StartFacts>),
    Chats(Vec<ChatSummary>),
    /// `None` when there is no such chat.
    Chat(Option<Box<OpenChat>>),
    Usage(UsageReport),
    Endpoints(Arc<Endpoints>),
}

/// A chat with all its messages, oldest first, every branch.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenChat {
    pub chat: Chat,
    pub messages: Vec<Message>,
    /// What the chat cost so far.
    pub totals: Totals,
}

/// What the first screen wants to know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartFacts {
    /// The model used last.
    pub last_model: Option<ModelId>,
    /// Used last first.
    pub recents: Vec<ModelId>,
    pub favourites: Vec<ModelId>,
    /// The draft of a chat that was never begun.
    pub draft: Option<String>,
    pub today: Totals,
    pub month: Totals,
    /// Answers that were cut off when the program ended the last time.
    pub interrupted: u64,
    pub settings: Vec<(String, String)>,
}

/// Something to keep.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    RenameChat(ChatId, String),
    /// Can be taken back with [`Change::RestoreChat`].
    DeleteChat(ChatId),
    RestoreChat(ChatId),
    ChatSettings { chat: ChatId, model: Option<ModelId>, params: Params },
    /// `chat` is `None` for the draft of a new chat; an empty text forgets the draft.
    Draft { chat: Option<ChatId>, text: String },
    Favourite { model: ModelId, on: bool },
    UsedModel(ModelId),
    /// `None` forgets it.
    Setting { key: String, value: Option<String> },
}

/// Something that could not be done: what, why, and what to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub what: SafeText,
    pub why: SafeText,
    pub hint: SafeText,
}
