//! The table of models: its columns and the cells of one line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::catalog::Model;
use crate::domain::find::Finder;
use crate::domain::id::Millis;
use crate::domain::money::Price;
use crate::domain::pricing::{PriceKey, Pricing};
use crate::tui::cx::Cx;
use crate::tui::numbers::{age, context_label};
use crate::tui::theme::Role;
use crate::tui::widgets::{Cell, Column, Table, scroll};

use super::state::Browser;

/// From this width on ids have the room that nearly all of them need.
const ROOMY: u16 = 60;

/// Draws header and lines.
pub(super) fn draw(browser: &Browser, cx: &Cx, area: Rect, buf: &mut Buffer) {
    let id = if area.width < ROOMY { 16 } else { 32 };
    let columns = [
        Column::fixed("", 2),
        Column::flex("model", id),
        Column::fixed("$/M in", 6).right(),
        Column::fixed("$/M out", 7).right(),
        Column::fixed("ctx", 5).right().drop_at(2),
        Column::fixed("modal", 6).drop_at(5),
        Column::fixed("age", 5).right().drop_at(4),
        Column::fixed("next ≈", 9).right().drop_at(3),
    ];
    let total = browser.rows.len();
    let mut table =
        Table { columns: &columns, header: true, rows: total, offset: 0, selected: None };
    let page = table.page(area.height);
    table.offset = browser.cursor.offset(total, page);
    table.selected = Some(browser.cursor.selected());
    let bar = Rect { x: area.right().saturating_sub(1), width: area.width.min(1), ..area };
    let overflows = total > page && area.width > 30;
    let list = Rect { width: area.width - if overflows { 2 } else { 0 }, ..area };
    let mut finder = Finder::new();
    table.draw(list, buf, cx.theme, |line| {
        browser.row(line).map_or_else(Vec::new, |model| {
            cells(model, finder.marks(browser.field.text(), model.id.as_str()), cx)
        })
    });
    if overflows {
        let below = Rect { y: bar.y + 1, height: bar.height.saturating_sub(1), ..bar };
        scroll::bar(below, buf, cx.theme, total, table.offset);
    }
}

fn cells<'r>(model: &Model, marks: Vec<u32>, cx: &Cx) -> Vec<Cell<'r>> {
    let current = if cx.model == Some(&model.id) { "●" } else { " " };
    let star = if cx.shelf.is_favourite(&model.id) { "★" } else { "" };
    let price = |key| {
        let (role, words) = price_label(&model.pricing, key);
        Cell::new(role, words)
    };
    let created = model.created.map(|seconds| Millis(seconds.saturating_mul(1000)));
    vec![
        Cell::new(Role::Accent, format!("{current}{star}")),
        Cell::new(Role::Text, model.id.to_string()).marked(marks),
        price(PriceKey::Prompt),
        price(PriceKey::Completion),
        Cell::new(Role::Text, context_label(model.context_length)),
        Cell::new(Role::Dim, model.modality_letters()),
        Cell::new(Role::Dim, created.map_or("?".into(), |then| age(then, cx.now.wall))),
        next(model, cx),
    ]
}

/// What a million of these units costs: `3.00`, `free`, `varies`, `?`.
pub(super) fn price_label(pricing: &Pricing, key: PriceKey) -> (Role, String) {
    match pricing.base.get(key) {
        None => (Role::Dim, "?".into()),
        Some(price @ Price::Varies) => (Role::Dim, price.million_label()),
        Some(price @ Price::Exact(each)) if each.is_zero() => (Role::Free, price.million_label()),
        Some(price @ Price::Exact(_)) => (Role::Money, price.million_label()),
    }
}

/// What the next send of the open chat would cost here.
fn next<'r>(model: &Model, cx: &Cx) -> Cell<'r> {
    if cx.next.fits(model) == Some(false) {
        return Cell::new(Role::Warn, "too small");
    }
    if model.pricing.is_free() {
        return Cell::new(Role::Free, "free");
    }
    match cx.next.cost_on(model, cx.now) {
        Some(cost) => Cell::new(Role::Money, cost.display()),
        None => {
            let (_, words) = price_label(&model.pricing, PriceKey::Prompt);
            Cell::new(Role::Dim, if words == "varies" { "varies" } else { "?" })
        }
    }
}
