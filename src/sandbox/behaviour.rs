//! The sandbox's own models: each one's name chooses how the service behaves.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::catalog::{Entry, Offer};

/// How an answer comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Simulated text: every model that is not the sandbox's own.
    Plain,
    Guide,
    Echo,
    Long,
    Slow,
    Flaky,
    FailsOver,
    RateLimited,
    RateLimitedBare,
    CutsOff,
    Resets,
    FailsMidway,
    Stalls,
    OutOfCredit,
    Moderated,
    Reasons,
    CallsTools,
    Garbage,
    Overloaded,
    Unavailable,
    InternalError,
    Hostile,
    Empty,
    /// `sandbox/status-NNN`, not listed: that status with its standard text.
    Status(u16),
}

struct Own {
    behaviour: Behaviour,
    id: &'static str,
    name: &'static str,
    about: &'static str,
    /// Whether it has a small price, so that there is something to count.
    priced: bool,
}

const fn own(
    behaviour: Behaviour,
    id: &'static str,
    name: &'static str,
    priced: bool,
    about: &'static str,
) -> Own {
    Own { behaviour, id, name, about, priced }
}

const OWN: [Own; 22] = [
    own(
        Behaviour::Guide,
        "sandbox/guide",
        "Guide",
        false,
        "Answers questions about routedeck from its manual: keys, models, prices, usage, history, themes, config, command line.",
    ),
    own(Behaviour::Echo, "sandbox/echo", "Echo", false, "Says back what you wrote, word for word."),
    own(
        Behaviour::Long,
        "sandbox/long",
        "Long answer",
        true,
        "Thousands of words of mixed markdown: headings, lists, tables, code, CJK, emoji. A number in the prompt sets the words.",
    ),
    own(
        Behaviour::Slow,
        "sandbox/slow",
        "Slow",
        true,
        "Takes long to the first token and then writes slowly.",
    ),
    own(
        Behaviour::Reasons,
        "sandbox/reasons",
        "Reasons",
        true,
        "Thinks aloud before it answers; effort sets for how long.",
    ),
    own(
        Behaviour::CallsTools,
        "sandbox/calls-tools",
        "Calls tools",
        true,
        "Calls the first tool it is offered, then answers with the tool's result.",
    ),
    own(
        Behaviour::Flaky,
        "sandbox/flaky",
        "Flaky",
        false,
        "Fails the first try of each turn with 503, then answers.",
    ),
    own(
        Behaviour::FailsOver,
        "sandbox/fails-over",
        "Fails over",
        true,
        "Its first provider is always down; the second one answers, unless fallbacks are forbidden.",
    ),
    own(
        Behaviour::RateLimited,
        "sandbox/rate-limited",
        "Rate limited",
        false,
        "Always 429 with Retry-After.",
    ),
    own(
        Behaviour::RateLimitedBare,
        "sandbox/rate-limited-bare",
        "Rate limited, no hint",
        false,
        "Always 429 without any word on when to come back.",
    ),
    own(
        Behaviour::CutsOff,
        "sandbox/cuts-off",
        "Cuts off",
        true,
        "Ends in the middle of the answer without a finish reason.",
    ),
    own(
        Behaviour::Resets,
        "sandbox/resets",
        "Resets",
        true,
        "Drops the connection in the middle of the answer.",
    ),
    own(
        Behaviour::FailsMidway,
        "sandbox/fails-midway",
        "Fails midway",
        true,
        "Reports an error inside a 200 after part of the answer; such an answer is not charged.",
    ),
    own(
        Behaviour::Stalls,
        "sandbox/stalls",
        "Stalls",
        true,
        "Sends a few words, then nothing, and keeps the line open.",
    ),
    own(
        Behaviour::OutOfCredit,
        "sandbox/out-of-credit",
        "Out of credit",
        false,
        "Always 402: the account has no credit.",
    ),
    own(
        Behaviour::Moderated,
        "sandbox/moderated",
        "Moderated",
        false,
        "Always 403: the prompt was flagged.",
    ),
    own(
        Behaviour::Garbage,
        "sandbox/garbage",
        "Garbage",
        false,
        "Answers 200 with a web page in place of an answer.",
    ),
    own(
        Behaviour::Overloaded,
        "sandbox/overloaded",
        "Overloaded",
        false,
        "Always 529: the provider is overloaded.",
    ),
    own(
        Behaviour::Unavailable,
        "sandbox/unavailable",
        "Unavailable",
        false,
        "Always 503: no provider can take the request now.",
    ),
    own(
        Behaviour::InternalError,
        "sandbox/internal-error",
        "Internal error",
        false,
        "Always 500, with the masked message the service uses.",
    ),
    own(
        Behaviour::Hostile,
        "sandbox/hostile",
        "Hostile",
        false,
        "An answer full of escape sequences, clipboard writes and bidi overrides: nothing of it may reach the terminal.",
    ),
    own(Behaviour::Empty, "sandbox/empty", "Empty", false, "Finishes without a single token."),
];

