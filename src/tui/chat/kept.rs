//! Rows of text that were drawn in the last frame and will never look different: copied, not
//! drawn again. In a view full of text all rows but the one that grows are such.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use crate::tui::theme::Theme;

/// A row of a message's text: the key of the item, the version of its rows, the row.
pub(super) type TextRow = (u64, u64, usize);

/// The cells of those rows that were in view in the last frame.
#[derive(Default)]
pub(super) struct KeptRows {
    rows: HashMap<TextRow, Box<[Cell]>>,
    /// Those of the frame that is being drawn.
    next: HashMap<TextRow, Box<[Cell]>>,
    width: u16,
    theme: Option<Theme>,
}

impl KeptRows {
    /// A frame begins; at another width or in another theme nothing looks as it did.
    pub(super) fn begin(&mut self, width: u16, theme: &Theme) {
        self.rows = std::mem::take(&mut self.next);
        if self.width != width || self.theme.as_ref() != Some(theme) {
            self.rows.clear();
            self.width = width;
            self.theme = Some(theme.clone());
        }
    }

    /// Draws the row as it was drawn last time; false if it was not.
    pub(super) fn draw(&mut self, row: TextRow, line: Rect, buf: &mut Buffer) -> bool {
        let Some(cells) = self.rows.remove(&row) else { return false };
        let Some(place) = cells_of(line, buf).filter(|place| place.len() == cells.len()) else {
            return false;
        };
        place.clone_from_slice(&cells);
        self.next.insert(row, cells);
        true
    }

    /// Keeps the row that was just drawn.
    pub(super) fn keep(&mut self, row: TextRow, line: Rect, buf: &mut Buffer) {
        if let Some(cells) = cells_of(line, buf) {
            self.next.insert(row, Box::from(&*cells));
        }
    }
}

fn cells_of(line: Rect, buf: &mut Buffer) -> Option<&mut [Cell]> {
    if line.is_empty() || line.intersection(buf.area) != line {
        return None;
    }
    let start = buf.index_of(line.x, line.y);
    buf.content.get_mut(start..start + usize::from(line.width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn a_row_is_copied_while_it_stays_in_view_and_nothing_changed() {
        let (theme, line) = (Theme::default(), Rect::new(0, 1, 4, 1));
        let mut kept = KeptRows::default();
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 2));
        kept.begin(4, &theme);
        buf.set_string(0, 1, "text", Style::new().bold());
        kept.keep((1, 0, 7), line, &mut buf);
        for _ in 0..2 {
            let mut again = Buffer::empty(buf.area);
            kept.begin(4, &theme);
            assert!(kept.draw((1, 0, 7), line, &mut again));
            assert_eq!(again, buf);
            assert!(!kept.draw((1, 1, 7), line, &mut again), "another version");
        }
        kept.begin(4, &theme);
        kept.begin(4, &theme);
        assert!(!kept.draw((1, 0, 7), line, &mut buf), "it was out of view for a frame");
        kept.keep((1, 0, 7), line, &mut buf);
        kept.begin(5, &theme);
        assert!(!kept.draw((1, 0, 7), line, &mut buf), "another width");
    }
}
