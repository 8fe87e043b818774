//! From a request to what will be done about it: model by model, endpoint by endpoint, until one
//! can serve.

use serde_json::{Value, json};

use crate::domain::cost::compute;
use crate::domain::id::Millis;
use crate::domain::money::{Price, Usd};
use crate::domain::pricing::{PriceKey, Pricing};
use crate::domain::usage::Usage;

use super::account::NOWHERE;
use super::ask::Ask;
use super::behaviour::{self, Behaviour, behaviour_of};
use super::catalog::{Entry, Offer, catalog};
use super::chance::{Chance, hash};
use super::outage;
use super::refusal::Refusal;
use super::route::shortlist;
use super::script::Script;
use super::server::Shared;
use super::shapes::implicit_caching;

/// A request that can be served, and how.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) entry: &'static Entry,
    pub(super) offer: &'static Offer,
    pub(super) behaviour: Behaviour,
    pub(super) script: Script,
    pub(super) prices: Pricing,
    /// Tokens of the prompt, and how many of them were read from or written to a cache.
    pub(super) prompt: u64,
    pub(super) cached: u64,
    pub(super) written: u64,
    /// The router that chose the model, if one did.
    pub(super) router: Option<String>,
    /// Tries that failed before, as `/generation` lists them.
    pub(super) tried: Vec<Value>,
    /// `openrouter_metadata`, for those who ask for it.
    pub(super) metadata: Value,
}

/// Models that `openrouter/auto` and `openrouter/pareto-code` choose from.
const AUTO: [&str; 6] = [
    "openai/gpt-5-mini",
    "anthropic/claude-haiku-4.5",
    "google/gemini-2.5-flash",
    "deepseek/deepseek-v3.2",
    "openai/gpt-4.1",
    "anthropic/claude-sonnet-4.6",
];
const CODE: [&str; 4] = [
    "qwen/qwen3-coder",
    "mistralai/codestral-2508",
    "anthropic/claude-sonnet-4.6",
    "openai/gpt-5.1-codex",
];

/// Prompts shorter than this are not kept in a cache.
const LEAST_CACHED: u64 = 1024;

/// Makes the plan; the last error if no model can serve.
pub(super) fn make(shared: &Shared, ask: &Ask, now: Millis) -> Result<Plan, Refusal> {
    let mut failed: Vec<(String, Refusal)> = Vec::new();
    for asked in &ask.models {
        match attempt(shared, ask, asked, now) {
            Ok(mut plan) => {
                for (model, refusal) in failed.iter().rev() {
                    plan.tried.insert(0, try_record(model, None, refusal.status));
                }
                plan.metadata = metadata(ask, asked, &plan, &failed);
                return Ok(plan);
            }
            Err(refusal) => failed.push((asked.clone(), refusal)),
        }
    }
    let Some((_, mut last)) = failed.pop() else {
        return Err(Refusal::new(500, super::refusal::standard_text(500)));
    };
    if !failed.is_empty() && last.status != 500 {
        let previous: Vec<Value> =
            failed.iter().map(|(_, r)| json!({ "code": r.status, "message": r.message })).collect();
        last = last.with("previous_errors", json!(previous));
    }
    Err(last)
}