/// The behaviour of a model id (listed form, without dynamic variant).
pub(super) fn behaviour_of(id: &str) -> Behaviour {
    if let Some(own) = OWN.iter().find(|own| own.id == id) {
        return own.behaviour;
    }
    match status_of(id) {
        Some(status) => Behaviour::Status(status),
        None => Behaviour::Plain,
    }
}

/// The status an unlisted `sandbox/status-NNN` asks for.
pub(super) fn status_of(id: &str) -> Option<u16> {
    let status = id.strip_prefix("sandbox/status-")?.parse().ok()?;
    (400..=599).contains(&status).then_some(status)
}

const PARAMS: &str = "frequency_penalty include_reasoning max_completion_tokens max_tokens presence_penalty reasoning response_format seed stop structured_outputs temperature tool_choice tools top_k top_p";
const PLAIN_PARAMS: &str = "frequency_penalty max_tokens presence_penalty response_format seed stop temperature top_k top_p";

/// The sandbox's own models as catalogue entries, behind all others in the list.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    OWN.iter().map(|own| {
        let reasons = own.behaviour == Behaviour::Reasons;
        let calls = own.behaviour == Behaviour::CallsTools;
        let prices = if own.priced { ("0.0000001", "0.0000004") } else { ("0", "0") };
        Entry {
            id: Cow::Borrowed(own.id),
            slug: Cow::Borrowed(own.id),
            name: Cow::Owned(format!("Sandbox: {}", own.name)),
            created: 1_704_067_200,
            about: Cow::Borrowed(own.about),
            context: 131_072,
            hf: Cow::Borrowed(""),
            inputs: Cow::Borrowed("text image file"),
            outputs: Cow::Borrowed("text"),
            tokenizer: Cow::Borrowed("Other"),
            pricing: price(prices),
            max_out: Some(65_536),
            moderated: own.behaviour == Behaviour::Moderated,
            router: false,
            params: Cow::Borrowed(if reasons || calls { PARAMS } else { PLAIN_PARAMS }),
            defaults: Map::new(),
            reasoning: reasons.then(|| {
                json!({ "mandatory": false, "default_enabled": true,
                    "supported_efforts": ["max", "xhigh", "high", "medium", "low", "minimal", "none"],
                    "default_effort": "medium" })
            }),
            cutoff: None,
            expires: None,
            alias: None,
            index: None,
            endpoints: vec![
                offer("Sandbox One", "sandbox-one", "bf16", prices),
                offer("Sandbox Two", "sandbox-two/fp8", "fp8", prices),
            ],
        }
    })
}

fn price((prompt, completion): (&str, &str)) -> Map<String, Value> {
    Map::from_iter([
        ("prompt".to_owned(), json!(prompt)),
        ("completion".to_owned(), json!(completion)),
    ])
}

fn offer(
    provider: &'static str,
    tag: &'static str,
    quant: &'static str,
    prices: (&str, &str),
) -> Offer {
    Offer {
        provider: Cow::Borrowed(provider),
        tag: Cow::Borrowed(tag),
        quant: Some(Cow::Borrowed(quant)),
        context: 131_072,
        max_out: Some(65_536),
        pricing: price(prices),
        params: None,
        status: 0,
        uptime: Some(100.0),
    }
}
