//! Which endpoint of a model serves a request: filters first, then the order of trial.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::id::{Millis, ModelId};
use crate::domain::money::Price;
use crate::domain::pricing::PriceKey;

use super::ask::{Ask, Rules, Sort};
use super::catalog::{Entry, Offer};
use super::chance::Chance;
use super::refusal::Refusal;
use super::shapes::speed;

/// Providers that keep no data, as far as the sandbox is concerned.
const ZDR: [&str; 12] = [
    "amazon-bedrock",
    "azure",
    "baseten",
    "cerebras",
    "deepinfra",
    "fireworks",
    "friendli",
    "google-vertex",
    "groq",
    "parasail",
    "sandbox-one",
    "together",
];

/// The endpoints to try, best first; never empty.
pub(super) fn shortlist(
    entry: &'static Entry,
    asked: &str,
    ask: &Ask,
    now: Millis,
    chance: &mut Chance,
) -> Result<Vec<&'static Offer>, Refusal> {
    let rules = &ask.rules;
    let variant = ModelId::new(asked);
    let variant = variant.variant();
    let pool = pool(entry, ask, variant);
    let pool = named(entry, rules, pool)?;
    let pool = private(entry, rules, pool)?;
    let pool = capable(entry, ask, pool)?;
    let pool = fitting(ask, &pool)?;
    let mut pool = affordable(entry, rules, pool, now)?;
    arrange(entry, rules, variant, &mut pool, now, chance);
    if ask.tier.as_deref().is_some_and(|t| t == "priority" || t == "fast") {
        pool.sort_by_key(|o| o.tier() != Some("priority"));
    }
    if rules.allow_fallbacks == Some(false) {
        let ordered = rules.order.iter().any(|s| pool.iter().any(|o| o.answers_to(s)));
        if ordered {
            pool.retain(|o| rules.order.iter().any(|s| o.answers_to(s)));
        } else if rules.order.is_empty() {
            pool.truncate(1);
        } else {
            return Err(nobody(entry));
        }
    }
    Ok(pool)
}

fn nobody(entry: &Entry) -> Refusal {
    Refusal::new(404, format!("No endpoints found for {}.", entry.id)).because(
        "no_endpoints",
        false,
        &[&entry.id],
    )
}

fn constrained(entry: &Entry, by: &str, message: &str) -> Refusal {
    let mut refusal =
        Refusal::new(404, message).because("constraint_filtered", false, &[&entry.id]);
    if let Some(availability) = &mut refusal.availability {
        availability["excluded_by"] = json!([by]);
    }
    refusal
}

/// Everything but the service tiers nobody asked for.
fn pool(entry: &'static Entry, ask: &Ask, variant: Option<&str>) -> Vec<&'static Offer> {
    let tier = ask.tier.as_deref();
    let flex_only =
        tier == Some("flex") && entry.endpoints.iter().any(|o| o.tier() == Some("flex"));
    let is_named = |offer: &Offer| {
        let named = ask.rules.order.iter().chain(ask.rules.only.iter().flatten());
        named.into_iter().any(|slug| offer.answers_to(slug))
    };
    let joins = |offer: &Offer| match offer.tier() {
        None => !flex_only,
        Some(_) if is_named(offer) => true,
        Some("flex") => flex_only || (variant == Some("floor") && tier != Some("default")),
        Some(_) => {
            matches!(tier, Some("priority" | "fast"))
                || (variant == Some("nitro") && tier != Some("default"))
        }
    };
    entry.endpoints.iter().filter(|o| joins(o)).collect()
}

/// `only` and `ignore`.
fn named(
    entry: &Entry,
    rules: &Rules,
    pool: Vec<&'static Offer>,
) -> Result<Vec<&'static Offer>, Refusal> {
    if pool.is_empty() {
        return Err(nobody(entry));
    }
    let available: Vec<&str> =
        pool.iter().map(|o| o.tag.split('/').next().unwrap_or(&o.tag)).collect();
    let mut kept = pool;
    if let Some(only) = &rules.only {
        kept.retain(|o| only.iter().any(|slug| o.answers_to(slug)));
        if kept.is_empty() {
            return Err(constrained(
                entry,
                "allowed_providers",
                "No allowed providers are available for the selected model.",
            )
            .with("available_providers", json!(available))
            .with("requested_providers", json!(only)));
        }
    }
    kept.retain(|o| !rules.ignore.iter().any(|slug| o.answers_to(slug)));
    if kept.is_empty() {
        let message = "All providers have been ignored. Change `provider.ignore` of the request.";
        return Err(constrained(entry, "allowed_providers", message));
    }
    Ok(kept)
}

