//! Cells to bytes: the difference between two screens, written as briefly as possible.
//!
//! Both screens are regular (see [`super::glyph`]). Nothing is cleared and painted again: old
//! terminals would show the gap.

use ratatui::buffer::Cell;

use super::glyph::{is_continuation, is_doubtful, is_erased, widest, width};
use super::moves::{self, At, count};
use super::pen::Pen;

/// Blanks inside a row from this many on are erased instead of written.
const ERASE_FROM: usize = 10;

/// Keeps cursor and pen, and brings them back: DECSC and DECRC.
const SAVE: &[u8] = b"\x1b7";
const RESTORE: &[u8] = b"\x1b8";

/// Writes one frame's cells. The pen is plain when it starts and when [`Encoder::finish`] returns.
pub(super) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    pub(super) at: At,
    pen: Pen,
}

impl<'a> Encoder<'a> {
    /// Bytes so far.
    pub(super) fn length(&self) -> usize {
        self.out.len()
    }

    pub(super) fn new(at: At, out: &'a mut Vec<u8>) -> Self {
        Self { out, at, pen: Pen::PLAIN }
    }

    /// Moves rows `top..bottom` up by `up` rows (down if negative); the rows that come free are
    /// blank. `whole` says that the region is the whole screen.
    pub(super) fn scroll(&mut self, top: u16, bottom: u16, up: i32, whole: bool) {
        let rows = up.unsigned_abs().try_into().unwrap_or(u16::MAX);
        let letter = if up > 0 { 'S' } else { 'T' };
        if !whole {
            moves::sequence(format_args!("{};{bottom}r", top + 1), self.out);
        }
        count(rows, letter, self.out);
        if !whole {
            // Setting a region moves the cursor, and not everywhere to the same place.
            self.out.extend_from_slice(b"\x1b[r");
            self.at = At::Unknown;
        }
    }

    /// Brings row `y` from `old` (`None`: anything may be there) to `new`.
    pub(super) fn row(&mut self, y: u16, old: Option<&[Cell]>, new: &[Cell]) {
        if old.is_some_and(|old| old == new) {
            return;
        }
        let tail = new.iter().rposition(|cell| !is_erased(cell)).map_or(0, |last| last + 1);
        // Columns before this one may have been drawn over by a cluster wider than we think.
        let mut spoilt = 0;
        let mut x = 0;
        while x < tail {
            let columns = span(new, x);
            let range = x..x + columns;
            if x >= spoilt && old.is_some_and(|old| old[range.clone()] == new[range]) {
                x += columns;
                continue;
            }
            let run = blank_run(old, new, x, tail);
            if run >= ERASE_FROM {
                self.erase(x, y, run, new);
                x += run;
                continue;
            }
            self.reach(x, y, new);
            if self.put(x, y, columns, new) {
                spoilt = x + usize::from(widest(new[x].symbol()));
            }
            x += columns;
        }
        self.tail(y, tail, spoilt, old, new);
    }

    /// Erases to the end of the row if anything is left there.
    fn tail(&mut self, y: u16, tail: usize, spoilt: usize, old: Option<&[Cell]>, new: &[Cell]) {
        if tail == new.len() {
            return;
        }
        let first = match old {
            Some(old) if spoilt <= tail => {
                let Some(first) = old[tail..].iter().position(|cell| !is_erased(cell)) else {
                    return;
                };
                tail + first
            }
            Some(_) | None => tail,
        };
        let near = matches!(self.at, At::Cell(x, row)
            if row == y && (tail..=first).contains(&usize::from(x)));
        if !near {
            self.reach(first, y, new);
        }
        self.blank_pen();
        self.out.extend_from_slice(b"\x1b[K");
    }

    fn erase(&mut self, x: usize, y: u16, columns: usize, new: &[Cell]) {
        self.reach(x, y, new);
        self.blank_pen();
        count(columns as u16, 'X', self.out);
    }

    fn blank_pen(&mut self) {
        if !self.pen.erases() {
            self.pen.change(Pen::PLAIN, self.out);
        }
    }

