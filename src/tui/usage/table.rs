//! The table: one line for each model, provider, day or chat, and their sum.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::ask::{UsageBy, UsageReport};
use crate::domain::text::clean_line;
use crate::domain::usage::Totals;
use crate::tui::cx::Cx;
use crate::tui::numbers::{count, percent};
use crate::tui::theme::Role;
use crate::tui::widgets::{Cell, Column, Table, scroll};

use super::board::Board;

/// Draws header, lines and, where there are several, their sum.
pub(super) fn draw(
    board: &Board,
    by: UsageBy,
    report: &UsageReport,
    cx: &Cx,
    area: Rect,
    buf: &mut Buffer,
) {
    let label = if area.width < 60 { 12 } else { 20 };
    let columns = [
        Column::flex(by.as_str(), label),
        Column::fixed("sends", 5).right().drop_at(1),
        Column::fixed("in", 5).right().drop_at(3),
        Column::fixed("cached", 6).right().drop_at(5),
        Column::fixed("out", 5).right().drop_at(4),
        Column::fixed("cost", 20).right(),
        Column::fixed("failed", 6).right().drop_at(2),
    ];
    let rows = report.rows.len();
    let with_sum = rows > 1 && area.height > 3;
    let list = Rect { height: area.height - u16::from(with_sum), ..area };
    let mut table = Table { columns: &columns, header: true, rows, offset: 0, selected: None };
    table.offset = board.cursor.offset(rows, table.page(list.height));
    table.selected = Some(board.cursor.selected());
    table.draw(list, buf, cx.theme, |line| {
        let row = &report.rows[line];
        cells(clean_line(&row.label), &row.totals, Role::Text)
    });
    let bar = Rect {
        x: list.right().saturating_sub(1),
        y: list.y + 1,
        width: list.width.min(1),
        height: list.height.saturating_sub(1),
    };
    if area.width > 1 {
        // Beside the figures, in the column that the panes leave free.
        scroll::bar(bar, buf, cx.theme, rows, table.offset);
    }
    if with_sum {
        let drawn = u16::try_from(rows - table.offset).unwrap_or(u16::MAX);
        let y = list.y + (drawn.saturating_add(1)).min(list.height);
        let sum = Table { header: false, rows: 1, offset: 0, selected: None, columns: &columns };
        let line = Rect { y, height: 1, ..area };
        sum.draw(line, buf, cx.theme, |_| cells("all".into(), &report.total, Role::TableHead));
    }
}

fn cells(label: String, totals: &Totals, role: Role) -> Vec<Cell<'static>> {
    let label = if label.is_empty() { "?".to_owned() } else { label };
    let failed = if totals.failed > 0 { Role::Bad } else { Role::Dim };
    vec![
        Cell::new(role, label),
        Cell::new(Role::Text, count(totals.sends)),
        Cell::new(Role::Text, count(totals.prompt_tokens)),
        Cell::new(Role::Dim, percent(totals.cached_tokens, totals.prompt_tokens)),
        Cell::new(Role::Text, count(totals.completion_tokens)),
        Cell::new(cost_role(totals), totals.cost_label()),
        Cell::new(failed, count(totals.failed)),
    ]
}

pub(super) fn cost_role(totals: &Totals) -> Role {
    if totals.unknown > 0 { Role::Warn } else { Role::Money }
}
