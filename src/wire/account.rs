//! What the upstream says about the key, the credit, and one past answer.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::loose::{Raw, as_text, count, dollars, integer, is_web_page, line, object, text, truth};
use crate::domain::account::{FreeRequests, KeyInfo};
use crate::domain::id::{Millis, ModelId};
use crate::domain::money::Usd;
use crate::domain::text::SafeText;
use crate::domain::turn::FinishReason;
use crate::domain::usage::Usage;

/// What the upstream recorded of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenerationRecord {
    /// What the account was charged.
    pub cost: Option<Usd>,
    /// Native token counts, with the cost as `billed`.
    pub usage: Usage,
    pub model: Option<ModelId>,
    pub provider: Option<SafeText>,
    pub finish_reason: Option<FinishReason>,
    /// The client closed the connection before the end.
    pub cancelled: bool,
    /// To the first token.
    pub latency_ms: Option<u64>,
    pub generation_ms: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Key<'a> {
    #[serde(borrow)]
    label: Raw<'a>,
    #[serde(borrow)]
    limit: Raw<'a>,
    #[serde(borrow)]
    limit_remaining: Raw<'a>,
    #[serde(borrow)]
    limit_reset: Raw<'a>,
    #[serde(borrow)]
    usage: Raw<'a>,
    #[serde(borrow)]
    usage_daily: Raw<'a>,
    #[serde(borrow)]
    usage_weekly: Raw<'a>,
    #[serde(borrow)]
    usage_monthly: Raw<'a>,
    #[serde(borrow)]
    is_free_tier: Raw<'a>,
    #[serde(borrow)]
    free_model_daily_requests: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Free<'a> {
    #[serde(borrow)]
    used: Raw<'a>,
    #[serde(borrow)]
    limit: Raw<'a>,
    #[serde(borrow)]
    remaining: Raw<'a>,
}

/// Reads `GET /key`. `Err` is a clean sentence.
pub fn decode_key(body: &[u8], fetched: Millis) -> Result<KeyInfo, String> {
    let json = as_text(body);
    let key: Key<'_> = data(body, &json, "what it knows about the key")?;
    Ok(KeyInfo {
        label: line(key.label).unwrap_or_default(),
        limit: usd(key.limit),
        limit_remaining: usd(key.limit_remaining),
        limit_reset: line(key.limit_reset),
        usage: usd(key.usage),
        usage_daily: usd(key.usage_daily),
        usage_weekly: usd(key.usage_weekly),
        usage_monthly: usd(key.usage_monthly),
        is_free_tier: truth(key.is_free_tier),
        free_requests: free_requests(key.free_model_daily_requests),
        credit_left: None,
        fetched,
    })
}

fn free_requests(raw: Raw<'_>) -> Option<FreeRequests> {
    let free: Free<'_> = object(raw)?;
    let used = count(free.used)?;
    let limit = count(free.limit)?;
    let remaining = count(free.remaining).unwrap_or(limit.saturating_sub(used));
    Some(FreeRequests { used, limit, remaining })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credits<'a> {
    #[serde(borrow)]
    total_credits: Raw<'a>,
    #[serde(borrow)]
    total_usage: Raw<'a>,
}

