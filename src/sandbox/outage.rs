//! The failures that some models of the sandbox always answer with, in the service's words.

use serde_json::{Value, json};

use super::ask::Ask;
use super::behaviour::Behaviour;
use super::catalog::{Entry, Offer};
use super::refusal::{Refusal, standard_text};

const ADD_CREDITS: &str =
    "Insufficient credits. Add more using https://openrouter.ai/settings/credits";

/// The failure a behaviour stands for, where it stands for one that comes before any content.
pub(super) fn of(behaviour: Behaviour, entry: &Entry, offer: &Offer, ask: &Ask) -> Option<Refusal> {
    Some(match behaviour {
        Behaviour::RateLimited => limited(entry, offer)
            .with("retry_after_seconds", json!(3))
            .with("retry_after_seconds_raw", json!(3))
            .with("headers", json!({ "Retry-After": "3" }))
            .header("retry-after", 3),
        Behaviour::RateLimitedBare => limited(entry, offer),
        Behaviour::OutOfCredit => out_of_credit(),
        Behaviour::Moderated => moderated(entry, offer, ask),
        Behaviour::Overloaded => provider(529, offer, "overloaded_error: Overloaded (simulated)")
            .with("error_type", json!("provider_overloaded")),
        Behaviour::Unavailable => unavailable(entry),
        Behaviour::InternalError => Refusal::new(500, standard_text(500)),
        Behaviour::Status(status) => status_error(status, offer),
        Behaviour::Plain
        | Behaviour::Guide
        | Behaviour::Echo
        | Behaviour::Long
        | Behaviour::Slow
        | Behaviour::Flaky
        | Behaviour::FailsOver
        | Behaviour::CutsOff
        | Behaviour::Resets
        | Behaviour::FailsMidway
        | Behaviour::Stalls
        | Behaviour::Reasons
        | Behaviour::CallsTools
        | Behaviour::Garbage
        | Behaviour::Hostile
        | Behaviour::Empty => return None,
    })
}

/// What the first try at `sandbox/flaky` gets.
pub(super) fn first_try(offer: &Offer) -> Refusal {
    provider(503, offer, "simulated: the first try of each turn fails")
        .with("error_type", json!("provider_overloaded"))
}

/// A provider that is down.
pub(super) fn down(offer: &Offer) -> Refusal {
    provider(502, offer, "simulated: this provider is always down")
        .with("error_type", json!("provider_unavailable"))
}

/// The error that comes in the middle of an answer.
pub(super) fn midway() -> Value {
    json!({ "code": 502, "message": "Provider disconnected",
        "metadata": { "error_type": "provider_unavailable",
            "provider_code": "simulated_disconnect" } })
}

pub(super) fn out_of_credit() -> Refusal {
    Refusal::new(402, ADD_CREDITS)
        .with("limit_source", json!("openrouter_credits"))
        .with(
            "remedy_hint",
            json!("Add credits at https://openrouter.ai/settings/credits, or use a free model."),
        )
        .with("provider_name", Value::Null)
}

fn provider(status: u16, offer: &Offer, raw: &str) -> Refusal {
    Refusal::new(status, "Provider returned error")
        .with("raw", json!(raw))
        .with("provider_name", json!(offer.provider))
        .with("is_byok", json!(false))
}

fn limited(entry: &Entry, offer: &Offer) -> Refusal {
    let raw = format!(
        "{} is temporarily rate-limited upstream. Please retry shortly, or add your own key to \
         accumulate your rate limits: https://openrouter.ai/settings/integrations",
        entry.id
    );
    provider(429, offer, &raw)
        .with("provider_error_code", json!("rate_limit_exceeded"))
        .with("limit_source", json!("upstream_provider_shared_pool"))
        .with("remedy_hint", json!("Retry shortly, or choose another provider or model."))
}

fn moderated(entry: &Entry, offer: &Offer, ask: &Ask) -> Refusal {
    let question = ask.question();
    let count = question.chars().count();
    let flagged = if count <= 100 {
        question.to_owned()
    } else {
        let head: String = question.chars().take(48).collect();
        let tail: String = question.chars().skip(count - 49).collect();
        format!("{head}...{tail}")
    };
    Refusal::new(403, format!("{} requires moderation. Your input was flagged.", entry.id))
        .with("reasons", json!(["simulated"]))
        .with("flagged_input", json!(flagged))
        .with("provider_name", json!(offer.provider))
        .with("model_slug", json!(entry.slug))
}

fn unavailable(entry: &Entry) -> Refusal {
    let mut refusal = Refusal::new(503, standard_text(503))
        .because("temporarily_unavailable", true, &[&entry.id])
        .header("retry-after", 5);
    if let Some(availability) = &mut refusal.availability {
        availability["retry_after"] = json!(5);
    }
    refusal
}

fn status_error(status: u16, offer: &Offer) -> Refusal {
    match status {
        402 => out_of_credit(),
        502 | 529 => provider(status, offer, "simulated failure"),
        // Masked: no word beyond the message.
        500 => Refusal::new(500, standard_text(500)),
        _ => Refusal::new(status, standard_text(status)),
    }
}
