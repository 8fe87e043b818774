//! Plain tables: columns aligned by what a terminal shows, two spaces between them.

use unicode_width::UnicodeWidthStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A table under construction. Cells must be harmless text.
pub(super) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(columns: &[(&'static str, Align)]) -> Table {
        Table { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, headed by the titles, which `strong` may embolden.
    pub(super) fn render(&self, strong: impl Fn(&str) -> String) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|row| row.get(at));
                let title = self.columns[at].0.width();
                cells.map(|cell| cell.width()).max().unwrap_or(0).max(title)
            })
            .collect();
        let titles: Vec<String> = self.columns.iter().map(|(t, _)| (*t).to_owned()).collect();
        let mut text = format!("{}\n", strong(&self.line(&titles, &widths)));
        for row in &self.rows {
            text.push_str(&self.line(row, &widths));
            text.push('\n');
        }
        text
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (at, (_, align)) in self.columns.iter().enumerate() {
            let cell = cells.get(at).map_or("", String::as_str);
            let pad = " ".repeat(widths[at].saturating_sub(cell.width()));
            if at > 0 {
                line.push_str("  ");
            }
            match align {
                Align::Left => line.extend([cell, &pad]),
                Align::Right => line.extend([&pad, cell]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_width_on_screen() {
        let mut table = Table::new(&[("name", Align::Left), ("n", Align::Right)]);
        table.row(["漢字".to_owned(), "1".to_owned()]);
        table.row(["plain".to_owned(), "234".to_owned()]);
        assert_eq!(table.render(str::to_owned), "name     n\n漢字     1\nplain  234\n");
    }
}
