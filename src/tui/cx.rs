//! What a pane may read besides itself when it acts or draws.

use std::sync::Arc;

use crate::domain::catalog::{Catalog, Model};
use crate::domain::estimate::{self, TYPICAL_ANSWER_TOKENS};
use crate::domain::id::ModelId;
use crate::domain::money::Usd;
use crate::engine::UpstreamFacts;

use super::keymap::Keymap;
use super::msg::Now;
use super::theme::Theme;

/// The models a person has set aside or used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// In the order they were starred.
    pub favourites: Vec<ModelId>,
    /// Used last first.
    pub recents: Vec<ModelId>,
}

impl Shelf {
    pub fn is_favourite(&self, id: &ModelId) -> bool {
        self.favourites.contains(id)
    }

    /// Adds or takes out a favourite; whether it is one now.
    pub fn star(&mut self, id: &ModelId) -> bool {
        if let Some(at) = self.favourites.iter().position(|f| f == id) {
            self.favourites.remove(at);
            return false;
        }
        self.favourites.push(id.clone());
        true
    }

    /// Moves a model to the front of those used.
    pub fn used(&mut self, id: &ModelId) {
        self.recents.retain(|r| r != id);
        self.recents.insert(0, id.clone());
        self.recents.truncate(50);
    }
}

/// The next send of the open chat, as far as it is known before it leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NextSend {
    /// Estimated tokens of system prompt, messages and draft.
    pub prompt_tokens: u64,
    pub max_tokens: Option<u32>,
}

impl NextSend {
    /// Tokens the answer is assumed to have.
    pub fn answer_tokens(self) -> u64 {
        self.max_tokens.map_or(TYPICAL_ANSWER_TOKENS, u64::from).min(TYPICAL_ANSWER_TOKENS)
    }

    /// The estimated cost on this model with a typical answer; `None` when the price is unknown
    /// or varies.
    pub fn cost_on(self, model: &Model, now: Now) -> Option<Usd> {
        estimate::send_cost(self.prompt_tokens, self.answer_tokens(), &model.pricing, now.wall)
    }

    /// Whether the send and a typical answer fit the model; `None` when its context is unknown.
    pub fn fits(self, model: &Model) -> Option<bool> {
        let window = model.context_length?;
        Some(self.prompt_tokens + self.answer_tokens() <= window)
    }
}

/// What a pane may read when it acts or draws. It may change nothing but itself.
pub struct Cx<'a> {
    pub catalog: &'a Arc<Catalog>,
    pub shelf: &'a Shelf,
    pub keymap: &'a Keymap,
    pub theme: &'a Theme,
    pub upstream: &'a UpstreamFacts,
    /// The model of the open chat.
    pub model: Option<&'a ModelId>,
    pub next: NextSend,
    pub now: Now,
    /// Minutes to add to UTC for the local time of day.
    pub utc_offset_minutes: i64,
    /// Rows of the list or text of the pane in the last frame.
    pub page: u16,
}
