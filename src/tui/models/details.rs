//! The details of one model as lines: facts, every price, who serves it, what it is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use crate::domain::catalog::{Modality, Model};
use crate::domain::money::Price;
use crate::domain::pricing::{PriceKey, Pricing, Rates};
use crate::domain::text::{SafeText, clean};
use crate::tui::cx::Cx;
use crate::tui::numbers::context_label;
use crate::tui::spans::{Spans, flow, wrap};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;

use super::endpoints::{self, Row};
use super::offers::Offer;

/// One line of the details.
#[derive(Clone, Debug)]
pub(super) enum Line {
    Words(Spans),
    /// A line of the table of endpoints.
    Endpoint(Row),
}

impl Line {
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        match self {
            Line::Words(spans) => {
                spans.draw(area, buf, theme);
            }
            Line::Endpoint(row) => row.draw(area, buf, theme),
        }
    }
}

/// Everything there is to say about a model, in rows of this width.
pub(super) fn lines(model: &Model, offer: Option<&Offer>, cx: &Cx, columns: u16) -> Vec<Line> {
    let width = usize::from(columns).max(1);
    let mut out = vec![name(model)];
    out.extend(flow(facts(model), width));
    out.extend(flow(reasoning(model), width));
    out.push(Spans::default());
    out.extend(prices(&model.pricing, width));
    out.push(Spans::default());
    let mut lines: Vec<Line> = out.drain(..).map(Line::Words).collect();
    lines.extend(endpoints::lines(offer, cx, width));
    let about = wrap(&clean(&model.description), width);
    if !about.is_empty() {
        out.push(Spans::default());
        out.extend(about.into_iter().map(|row| Spans::new(Role::Text, row)));
    }
    if !model.supported_parameters.is_empty() {
        out.push(Spans::default());
        out.push(Spans::new(Role::TableHead, "parameters"));
        let words = one_line(&model.supported_parameters);
        out.extend(wrap(&words, width).into_iter().map(|row| Spans::new(Role::Dim, row)));
    }
    lines.extend(out.into_iter().map(Line::Words));
    lines
}

fn name(model: &Model) -> Spans {
    let name = Spans::new(Role::Heading, clean(&model.name));
    match &model.alias_target {
        Some(target) => name.and(Role::Dim, " stands for ").and(Role::Accent, target.to_string()),
        None => name,
    }
}

fn fact(title: &str, role: Role, value: impl Into<String>) -> Spans {
    Spans::new(Role::Dim, format!("{title} ")).and(role, value)
}

fn facts(model: &Model) -> Vec<Spans> {
    let kinds =
        |list: &[Modality]| list.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ");
    let mut facts = vec![
        fact("context", Role::Text, context_label(model.context_length)),
        fact("max output", Role::Text, context_label(model.max_completion_tokens)),
        fact("in", Role::Text, kinds(&model.inputs)),
        fact("out", Role::Text, kinds(&model.outputs)),
    ];
    if let Some(cutoff) = &model.knowledge_cutoff {
        facts.push(fact("knows until", Role::Text, cutoff.to_string()));
    }
    facts.push(match &model.expiration_date {
        Some(date) => fact("expires", Role::Warn, date.to_string()),
        None => Spans::new(Role::Dim, "no expiry given"),
    });
    facts.push(match model.is_moderated {
        Some(true) => Spans::new(Role::Warn, "moderated"),
        Some(false) => Spans::new(Role::Text, "not moderated"),
        None => fact("moderation", Role::Text, "?"),
    });
    if let Some(tokenizer) = &model.tokenizer {
        facts.push(fact("tokenizer", Role::Text, tokenizer.to_string()));
    }
    facts
}

fn reasoning(model: &Model) -> Vec<Spans> {
    let Some(ability) = &model.reasoning else {
        let known = model.supports("reasoning");
        return Vec::from_iter(known.then(|| fact("reasoning", Role::Text, "yes")));
    };
    let way = if ability.mandatory { "always on" } else { "can be switched" };
    let mut facts = vec![fact("reasoning", Role::Text, way)];
    if !ability.efforts.is_empty() {
        facts.push(fact("effort", Role::Text, one_line(&ability.efforts)));
    }
    if let Some(default) = &ability.default_effort {
        facts.push(fact("default", Role::Text, default.to_string()));
    }
    facts
}

/// Every price, its exact string beside what people compare; then what changes it.
fn prices(pricing: &Pricing, width: usize) -> Vec<Spans> {
    if pricing.base.is_empty() && pricing.overrides.is_empty() {
        let words = "no prices given: what an answer costs may stay unknown";
        return vec![Spans::new(Role::Warn, words)];
    }
    let mut rows = grid(rates(&pricing.base), width);
    for entry in &pricing.overrides {
        rows.push(Spans::new(Role::Accent, format!("{}:", entry.condition())));
        rows.extend(grid(rates(&entry.rates), width));
    }
    if let Some(discount) = pricing.discount.filter(|d| !d.is_zero()) {
        let percent = (discount * Decimal::ONE_HUNDRED).normalize();
        let words = format!("less {percent} % on each of these prices");
        rows.push(Spans::new(Role::Good, words));
    }
    rows
}

fn rates(rates: &Rates) -> Vec<Spans> {
    rates.iter().map(|(key, price)| rate(key, price)).collect()
}

fn rate(key: PriceKey, price: Price) -> Spans {
    let title = text::pad_end(key.title(), 15);
    let (role, shown) = match price {
        Price::Varies => (Role::Dim, "varies".to_owned()),
        Price::Exact(each) if each.is_zero() => (Role::Free, "free".to_owned()),
        Price::Exact(_) if key.is_per_token() => {
            (Role::Money, format!("{}/M", price.million_label()))
        }
        Price::Exact(_) => (Role::Money, format!("${}", price.label())),
    };
    let exact = match price {
        Price::Varies => "depends on what answers".to_owned(),
        Price::Exact(_) if key.is_per_token() => price.label(),
        Price::Exact(_) => "each".to_owned(),
    };
    Spans::new(Role::Dim, title)
        .and(role, text::pad_start(&shown, 10))
        .and(Role::Dim, format!("  {exact}"))
}

/// Pieces side by side in columns of one width, as many as fit.
fn grid(pieces: Vec<Spans>, width: usize) -> Vec<Spans> {
    const GAP: usize = 3;
    let cell = pieces.iter().map(Spans::width).max().unwrap_or(0) + GAP;
    let per_row = ((width + GAP) / cell).max(1);
    let mut rows: Vec<Spans> = Vec::new();
    for (at, piece) in pieces.into_iter().enumerate() {
        if at % per_row == 0 {
            rows.push(Spans::default());
        }
        let Some(row) = rows.last_mut() else { continue };
        let pad = (at % per_row * cell).saturating_sub(row.width());
        row.0.push((Role::Text, " ".repeat(pad)));
        row.0.extend(piece.0);
    }
    rows
}

fn one_line(words: &[SafeText]) -> String {
    words.iter().map(|word| &**word).collect::<Vec<&str>>().join(" ")
}