/// `data_collection` and `zdr`.
fn private(
    entry: &Entry,
    rules: &Rules,
    pool: Vec<&'static Offer>,
) -> Result<Vec<&'static Offer>, Refusal> {
    let keeps_nothing = |o: &Offer| ZDR.iter().any(|slug| o.answers_to(slug));
    let trains = |o: &Offer| entry.is_free() || (!keeps_nothing(o) && o.answers_to("deepseek"));
    let before = pool.len();
    let mut kept = pool;
    let mut why = "Free model training";
    if rules.denies_data_collection {
        kept.retain(|o| !trains(o));
    }
    if rules.zdr && !kept.is_empty() {
        why = "Zero data retention";
        kept.retain(|o| keeps_nothing(o));
    }
    if kept.is_empty() {
        return Err(Refusal::new(
            404,
            format!(
                "No endpoints found matching your data policy ({why}). Configure: \
                 https://openrouter.ai/settings/privacy"
            ),
        )
        .with("routing_funnel", json!([{ "step": "Initial Endpoints", "endpoint_count": before }]))
        .with("failed_routing_step", json!("Filter by Data Policy")));
    }
    Ok(kept)
}

/// Tools, pictures, `require_parameters`.
fn capable(
    entry: &Entry,
    ask: &Ask,
    pool: Vec<&'static Offer>,
) -> Result<Vec<&'static Offer>, Refusal> {
    let has_media = ask.messages.iter().any(|m| m.media > 0);
    if has_media && *entry.inputs == *"text" {
        return Err(constrained(
            entry,
            "require_parameters",
            "No endpoints found that support image input",
        ));
    }
    let mut kept = pool;
    if !ask.tools.is_empty() {
        kept.retain(|o| o.supports(entry, "tools"));
        if kept.is_empty() {
            return Err(constrained(
                entry,
                "require_parameters",
                "No endpoints found that support tool use. Try disabling the tools, or another \
                 model.",
            ));
        }
    }
    // A soft preference: where nobody can, the field is ignored.
    if ask.json.is_some() && kept.iter().any(|o| o.supports(entry, "response_format")) {
        kept.retain(|o| o.supports(entry, "response_format"));
    }
    if ask.rules.require_parameters {
        kept.retain(|o| ask.parameters.iter().all(|p| o.supports(entry, p)));
        if kept.is_empty() {
            return Err(constrained(
                entry,
                "require_parameters",
                "No endpoints found that can handle the requested parameters.",
            ));
        }
    }
    Ok(kept)
}

