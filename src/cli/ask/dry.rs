//! `ask --dry-run`: the request as it would go out, and what it may cost. Sends nothing.

use serde_json::json;

use crate::cli::desk::Desk;
use crate::cli::moment::now;
use crate::cli::output::{Out, say};
use crate::domain::estimate::{TYPICAL_ANSWER_TOKENS, send_cost, tokens};
use crate::domain::id::ModelId;
use crate::domain::money::Usd;
use crate::domain::turn::TurnRequest;

/// What a send may take: always an estimate.
struct Estimate {
    prompt_tokens: u64,
    answer_tokens: u64,
    cost: Option<Usd>,
    /// The longest answer that is allowed, and what it would cost.
    most_tokens: Option<u64>,
    most: Option<Usd>,
}

/// Prints one request per model: the body on stdout and the estimate on stderr, or both as one
/// object a line with `--json`.
pub(super) async fn run(
    as_json: bool,
    request: &mut TurnRequest,
    models: &[ModelId],
    desk: &Desk,
    out: &Out,
) -> anyhow::Result<()> {
    desk.engine.load_catalog().await;
    if desk.config.sandbox {
        // A question to ourselves. That it fails would only leave the price unknown.
        let _ = desk.engine.refresh_catalog().await;
    }
    for model in models {
        request.model = model.clone();
        let body = desk.request_body(request);
        let estimate = estimate(request, desk);
        if as_json {
            out.json_line(&json!({
                "url": format!("{}/chat/completions", desk.engine.upstream().base_url),
                "request": body,
                "estimate": {
                    "prompt_tokens": estimate.prompt_tokens,
                    "answer_tokens": estimate.answer_tokens,
                    "cost_usd": estimate.cost,
                    "max_tokens": estimate.most_tokens,
                    "max_cost_usd": estimate.most,
                },
            }))?;
        } else {
            out.json(&body)?;
            say(&sentence(model, &estimate));
        }
    }
    Ok(())
}

fn estimate(request: &TurnRequest, desk: &Desk) -> Estimate {
    let system = request.params.system.as_deref().map_or(0, tokens);
    let prompt_tokens = request.messages.iter().map(|m| tokens(&m.text)).sum::<u64>() + system;
    let most_tokens = request.params.max_tokens.map(u64::from);
    let answer_tokens = most_tokens.map_or(TYPICAL_ANSWER_TOKENS, |m| m.min(TYPICAL_ANSWER_TOKENS));
    let catalog = desk.engine.catalog();
    let model = catalog.get(request.model.as_str());
    let cost_of = |answer| model.and_then(|m| send_cost(prompt_tokens, answer, &m.pricing, now()));
    Estimate {
        prompt_tokens,
        answer_tokens,
        cost: cost_of(answer_tokens),
        most_tokens,
        most: most_tokens.and_then(cost_of),
    }
}

fn sentence(model: &ModelId, estimate: &Estimate) -> String {
    let Estimate { prompt_tokens, answer_tokens, cost, most_tokens, most } = estimate;
    let mut text = format!("Nothing was sent. {model}: ≈ {prompt_tokens} tokens in, ");
    match cost {
        Some(cost) => text.push_str(&format!("≈ {cost} for an answer of {answer_tokens} tokens")),
        None => text.push_str("cost unknown: no price is known here"),
    }
    if let (Some(tokens), Some(usd)) = (most_tokens, most) {
        text.push_str(&format!(", at most ≈ {usd} ({tokens} tokens)"));
    }
    text.push('.');
    text
}
