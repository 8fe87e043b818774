//! Lines around a message that are not its text: who speaks, how it went, what it cost.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::catalog::Catalog;
use crate::domain::conversation::{MessageState, Role as Speaker};
use crate::domain::cost::{self, Cost};
use crate::domain::fault::{Fault, FaultClass};
use crate::domain::text::SafeText;
use crate::domain::turn::{FinishReason, Receipt};
use crate::domain::usage::Usage;
use crate::tui::cx::Cx;
use crate::tui::numbers::{count, percent, seconds, time_of_day};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;

use super::item::{Item, Live, Phase, steps};
use super::state::incomplete;

/// One row: pieces from the left and, when there is room, pieces at the right end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    pub indent: u16,
    pub left: Vec<(String, Role)>,
    pub right: Vec<(String, Role)>,
}

impl Strip {
    pub fn line(indent: u16, text: impl Into<String>, role: Role) -> Strip {
        Strip { indent, left: vec![(text.into(), role)], right: Vec::new() }
    }

    pub fn blank() -> Strip {
        Strip::default()
    }

    fn and(mut self, text: impl Into<String>, role: Role) -> Strip {
        self.left.push((text.into(), role));
        self
    }

    fn at_right(mut self, text: impl Into<String>, role: Role) -> Strip {
        self.right.push((text.into(), role));
        self
    }

    /// Draws into the first row of `area`; the last column stays empty.
    pub fn draw(&self, area: Rect, theme: &Theme, buf: &mut Buffer) {
        let indent = self.indent.min(area.width);
        let mut at = Rect { x: area.x + indent, width: area.width - indent, height: 1, ..area };
        let right: usize = self.right.iter().map(|(t, _)| text::width(t)).sum();
        let left: usize = self.left.iter().map(|(t, _)| text::width(t)).sum();
        for (piece, role) in &self.left {
            let used = text::draw(piece, at, buf, theme.style(*role));
            at.x += used;
            at.width -= used;
        }
        if left + right + 3 <= usize::from(area.width - indent) {
            let columns = u16::try_from(right).unwrap_or(0);
            let x = area.right() - columns - 1;
            let mut at = Rect { x, width: columns, height: 1, ..area };
            for (piece, role) in &self.right {
                let used = text::draw(piece, at, buf, theme.style(*role));
                at.x += used;
                at.width -= used;
            }
        }
    }
}

/// The line above a message.
pub fn head(item: &Item, number: usize, selected: bool, cx: &Cx) -> Strip {
    let sign = if selected { "▶ " } else { "  " };
    let when = format!("{}  #{}", time_of_day(item.created, cx.utc_offset_minutes), number + 1);
    let strip = Strip::line(0, sign, Role::Accent);
    let strip = match item.role {
        Speaker::User => strip.and("you", Role::User),
        Speaker::Assistant => {
            let model = item.model.as_ref().map_or("model", |m| m.as_str());
            let strip = strip.and(model.to_owned(), Role::Assistant);
            match item.receipt.as_ref().and_then(|r| other_model(r, cx.catalog)) {
                Some(served) => strip.and(format!("  answered by {served}"), Role::Warn),
                None => strip,
            }
        }
    };
    strip.at_right(when, Role::Dim)
}

/// The model that answered, when it is another one than was asked for.
fn other_model(receipt: &Receipt, catalog: &Catalog) -> Option<String> {
    let served = receipt.model_served.as_ref()?;
    let same = catalog.is_empty() || catalog.is_same(&receipt.model_asked, served);
    (!same).then(|| served.to_string())
}

