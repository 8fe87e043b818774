//! A table over any number of rows, of which only the visible ones are ever made.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::text;
use crate::tui::theme::{Role, Theme};

/// Columns of air between two columns of the table.
const GAP: u16 = 2;

/// How wide a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Fixed(u16),
    /// Shares what is left by `share`, but is never narrower than `least`.
    Flex {
        least: u16,
        share: u16,
    },
}

/// At which end of its column a cell stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    /// For numbers.
    Right,
}

/// One column: its heading, its width, and how soon it gives way.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    pub title: &'a str,
    pub size: Size,
    pub align: Align,
    /// In a narrow table the column with the greatest number goes first; 0 stays.
    pub drop: u8,
}

impl<'a> Column<'a> {
    pub fn fixed(title: &'a str, columns: u16) -> Self {
        Self { title, size: Size::Fixed(columns), align: Align::Left, drop: 0 }
    }

    pub fn flex(title: &'a str, least: u16) -> Self {
        Self { title, size: Size::Flex { least, share: 1 }, align: Align::Left, drop: 0 }
    }

    pub fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }

    pub fn drop_at(mut self, order: u8) -> Self {
        self.drop = order;
        self
    }

    fn least(&self) -> u16 {
        match self.size {
            Size::Fixed(columns) => columns,
            Size::Flex { least, .. } => least,
        }
    }
}

/// What one cell says. Text from outside must have been cleaned.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub role: Role,
    /// Indices of clusters that matched a search, ascending.
    pub marks: Vec<u32>,
}

impl<'a> Cell<'a> {
    pub fn new(role: Role, text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), role, marks: Vec::new() }
    }

    pub fn marked(mut self, marks: Vec<u32>) -> Self {
        self.marks = marks;
        self
    }
}

/// The window onto the rows.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    pub columns: &'a [Column<'a>],
    pub header: bool,
    pub rows: usize,
    /// The first row shown; see [`super::scroll::window`].
    pub offset: usize,
    pub selected: Option<usize>,
}

impl Table<'_> {
    /// How many rows an area of this height shows.
    pub fn page(&self, height: u16) -> usize {
        usize::from(height.saturating_sub(u16::from(self.header)))
    }

    /// Draws the header and the visible rows; `row` is called once for each of those, with one
    /// cell for each column (missing ones stay empty).
    pub fn draw<'r>(
        &self,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        mut row: impl FnMut(usize) -> Vec<Cell<'r>>,
    ) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let widths = widths(self.columns, area.width);
        let mut y = area.y;
        if self.header {
            let titles: Vec<_> =
                self.columns.iter().map(|c| Cell::new(Role::TableHead, c.title)).collect();
            self.line(Rect { y, height: 1, ..area }, buf, theme, &widths, &titles);
            y += 1;
        }
        let last = self.rows.min(self.offset.saturating_add(self.page(area.height)));
        for index in self.offset..last {
            let line = Rect { y, height: 1, ..area };
            self.line(line, buf, theme, &widths, &row(index));
            if self.selected == Some(index) {
                buf.set_style(line, theme.style(Role::Selection));
            }
            y += 1;
        }
    }

    fn line(
        &self,
        line: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        widths: &[Option<u16>],
        cells: &[Cell<'_>],
    ) {
        let mut x = line.x;
        for ((column, width), cell) in self.columns.iter().zip(widths).zip(cells) {
            let Some(width) = *width else { continue };
            let room = width.min(line.right().saturating_sub(x));
            if room == 0 {
                break;
            }
            draw_cell(Rect { x, width: room, ..line }, buf, theme, column.align, cell);
            x = x.saturating_add(width + GAP);
        }
    }
}

fn draw_cell(area: Rect, buf: &mut Buffer, theme: &Theme, align: Align, cell: &Cell<'_>) {
    let columns = usize::from(area.width);
    let shown = text::fit(&cell.text, columns);
    let mut x = area.x;
    if align == Align::Right {
        // What was fitted is no wider than the u16 it was fitted to.
        x += (columns - text::width(&shown)) as u16;
    }
    if cell.marks.is_empty() {
        buf.set_stringn(x, area.y, &shown, columns, theme.style(cell.role));
        return;
    }
    for (index, cluster) in shown.graphemes(true).enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let mut style = theme.style(cell.role);
        if cell.marks.binary_search(&index).is_ok() {
            style = style.patch(theme.style(Role::Match));
        }
        let room = usize::from(area.right() - x);
        (x, _) = buf.set_stringn(x, area.y, cluster, room, style);
    }
}

