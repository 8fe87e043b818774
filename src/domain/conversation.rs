//! Chats and messages as they are kept: a tree of messages, of which one path is open.

use serde::{Deserialize, Serialize};

use super::id::{ChatId, MessageId, Millis, ModelId};
use super::turn::{Params, Receipt};
use super::usage::Totals;

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    User,
    Assistant,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        [Role::User, Role::Assistant].into_iter().find(|r| r.as_str() == text)
    }
}

/// How far a message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// An answer that is still being written, by the instance that owns it.
    Streaming,
    Done,
    /// Stopped by the user; what came is kept.
    Stopped,
    /// Failed; what came is kept.
    Failed,
    /// The program died while it streamed; what had come is kept.
    Interrupted,
}

impl MessageState {
    pub const ALL: [MessageState; 5] = [
        MessageState::Streaming,
        MessageState::Done,
        MessageState::Stopped,
        MessageState::Failed,
        MessageState::Interrupted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            MessageState::Streaming => "streaming",
            MessageState::Done => "done",
            MessageState::Stopped => "stopped",
            MessageState::Failed => "failed",
            MessageState::Interrupted => "interrupted",
        }
    }

    pub fn parse(text: &str) -> Option<MessageState> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// One stored message. Text is raw, as it was written or received.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub parent: Option<MessageId>,
    pub role: Role,
    pub state: MessageState,
    pub text: String,
    pub reasoning: String,
    pub created: Millis,
    /// Answers only: the model that was asked.
    pub model: Option<ModelId>,
    pub receipt: Option<Receipt>,
}

/// One stored chat without its messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    pub id: ChatId,
    pub title: String,
    pub created: Millis,
    pub updated: Millis,
    pub model: Option<ModelId>,
    pub params: Params,
    pub upstream: String,
}

/// One line of the list of chats.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatSummary {
    pub chat: Chat,
    pub messages: u64,
    pub totals: Totals,
    /// Where a search matched: a piece of the text, the match between `\u{1}` and `\u{2}`.
    pub snippet: Option<String>,
}

/// A title made of the first words of the first message: one line, at most 60 characters.
pub fn title_of(first_message: &str) -> String {
    let line = first_message.lines().find(|l| !l.trim().is_empty()).unwrap_or("").trim();
    let mut title: String = line.chars().take(60).collect();
    if line.chars().count() > 60 {
        let cut = title.rfind(' ').filter(|at| *at > 20).unwrap_or(title.len());
        title.truncate(cut);
        title.push('…');
    }
    if title.is_empty() { "untitled".into() } else { title }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_short_and_ends_at_a_word() {
        assert_eq!(title_of("\n  hello there \nmore"), "hello there");
        assert_eq!(title_of("  \n"), "untitled");
        let long = title_of(&"word ".repeat(40));
        assert!(long.ends_with("word…") && long.chars().count() <= 61, "{long}");
    }
}