    /// Brings the cursor to column `x`, by writing what stands in between when that is shorter.
    fn reach(&mut self, x: usize, y: u16, new: &[Cell]) {
        let target = x as u16;
        if let At::Cell(column, row) = self.at
            && row == y
            && column < target
        {
            let gap = &new[usize::from(column)..x];
            if self.rewriting(gap).is_some_and(|cost| cost <= moves::cost(self.at, target, y)) {
                for cell in gap {
                    self.out.extend_from_slice(cell.symbol().as_bytes());
                }
                self.at = At::Cell(target, y);
                return;
            }
        }
        if !self.indent(target, y, new) {
            moves::go(&mut self.at, target, y, self.out);
        }
    }

    /// Reaches one of the first columns of a row below with line feeds and spaces, where spaces
    /// stand there anyway and that is shorter than any move.
    fn indent(&mut self, x: u16, y: u16, new: &[Cell]) -> bool {
        let (At::Cell(_, row) | At::Row(row)) = self.at else { return false };
        let Some(down) = y.checked_sub(row).filter(|down| *down > 0) else { return false };
        let length = 1 + usize::from(down) + usize::from(x);
        let blank = |cell: &Cell| cell.symbol() == " " && self.pen.suits(cell);
        if length >= moves::cost(self.at, x, y) || !new[..usize::from(x)].iter().all(blank) {
            return false;
        }
        self.out.push(b'\r');
        self.out.extend((0..down).map(|_| b'\n'));
        self.out.extend((0..x).map(|_| b' '));
        self.at = At::Cell(x, y);
        true
    }

    /// Bytes of the gap, if it can be written with the pen as it is.
    fn rewriting(&self, gap: &[Cell]) -> Option<usize> {
        // No move is longer than eight bytes.
        if gap.len() > 8 || gap.first().is_some_and(is_continuation) {
            return None;
        }
        let fits = |cell: &Cell| self.pen.suits(cell) && !is_doubtful(cell.symbol());
        gap.iter().all(fits).then(|| gap.iter().map(|cell| cell.symbol().len()).sum())
    }

    /// Writes the cluster in column `x`; true if it was a doubtful one.
    fn put(&mut self, x: usize, y: u16, columns: usize, new: &[Cell]) -> bool {
        let cell = &new[x];
        if !self.pen.suits(cell) {
            self.pen.change(Pen::of(cell), self.out);
        }
        let symbol = cell.symbol();
        let at_the_edge = x + columns >= new.len();
        let doubtful = is_doubtful(symbol);
        if doubtful && columns > 1 {
            // A terminal that thinks it narrow leaves its second column alone: blank it first.
            self.out.extend((0..columns).map(|_| b' '));
            if at_the_edge {
                moves::sequence(format_args!("{}G", x + 1), self.out);
            } else {
                self.out.extend((0..columns).map(|_| 8));
            }
        }
        self.out.extend_from_slice(symbol.as_bytes());
        self.at = match (at_the_edge, doubtful) {
            (true, _) => At::Unknown,
            (false, true) => At::Row(y),
            (false, false) => At::Cell((x + columns) as u16, y),
        };
        doubtful
    }

    /// Leaves the pen plain, and the cursor at `place` if there is one. `began_there` says that it
    /// was there, known and plain, when this encoder began with an empty output: then the terminal
    /// may keep cursor and pen for the while, if that is shorter.
    pub(super) fn finish(mut self, place: Option<(u16, u16)>, began_there: bool) -> At {
        let end = self.out.len();
        self.pen.change(Pen::PLAIN, self.out);
        if let Some((x, y)) = place {
            moves::go(&mut self.at, x, y, self.out);
        }
        if began_there && self.out.len() - end > SAVE.len() + RESTORE.len() {
            self.out.truncate(end);
            self.out.extend_from_slice(RESTORE);
            self.out.splice(0..0, SAVE.iter().copied());
        }
        self.at
    }
}

/// Columns of the cluster that starts in column `x`.
fn span(row: &[Cell], x: usize) -> usize {
    debug_assert!(!is_continuation(&row[x]), "a row is walked from cluster to cluster");
    if row[x].symbol().len() == 1 {
        return 1;
    }
    usize::from(width(row[x].symbol())).min(row.len() - x)
}

/// Blanks from `x` to the last one that has to change.
fn blank_run(old: Option<&[Cell]>, new: &[Cell], x: usize, end: usize) -> usize {
    if !is_erased(&new[x]) {
        return 0;
    }
    let run = new[x..end].iter().take_while(|cell| is_erased(cell)).count();
    let Some(old) = old else { return run };
    let last = old[x..x + run].iter().rposition(|cell| !is_erased(cell));
    last.map_or(0, |last| last + 1)
}