/// Prompt and limit must fit into the context; the limit into what an endpoint writes.
fn fitting(ask: &Ask, pool: &[&'static Offer]) -> Result<Vec<&'static Offer>, Refusal> {
    let prompt = ask.prompt_tokens();
    let output = ask.max_tokens.unwrap_or(0);
    let largest = pool.iter().map(|o| o.context).max().unwrap_or(0);
    let kept: Vec<_> =
        pool.iter().copied().filter(|o| prompt.saturating_add(output) <= o.context).collect();
    if kept.is_empty() {
        let total = prompt.saturating_add(output);
        let parts = if output > 0 {
            format!("{prompt} of text input, {output} in the output")
        } else {
            format!("{prompt} of text input")
        };
        let message = format!(
            "This endpoint's maximum context length is {largest} tokens. However, you requested \
             about {total} tokens ({parts}). Please reduce the length of either one, or use the \
             context-compression plugin to compress your prompt automatically."
        );
        let previous: Vec<Value> =
            pool.iter().map(|_| json!({ "code": 400, "message": message })).collect();
        return Err(Refusal::new(400, message)
            .with("provider_name", Value::Null)
            .with("error_type", json!("context_length_exceeded"))
            .with("previous_errors", json!(previous)));
    }
    // Endpoints that cannot write as much as asked for go, unless nobody can.
    let long: Vec<_> =
        kept.iter().copied().filter(|o| o.max_out.is_none_or(|max| output <= max)).collect();
    Ok(if long.is_empty() { kept } else { long })
}

/// `max_price` and `quantizations`.
fn affordable(
    entry: &Entry,
    rules: &Rules,
    pool: Vec<&'static Offer>,
    now: Millis,
) -> Result<Vec<&'static Offer>, Refusal> {
    let within = |o: &Offer, key, most: Option<Decimal>| {
        most.is_none_or(|most| price(o, key, now) * Decimal::from(1_000_000) <= most)
    };
    let mut kept = pool;
    kept.retain(|o| {
        within(o, PriceKey::Prompt, rules.max_prompt)
            && within(o, PriceKey::Completion, rules.max_completion)
    });
    if kept.is_empty() {
        let message = format!("No endpoints found for {} at or below your max_price.", entry.id);
        return Err(constrained(entry, "max_price", &message));
    }
    if !rules.quantizations.is_empty() {
        kept.retain(|o| {
            let quant = o.quant.as_deref().unwrap_or("unknown");
            let family = match quant {
                "mxfp4" | "nvfp4" => "fp4",
                "mxfp8" => "fp8",
                other => other,
            };
            rules.quantizations.iter().any(|q| q == quant || q == family)
        });
        if kept.is_empty() {
            let message = format!("No endpoints found for {} with these quantizations.", entry.id);
            return Err(constrained(entry, "quantization", &message));
        }
    }
    Ok(kept)
}

/// What a token costs now, discount included; unknown counts as nothing.
fn price(offer: &Offer, key: PriceKey, now: Millis) -> Decimal {
    let prices = offer.prices();
    let price = prices.rates(0, now).get(key).and_then(Price::exact).unwrap_or_default();
    price * prices.factor()
}

fn both(offer: &Offer, now: Millis) -> Decimal {
    price(offer, PriceKey::Prompt, now) + price(offer, PriceKey::Completion, now)
}

/// Puts the endpoints into the order of trial.
fn arrange(
    entry: &Entry,
    rules: &Rules,
    variant: Option<&str>,
    pool: &mut [&'static Offer],
    now: Millis,
    chance: &mut Chance,
) {
    let by_variant = match variant {
        Some("nitro") => Some(Sort::Throughput),
        Some("floor") => Some(Sort::Price),
        Some("exacto") => Some(Sort::Exacto),
        _ => None,
    };
    match rules.sort.or(by_variant) {
        Some(Sort::Price) => pool.sort_by_key(|o| both(o, now)),
        Some(Sort::Throughput) => {
            pool.sort_by(|a, b| speed(entry, b).throughput.total_cmp(&speed(entry, a).throughput));
        }
        Some(Sort::Latency) => {
            pool.sort_by(|a, b| speed(entry, a).latency_ms.total_cmp(&speed(entry, b).latency_ms));
        }
        Some(Sort::Exacto) => {
            let uptime = |o: &Offer| o.uptime.unwrap_or(0.0);
            pool.sort_by(|a, b| uptime(b).total_cmp(&uptime(a)));
        }
        None => balance(pool, now, chance),
    }
    if !rules.order.is_empty() {
        let rank = |o: &Offer| {
            rules.order.iter().position(|slug| o.answers_to(slug)).unwrap_or(usize::MAX)
        };
        pool.sort_by_key(|o| rank(o));
    }
}

/// Load balancing: stable endpoints by price, one of the cheapest drawn to the front with weight
/// 1 / price², the flaky ones last.
fn balance(pool: &mut [&'static Offer], now: Millis, chance: &mut Chance) {
    pool.sort_by_key(|o| (o.status != 0, both(o, now)));
    let stable = pool.iter().take_while(|o| o.status == 0).count();
    let Some(cheapest) = pool.first().map(|o| both(o, now)) else { return };
    if stable < 2 {
        return;
    }
    // In thousandths, so that the draw needs no fractions.
    let weight = |o: &Offer| {
        let ratio = cheapest.checked_div(both(o, now)).unwrap_or(Decimal::ONE);
        let weight = (ratio * ratio * Decimal::from(1000)).round();
        usize::try_from(weight).unwrap_or(1000).clamp(1, 1000)
    };
    let total: usize = pool[..stable].iter().map(|o| weight(o)).sum();
    let mut drawn = chance.below(total);
    for at in 0..stable {
        let share = weight(pool[at]);
        if drawn < share {
            pool[..=at].rotate_right(1);
            return;
        }
        drawn -= share;
    }
}
