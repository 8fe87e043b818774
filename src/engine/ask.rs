//! What a face may ask of the engine and change through it: plain data, without the store's
//! types, so that a face can be tested without an engine.

use std::sync::Arc;

use crate::domain::ask::{ChatsAsk, UsageAsk, UsageReport};
use crate::domain::catalog::Endpoints;
use crate::domain::conversation::{Chat, ChatSummary, Message};
use crate::domain::id::{ChatId, ModelId};
use crate::domain::text::SafeText;
use crate::domain::turn::Params;
use crate::domain::usage::Totals;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    Chats(ChatsAsk),
    /// One chat with all its messages.
    Chat(ChatId),
    Usage(UsageAsk),
    /// Who serves a model. `fresh` does not settle for what was heard a moment ago.
    Endpoints {
        model: ModelId,
        fresh: bool,
    },
    /// Everything the first screen wants.
    Start,
}

/// The answer to the [`Query`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Chats(Vec<ChatSummary>),
    /// `None`: there is no such chat.
    Chat(Option<Box<OpenChat>>),
    Usage(UsageReport),
    Endpoints(Arc<Endpoints>),
    Start(Box<StartFacts>),
}

/// A chat with the whole tree of its messages, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenChat {
    pub chat: Chat,
    pub messages: Vec<Message>,
    /// Unsent text of this chat.
    pub draft: Option<String>,
}

/// What the first screen shows. Whatever cannot be read is empty: it never fails.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartFacts {
    /// The model that was used last on this upstream.
    pub last_model: Option<ModelId>,
    /// Models used on this upstream, the last one first.
    pub recents: Vec<ModelId>,
    pub favourites: Vec<ModelId>,
    /// The chat to offer for going on: the one used last.
    pub last_chat: Option<ChatSummary>,
    /// Unsent text of a new chat.
    pub draft: Option<String>,
    /// Since midnight UTC, nothing simulated.
    pub totals_today: Totals,
    /// Since the first of the month UTC, nothing simulated.
    pub totals_month: Totals,
    /// Answers of a program that died, found when the store was opened.
    pub interrupted: u64,
    /// All settings that were set, by key.
    pub settings: Vec<(String, String)>,
}

/// Something to be kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    RenameChat(ChatId, String),
    /// Can be undone with [`Change::RestoreChat`].
    DeleteChat(ChatId),
    RestoreChat(ChatId),
    /// What the next message of this chat is sent with.
    ChatSettings {
        chat: ChatId,
        model: Option<ModelId>,
        params: Params,
    },
    /// Unsent text; empty text forgets it. Without a chat: of the next new one.
    Draft {
        chat: Option<ChatId>,
        text: String,
    },
    Favourite {
        model: ModelId,
        on: bool,
    },
    /// The model was chosen: it becomes the first of the recent ones.
    UsedModel(ModelId),
    /// `None` forgets it.
    Setting {
        key: String,
        value: Option<String>,
    },
}

/// Something that was asked for and could not be done, in three sentences for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What did not happen: `the chat was not renamed`.
    pub what: SafeText,
    pub why: SafeText,
    /// What to do next.
    pub hint: SafeText,
}
