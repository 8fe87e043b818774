//! One answer while it is being served: its pace, and its bill once it ends, however it ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::id::Millis;
use crate::domain::usage::Usage;

use super::chance::Chance;
use super::frames::{Head, Reason};
use super::generation::{Bill, Generation};
use super::plan::Plan;
use super::script::{End, tokens};
use super::server::Shared;

/// Providers that stop counting at once when the client goes away; the others bill it all.
const STOP_AT_ONCE: [&str; 14] = [
    "OpenAI",
    "Azure",
    "Anthropic",
    "Fireworks",
    "Novita",
    "DeepInfra",
    "Together",
    "Cohere",
    "xAI",
    "Cloudflare",
    "Friendli",
    "Chutes",
    "DeepSeek",
    "Sandbox One",
];

/// Who asked, and how.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker {
    pub(super) user_agent: Option<String>,
    pub(super) referer: Option<String>,
    pub(super) wants_metadata: bool,
    pub(super) streamed: bool,
    /// Thinks without showing it.
    pub(super) hides_reasoning: bool,
    /// The request, when it is to be echoed.
    pub(super) echo: Option<Value>,
}

/// An answer under way. Counts as live until it is dropped.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) shared: Arc<Shared>,
    pub(super) plan: Plan,
    pub(super) head: Head,
    pub(super) asker: Asker,
    at: Millis,
    first_at: Option<Millis>,
    settled: bool,
}

/// How much of the script went out, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    pub(super) reasoning: usize,
    pub(super) text: usize,
    pub(super) calls: bool,
}

impl Answer {
    pub(super) fn begin(shared: Arc<Shared>, plan: Plan, id: String, asker: Asker) -> Answer {
        let at = (shared.settings.now)();
        let head = Head {
            id,
            created: at.0.div_euclid(1000),
            model: plan.entry.served_as(),
            provider: plan.offer.provider.to_string(),
            tier: plan.offer.tier().map(str::to_owned),
        };
        shared.live.fetch_add(1, Ordering::SeqCst);
        Answer { shared, plan, head, asker, at, first_at: None, settled: false }
    }

    /// Waits `units` times the pace; false when the sandbox stops meanwhile.
    pub(super) async fn rest(&self, units: u32) -> bool {
        let time = self.shared.settings.pace.saturating_mul(units);
        if time > Duration::ZERO {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = self.shared.stop.cancelled() => return false,
            }
        }
        !self.shared.stop.is_cancelled()
    }

    /// Waits until the sandbox stops; the client may go away before.
    pub(super) async fn stall(&self) {
        self.shared.stop.cancelled().await;
    }

    /// Notes the moment of the first content.
    pub(super) fn mark_first(&mut self) {
        if self.first_at.is_none() {
            self.first_at = Some((self.shared.settings.now)());
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// The finish reason of a proper ending.
    pub(super) fn reason(&self) -> Reason {
        let finish = self.plan.script.finish;
        Reason {
            finish: Some(finish.as_str()),
            native: Some(finish.native(self.plan.entry.author())),
        }
    }

    pub(super) fn metadata(&self) -> Option<&Value> {
        self.asker.wants_metadata.then_some(&self.plan.metadata)
    }

    /// Bills and files what was told. Once.
    pub(super) fn settle(&mut self, told: Told, cancelled: bool) -> Bill {
        let now = (self.shared.settings.now)();
        let script = &self.plan.script;
        let bills_all =
            !self.asker.streamed || !STOP_AT_ONCE.contains(&self.head.provider.as_str());
        let (reasoning, completion) = if cancelled && !bills_all {
            let thought = tokens(&script.reasoning[..told.reasoning]);
            (thought, thought + tokens(&script.text[..told.text]))
        } else {
            (tokens(&script.reasoning), script.completion_tokens())
        };
        let reason = match (cancelled, script.end) {
            (false, End::Proper) => self.reason(),
            (false, End::Error) => Reason { finish: Some("error"), native: None },
            _ => Reason::default(),
        };
        // Zero completion insurance: nothing came, or it ended in an error.
        let free = reason.finish == Some("error") || (completion == 0 && reason.finish.is_none());
        let counts = Usage {
            prompt_tokens: self.plan.prompt,
            completion_tokens: completion,
            total_tokens: self.plan.prompt + completion,
            reasoning_tokens: reasoning,
            cached_tokens: self.plan.cached,
            cache_write_tokens: self.plan.written,
            ..Usage::default()
        };
        let bill = Bill::new(&counts, &self.plan.prices, self.at, free);
        if !std::mem::replace(&mut self.settled, true) {
            let mut account = self.shared.account();
            account.charge(now, bill.cost);
            account.file(self.record(now, cancelled, reason, bill.clone()));
        }
        bill
    }

    fn record(&self, now: Millis, cancelled: bool, reason: Reason, bill: Bill) -> Generation {
        let tail = Chance::new(5, &[&self.head.id]).letters(20);
        Generation {
            id: self.head.id.clone(),
            request_id: format!("req-{}-{tail}", self.head.created),
            at: self.at,
            ended: now,
            first_token_ms: self.first_at.map(|first| first.0 - self.at.0),
            model: self.head.model.clone(),
            provider: self.head.provider.clone(),
            streamed: self.asker.streamed,
            cancelled,
            finish: reason.finish,
            native_finish: reason.native,
            tier: self.head.tier.clone(),
            router: self.plan.router.clone(),
            user_agent: self.asker.user_agent.clone(),
            referer: self.asker.referer.clone(),
            bill,
            tried: self.plan.tried.clone(),
        }
    }

    /// The reasoning detail that carries a piece of thought, in the maker's own form.
    pub(super) fn thought(&self, text: &str) -> Value {
        match self.plan.entry.author() {
            "openai" => json!({ "type": "reasoning.summary", "summary": text,
                "format": "openai-responses-v1", "index": 0 }),
            "anthropic" => json!({ "type": "reasoning.text", "text": text,
                "format": "anthropic-claude-v1", "index": 0 }),
            "google" => json!({ "type": "reasoning.text", "text": text,
                "format": "google-gemini-v1", "index": 0 }),
            _ => json!({ "type": "reasoning.text", "text": text, "index": 0, "format": null }),
        }
    }

    /// The detail without text that ends a chain of thought: a signature or an opaque block.
    pub(super) fn seal(&self) -> Option<Value> {
        let secret = || Chance::new(6, &[&self.head.id]).letters(64);
        match self.plan.entry.author() {
            "anthropic" => Some(json!({ "type": "reasoning.text", "signature": secret(),
                "format": "anthropic-claude-v1", "index": 0 })),
            "openai" => Some(json!({ "type": "reasoning.encrypted", "data": secret(),
                "id": format!("rs_{}", &secret()[..24]), "format": "openai-responses-v1",
                "index": 1 })),
            "google" => Some(json!({ "type": "reasoning.encrypted", "data": secret(),
                "format": "google-gemini-v1", "index": 1 })),
            _ => None,
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.shared.live.fetch_sub(1, Ordering::SeqCst);
    }
}
