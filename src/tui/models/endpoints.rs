//! The table of a model's endpoints inside its details.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use crate::domain::catalog::{Endpoint, Endpoints};
use crate::domain::pricing::PriceKey;
use crate::tui::cx::Cx;
use crate::tui::numbers::{ago, context_label, plural};
use crate::tui::spans::{Spans, sentence};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Cell, Column, Table};

use super::details::Line;
use super::offers::Offer;
use super::table::price_label;

/// One endpoint, or the heading above them when there is none.
#[derive(Clone, Debug)]
pub(super) struct Row(Option<Vec<Cell<'static>>>);

impl Row {
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let columns = [
            Column::flex("provider", 10),
            Column::flex("tag", 8).drop_at(8),
            Column::fixed("$/M in", 6).right(),
            Column::fixed("$/M out", 7).right(),
            Column::fixed("off", 5).right().drop_at(9),
            Column::fixed("quant", 5).drop_at(6),
            Column::fixed("ctx", 5).right().drop_at(3),
            Column::fixed("max out", 7).right().drop_at(7),
            Column::fixed("up %", 6).right().drop_at(1),
            Column::fixed("TTFT", 6).right().drop_at(4),
            Column::fixed("tok/s", 5).right().drop_at(5),
            Column::fixed("status", 8).drop_at(2),
        ];
        let header = self.0.is_none();
        let rows = usize::from(!header);
        let table = Table { columns: &columns, header, rows, offset: 0, selected: None };
        table.draw(area, buf, theme, |_| self.0.clone().unwrap_or_default());
    }
}

/// What is known of who serves the model, and what is still asked.
pub(super) fn lines(offer: Option<&Offer>, cx: &Cx, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::Words(heading(offer, cx))];
    let Some(offer) = offer else { return lines };
    if let Some(trouble) = offer.trouble() {
        lines.extend(sentence(trouble, width).into_iter().map(Line::Words));
    }
    let Some(known) = offer.known() else { return lines };
    if !known.list.is_empty() {
        lines.push(Line::Endpoint(Row(None)));
    }
    lines.extend(known.list.iter().map(|e| Line::Endpoint(Row(Some(cells(e))))));
    lines
}

fn heading(offer: Option<&Offer>, cx: &Cx) -> Spans {
    let title = Spans::new(Role::TableHead, "endpoints");
    let Some(offer) = offer else { return title.and(Role::Dim, "  not asked yet") };
    let title = match offer.known() {
        Some(known) => title.and(Role::Dim, format!("  {}", counted(known, cx))),
        None => title,
    };
    if offer.is_asked() { title.and(Role::Dim, "  asking …") } else { title }
}

fn counted(known: &Endpoints, cx: &Cx) -> String {
    let age = ago(known.fetched, cx.now.wall);
    match known.list.len() as u64 {
        0 => format!("none serves it now, asked {age}"),
        count => format!("{}, asked {age}; TTFT and tok/s are medians", plural(count, "endpoint")),
    }
}

fn cells(endpoint: &Endpoint) -> Vec<Cell<'static>> {
    let price = |key| {
        let (role, words) = price_label(&endpoint.pricing, key);
        Cell::new(role, words)
    };
    let figure = |value: Option<String>| match value {
        Some(words) => Cell::new(Role::Text, words),
        None => Cell::new(Role::Dim, "?"),
    };
    let median = |p: &Option<crate::domain::catalog::Percentiles>| p.and_then(|p| p.p50);
    let discount = endpoint.pricing.discount.filter(|d| !d.is_zero());
    let off = discount.map(|d| format!("-{}%", (d * Decimal::ONE_HUNDRED).round().normalize()));
    vec![
        Cell::new(Role::Text, endpoint.provider.to_string()),
        Cell::new(Role::Dim, endpoint.tag.to_string()),
        price(PriceKey::Prompt),
        price(PriceKey::Completion),
        Cell::new(Role::Good, off.unwrap_or_default()),
        figure(endpoint.quantization.as_ref().map(ToString::to_string)),
        Cell::new(Role::Text, context_label(endpoint.context_length)),
        Cell::new(Role::Text, context_label(endpoint.max_completion_tokens)),
        uptime(endpoint),
        figure(median(&endpoint.latency_ms).map(|ms| format!("{:.2} s", ms / 1000.0))),
        figure(median(&endpoint.throughput).map(|rate| format!("{rate:.0}"))),
        status(endpoint.status),
    ]
}

/// Of the last day, or of the last half hour, which is marked.
fn uptime(endpoint: &Endpoint) -> Cell<'static> {
    let (share, mark) = match (endpoint.uptime_1d, endpoint.uptime_30m) {
        (Some(day), _) => (day, ""),
        (None, Some(half_hour)) => (half_hour, "½h"),
        (None, None) => return Cell::new(Role::Dim, "?"),
    };
    let role = if share < 95.0 { Role::Warn } else { Role::Text };
    // Not rounded up: 99.97 is not 100.
    Cell::new(role, format!("{:.1}{mark}", (share * 10.0).floor() / 10.0))
}

fn status(code: Option<i64>) -> Cell<'static> {
    match code {
        Some(0) => Cell::new(Role::Good, "ok"),
        Some(code) if code < 0 => Cell::new(Role::Warn, format!("weak {code}")),
        Some(code) => Cell::new(Role::Text, code.to_string()),
        None => Cell::new(Role::Dim, "?"),
    }
}
