//! A turn: what a person asks for, the events on the way, its ending and its receipt.

use serde::{Deserialize, Serialize};

use super::conversation::Role;
use super::cost::Cost;
use super::fault::Fault;
use super::id::{ChatId, MessageId, Millis, ModelId};
use super::text::SafeText;
use super::usage::{Outcome, Usage};

/// How hard a model should think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    Max,
    Xhigh,
    High,
    Medium,
    Low,
    Minimal,
    None,
}

impl Effort {
    pub const ALL: [Effort; 7] = [
        Effort::None,
        Effort::Minimal,
        Effort::Low,
        Effort::Medium,
        Effort::High,
        Effort::Xhigh,
        Effort::Max,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Effort::Max => "max",
            Effort::Xhigh => "xhigh",
            Effort::High => "high",
            Effort::Medium => "medium",
            Effort::Low => "low",
            Effort::Minimal => "minimal",
            Effort::None => "none",
        }
    }

    pub fn parse(text: &str) -> Option<Effort> {
        Self::ALL.into_iter().find(|e| e.as_str() == text)
    }
}

/// Settings of a chat that go with each request. `None` leaves the field out, so that the
/// provider's own default applies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Params {
    pub system: Option<String>,
    /// 0 to 2.
    pub temperature: Option<f64>,
    pub max_tokens: Option<u32>,
    pub effort: Option<Effort>,
}

/// Provider rules of one request (the `provider` object of the protocol).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderRules {
    pub order: Vec<String>,
    /// `false` forbids other providers than the first, or than those in `order`.
    pub allow_fallbacks: Option<bool>,
}

impl ProviderRules {
    pub fn is_empty(&self) -> bool {
        self.order.is_empty() && self.allow_fallbacks.is_none()
    }
}

/// One message of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessage {
    pub role: Role,
    pub text: String,
}

/// Where a turn is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// In the ledger only (`ask` without `--save`).
    LedgerOnly,
    /// As a new chat made of all prompt messages and the answer.
    NewChat,
    /// In a chat: the last prompt message is new, behind `parent`.
    Append { chat: ChatId, parent: Option<MessageId> },
    /// Another answer to a user message that is already stored.
    Answer { chat: ChatId, to: MessageId },
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnRequest {
    pub model: ModelId,
    /// Oldest first; the system prompt is in `params`.
    pub messages: Vec<PromptMessage>,
    pub params: Params,
    pub rules: ProviderRules,
    pub keep: Keep,
    /// `false` asks for the whole answer at once.
    pub stream: bool,
}

/// Why a model stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
    Error,
    /// A word we do not know (yet).
    Other(SafeText),
}

impl FinishReason {
    pub fn parse(text: &str) -> FinishReason {
        match text {
            "stop" => FinishReason::Stop,
            "length" => FinishReason::Length,
            "tool_calls" => FinishReason::ToolCalls,
            "content_filter" => FinishReason::ContentFilter,
            "error" => FinishReason::Error,
            other => FinishReason::Other(SafeText::new(other)),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            FinishReason::Stop => "stop",
            FinishReason::Length => "length",
            FinishReason::ToolCalls => "tool_calls",
            FinishReason::ContentFilter => "content_filter",
            FinishReason::Error => "error",
            FinishReason::Other(word) => word,
        }
    }
}

/// How a turn ended. Exactly one per turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Done(FinishReason),
    /// The user stopped it; the text so far is kept.
    Stopped,
    /// It failed; the text so far is kept.
    Failed(Fault),
}

/// What happens to a turn, in order. Text is raw: whoever draws it cleans it first.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnEvent {
    /// The rows exist; the request goes out now. Only for turns that are kept in a chat.
    Saved {
        chat: ChatId,
        user: MessageId,
        answer: MessageId,
    },
    /// The store could not keep the turn; it goes on without.
    NotSaved(SafeText),
    /// An attempt began.
    Trying {
        model: ModelId,
        attempt: u32,
    },
    /// The attempt failed before any content, in a way that may pass: the next one begins at
    /// `until`.
    Waiting {
        until: Millis,
        fault: Box<Fault>,
    },
    /// First content.
    Accepted {
        provider: Option<SafeText>,
        ttft_ms: u64,
    },
    Reasoning(String),
    Text(String),
    /// The upstream's counts; may come more than once, the last one counts.
    Metered(Usage),
    /// Always last, exactly once.
    Ended {
        ending: Ending,
        receipt: Box<Receipt>,
    },
}

/// One attempt within a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRecord {
    pub model: ModelId,
    pub provider: Option<SafeText>,
    pub upstream: String,
    pub outcome: Outcome,
    pub status: Option<u16>,
    pub ms: u64,
    pub cost: Cost,
    pub fault: Option<Fault>,
}

/// The record of a turn, kept with the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub started: Millis,
    pub upstream: String,
    pub model_asked: ModelId,
    /// What the answer says; may be the dated slug of what was asked.
    pub model_served: Option<ModelId>,
    pub provider: Option<SafeText>,
    pub generation_id: Option<SafeText>,
    pub finish_reason: Option<FinishReason>,
    pub usage: Option<Usage>,
    pub cost: Cost,
    /// To the first content (text or reasoning), never to the first byte.
    pub ttft_ms: Option<u64>,
    pub duration_ms: u64,
    /// Time the reasoning took, from its first piece to the first text.
    pub reasoning_ms: Option<u64>,
    pub simulated: bool,
    pub attempts: Vec<AttemptRecord>,
}

impl Receipt {
    /// Output tokens a second, from the first content to the end, in tenths; `None` when too
    /// little is known.
    pub fn tokens_per_second_tenths(&self) -> Option<u64> {
        let tokens = self.usage.as_ref()?.completion_tokens;
        let ms = self.duration_ms.saturating_sub(self.ttft_ms?);
        (tokens > 0 && ms > 0).then(|| tokens * 10_000 / ms)
    }
}
