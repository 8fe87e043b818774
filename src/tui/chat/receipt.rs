//! The receipt of an answer as a page: what was asked, who answered, what it took and cost.

use crate::domain::fault::Fault;
use crate::domain::text::SafeText;
use crate::domain::turn::{AttemptRecord, Receipt};
use crate::tui::numbers::seconds;
use crate::tui::overlay::page::PageLine;
use crate::tui::theme::Role;

use super::strip::tokens;

/// The lines of the page.
pub fn lines(receipt: &Receipt) -> Vec<PageLine> {
    let unknown = || "unknown".to_owned();
    let text = |value: &Option<SafeText>| value.as_ref().map_or_else(unknown, SafeText::to_string);
    let time = |ms: Option<u64>| ms.map_or_else(unknown, seconds);
    let mut lines = vec![
        PageLine::pair("asked", receipt.model_asked.to_string()),
        PageLine::pair(
            "answered",
            receipt.model_served.as_ref().map_or_else(unknown, ToString::to_string),
        ),
        PageLine::pair("provider", text(&receipt.provider)),
        PageLine::pair("upstream", upstream(receipt)),
        PageLine::pair("generation", text(&receipt.generation_id)),
        PageLine::pair(
            "ended with",
            receipt.finish_reason.as_ref().map_or_else(unknown, |r| r.as_str().to_owned()),
        ),
        PageLine::pair("cost", cost(receipt)),
    ];
    if let Some(usage) = &receipt.usage {
        lines.push(PageLine::pair("tokens", tokens(usage)));
        if let Some(upstream) = usage.upstream_cost {
            lines.push(PageLine::pair("provider's price", format!("${}", upstream.exact())));
        }
        if usage.is_byok {
            lines.push(PageLine::pair("key", "your own provider key; the cost is only the fee"));
        }
    }
    lines.push(PageLine::pair("first token", time(receipt.ttft_ms)));
    lines.push(PageLine::pair("whole answer", seconds(receipt.duration_ms)));
    if let Some(tenths) = receipt.tokens_per_second_tenths() {
        lines.push(PageLine::pair("speed", format!("{}.{} tokens/s", tenths / 10, tenths % 10)));
    }
    lines.push(PageLine::blank());
    lines.push(PageLine::heading("attempts"));
    for (at, attempt) in receipt.attempts.iter().enumerate() {
        lines.push(PageLine::pair(format!("{}", at + 1), attempt_line(attempt)));
        if let Some(fault) = &attempt.fault {
            lines.push(PageLine { role: Role::Bad, ..PageLine::pair(" ", fault_line(fault)) });
        }
    }
    lines
}

fn upstream(receipt: &Receipt) -> String {
    let simulated = if receipt.simulated { " (simulated, no charge)" } else { "" };
    format!("{}{simulated}", receipt.upstream)
}

/// To the last digit, and how it is known.
fn cost(receipt: &Receipt) -> String {
    match receipt.cost.usd() {
        Some(usd) => format!("${} ({})", usd.exact(), receipt.cost.source()),
        None => "unknown: the upstream named no cost and no price is known".into(),
    }
}

fn attempt_line(attempt: &AttemptRecord) -> String {
    let mut words = vec![attempt.model.to_string()];
    words.extend(attempt.provider.as_ref().map(SafeText::to_string));
    words.push(attempt.outcome.as_str().into());
    words.extend(attempt.status.map(|status| status.to_string()));
    words.push(seconds(attempt.ms));
    words.push(attempt.cost.label());
    words.join(" · ")
}

fn fault_line(fault: &Fault) -> String {
    format!("{}: {} {}", fault.class.headline(), fault.message, fault.billing.sentence())
}