fn attempt(shared: &Shared, ask: &Ask, asked: &str, now: Millis) -> Result<Plan, Refusal> {
    let bare = asked.split("@preset/").next().unwrap_or(asked);
    let seed = shared.settings.seed;
    let mut chance = Chance::new(seed, &[bare, ask.question(), &ask.messages.len().to_string()]);
    // Unlisted: a status by name, served by the guide's offers.
    let status = behaviour::status_of(bare);
    let found = if status.is_some() { "sandbox/guide" } else { bare };
    let Some(listed) = catalog().resolve(found) else {
        return Err(Refusal::new(400, format!("{asked} is not a valid model ID")));
    };
    let (entry, router) = chosen(listed, ask, &mut chance)?;
    if entry.variant() == Some("batch") {
        return Err(Refusal::new(400, format!("{} is only available in batches", entry.id))
            .because("wrong_endpoint", false, &[&entry.id]));
    }
    if listed.is_free() || entry.is_free() {
        shared.account().admit_free(shared.settings.free_tier, now)?;
    }
    let off = ask.thinking.effort.as_deref() == Some("none") || ask.thinking.enabled == Some(false);
    if off && entry.reasoning_flag("mandatory") {
        return Err(Refusal::new(
            400,
            "Reasoning is mandatory for this endpoint and cannot be disabled.",
        )
        .with("provider_name", Value::Null));
    }
    let offers = shortlist(entry, bare, ask, now, &mut chance)?;
    let behaviour = status.map_or_else(|| behaviour_of(&entry.id), Behaviour::Status);
    let (offer, tried) = first_up(shared, behaviour, entry, &offers, ask)?;
    afford(shared, ask, entry, offer, now)?;
    let script = Script::write(behaviour, entry, ask, seed);
    let prompt = ask.prompt_tokens();
    let (cached, written) = cache(shared, ask, entry, offer, prompt);
    Ok(Plan {
        entry,
        offer,
        behaviour,
        script,
        prices: offer.prices(),
        prompt,
        cached,
        written,
        router,
        tried,
        metadata: Value::Null,
    })
}