/// The folded reasoning: how long and how much.
pub fn reasoning(item: &Item, live: Option<&Live>, cx: &Cx) -> Option<Strip> {
    if item.reasoning.is_empty() {
        return None;
    }
    let sign = if item.unfolded { "▾" } else { "▸" };
    let thinking = live.is_some_and(|live| live.phase == Phase::Thinking);
    let ms = item.receipt.as_ref().and_then(|r| r.reasoning_ms);
    let tokens = item.receipt.as_ref().and_then(|r| r.usage.as_ref()).map(|u| u.reasoning_tokens);
    let mut words = if thinking { format!("{sign} thinking") } else { format!("{sign} thought") };
    if let Some(ms) = ms {
        words.push_str(&format!(" for {}", seconds(ms)));
    }
    if let Some(tokens) = tokens.filter(|t| *t > 0) {
        words.push_str(&format!(" ({} tokens)", count(tokens)));
    }
    let key = cx.keymap.key_of(crate::tui::action::Action::FoldReasoning);
    let hint = key.map_or(String::new(), |key| {
        format!("   {key} {}", if item.unfolded { "folds" } else { "opens" })
    });
    Some(Strip::line(2, words, Role::Reasoning).and(hint, Role::Dim))
}

/// The line below an answer that is still coming.
pub fn progress(item: &Item, live: &Live, cx: &Cx) -> Strip {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(0);
    let passed = live.elapsed(cx.now.instant);
    let elapsed = seconds(ms(passed));
    let mut words = match &live.phase {
        Phase::Asked if live.attempt > 1 => format!("◌ attempt {} · {elapsed}", live.attempt),
        Phase::Asked => format!("◌ waiting for the first word · {elapsed}"),
        Phase::Waiting { until, why } => {
            let left = steps(until.saturating_duration_since(cx.now.instant));
            let left = seconds(ms(left));
            format!("◌ {why} · again in {left}")
        }
        Phase::Thinking => format!("◐ thinking · {elapsed}"),
        Phase::Writing => format!("◐ {elapsed}"),
        Phase::Stopping => format!("◌ stopping · {elapsed}"),
    };
    if let Some(first) = live.first
        && item.tokens > 0
    {
        words.push_str(&format!(" · ≈ {} tok", count(item.tokens)));
        let since = ms((live.started + passed).saturating_duration_since(first));
        if since >= 500 {
            words.push_str(&format!(" · ≈ {} tok/s", item.tokens * 1000 / since));
        }
        if let Some(cost) = cost_so_far(item, live, cx) {
            words.push_str(&format!(" · ≈ {cost} so far"));
        }
    }
    let key = cx.keymap.key_of(crate::tui::action::Action::Back).unwrap_or_default();
    Strip::line(2, words, Role::Dim).at_right(format!("{key} stop, keep text"), Role::Dim)
}

/// What the answer cost so far, from the price list and estimated tokens.
pub fn cost_so_far(item: &Item, live: &Live, cx: &Cx) -> Option<crate::domain::money::Usd> {
    let model = cx.catalog.get(item.model.as_ref()?.as_str())?;
    let estimate = Usage {
        prompt_tokens: live.prompt_tokens,
        completion_tokens: item.tokens,
        ..Usage::default()
    };
    let usage = live.usage.as_ref().unwrap_or(&estimate);
    cost::compute(usage, &model.pricing, cx.now.wall)
}

/// The lines below a finished answer, where text has this many columns.
pub fn foot(item: &Item, cx: &Cx, columns: u16) -> Vec<Strip> {
    let mut lines = Vec::new();
    if let Some(fault) = item.fault().filter(|_| item.state == MessageState::Failed) {
        lines.extend(card(fault, !item.text.is_empty(), item.receipt.as_ref(), cx, columns));
    } else if let Some(words) = incomplete(item.state) {
        lines.push(Strip::line(2, format!("◦ {words}"), Role::Warn));
    }
    if let Some(receipt) = &item.receipt {
        lines.extend(outcome(receipt));
        // A refusal has no figures; its card says that nothing was billed.
        if receipt.usage.is_some() || !item.text.is_empty() || !item.reasoning.is_empty() {
            lines.extend(figures(receipt, item.state, columns));
        }
    }
    if let Some(why) = &item.not_saved {
        lines.push(Strip::line(2, format!("! not kept: {why}"), Role::Bad));
    }
    lines
}

