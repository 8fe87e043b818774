//! What an answer used and cost, and the record of it that `/generation` gives out.

use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::cost::compute;
use crate::domain::id::Millis;
use crate::domain::money::Usd;
use crate::domain::pricing::Pricing;
use crate::domain::usage::Usage;

use super::account::NOWHERE;
use super::money::Dollars;

/// Token counts of an answer and their price.
#[derive(Clone, Debug)]
pub(super) struct Bill {
    pub(super) prompt: u64,
    pub(super) completion: u64,
    pub(super) reasoning: u64,
    pub(super) cached: u64,
    pub(super) written: u64,
    pub(super) cost: Usd,
    prompt_cost: Usd,
}

impl Bill {
    /// Prices the counts exactly; `free` is an answer that is not charged for.
    pub(super) fn new(counts: &Usage, prices: &Pricing, at: Millis, free: bool) -> Bill {
        let prompt_only = Usage { completion_tokens: 0, reasoning_tokens: 0, ..counts.clone() };
        let price = |usage: &Usage| {
            if free { Usd::ZERO } else { compute(usage, prices, at).unwrap_or(Usd::ZERO) }
        };
        Bill {
            prompt: counts.prompt_tokens,
            completion: counts.completion_tokens,
            reasoning: counts.reasoning_tokens,
            cached: counts.cached_tokens,
            written: counts.cache_write_tokens,
            cost: price(counts),
            prompt_cost: price(&prompt_only),
        }
    }

    /// The `usage` object of an answer.
    pub(super) fn usage(&self) -> UsageBody {
        UsageBody {
            prompt_tokens: self.prompt,
            completion_tokens: self.completion,
            total_tokens: self.prompt + self.completion,
            cost: Dollars(self.cost),
            is_byok: false,
            prompt_tokens_details: PromptDetails {
                cached_tokens: self.cached,
                cache_write_tokens: self.written,
                audio_tokens: 0,
                video_tokens: 0,
            },
            cost_details: CostDetails {
                upstream_inference_cost: Dollars(self.cost),
                upstream_inference_prompt_cost: Dollars(self.prompt_cost),
                upstream_inference_completions_cost: Dollars(self.cost - self.prompt_cost),
            },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: self.reasoning,
                image_tokens: 0,
                audio_tokens: 0,
            },
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct UsageBody {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    cost: Dollars,
    is_byok: bool,
    prompt_tokens_details: PromptDetails,
    cost_details: CostDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
    audio_tokens: u64,
    video_tokens: u64,
}

#[derive(Debug, Serialize)]
struct CostDetails {
    upstream_inference_cost: Dollars,
    upstream_inference_prompt_cost: Dollars,
    upstream_inference_completions_cost: Dollars,
}

#[derive(Debug, Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
    image_tokens: u64,
    audio_tokens: u64,
}

/// An answer that was served, wholly or in part.
#[derive(Clone, Debug)]
pub(super) struct Generation {
    pub(super) id: String,
    pub(super) request_id: String,
    pub(super) at: Millis,
    pub(super) ended: Millis,
    pub(super) first_token_ms: Option<i64>,
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) streamed: bool,
    pub(super) cancelled: bool,
    pub(super) finish: Option<&'static str>,
    pub(super) native_finish: Option<&'static str>,
    pub(super) tier: Option<String>,
    pub(super) router: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) referer: Option<String>,
    pub(super) bill: Bill,
    /// Failed tries before the one that answered.
    pub(super) tried: Vec<Value>,
}

impl Generation {
    /// The body of `/generation`.
    pub(super) fn body(&self) -> String {
        let length = self.ended.0 - self.at.0;
        let mut responses = self.tried.clone();
        responses.push(json!({
            "endpoint_id": NOWHERE, "id": self.request_id, "is_byok": false,
            "latency": self.first_token_ms, "model_permaslug": self.model,
            "provider_name": self.provider, "status": 200,
        }));
        let created = jiff::Timestamp::from_millisecond(self.at.0)
            .map(|at| format!("{at:.3}"))
            .unwrap_or_default();
        let mut head = json!({
            "created_at": created, "model": self.model, "app_id": null, "external_user": null,
            "streamed": self.streamed, "cancelled": self.cancelled,
            "latency": self.first_token_ms, "moderation_latency": null,
            "generation_time": length,
            "tokens_prompt": self.bill.prompt, "tokens_completion": self.bill.completion,
            "native_tokens_prompt": self.bill.prompt,
            "native_tokens_completion": self.bill.completion,
            "native_tokens_completion_images": null,
            "native_tokens_reasoning": self.bill.reasoning,
            "native_tokens_cached": self.bill.cached,
            "num_media_prompt": null, "num_input_audio_prompt": null, "num_media_completion": 0,
            "num_search_results": null, "num_fetches": null, "web_search_engine": null,
        });
        let tail = json!({
            "origin": self.referer.clone().unwrap_or_default(), "is_byok": false,
            "finish_reason": self.finish, "native_finish_reason": self.native_finish,
            "service_tier": self.tier.as_deref().unwrap_or("default"),
            "router": self.router, "user_agent": self.user_agent, "http_referer": self.referer,
            "request_id": self.request_id, "session_id": null, "preset_id": null,
            "api_type": "completions", "id": self.id, "upstream_id": null,
            "provider_responses": responses, "cache_discount": null,
            "upstream_inference_cost": 0, "provider_name": self.provider,
            "response_cache_source_id": null, "data_region": "global", "workspace_id": NOWHERE,
        });
        if let (Some(head), Value::Object(tail)) = (head.as_object_mut(), tail) {
            head.extend(tail);
        }
        let mut text = head.to_string();
        text.pop();
        // Money is appended by hand: a JSON value would round it.
        let cost = super::money::number(self.bill.cost);
        format!("{{\"data\":{text},\"usage\":{cost},\"total_cost\":{cost}}}}}")
    }
}