/// The width of every column in `total`; `None` for those that were dropped.
fn widths(columns: &[Column<'_>], total: u16) -> Vec<Option<u16>> {
    let mut kept: Vec<bool> = vec![true; columns.len()];
    let needed = |kept: &[bool]| -> u32 {
        let shown = || columns.iter().zip(kept).filter(|(_, kept)| **kept);
        let gaps = shown().count().saturating_sub(1) as u32 * u32::from(GAP);
        shown().map(|(column, _)| u32::from(column.least())).sum::<u32>() + gaps
    };
    while needed(&kept) > u32::from(total) {
        let droppable = columns.iter().enumerate().filter(|(i, c)| kept[*i] && c.drop > 0);
        let Some((index, _)) = droppable.max_by_key(|(i, c)| (c.drop, *i)) else {
            break;
        };
        kept[index] = false;
    }
    let mut spare = u32::from(total).saturating_sub(needed(&kept));
    let mut shares: u32 =
        columns.iter().zip(&kept).filter(|(_, k)| **k).map(|(c, _)| share(c)).sum();
    let mut widths = Vec::with_capacity(columns.len());
    for (column, kept) in columns.iter().zip(&kept) {
        let own = share(column);
        let extra = if own > 0 && *kept { spare * own / shares } else { 0 };
        if *kept {
            spare -= extra;
            shares -= own;
        }
        let width = u32::from(column.least()) + extra;
        widths.push(kept.then(|| u16::try_from(width).unwrap_or(u16::MAX)));
    }
    widths
}

fn share(column: &Column<'_>) -> u32 {
    match column.size {
        Size::Fixed(_) => 0,
        Size::Flex { share, .. } => u32::from(share),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> [Column<'static>; 3] {
        [
            Column::flex("model", 6),
            Column::fixed("price", 6).right(),
            Column::fixed("context", 7).right().drop_at(1),
        ]
    }

    fn shown(width: u16, height: u16, table: Table<'_>, made: &mut Vec<usize>) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        table.draw(buf.area, &mut buf, &Theme::default(), |index| {
            made.push(index);
            vec![
                Cell::new(Role::Text, format!("模型-{index}")),
                Cell::new(Role::Money, "1.50"),
                Cell::new(Role::Text, "200k"),
            ]
        });
        let row = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| row(y).trim_end().to_owned()).collect()
    }

    #[test]
    fn only_visible_rows_are_made() {
        let columns = columns();
        let table =
            Table { columns: &columns, header: true, rows: 500, offset: 100, selected: None };
        let mut made = Vec::new();
        let rows = shown(30, 4, table, &mut made);
        assert_eq!(made, [100, 101, 102]);
        assert_eq!(rows[0], "model           price  context");
        assert_eq!(rows[1], "模 型 -100         1.50     200k");
        made.clear();
        shown(30, 4, Table { offset: 499, ..table }, &mut made);
        shown(30, 4, Table { offset: 700, ..table }, &mut made);
        assert_eq!(made, [499]);
    }

    #[test]
    fn narrow_tables_drop_columns_then_cut() {
        let columns = columns();
        let table = Table { columns: &columns, header: true, rows: 1, offset: 0, selected: None };
        let mut made = Vec::new();
        assert_eq!(shown(16, 2, table, &mut made), ["model      price", "模 型 -0      1.50"]);
        assert_eq!(shown(9, 2, table, &mut made)[0], "model   …");
        assert_eq!(shown(3, 2, table, &mut made)[0], "mo…");
        for width in 0..40 {
            for height in 0..4 {
                shown(width, height, table, &mut made);
            }
        }
    }

    #[test]
    fn the_selected_row_and_the_matches_are_styled() {
        let theme = Theme::default();
        let columns = [Column::flex("", 1)];
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 2));
        let table =
            Table { columns: &columns, header: false, rows: 2, offset: 0, selected: Some(1) };
        table.draw(buf.area, &mut buf, &theme, |_| {
            vec![Cell::new(Role::Text, "漢abc").marked(vec![0, 2])]
        });
        let matched = theme.style(Role::Match).add_modifier;
        assert!(buf[(0, 0)].modifier.contains(matched));
        assert!(!buf[(2, 0)].modifier.contains(matched));
        assert!(buf[(3, 0)].modifier.contains(matched));
        let selected = theme.style(Role::Selection).add_modifier;
        assert!(buf[(5, 1)].modifier.contains(selected), "to the end of the row");
        assert!(!buf[(5, 0)].modifier.contains(selected));
    }

    #[test]
    fn flexible_columns_share_what_is_left() {
        let shared = [Column::flex("a", 2), Column::fixed("b", 3), Column::flex("c", 2)];
        assert_eq!(widths(&shared, 21), [Some(7), Some(3), Some(7)]);
        assert_eq!(widths(&shared, 5), [Some(2), Some(3), Some(2)]);
        assert_eq!(widths(&[], 5), []);
    }
}
