//! What the upstream says about the key in use, as lines. What it does not say is said so.

use rust_decimal::prelude::ToPrimitive;

use crate::domain::account::KeyInfo;
use crate::domain::money::Usd;
use crate::tui::action::Action;
use crate::tui::cx::Cx;
use crate::tui::numbers::ago;
use crate::tui::spans::{Spans, flow, wrap};
use crate::tui::theme::Role;
use crate::tui::widgets::{Signs, meter::meter, text};

/// Columns of the names on the left.
const NAMES: usize = 8;
const BAR: usize = 10;
const UNSAID: &str = "not said";

/// Whose the facts are and how old.
pub(super) fn age(key: Option<&KeyInfo>, cx: &Cx) -> String {
    key.map_or_else(String::new, |key| {
        format!("{}, {}", cx.upstream.name, ago(key.fetched, cx.now.wall))
    })
}

/// Everything known of the key, in rows of this width; the limit is the first row.
pub(super) fn lines(key: Option<&KeyInfo>, cx: &Cx, columns: u16) -> Vec<Spans> {
    let width = usize::from(columns);
    let Some(key) = key else { return nothing(cx, width) };
    let mut lines = vec![limit(key)];
    let spent = [
        ("today", key.usage_daily),
        ("week", key.usage_weekly),
        ("month", key.usage_monthly),
        ("ever", key.usage),
    ];
    let known = spent.iter().filter_map(|(name, amount)| {
        let amount = (*amount)?.display();
        Some(Spans::new(Role::Dim, format!("{name} ")).and(Role::Money, amount))
    });
    let room = width.saturating_sub(NAMES + 1);
    lines.extend(named("spent", flow(known.collect(), room)));
    let resets = key.limit_reset.as_ref().map(|when| Spans::new(Role::Text, when.to_string()));
    if resets.is_some() || key.limit.is_some() {
        lines.extend(named("resets", Vec::from_iter(resets)));
    }
    let free = key.free_requests.map(|free| {
        let role = if free.remaining == 0 { Role::Bad } else { Role::Text };
        let words = format!("{} of {} used today, {} left", free.used, free.limit, free.remaining);
        Spans::new(role, words)
    });
    lines.extend(named("free", Vec::from_iter(free)));
    lines.extend(named("credit", vec![credit(key)]));
    lines.extend(named("key", label(key)));
    lines
}

fn nothing(cx: &Cx, width: usize) -> Vec<Spans> {
    let asks = cx.keymap.key_of(Action::UsageRefresh);
    let asks = asks.map(|key| format!(" {key} asks again.")).unwrap_or_default();
    let words = match (cx.upstream.has_key, cx.upstream.simulated) {
        (_, true) => "The sandbox needs no key.".into(),
        (false, false) => "No key is set. OPENROUTER_API_KEY sets one.".into(),
        (true, false) => format!("{} has not said anything of this key.{asks}", cx.upstream.name),
    };
    wrap(&words, width).into_iter().map(|row| Spans::new(Role::Dim, row)).collect()
}

/// Rows behind one name; no rows were not said.
fn named(name: &str, rows: Vec<Spans>) -> Vec<Spans> {
    let rows = if rows.is_empty() { vec![Spans::new(Role::Dim, UNSAID)] } else { rows };
    let mut name = name;
    rows.into_iter()
        .map(|row| {
            let start = text::pad_end(std::mem::take(&mut name), NAMES + 1);
            let mut line = Spans::new(Role::Dim, start);
            line.0.extend(row.0);
            line
        })
        .collect()
}

fn limit(key: &KeyInfo) -> Spans {
    let name = Spans::new(Role::Dim, text::pad_end("limit", NAMES + 1));
    match (key.limit, key.limit_remaining) {
        (Some(limit), Some(left)) => {
            let share = share(left, limit);
            let role = if share < 0.1 { Role::Bad } else { Role::Good };
            name.and(role, meter(share, BAR, Signs::Unicode))
                .and(Role::Money, format!(" {left} left"))
                .and(Role::Dim, format!(" of {limit}"))
        }
        (Some(limit), None) => {
            name.and(Role::Money, limit.display()).and(Role::Dim, ", what is left was not said")
        }
        (None, Some(left)) => name.and(Role::Money, format!("{left} left")),
        (None, None) => name.and(Role::Dim, "none set"),
    }
}

/// For the length of a bar only: figures are never made of it.
fn share(part: Usd, whole: Usd) -> f64 {
    part.0.checked_div(whole.0).and_then(|share| share.to_f64()).unwrap_or(0.0)
}

fn credit(key: &KeyInfo) -> Spans {
    let tier = match key.is_free_tier {
        Some(true) => " · never paid",
        Some(false) | None => "",
    };
    match key.credit_left {
        Some(left) => Spans::new(Role::Money, format!("{left} left")).and(Role::Dim, tier),
        None => Spans::new(Role::Dim, format!("not told to this key{tier}")),
    }
}

/// The name of the key. An upstream should mask it; one that does not is not trusted with it.
fn label(key: &KeyInfo) -> Vec<Spans> {
    let label = key.label.trim();
    if label.is_empty() {
        return Vec::new();
    }
    let is_masked = label.contains("...") || label.contains(['…', '*']);
    let looks_secret = label.len() > 20 && !label.contains(' ');
    let shown = if looks_secret && !is_masked {
        let head: String = label.chars().take(6).collect();
        format!("{head}…")
    } else {
        label.to_owned()
    };
    vec![Spans::new(Role::Text, shown)]
}
