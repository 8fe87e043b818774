//! The chunks of a stream, byte for byte as the service writes them.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::generation::UsageBody;

/// A keep-alive, as it comes before and between chunks.
pub(super) const PROCESSING: &str = ": OPENROUTER PROCESSING\n\n";
pub(super) const DONE: &str = "data: [DONE]\n\n";

/// What every chunk of an answer begins with.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) id: String,
    /// Unix seconds.
    pub(super) created: i64,
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) tier: Option<String>,
}

/// Why it ended, in the service's and in the provider's word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reason {
    pub(super) finish: Option<&'static str>,
    pub(super) native: Option<&'static str>,
}

/// What a chunk adds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Delta {
    content: Option<String>,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Value>,
}

impl Delta {
    /// The role comes on every delta, and an empty text where the delta is about something else.
    pub(super) fn text(text: &str) -> Delta {
        Delta {
            content: Some(text.to_owned()),
            role: "assistant",
            reasoning: None,
            reasoning_details: None,
            tool_calls: None,
        }
    }

    pub(super) fn reasoning(text: Option<&str>, detail: &Value) -> Delta {
        Delta {
            reasoning: text.map(str::to_owned),
            reasoning_details: Some(json!([detail])),
            ..Delta::text("")
        }
    }

    pub(super) fn call(call: &Value) -> Delta {
        Delta { content: None, tool_calls: Some(json!([call])), ..Delta::text("") }
    }
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    provider: &'a str,
    /// On the last chunk only, and there also as null.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Value>,
    choices: &'a [Choice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<&'a UsageBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    openrouter_metadata: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    debug: Option<Value>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u8,
    delta: &'a Delta,
    finish_reason: Option<&'static str>,
    native_finish_reason: Option<&'static str>,
}

impl Head {
    /// A chunk with one choice.
    pub(super) fn chunk(&self, delta: &Delta, reason: Reason) -> Bytes {
        let choices = [choice(delta, reason)];
        frame(&self.empty(&choices))
    }

    /// The last chunk: the finish reason once more, with the usage.
    pub(super) fn usage(
        &self,
        reason: Reason,
        usage: &UsageBody,
        metadata: Option<&Value>,
    ) -> Bytes {
        let delta = Delta::text("");
        let choices = [choice(&delta, reason)];
        frame(&Chunk {
            service_tier: Some(self.tier.as_deref()),
            usage: Some(usage),
            openrouter_metadata: metadata,
            ..self.empty(&choices)
        })
    }

    /// An error in the middle of the stream.
    pub(super) fn error(&self, error: &Value) -> Bytes {
        let delta = Delta::text("");
        let reason = Reason { finish: Some("error"), native: None };
        let choices = [choice(&delta, reason)];
        frame(&Chunk { error: Some(error), ..self.empty(&choices) })
    }

    /// The chunk that shows what went to the provider: it has no choices.
    pub(super) fn debug(&self, body: &Value) -> Bytes {
        let debug = Some(json!({ "echo_upstream_body": body }));
        frame(&Chunk { debug, ..self.empty(&[]) })
    }

    fn empty<'a>(&'a self, choices: &'a [Choice<'a>]) -> Chunk<'a> {
        Chunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            provider: &self.provider,
            service_tier: None,
            error: None,
            choices,
            usage: None,
            openrouter_metadata: None,
            debug: None,
        }
    }
}

fn choice(delta: &Delta, reason: Reason) -> Choice<'_> {
    Choice { index: 0, delta, finish_reason: reason.finish, native_finish_reason: reason.native }
}

fn frame(chunk: &Chunk<'_>) -> Bytes {
    let json = serde_json::to_string(chunk).unwrap_or_default();
    Bytes::from(format!("data: {json}\n\n"))
}
