//! Tables: columns that fit the width, cells that wrap, and records when even that is too much.
//!
//! The widths of all columns are decided by the heading and the first rows (one chunk), so rows
//! that come later never move what is above them.

use std::sync::Arc;

use pulldown_cmark::Alignment;
use ratatui::style::Modifier;

use super::line::{Look, Styled};
use super::wrap;
use crate::tui::theme::Role;
use crate::tui::widgets::text::width;

const BETWEEN: &str = " │ ";
const CROSSING: &str = "─┼─";
/// Columns narrower than this on average read worse than a list of records.
const LEAST: usize = 5;

/// What all chunks of one table share.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) aligns: Vec<Alignment>,
    pub(super) head: Vec<Styled>,
    /// The widest cell of each column, heading included.
    natural: Vec<usize>,
}

impl Shape {
    pub(super) fn new(
        aligns: Vec<Alignment>,
        head: Vec<Styled>,
        rows: &[Vec<Styled>],
    ) -> Arc<Shape> {
        let widest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let cells = head.get(column).into_iter().chain(cells);
            cells.flat_map(|cell| cell.text().split('\n')).map(width).max().unwrap_or(0).max(1)
        };
        let natural = (0..aligns.len()).map(widest).collect();
        Arc::new(Shape { aligns, head, natural })
    }

    /// How the table is laid out in `room` columns.
    fn fit(&self, room: usize) -> Fit {
        let count = self.natural.len();
        let gaps = count.saturating_sub(1) * BETWEEN.chars().count();
        let needed: usize = self.natural.iter().sum();
        if needed + gaps <= room {
            return Fit::Columns { widths: self.natural.clone(), tight: false };
        }
        let Some(room) = room.checked_sub(gaps).filter(|room| *room >= count * LEAST) else {
            return Fit::Records;
        };
        Fit::Columns { widths: share(&self.natural, room), tight: true }
    }
}

enum Fit {
    /// `tight`: cells wrap, so rows are kept apart by lines.
    Columns {
        widths: Vec<usize>,
        tight: bool,
    },
    Records,
}

/// Narrow columns get what they want, the wide ones share the rest evenly.
fn share(natural: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..natural.len()).collect();
    order.sort_by_key(|column| natural[*column]);
    let mut widths = vec![0; natural.len()];
    let mut left = room;
    for (index, column) in order.iter().enumerate() {
        let sharing = natural.len() - index;
        widths[*column] = natural[*column].min(left / sharing).max(1);
        left = left.saturating_sub(widths[*column]);
    }
    widths
}

/// One chunk of a table's rows.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) shape: Arc<Shape>,
    pub(super) rows: Vec<Vec<Styled>>,
    /// Whether this chunk begins the table.
    pub(super) first: bool,
}

/// A row of the screen within a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Head {
        sub: u32,
    },
    /// The line under the heading.
    Under,
    /// The line, or with records the empty row, above a row.
    Above {
        row: u32,
    },
    Body {
        row: u32,
        sub: u32,
    },
    /// Bytes of a record's text.
    Record {
        row: u32,
        start: u32,
        end: u32,
    },
}

impl Table {
    /// Gives every row of the screen in order.
    pub(super) fn wrap(&self, room: usize, mut place: impl FnMut(Place)) {
        match self.shape.fit(room) {
            Fit::Columns { widths, tight } => self.wrap_columns(&widths, tight, place),
            Fit::Records => {
                for (row, index) in self.rows.iter().zip(0..) {
                    if index > 0 || !self.first {
                        place(Place::Above { row: index });
                    }
                    wrap::words(self.record(row).text(), room, room, |start, end| {
                        let (start, end) = (start as u32, end as u32);
                        place(Place::Record { row: index, start, end });
                    });
                }
            }
        }
    }

    fn wrap_columns(&self, widths: &[usize], tight: bool, mut place: impl FnMut(Place)) {
        if self.first {
            (0..height(&self.shape.head, widths)).for_each(|sub| place(Place::Head { sub }));
            place(Place::Under);
        }
        for (row, index) in self.rows.iter().zip(0..) {
            if tight && (index > 0 || !self.first) {
                place(Place::Above { row: index });
            }
            (0..height(row, widths)).for_each(|sub| place(Place::Body { row: index, sub }));
        }
    }

    /// Writes one row of the screen.
    pub(super) fn write(&self, room: usize, place: Place, out: &mut Styled) {
        let fit = self.shape.fit(room);
        let rule = Look::of(Role::Rule);
        match (place, &fit) {
            (Place::Head { sub }, Fit::Columns { widths, .. }) => {
                self.cells(&self.shape.head, widths, sub as usize, out);
            }
            (Place::Body { row, sub }, Fit::Columns { widths, .. }) => {
                self.cells(&self.rows[row as usize], widths, sub as usize, out);
            }
            (Place::Under, Fit::Columns { widths, .. }) => line(widths, "─", CROSSING, rule, out),
            (Place::Above { .. }, Fit::Columns { widths, .. }) => {
                line(widths, "┈", "┈┼┈", rule, out);
            }
            (Place::Record { row, start, end }, _) => {
                let record = self.record(&self.rows[row as usize]);
                for (text, look) in record.slice(start as usize, end as usize) {
                    out.push(text, look);
                }
            }
            (
                Place::Above { .. } | Place::Head { .. } | Place::Body { .. } | Place::Under,
                Fit::Records,
            ) => {}
        }
    }

