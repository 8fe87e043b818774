//! What an attempt used, and the ledger row that records it.

use serde::{Deserialize, Serialize};

use super::cost::Cost;
use super::id::{ChatId, MessageId, Millis, ModelId};
use super::money::Usd;

/// Token counts as the upstream reported them. Prompt includes cached and written tokens,
/// completion includes reasoning (OpenAI and OpenRouter convention).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    pub total_tokens: u64,
    pub cached_tokens: u64,
    pub cache_write_tokens: u64,
    pub reasoning_tokens: u64,
    pub audio_tokens: u64,
    pub image_output_tokens: u64,
    pub web_searches: u64,
    /// What the account was charged, when the upstream says so.
    pub billed: Option<Usd>,
    /// The caller's own provider key was used; `billed` is then only the fee.
    pub is_byok: bool,
    /// What the provider took, when the upstream says so.
    pub upstream_cost: Option<Usd>,
}

/// How an attempt came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It answered the turn.
    Served,
    /// It failed and another attempt took over.
    Absorbed,
    /// It failed and nothing took over.
    Failed,
    /// The user stopped it.
    Stopped,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Served => "served",
            Outcome::Absorbed => "absorbed",
            Outcome::Failed => "failed",
            Outcome::Stopped => "stopped",
        }
    }

    pub fn parse(text: &str) -> Option<Outcome> {
        [Outcome::Served, Outcome::Absorbed, Outcome::Failed, Outcome::Stopped]
            .into_iter()
            .find(|o| o.as_str() == text)
    }
}

/// One attempt and what it cost: the append-only record behind every meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When the request went out.
    pub at: Millis,
    pub upstream: String,
    /// First eight hex digits of the key's hash; empty without a key.
    pub key_fingerprint: String,
    pub model_asked: ModelId,
    pub model_served: Option<ModelId>,
    pub provider: Option<String>,
    pub outcome: Outcome,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    pub generation_id: Option<String>,
    pub chat: Option<ChatId>,
    pub message: Option<MessageId>,
    pub usage: Option<Usage>,
    pub cost: Cost,
    /// Own arithmetic from the price list, kept beside a billed figure.
    pub computed: Option<Usd>,
    pub ttft_ms: Option<u64>,
    pub duration_ms: u64,
    /// Simulated: counts nowhere but in its own row.
    pub simulated: bool,
}

/// Sums over some ledger rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub sends: u64,
    pub failed: u64,
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    pub cost: Usd,
    /// Rows whose cost is not known; `cost` does not contain them.
    pub unknown: u64,
    /// Rows whose cost is computed, not billed.
    pub computed: u64,
}

impl Totals {
    /// Adds one row.
    pub fn add(&mut self, entry: &LedgerEntry) {
        self.sends += 1;
        self.failed += u64::from(matches!(entry.outcome, Outcome::Failed | Outcome::Absorbed));
        if let Some(usage) = &entry.usage {
            self.prompt_tokens += usage.prompt_tokens;
            self.cached_tokens += usage.cached_tokens;
            self.completion_tokens += usage.completion_tokens;
        }
        match entry.cost {
            Cost::Billed(usd) => self.cost += usd,
            Cost::Computed(usd) => {
                self.cost += usd;
                self.computed += 1;
            }
            Cost::Unknown => self.unknown += 1,
        }
    }

    /// Money for people, honest about what is missing: `$1.41`, `≈ $1.41`, `$1.41 + 2 unknown`.
    pub fn cost_label(&self) -> String {
        let mark = if self.computed > 0 { "≈ " } else { "" };
        match (self.unknown, self.cost == Usd::ZERO) {
            (0, _) => format!("{mark}{}", self.cost),
            (_, true) => "unknown".into(),
            (n, false) => format!("{mark}{} + {n} unknown", self.cost),
        }
    }
}

/// A labelled group of totals: one line of a usage table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    pub label: String,
    pub totals: Totals,
}
