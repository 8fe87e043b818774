//! One chat as a document: Markdown for people, JSON for programs. Both hold every message, also
//! answers that were asked for again, oldest first. Text is as it was received.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::moment;
use crate::domain::conversation::{Chat, ChatSummary, Message, MessageState, Role};
use crate::domain::text::clean_line;
use crate::domain::turn::{Params, Receipt};
use crate::domain::usage::{Totals, Usage};

pub(super) fn markdown(chat: &Chat, messages: &[Message]) -> String {
    let mut text = format!("# {}\n\n", clean_line(&chat.title));
    let _ = writeln!(text, "Begun {}. Upstream {}.", moment::local(chat.created), chat.upstream);
    if let Some(system) = &chat.params.system {
        let _ = write!(text, "\n## System\n\n{}\n", system.trim_end());
    }
    for message in messages {
        let _ = write!(text, "\n## {}\n\n{}\n", heading(message), message.text.trim_end());
        if let Some(note) = note(message) {
            let _ = write!(text, "\n*{note}*\n");
        }
    }
    text
}

fn heading(message: &Message) -> String {
    match (message.role, &message.model) {
        (Role::User, _) => "You".into(),
        (Role::Assistant, Some(model)) => model.to_string(),
        (Role::Assistant, None) => "Answer".into(),
    }
}

/// How an answer ended and what it took.
fn note(message: &Message) -> Option<String> {
    let mut parts = Vec::new();
    match message.state {
        MessageState::Done => {}
        MessageState::Streaming => parts.push("still being written".to_owned()),
        MessageState::Stopped => parts.push("stopped".to_owned()),
        MessageState::Failed => parts.push("failed".to_owned()),
        MessageState::Interrupted => parts.push("interrupted".to_owned()),
    }
    if let Some(receipt) = &message.receipt {
        parts.extend(receipt.provider.as_ref().map(ToString::to_string));
        if let Some(usage) = &receipt.usage {
            parts.push(format!("{} in, {} out", usage.prompt_tokens, usage.completion_tokens));
        }
        parts.push(receipt.cost.label());
        if receipt.simulated {
            parts.push("simulated".to_owned());
        }
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// The chat with all its messages.
pub(super) fn json(chat: &Chat, messages: &[Message]) -> Value {
    let mut object = chat_json(chat);
    object["messages"] = messages.iter().map(message_json).collect();
    object
}

/// A line of the list of chats.
pub(super) fn summary_json(summary: &ChatSummary) -> Value {
    let mut object = chat_json(&summary.chat);
    object["message_count"] = json!(summary.messages);
    object["totals"] = totals_json(&summary.totals);
    // The marks around the match are for drawing.
    let snippet = summary.snippet.as_ref().map(|text| text.replace(['\u{1}', '\u{2}'], ""));
    object["snippet"] = json!(snippet);
    object
}

/// Sums for JSON; the cost is a decimal string without the rows whose cost is unknown.
pub(in crate::cli) fn totals_json(totals: &Totals) -> Value {
    json!({
        "sends": totals.sends,
        "failed": totals.failed,
        "prompt_tokens": totals.prompt_tokens,
        "cached_tokens": totals.cached_tokens,
        "completion_tokens": totals.completion_tokens,
        "cost_usd": totals.cost,
        "cost_computed_sends": totals.computed,
        "cost_unknown_sends": totals.unknown,
    })
}

fn chat_json(chat: &Chat) -> Value {
    json!({
        "id": chat.id,
        "title": chat.title,
        "created": moment::iso(chat.created),
        "updated": moment::iso(chat.updated),
        "model": chat.model,
        "upstream": chat.upstream,
        "params": params_json(&chat.params),
    })
}

fn params_json(params: &Params) -> Value {
    json!({
        "system": params.system,
        "temperature": params.temperature,
        "max_tokens": params.max_tokens,
        "effort": params.effort,
    })
}

fn message_json(message: &Message) -> Value {
    json!({
        "id": message.id,
        "parent": message.parent,
        "role": message.role,
        "state": message.state,
        "created": moment::iso(message.created),
        "model": message.model,
        "text": message.text,
        "reasoning": message.reasoning,
        "receipt": message.receipt.as_ref().map(receipt_json),
    })
}

fn receipt_json(receipt: &Receipt) -> Value {
    json!({
        "id": receipt.generation_id,
        "model": receipt.model_served,
        "provider": receipt.provider,
        "upstream": receipt.upstream,
        "finish_reason": receipt.finish_reason.as_ref().map(|reason| reason.as_str().to_owned()),
        "usage": receipt.usage.as_ref().map(usage_json),
        "cost_usd": receipt.cost.usd(),
        "cost_source": receipt.cost.source(),
        "ttft_ms": receipt.ttft_ms,
        "duration_ms": receipt.duration_ms,
        "simulated": receipt.simulated,
    })
}

/// Token counts for JSON.
pub(in crate::cli) fn usage_json(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "audio_tokens": usage.audio_tokens,
        "web_searches": usage.web_searches,
        "is_byok": usage.is_byok,
    })
}
