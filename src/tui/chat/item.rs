//! One message on screen, and the answer that is still coming.

use std::time::Instant;

use crate::domain::conversation::{Message, MessageState, Role};
use crate::domain::cost::Cost;
use crate::domain::estimate;
use crate::domain::fault::Fault;
use crate::domain::id::{MessageId, Millis, ModelId, TurnId};
use crate::domain::text::SafeText;
use crate::domain::turn::Receipt;
use crate::domain::usage::Usage;

/// One message of the open path. Text is raw; the view cleans it as it lays it out.
#[derive(Clone, Debug)]
pub struct Item {
    /// Names the message to the caches of the view; never reused while the program runs.
    pub key: u64,
    /// Grows with each change that is not an appended piece of text.
    pub revision: u64,
    pub id: Option<MessageId>,
    pub role: Role,
    pub state: MessageState,
    pub text: String,
    pub reasoning: String,
    /// The reasoning is shown in full.
    pub unfolded: bool,
    pub created: Millis,
    pub model: Option<ModelId>,
    pub receipt: Option<Receipt>,
    /// The store could not keep it: why.
    pub not_saved: Option<SafeText>,
    /// Estimated tokens of the text, kept up to date as it grows.
    pub tokens: u64,
}

impl Item {
    pub fn new(key: u64, role: Role, text: String, created: Millis) -> Item {
        Item {
            key,
            revision: 0,
            id: None,
            role,
            state: MessageState::Done,
            tokens: estimate::tokens(&text),
            text,
            reasoning: String::new(),
            unfolded: false,
            created,
            model: None,
            receipt: None,
            not_saved: None,
        }
    }

    /// A stored message.
    pub fn stored(key: u64, message: Message) -> Item {
        let mut item = Item::new(key, message.role, message.text, message.created);
        item.id = Some(message.id);
        item.state = message.state;
        item.reasoning = message.reasoning;
        item.model = message.model;
        item.receipt = message.receipt;
        item
    }

    /// Why it failed, when it did.
    pub fn fault(&self) -> Option<&Fault> {
        self.receipt.as_ref()?.attempts.last()?.fault.as_ref()
    }

    pub fn cost(&self) -> Option<Cost> {
        self.receipt.as_ref().map(|receipt| receipt.cost)
    }

    pub fn is_answer(&self) -> bool {
        self.role == Role::Assistant
    }
}

/// How far the answer that is coming has got.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The request is out, nothing came yet.
    Asked,
    /// A pause before another attempt.
    Waiting {
        until: Instant,
        why: SafeText,
    },
    Thinking,
    Writing,
    /// The user stopped it; the ending is on its way.
    Stopping,
}

/// The turn that is running in a conversation.
#[derive(Clone, Debug)]
pub struct Live {
    pub turn: TurnId,
    /// Index of the answer among the items.
    pub item: usize,
    pub started: Instant,
    /// When the first content came.
    pub first: Option<Instant>,
    pub phase: Phase,
    pub attempt: u32,
    pub provider: Option<SafeText>,
    /// The upstream's counts, once it said them.
    pub usage: Option<Usage>,
    /// Estimated tokens of the prompt, for the cost so far.
    pub prompt_tokens: u64,
}