    fn cells(&self, cells: &[Styled], widths: &[usize], sub: usize, out: &mut Styled) {
        let plain = Look::of(Role::Text);
        let mut owed = 0;
        for (column, room) in widths.iter().copied().enumerate() {
            if column > 0 {
                out.push(&" ".repeat(owed), plain);
                out.push(BETWEEN, Look::of(Role::Rule));
            }
            let empty = Styled::default();
            let cell = cells.get(column).unwrap_or(&empty);
            let (start, end) = nth_row(cell.text(), room, sub);
            let used = width(&cell.text()[start..end]);
            let spare = room.saturating_sub(used);
            if start == end {
                owed = spare;
                continue;
            }
            let before = match self.shape.aligns.get(column) {
                Some(Alignment::Right) => spare,
                Some(Alignment::Center) => spare / 2,
                Some(Alignment::Left | Alignment::None) | None => 0,
            };
            out.push(&" ".repeat(before), plain);
            for (text, look) in cell.slice(start, end) {
                out.push(text, look);
            }
            // Written only when another cell follows.
            owed = spare - before;
        }
    }

    /// A row as `heading: cell` lines.
    fn record(&self, row: &[Styled]) -> Styled {
        let mut record = Styled::default();
        let head = Look::of(Role::TableHead);
        for (column, cell) in row.iter().enumerate() {
            if column > 0 {
                record.push("\n", head);
            }
            if let Some(title) = self.shape.head.get(column).filter(|title| !title.is_empty()) {
                record.append(title);
                record.push(": ", head);
            }
            record.append(cell);
        }
        record
    }
}

/// The look of text in the heading row.
pub(super) fn head_look() -> Look {
    Look::of(Role::TableHead).with(Modifier::BOLD)
}

fn line(widths: &[usize], sign: &str, crossing: &str, look: Look, out: &mut Styled) {
    for (column, room) in widths.iter().enumerate() {
        if column > 0 {
            out.push(crossing, look);
        }
        out.push(&sign.repeat(*room), look);
    }
}

fn height(cells: &[Styled], widths: &[usize]) -> u32 {
    let rows = |(cell, room): (&Styled, &usize)| {
        let mut rows = 0;
        wrap::words(cell.text(), *room, *room, |_, _| rows += 1);
        rows
    };
    cells.iter().zip(widths).map(rows).max().unwrap_or(1)
}

/// The bytes of the row `index` of a wrapped cell; empty when the cell has no such row.
fn nth_row(text: &str, room: usize, index: usize) -> (usize, usize) {
    let mut found = (0, 0);
    let mut row = 0;
    wrap::words(text, room, room, |start, end| {
        if row == index {
            found = (start, end);
        }
        row += 1;
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]], aligns: Vec<Alignment>) -> Table {
        let cells = |row: &&[&str]| -> Vec<Styled> {
            row.iter().map(|cell| Styled::of(cell, Look::of(Role::Text))).collect()
        };
        let all: Vec<_> = rows.iter().map(cells).collect();
        let shape = Shape::new(aligns, all[0].clone(), &all[1..]);
        Table { shape, rows: all[1..].to_vec(), first: true }
    }

    fn shown(table: &Table, room: usize) -> Vec<String> {
        let mut rows = Vec::new();
        table.wrap(room, |place| {
            let mut out = Styled::default();
            table.write(room, place, &mut out);
            rows.push(out.text().to_owned());
        });
        rows
    }

    fn prices() -> Table {
        let rows: [&[&str]; 3] =
            [&["model", "price"], &["漢字 mini", "1.5"], &["a long name of a model", "12.75"]];
        table(&rows, vec![Alignment::None, Alignment::Right])
    }

    #[test]
    fn columns_align() {
        assert_eq!(
            shown(&prices(), 80),
            [
                "model                  │ price",
                "───────────────────────┼──────",
                "漢字 mini              │   1.5",
                "a long name of a model │ 12.75",
            ]
        );
    }

    #[test]
    fn cells_wrap_when_it_gets_narrow() {
        assert_eq!(
            shown(&prices(), 20),
            [
                "model        │ price",
                "─────────────┼──────",
                "漢字 mini    │   1.5",
                "┈┈┈┈┈┈┈┈┈┈┈┈┈┼┈┈┈┈┈┈",
                "a long name  │ 12.75",
                "of a model   │ ",
            ]
        );
    }

    #[test]
    fn records_when_columns_do_not_fit() {
        assert_eq!(
            shown(&prices(), 12),
            [
                "model: 漢字",
                "mini",
                "price: 1.5",
                "",
                "model: a",
                "long name of",
                "a model",
                "price: 12.75"
            ]
        );
    }

    #[test]
    fn wide_columns_share_what_narrow_ones_leave() {
        assert_eq!(share(&[3, 50, 40], 43), [3, 20, 20]);
        assert_eq!(share(&[3, 50, 10], 43), [3, 30, 10]);
    }
}
