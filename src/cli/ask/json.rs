//! The object that `ask --json` prints.

use serde_json::{Value, json};

use super::reply::Reply;
use crate::cli::chats::document::usage_json;
use crate::cli::failure::plain;
use crate::domain::fault::Fault;
use crate::domain::turn::{AttemptRecord, Ending, Receipt};

/// Every field is always there; what is not known is null. Money is a decimal string in USD.
pub(super) fn object(reply: &Reply) -> Value {
    let receipt: &Receipt = &reply.receipt;
    let error = match &reply.ending {
        Ending::Failed(fault) => Some(fault_json(fault)),
        Ending::Done(_) | Ending::Stopped => None,
    };
    json!({
        "id": receipt.generation_id,
        "model": receipt.model_served.as_ref().unwrap_or(&receipt.model_asked),
        "provider": receipt.provider,
        "upstream": receipt.upstream,
        "text": reply.text,
        "reasoning": (!reply.reasoning.is_empty()).then_some(&reply.reasoning),
        "finish_reason": receipt.finish_reason.as_ref().map(|reason| reason.as_str().to_owned()),
        "usage": receipt.usage.as_ref().map(usage_json),
        "cost_usd": receipt.cost.usd(),
        "cost_source": receipt.cost.source(),
        "ttft_ms": receipt.ttft_ms,
        "duration_ms": receipt.duration_ms,
        "attempts": receipt.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "ending": match &reply.ending {
            Ending::Done(_) => "done",
            Ending::Stopped => "stopped",
            Ending::Failed(_) => "failed",
        },
        "error": error,
        "simulated": receipt.simulated,
        "chat": reply.chat,
    })
}

fn attempt(attempt: &AttemptRecord) -> Value {
    json!({
        "model": attempt.model,
        "provider": attempt.provider,
        "upstream": attempt.upstream,
        "outcome": attempt.outcome,
        "status": attempt.status,
        "ms": attempt.ms,
        "cost_usd": attempt.cost.usd(),
        "error": attempt.fault.as_ref().map(fault_json),
    })
}

fn fault_json(fault: &Fault) -> Value {
    json!({
        "class": fault.class.as_str(),
        "message": fault.message,
        "billing": fault.billing,
        "status": fault.status,
        "code": fault.code,
        "retry_after_ms": fault.retry_after_ms,
        "advice": plain(fault.advice()),
    })
}