/// Follows routers to a model.
fn chosen(
    listed: &'static Entry,
    ask: &Ask,
    chance: &mut Chance,
) -> Result<(&'static Entry, Option<String>), Refusal> {
    let router = || Some(listed.id.to_string());
    let pick = |ids: &[&'static str], chance: &mut Chance| catalog().find(chance.pick(ids));
    let found = match &*listed.id {
        "openrouter/auto" => pick(&AUTO, chance),
        "openrouter/pareto-code" => pick(&CODE, chance),
        "openrouter/free" => {
            let able: Vec<&Entry> = catalog()
                .entries
                .iter()
                .filter(|e| e.variant() == Some("free"))
                .filter(|e| ask.tools.is_empty() || e.supports("tools"))
                .collect();
            able.get(chance.below(able.len())).copied()
        }
        _ => return Ok((listed, None)),
    };
    match found {
        Some(entry) => Ok((entry, router())),
        None => Err(Refusal::new(404, "No models match your request and model restrictions")),
    }
}

/// The first endpoint that is up, and the tries before it.
fn first_up(
    shared: &Shared,
    behaviour: Behaviour,
    entry: &Entry,
    offers: &[&'static Offer],
    ask: &Ask,
) -> Result<(&'static Offer, Vec<Value>), Refusal> {
    let Some(first) = offers.first().copied() else {
        return Err(Refusal::new(404, format!("No endpoints found for {}.", entry.id)));
    };
    if let Some(refusal) = outage::of(behaviour, entry, first, ask) {
        return Err(refusal);
    }
    if behaviour == Behaviour::Flaky {
        let mut turn = hash(1, entry.id.as_bytes());
        for message in &ask.messages {
            turn = hash(turn, message.text.as_bytes());
        }
        if !shared.account().remember(turn) {
            return Err(outage::first_try(first));
        }
    }
    if behaviour == Behaviour::FailsOver {
        let is_down = |o: &Offer| o.answers_to("sandbox-one");
        let up = offers.iter().copied().find(|o| !is_down(o)).ok_or_else(|| outage::down(first))?;
        let tried = offers
            .iter()
            .take_while(|o| is_down(o))
            .map(|o| try_record(&entry.slug, Some(&o.provider), 502))
            .collect();
        return Ok((up, tried));
    }
    Ok((first, Vec::new()))
}

fn try_record(model: &str, provider: Option<&str>, status: u16) -> Value {
    json!({ "endpoint_id": NOWHERE, "id": null, "is_byok": false, "latency": null,
        "model_permaslug": model, "provider_name": provider, "status": status })
}

/// The pre-check: what the answer may cost at most must be there.
fn afford(
    shared: &Shared,
    ask: &Ask,
    entry: &Entry,
    offer: &Offer,
    now: Millis,
) -> Result<(), Refusal> {
    let spent = shared.account().spent();
    let settings = &shared.settings;
    let prompt = ask.prompt_tokens();
    let output = ask.max_tokens.or(offer.max_out).or(entry.max_out).unwrap_or(4096);
    let prices = offer.prices();
    let price = |prompt_tokens, completion_tokens| {
        let usage = Usage { prompt_tokens, completion_tokens, ..Usage::default() };
        compute(&usage, &prices, now).unwrap_or(Usd::ZERO)
    };
    if settings.credits <= spent {
        return Err(outage::out_of_credit());
    }
    let Some(limit) = settings.key_limit else { return Ok(()) };
    let left = limit - spent;
    let most = price(prompt, output);
    if most <= left || most == Usd::ZERO {
        return Ok(());
    }
    let unit = prices.rates(prompt, now).get(PriceKey::Completion).and_then(Price::exact);
    let for_output = (left - price(prompt, 0)).max(Usd::ZERO).0;
    let affordable = unit
        .and_then(|unit| for_output.checked_div(unit))
        .and_then(|tokens| u64::try_from(tokens.floor()).ok())
        .unwrap_or(0);
    Err(Refusal::new(
        402,
        format!(
            "This request requires more credits, or fewer max_tokens. You requested up to \
             {output} tokens, but can only afford {affordable}. To increase, visit \
             https://openrouter.ai/settings/keys and create a key with a higher total limit"
        ),
    )
    .with("limit_source", json!("openrouter_key_limit"))
    .with(
        "remedy_hint",
        json!(
            "Raise or remove this API key's usage limit at https://openrouter.ai/settings/keys, \
             or use a key without a limit."
        ),
    )
    .with("provider_name", Value::Null))
}

/// Tokens read from and written to the provider's cache: the conversation up to the last message
/// is there once it went by before.
fn cache(shared: &Shared, ask: &Ask, entry: &Entry, offer: &Offer, prompt: u64) -> (u64, u64) {
    let marked = ask.marks_cache && offer.pricing.contains_key("input_cache_write");
    if !(implicit_caching(offer) || marked) {
        return (0, 0);
    }
    let mut state = hash(2, entry.id.as_bytes());
    let mut chars = 0;
    let (mut read, mut account) = (0, shared.account());
    for message in &ask.messages {
        state = hash(state, message.text.as_bytes());
        chars += message.text.chars().count();
        let so_far = (chars / 4) as u64;
        if so_far >= LEAST_CACHED && account.remember(state) {
            read = so_far / 128 * 128;
        }
    }
    let read = read.min(prompt);
    let written = if marked && prompt - read >= LEAST_CACHED { prompt - read } else { 0 };
    (read, written)
}

/// What the opt-in header brings: how the answer came about.
fn metadata(ask: &Ask, asked: &str, plan: &Plan, failed: &[(String, Refusal)]) -> Value {
    let strategy = match (&plan.router, failed.is_empty()) {
        (_, false) => "fallback",
        (Some(router), _) if router.ends_with("free") => "free",
        (Some(router), _) if router.ends_with("pareto-code") => "pareto",
        (Some(_), _) => "auto",
        (None, _) if asked.starts_with('~') => "latest",
        (None, _) => "direct",
    };
    let available: Vec<Value> = plan
        .entry
        .endpoints
        .iter()
        .map(|o| {
            json!({ "provider": o.provider, "model": plan.entry.slug,
                "selected": o.tag == plan.offer.tag })
        })
        .collect();
    let served = json!({ "provider": plan.offer.provider, "model": plan.entry.slug,
        "status": 200 });
    let attempts: Vec<Value> = plan
        .tried
        .iter()
        .map(|t| {
            json!({ "provider": t["provider_name"], "model": t["model_permaslug"],
                "status": t["status"] })
        })
        .chain([served])
        .collect();
    json!({
        "requested": ask.models.first(),
        "strategy": strategy,
        "region": null,
        "summary": format!("available={}, selected={}", available.len(), plan.offer.provider),
        "attempt": attempts.len(),
        "is_byok": false,
        "endpoints": { "total": available.len(), "available": available },
        "attempts": attempts,
    })
}
