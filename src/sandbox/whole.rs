//! An answer in one piece: white space while it is being made, then the JSON.

use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::unfold;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Answer, Told};
use super::generation::UsageBody;
use super::outage;
use super::script::End;

/// What the service sends to keep the line open.
const SPACE: &str = "\n         \n";
/// Units of pace between two lines of white space.
const SPACE_EVERY: u32 = 40;
/// Characters of a typical piece of a stream, to take as long as one would.
const PIECE: usize = 9;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Space(u32, u32),
    Break,
    Over,
}

struct Maker {
    answer: Answer,
    phase: Phase,
}

/// The body of an answer that was not asked for as a stream.
pub(super) fn body(answer: Answer) -> Body {
    let script = &answer.plan.script;
    let pieces = (script.text.chars().count() + script.reasoning.chars().count()) / PIECE;
    let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
    let units = pieces.saturating_mul(script.stretch).saturating_add(script.first);
    let lines = (units / SPACE_EVERY).clamp(2, 10_000);
    let maker = Maker { phase: Phase::Space(lines, units / lines), answer };
    Body::from_stream(unfold(maker, |mut maker| async move {
        maker.next().await.map(|part| (part, maker))
    }))
}

impl Maker {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        match self.phase {
            Phase::Space(0, _) => self.json().await,
            Phase::Space(left, units) => {
                self.phase = Phase::Space(left - 1, units);
                if self.answer.rest(units).await {
                    Some(Ok(Bytes::from_static(SPACE.as_bytes())))
                } else {
                    self.broken()
                }
            }
            Phase::Break => {
                // What was said so far goes out before the line breaks.
                tokio::task::yield_now().await;
                self.broken()
            }
            Phase::Over => None,
        }
    }

    fn broken(&mut self) -> Option<io::Result<Bytes>> {
        self.phase = Phase::Over;
        Some(Err(io::Error::from(io::ErrorKind::ConnectionReset)))
    }

    async fn json(&mut self) -> Option<io::Result<Bytes>> {
        self.phase = Phase::Over;
        let end = self.answer.plan.script.end;
        if end == End::Stall {
            self.answer.stall().await;
            return self.broken();
        }
        self.answer.mark_first();
        let usage = self.answer.settle(told(&self.answer), false).usage();
        let mut json = whole(&self.answer, &usage);
        if matches!(end, End::CutOff | End::Reset) {
            let half = json.char_indices().nth(json.chars().count() / 2).map_or(0, |(at, _)| at);
            json.truncate(half);
        }
        if end == End::Reset {
            self.phase = Phase::Break;
        }
        Some(Ok(Bytes::from(json)))
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        if !self.answer.is_settled() {
            // Nobody can stop an answer that is not a stream: it is billed whole.
            self.answer.settle(told(&self.answer), true);
        }
    }
}

fn told(answer: &Answer) -> Told {
    let script = &answer.plan.script;
    Told { reasoning: script.reasoning.len(), text: script.text.len(), calls: true }
}

#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    provider: &'a str,
    system_fingerprint: Option<&'a str>,
    service_tier: Option<&'a str>,
    choices: [Value; 1],
    usage: &'a UsageBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    openrouter_metadata: Option<&'a Value>,
}

fn whole(answer: &Answer, usage: &UsageBody) -> String {
    let reason = answer.reason();
    let mut choice = json!({
        "index": 0,
        "logprobs": null,
        "finish_reason": reason.finish,
        "native_finish_reason": reason.native,
        "message": message(answer),
    });
    if answer.plan.script.end == End::Error {
        choice["finish_reason"] = json!("error");
        choice["native_finish_reason"] = Value::Null;
        choice["error"] = outage::midway();
    }
    let body = Whole {
        id: &answer.head.id,
        object: "chat.completion",
        created: answer.head.created,
        model: &answer.head.model,
        provider: &answer.head.provider,
        system_fingerprint: None,
        service_tier: answer.head.tier.as_deref(),
        choices: [choice],
        usage,
        openrouter_metadata: answer.metadata(),
    };
    serde_json::to_string(&body).unwrap_or_default()
}

fn message(answer: &Answer) -> Value {
    let script = &answer.plan.script;
    let shows = !script.reasoning.is_empty() && !answer.asker.hides_reasoning;
    let content = if script.calls.is_empty() { json!(script.text) } else { Value::Null };
    let mut message = json!({
        "role": "assistant",
        "content": content,
        "refusal": null,
        "reasoning": if shows { json!(script.reasoning) } else { Value::Null },
    });
    if !script.calls.is_empty() {
        let calls: Vec<Value> = script
            .calls
            .iter()
            .enumerate()
            .map(|(index, call)| {
                json!({ "type": "function", "index": index, "id": call.id,
                    "function": { "name": call.name, "arguments": call.arguments } })
            })
            .collect();
        message["tool_calls"] = json!(calls);
    }
    if shows {
        let mut details = vec![answer.thought(&script.reasoning)];
        match answer.seal() {
            // A signature belongs to the text it signs.
            Some(seal) if seal["type"] == details[0]["type"] => {
                details[0]["signature"] = seal["signature"].clone();
            }
            Some(seal) => details.push(seal),
            None => {}
        }
        message["reasoning_details"] = json!(details);
    }
    message
}