/// A word about endings that look whole but are not.
fn outcome(receipt: &Receipt) -> Option<Strip> {
    let (words, role) = match receipt.finish_reason.as_ref()? {
        FinishReason::Stop => return None,
        FinishReason::Length => ("cut off at max tokens (F4 raises it)".to_owned(), Role::Warn),
        FinishReason::ContentFilter => ("ended by a content filter".to_owned(), Role::Warn),
        FinishReason::ToolCalls => {
            ("asked for a tool; there are no tools in this chat".to_owned(), Role::Warn)
        }
        FinishReason::Error => return None,
        FinishReason::Other(word) => (format!("ended with `{word}`"), Role::Dim),
    };
    Some(Strip::line(2, format!("◦ {words}"), role))
}

fn figures(receipt: &Receipt, state: MessageState, columns: u16) -> Vec<Strip> {
    let (sign, role) = match state {
        MessageState::Done => ("✓", Role::Good),
        MessageState::Stopped | MessageState::Interrupted | MessageState::Streaming => {
            ("◦", Role::Dim)
        }
        MessageState::Failed => ("✗", Role::Bad),
    };
    let provider = receipt.provider.as_ref().map_or("provider unknown", |p| p);
    let simulated = if receipt.simulated { " (simulated)" } else { "" };
    let mut pieces = vec![(format!("{provider}{simulated}"), Role::Dim)];
    pieces.extend(receipt.usage.as_ref().map(|usage| (tokens(usage), Role::Dim)));
    pieces.push((receipt.cost.label(), money_role(receipt.cost)));
    let mut lines = flowed(pieces, columns.saturating_sub(2));
    if let Some(first) = lines.first_mut() {
        first.indent = 2;
        first.left.insert(0, (format!("{sign} "), role));
    }
    let mut pace = Vec::new();
    if let Some(ttft) = receipt.ttft_ms {
        pace.push((format!("TTFT {}", seconds(ttft)), Role::Dim));
    }
    if let Some(tenths) = receipt.tokens_per_second_tenths() {
        pace.push((format!("{}.{} tok/s", tenths / 10, tenths % 10), Role::Dim));
    }
    if receipt.attempts.len() > 1 {
        pace.push((format!("{} attempts", receipt.attempts.len()), Role::Dim));
    }
    lines.extend(flowed(pace, columns.saturating_sub(2)));
    lines
}

/// Pieces one behind another with dots between them, in as many lines as they need.
fn flowed(pieces: Vec<(String, Role)>, columns: u16) -> Vec<Strip> {
    const DOT: &str = " · ";
    let mut lines: Vec<Strip> = Vec::new();
    let mut used = 0;
    for (words, role) in pieces {
        let width = text::width(&words);
        match lines.last_mut() {
            Some(line) if used + text::width(DOT) + width <= usize::from(columns) => {
                line.left.push((DOT.into(), Role::Dim));
                line.left.push((words, role));
                used += text::width(DOT) + width;
            }
            _ => {
                lines.push(Strip::line(4, words, role));
                used = width;
            }
        }
    }
    lines
}

fn money_role(cost: Cost) -> Role {
    match cost {
        Cost::Billed(_) | Cost::Computed(_) => Role::Money,
        Cost::Unknown => Role::Warn,
    }
}

/// `12.9k in (63 % cached) 890 out, 412 thought`.
pub fn tokens(usage: &Usage) -> String {
    let mut words = format!("{} in", count(usage.prompt_tokens));
    if usage.cached_tokens > 0 {
        let share = percent(usage.cached_tokens, usage.prompt_tokens);
        words.push_str(&format!(" ({share} cached)"));
    }
    words.push_str(&format!(", {} out", count(usage.completion_tokens)));
    if usage.reasoning_tokens > 0 {
        words.push_str(&format!(", {} thought", count(usage.reasoning_tokens)));
    }
    words
}

