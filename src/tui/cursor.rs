//! The selected line of a list and the part of the list that is in view.

use std::cell::Cell;

use super::widgets::scroll;

/// A page before anything was drawn.
const UNSEEN: usize = 10;

/// A selection in a list of known length. The list itself belongs to the pane.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    selected: usize,
    top: usize,
    /// Lines the last frame had room for: noted when drawing, read by the next step, never by
    /// drawing itself.
    page: Cell<usize>,
}

impl Cursor {
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// Selects line `at` of `total`, or the last one when there is no such line.
    pub fn go(&mut self, at: usize, total: usize) {
        self.selected = at.min(total.saturating_sub(1));
        self.top = scroll::window(self.top, self.selected, total, self.page());
    }

    /// Selects the first line and shows the beginning.
    pub fn reset(&mut self) {
        self.selected = 0;
        self.top = 0;
    }

    pub fn down(&mut self, lines: usize, total: usize) {
        self.go(self.selected.saturating_add(lines), total);
    }

    pub fn up(&mut self, lines: usize, total: usize) {
        self.go(self.selected.saturating_sub(lines), total);
    }

    pub fn page_down(&mut self, total: usize) {
        self.down(self.stride(), total);
    }

    pub fn page_up(&mut self, total: usize) {
        self.up(self.stride(), total);
    }

    /// The first line to draw where `page` lines have room.
    pub fn offset(&self, total: usize, page: usize) -> usize {
        self.page.set(page);
        scroll::window(self.top, self.selected, total, page)
    }

    fn page(&self) -> usize {
        match self.page.get() {
            0 => UNSEEN,
            page => page,
        }
    }

    /// A page keeps one line of the page before.
    fn stride(&self) -> usize {
        (self.page() - 1).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_only_when_the_selection_leaves_it() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.offset(100, 10), 0);
        cursor.page_down(100);
        assert_eq!((cursor.selected(), cursor.offset(100, 10)), (9, 0));
        cursor.down(1, 100);
        assert_eq!((cursor.selected(), cursor.offset(100, 10)), (10, 1));
        cursor.up(5, 100);
        assert_eq!((cursor.selected(), cursor.offset(100, 10)), (5, 1));
        cursor.go(usize::MAX, 100);
        assert_eq!((cursor.selected(), cursor.offset(100, 10)), (99, 90));
        cursor.go(0, 0);
        assert_eq!((cursor.selected(), cursor.offset(0, 10)), (0, 0));
    }

    #[test]
    fn what_was_drawn_before_does_not_change_what_is_drawn() {
        let mut cursor = Cursor::default();
        cursor.go(40, 100);
        let cold = cursor.clone().offset(100, 7);
        cursor.offset(100, 30);
        cursor.offset(100, 1);
        assert_eq!(cursor.offset(100, 7), cold);
    }
}
