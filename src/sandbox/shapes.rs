//! What models, endpoints and providers look like on the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::catalog::{Catalog, Entry, Offer};
use super::chance::Chance;

/// The model object of the list.
pub(super) fn model(entry: &Entry) -> Value {
    let inputs: Vec<&str> = entry.inputs.split(' ').collect();
    let outputs: Vec<&str> = entry.outputs.split(' ').collect();
    let mut body = json!({
        "id": entry.id,
        "canonical_slug": entry.slug,
        "hugging_face_id": if entry.hf.is_empty() { Value::Null } else { json!(entry.hf) },
        "name": entry.name,
        "created": entry.created,
        "description": entry.about,
        "context_length": entry.context,
        "architecture": architecture(&inputs, &outputs, &entry.tokenizer),
        "pricing": entry.pricing,
        "top_provider": {
            "context_length": if entry.router { Value::Null } else { json!(entry.context) },
            "max_completion_tokens": entry.max_out,
            "is_moderated": entry.moderated,
        },
        "per_request_limits": null,
        "supported_parameters": entry.params().collect::<Vec<_>>(),
        "default_parameters": entry.defaults,
        "supported_voices": null,
        "knowledge_cutoff": entry.cutoff,
        "expiration_date": entry.expires,
        "links": { "details": format!("/api/v1/models/{}/endpoints", entry.slug) },
    });
    if let Some([intelligence, coding, agentic]) = entry.index {
        body["benchmarks"] = json!({
            "design_arena": [],
            "artificial_analysis": { "intelligence_index": intelligence,
                "coding_index": coding, "agentic_index": agentic },
        });
    }
    if let Some(reasoning) = &entry.reasoning {
        body["reasoning"] = reasoning.clone();
    }
    if let Some(alias) = &entry.alias {
        body["alias_target"] = json!({ "name": alias.name, "slug": alias.slug });
    }
    body
}

fn architecture(inputs: &[&str], outputs: &[&str], tokenizer: &str) -> Value {
    json!({
        "modality": format!("{}->{}", inputs.join("+"), outputs.join("+")),
        "input_modalities": inputs,
        "output_modalities": outputs,
        "tokenizer": tokenizer,
        "instruct_type": null,
    })
}

/// Made-up but steady medians of an offer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speed {
    pub(super) latency_ms: f64,
    pub(super) throughput: f64,
}

/// How fast an offer is said to be: the same figure every time.
pub(super) fn speed(entry: &Entry, offer: &Offer) -> Speed {
    let mut chance = Chance::new(0, &[&entry.id, &offer.tag]);
    let light = entry.pricing.get("completion").and_then(Value::as_str).unwrap_or("0").len() > 9;
    let base = if light { 220 } else { 600 };
    let fast = if offer.tier() == Some("priority") { 2 } else { 1 };
    let thinking = if entry.reasoning_flag("mandatory") { 900 } else { 0 };
    let latency = chance.between(base, base * 4) / fast + thinking;
    let rate = chance.between(18, 160) * fast + usize::from(light) * 40;
    Speed { latency_ms: latency as f64, throughput: rate as f64 }
}

/// The body of `/models/{author}/{slug}/endpoints`. Latency and throughput need a key.
pub(super) fn endpoints(entry: &Entry, keyed: bool) -> Value {
    let inputs: Vec<&str> = entry.inputs.split(' ').collect();
    let outputs: Vec<&str> = entry.outputs.split(' ').collect();
    json!({ "data": {
        "id": entry.id,
        "name": entry.name,
        "created": entry.created,
        "description": entry.about,
        "architecture": architecture(&inputs, &outputs, &entry.tokenizer),
        "endpoints": entry.endpoints.iter().map(|o| endpoint(entry, o, keyed)).collect::<Vec<_>>(),
    } })
}

fn endpoint(entry: &Entry, offer: &Offer, keyed: bool) -> Value {
    let mut prices = offer.pricing.clone();
    prices.entry("discount").or_insert(json!(0));
    let params = offer.params.as_ref().unwrap_or(&entry.params);
    let tools = params.split(' ').any(|p| p == "tool_choice");
    let speed = speed(entry, offer);
    let mut chance = Chance::new(7, &[&entry.id, &offer.tag]);
    // Success rates of the last minutes and the last day lie around the recorded half hour.
    let mut near = |up: f64| (up + chance.between(0, 200) as f64 / 100.0 - 1.0).clamp(0.0, 100.0);
    let (short, day) = (offer.uptime.map(&mut near), offer.uptime.map(&mut near));
    let round = |x: f64| (x * 100.0).round() / 100.0;
    json!({
        "name": format!("{} | {}", offer.provider, entry.slug),
        "model_id": entry.id,
        "model_name": entry.name,
        "context_length": offer.context,
        "pricing": prices,
        "provider_name": offer.provider,
        "tag": offer.tag,
        "quantization": offer.quant.as_deref().unwrap_or("unknown"),
        "max_completion_tokens": offer.max_out,
        "max_prompt_tokens": null,
        "supported_parameters": params.split(' ').collect::<Vec<_>>(),
        "supports_tool_choice":
            { "none": tools, "auto": tools, "required": tools, "function": tools },
        "status": offer.status,
        "uptime_last_30m": offer.uptime,
        "uptime_last_5m": short.map(round),
        "uptime_last_1d": day.map(round),
        "supports_implicit_caching": implicit_caching(offer),
        "native_tools": {},
        "latency_last_30m": keyed.then(|| {
            percentiles(speed.latency_ms, [1.0, 1.6, 2.9, 8.5])
        }),
        "throughput_last_30m": keyed.then(|| percentiles(speed.throughput, [1.0, 1.25, 1.6, 2.1])),
    })
}

/// Whether an offer keeps prompts by itself: it has a price for reading them, and is not one of
/// those that want to be told what to keep.
pub(super) fn implicit_caching(offer: &Offer) -> bool {
    let has = |key: &str| offer.pricing.contains_key(key);
    has("input_cache_read") && !has("input_cache_write_1h")
}

fn percentiles(median: f64, factors: [f64; 4]) -> Value {
    let [p50, p75, p90, p99] = factors.map(|f| (median * f * 10.0).round() / 10.0);
    json!({ "p50": p50, "p75": p75, "p90": p90, "p99": p99 })
}

/// The body of `/providers`.
pub(super) fn providers(catalog: &Catalog) -> Value {
    let offers = catalog.entries.iter().flat_map(|e| &e.endpoints);
    let known: BTreeMap<&str, &str> =
        offers.map(|o| (o.tag.split('/').next().unwrap_or(&o.tag), &*o.provider)).collect();
    let list: Vec<Value> = known
        .into_iter()
        .map(|(slug, name)| {
            json!({ "name": name, "slug": slug, "privacy_policy_url": null,
                "terms_of_service_url": null, "status_page_url": null,
                "headquarters": home(slug), "datacenters": null })
        })
        .collect();
    json!({ "data": list })
}

/// Where some providers are at home, as an ISO country.
fn home(slug: &str) -> Option<&'static str> {
    Some(match slug {
        "alibaba" | "deepseek" | "moonshotai" | "minimax" | "z-ai" | "siliconflow" | "baidu" => {
            "CN"
        }
        "mistral" => "FR",
        "nebius" => "NL",
        "cohere" => "CA",
        "amazon-bedrock" | "anthropic" | "azure" | "cerebras" | "cloudflare" | "deepinfra"
        | "fireworks" | "friendli" | "google-ai-studio" | "google-vertex" | "groq" | "nvidia"
        | "openai" | "perplexity" | "sambanova" | "together" | "xai" => "US",
        _ => return None,
    })
}