/// The card of a failed turn: what happened, was it billed, when it may work, what to do.
fn card(
    fault: &Fault,
    has_text: bool,
    receipt: Option<&Receipt>,
    cx: &Cx,
    columns: u16,
) -> Vec<Strip> {
    let wrapped = |words: &str, role| wrapped(words, 4, columns.saturating_sub(2), role);
    let by = fault.provider.as_ref().map_or(String::new(), |provider| match fault.class {
        FaultClass::RateLimit | FaultClass::ContentPolicy => format!(" by {provider}"),
        _ => format!(" ({provider})"),
    });
    let mut lines = Vec::new();
    if has_text {
        lines.push(Strip::line(2, "◦ cut off here; the text so far is kept", Role::Warn));
    }
    lines.push(Strip::line(2, format!("✗ {}{by}", fault.class.headline()), Role::Bad));
    let message = fault.message.to_string();
    lines.extend(wrapped(&message, Role::Text));
    let mut words = fault.billing.sentence().to_owned();
    if let Some(ms) = fault.retry_after_ms {
        words.push_str(&format!(" May work again in {} s.", ms.div_ceil(1000)));
    }
    lines.extend(wrapped(&words, Role::Text));
    lines.extend(wrapped(fault.advice(), Role::Text));
    lines.push(keys(cx));
    let code = fault.code.as_ref().map_or(fault.class.as_str().to_owned(), SafeText::to_string);
    let mut facts = Vec::from_iter(fault.status.map(|status| status.to_string()));
    facts.push(code);
    if let Some(receipt) = receipt {
        facts.push(match receipt.attempts.len() {
            1 => "1 attempt".into(),
            n => format!("{n} attempts"),
        });
    }
    facts.extend(fault.generation_id.as_ref().map(SafeText::to_string));
    let facts = facts.into_iter().map(|fact| (fact, Role::Dim)).collect();
    lines.extend(flowed(facts, columns.saturating_sub(2)));
    lines
}

/// The keys that help after a failure.
fn keys(cx: &Cx) -> Strip {
    use crate::tui::action::Action;
    let mut strip = Strip { indent: 4, ..Strip::default() };
    let next = cx.model.and_then(|id| cx.catalog.get(id.as_str()));
    let price = next.filter(|m| !m.pricing.is_free()).and_then(|m| cx.next.cost_on(m, cx.now));
    let price = price.map(|usd| format!(" ≈ {usd}"));
    let retry = format!("retry{}", price.unwrap_or_default());
    let offers = [
        (Action::Retry, retry.as_str(), true),
        (Action::Switcher, "other model", false),
        (Action::ShowReceipt, "receipt", true),
    ];
    for (action, title, browse) in offers {
        let Some(key) = cx.keymap.key_of(action) else { continue };
        let key = if browse { format!("Esc {key}") } else { key };
        let gap = if strip.left.is_empty() { "" } else { "   " };
        strip.left.push((format!("{gap}{key}"), Role::Key));
        strip.left.push((format!(" {title}"), Role::Text));
    }
    strip
}

/// Lines broken between words, or within one that is longer than a line.
fn wrapped(words: &str, indent: u16, columns: u16, role: Role) -> Vec<Strip> {
    // Below this a word a line would be the rule.
    let columns = usize::from(columns.max(12));
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        if !line.is_empty() && text::width(&line) + 1 + text::width(word) > columns {
            lines.push(Strip::line(indent, std::mem::take(&mut line), role));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while text::width(&line) > columns {
            let (head, _) = text::head(&line, columns);
            let cut = head.len().max(1);
            let rest = line.split_off(cut.min(line.len()));
            lines.push(Strip::line(indent, std::mem::replace(&mut line, rest), role));
        }
    }
    if !line.is_empty() {
        lines.push(Strip::line(indent, line, role));
    }
    lines
}