/// Reads `GET /credits`: the balance, which may be negative. `Err` is a clean sentence.
pub fn decode_credits(body: &[u8]) -> Result<Usd, String> {
    let json = as_text(body);
    let credits: Credits<'_> = data(body, &json, "the balance")?;
    match (usd(credits.total_credits), usd(credits.total_usage)) {
        (Some(bought), Some(used)) => Ok(bought - used),
        _ => Err("the answer does not name the balance".into()),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Generation<'a> {
    #[serde(borrow)]
    model: Raw<'a>,
    #[serde(borrow)]
    provider_name: Raw<'a>,
    #[serde(borrow)]
    finish_reason: Raw<'a>,
    #[serde(borrow)]
    cancelled: Raw<'a>,
    #[serde(borrow)]
    latency: Raw<'a>,
    #[serde(borrow)]
    generation_time: Raw<'a>,
    #[serde(borrow)]
    total_cost: Raw<'a>,
    #[serde(borrow)]
    usage: Raw<'a>,
    #[serde(borrow)]
    upstream_inference_cost: Raw<'a>,
    #[serde(borrow)]
    is_byok: Raw<'a>,
    #[serde(borrow)]
    tokens_prompt: Raw<'a>,
    #[serde(borrow)]
    tokens_completion: Raw<'a>,
    #[serde(borrow)]
    native_tokens_prompt: Raw<'a>,
    #[serde(borrow)]
    native_tokens_completion: Raw<'a>,
    #[serde(borrow)]
    native_tokens_completion_images: Raw<'a>,
    #[serde(borrow)]
    native_tokens_reasoning: Raw<'a>,
    #[serde(borrow)]
    native_tokens_cached: Raw<'a>,
}

/// Reads `GET /generation`. `Err` is a clean sentence.
pub fn decode_generation(body: &[u8]) -> Result<GenerationRecord, String> {
    let json = as_text(body);
    let record: Generation<'_> = data(body, &json, "that answer")?;
    let cost = usd(record.total_cost).or_else(|| usd(record.usage));
    let cost = cost.filter(|usd| *usd >= Usd::ZERO);
    let first = |native, normal| count(native).or_else(|| count(normal)).unwrap_or(0);
    let prompt_tokens = first(record.native_tokens_prompt, record.tokens_prompt);
    let completion_tokens = first(record.native_tokens_completion, record.tokens_completion);
    Ok(GenerationRecord {
        cost,
        usage: Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
            cached_tokens: count(record.native_tokens_cached).unwrap_or(0),
            reasoning_tokens: count(record.native_tokens_reasoning).unwrap_or(0),
            image_output_tokens: count(record.native_tokens_completion_images).unwrap_or(0),
            billed: cost,
            is_byok: truth(record.is_byok).unwrap_or(false),
            upstream_cost: usd(record.upstream_inference_cost),
            ..Usage::default()
        },
        model: line(record.model).map(|m| ModelId::new(&*m)),
        provider: line(record.provider_name),
        finish_reason: text(record.finish_reason)
            .filter(|word| !word.is_empty())
            .map(|word| FinishReason::parse(&word)),
        cancelled: truth(record.cancelled).unwrap_or(false),
        latency_ms: integer(record.latency).and_then(|ms| u64::try_from(ms).ok()),
        generation_ms: integer(record.generation_time).and_then(|ms| u64::try_from(ms).ok()),
    })
}

/// The object under `data`, or a sentence on why there is none.
fn data<'a, T: Deserialize<'a>>(body: &[u8], json: &'a str, what: &str) -> Result<T, String> {
    if is_web_page(body) {
        return Err(format!("the answer is a web page, not {what}"));
    }
    let outer: Envelope<'a> = Some(json.trim())
        .filter(|json| json.starts_with('{'))
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or_else(|| format!("the answer cannot be read as {what}"))?;
    object(outer.data).ok_or_else(|| format!("the answer does not hold {what}"))
}

fn usd(raw: Raw<'_>) -> Option<Usd> {
    dollars(raw).map(|d: Decimal| Usd(d.normalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_odd_figures_are_absent() {
        let key = decode_key(
            br#"{"data":{"label":"sk-or-v1-abc...123","limit":null,"limit_remaining":"x","usage":1.5e-7,
            "usage_daily":-0.5,"is_free_tier":1,"free_model_daily_requests":{"used":2,"limit":50}}}"#,
            Millis(5),
        )
        .unwrap();
        assert_eq!((key.limit, key.limit_remaining, key.is_free_tier), (None, None, None));
        assert_eq!(key.usage.unwrap().exact(), "0.00000015");
        assert_eq!(key.free_requests, Some(FreeRequests { used: 2, limit: 50, remaining: 48 }));
        assert_eq!(key.fetched, Millis(5));
    }

    #[test]
    fn the_balance_is_exact_and_may_be_negative() {
        let left = |json: &str| decode_credits(json.as_bytes()).map(Usd::exact);
        assert_eq!(
            left(r#"{"data":{"total_credits":100.5,"total_usage":25.7500001}}"#).unwrap(),
            "74.7499999"
        );
        assert_eq!(left(r#"{"data":{"total_credits":5,"total_usage":5.01}}"#).unwrap(), "-0.01");
        assert!(left(r#"{"data":{"total_credits":5}}"#).is_err());
    }

    #[test]
    fn what_is_none_is_said_in_a_sentence() {
        for body in ["<html>", "", "{", "{}", "{\"data\":[]}", "{\"data\":null}"] {
            assert!(
                decode_key(body.as_bytes(), Millis(0)).unwrap_err().starts_with("the answer"),
                "{body}"
            );
            assert!(decode_generation(body.as_bytes()).is_err(), "{body}");
        }
    }
}
