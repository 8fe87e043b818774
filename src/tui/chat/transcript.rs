//! The rows of a conversation: laid out once, kept while they are valid, and only the visible ones
//! are ever drawn.
//!
//! Everything here is derived from the conversation and may be thrown away at any time. Heights
//! are asked for from the reader's place outwards, so a frame costs the same in a chat of ten
//! messages and of ten thousand.

use std::collections::HashMap;
use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::cx::Cx;
use crate::tui::layout::text_width;
use crate::tui::markdown::{self, Doc};
use crate::tui::theme::Role;

use super::item::{Item, Live};
use super::kept::{KeptRows, TextRow};
use super::state::{Conversation, Scroll};
use super::strip::{self, Strip};

/// A place in the transcript: an item and a row of it.
pub type Place = (usize, usize);

/// A row as it is called from frame to frame: the key of its item and its name there.
type Row = (u64, usize);

/// The text of one message, laid out.
#[derive(Default)]
struct Body {
    doc: Doc,
    /// Bytes of the text that the doc has taken in.
    fed: usize,
    finished: bool,
    /// Goes up when rows that were settled may look different.
    version: u64,
    reasoning: Doc,
    reasoning_fed: usize,
}

/// What drawing the transcript remembers between frames.
#[derive(Default)]
pub struct Transcript {
    bodies: HashMap<u64, Body>,
    /// The items that the present frame has looked at.
    cut: HashMap<usize, Rc<Parts>>,
    /// Items cut into parts since the beginning, for tests that watch the cost.
    cuts: u64,
    /// The rows of the last frame, top to bottom, for the scroll hint.
    last_rows: Vec<Row>,
    kept: KeptRows,
}

/// What a frame found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The row at the top of the view.
    pub top: Place,
    /// The last row of the conversation is in view.
    pub at_end: bool,
    /// What moved as a whole since the last frame.
    pub moved: Option<Moved>,
}

/// Rows that moved, counted from the top of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The first row and the one behind the last of where they were and where they are.
    pub from: u16,
    pub to: u16,
    /// Rows up; negative is down.
    pub up: i32,
}

/// One item cut into its parts.
struct Parts {
    head: Strip,
    reasoning: Option<Strip>,
    reasoning_rows: usize,
    body_rows: usize,
    /// Those of the body that will not change any more, from the first, and their version.
    settled: (usize, u64),
    foot: Vec<Strip>,
}

impl Parts {
    /// Where the body begins.
    fn above_body(&self) -> usize {
        1 + usize::from(self.reasoning.is_some()) + self.reasoning_rows
    }

    /// The name of a row of the body that will look the same from now on.
    fn settled_row(&self, key: u64, row: usize) -> Option<TextRow> {
        let (settled, version) = self.settled;
        let row = row.checked_sub(self.above_body()).filter(|row| *row < settled)?;
        Some((key, version, row))
    }

    fn height(&self) -> usize {
        // The head, and one blank row behind everything.
        self.above_body() + self.body_rows + self.foot.len() + 1
    }

    /// What a row is called from frame to frame: those below a growing text by their distance from
    /// the end.
    fn name(&self, row: usize) -> usize {
        let from_end = self.height() - row;
        if from_end > self.foot.len() + 1 { row } else { usize::MAX - from_end }
    }
}

impl Transcript {
    /// Draws the visible part of a conversation.
    pub fn draw(
        &mut self,
        conversation: &Conversation,
        cx: &Cx,
        area: Rect,
        buf: &mut Buffer,
    ) -> Drawn {
        self.forget_others(conversation);
        self.cut.clear();
        self.kept.begin(area.width, cx.theme);
        let rows = usize::from(area.height);
        let (top, at_end) = self.resolve(conversation, cx, area.width, rows);
        let mut shown = Vec::with_capacity(rows);
        let (mut item, mut row) = top;
        while shown.len() < rows && item < conversation.items.len() {
            let parts = self.parts(conversation, item, cx, area.width);
            let height = parts.height();
            let key = conversation.items[item].key;
            while row < height && shown.len() < rows {
                let y = area.y + u16::try_from(shown.len()).unwrap_or(0);
                let line = Rect { y, height: 1, ..area };
                let settled = parts.settled_row(key, row);
                if !settled.is_some_and(|settled| self.kept.draw(settled, line, buf)) {
                    self.draw_row(&conversation.items[item], &parts, row, cx, line, buf);
                    if let Some(settled) = settled {
                        self.kept.keep(settled, line, buf);
                    }
                }
                shown.push((key, parts.name(row)));
                row += 1;
            }
            item += 1;
            row = 0;
        }
        let moved = moved(&self.last_rows, &shown);
        self.last_rows = shown;
        Drawn { top, at_end, moved }
    }

    /// Items cut into parts so far, and the text parsed and rows wrapped in all bodies.
    #[cfg(test)]
    pub(crate) fn work_done(&self) -> (u64, u64, u64) {
        let stats = self.bodies.values().map(|body| body.doc.stats());
        stats.fold((self.cuts, 0, 0), |(cuts, parsed, wrapped), doc| {
            (cuts, parsed + doc.bytes_parsed, wrapped + doc.rows_wrapped)
        })
    }

    /// Another conversation is open: its bodies take the place of the old ones.
    fn forget_others(&mut self, conversation: &Conversation) {
        const SPARE: usize = 64;
        if self.bodies.len() > conversation.items.len() + SPARE {
            let keys: std::collections::HashSet<u64> =
                conversation.items.iter().map(|item| item.key).collect();
            self.bodies.retain(|key, _| keys.contains(key));
        }
    }

    /// Where the top of the view is, and whether the end is in view.
    fn resolve(
        &mut self,
        conversation: &Conversation,
        cx: &Cx,
        width: u16,
        rows: usize,
    ) -> (Place, bool) {
        let lowest = self.lowest_top(conversation, cx, width, rows);
        let from = match conversation.scroll {
            Scroll::Follow => lowest,
            Scroll::At { item, line } if item < conversation.items.len() => {
                let height = self.parts(conversation, item, cx, width).height();
                (item, line.min(height.saturating_sub(1)))
            }
            Scroll::At { .. } => lowest,
        };
        let moved = self.moved(conversation, cx, width, from, conversation.pending_scroll);
        let top = moved.min(lowest);
        (top, top == lowest)
    }

    /// The top at which the last row is at the bottom of the view.
    fn lowest_top(
        &mut self,
        conversation: &Conversation,
        cx: &Cx,
        width: u16,
        rows: usize,
    ) -> Place {
        let mut room = rows;
        for item in (0..conversation.items.len()).rev() {
            let height = self.parts(conversation, item, cx, width).height();
            if height >= room {
                return (item, height - room);
            }
            room -= height;
        }
        (0, 0)
    }

    fn moved(
        &mut self,
        conversation: &Conversation,
        cx: &Cx,
        width: u16,
        from: Place,
        by: i64,
    ) -> Place {
        let (mut item, mut row) = from;
        let mut left = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let count = conversation.items.len();
        if by < 0 {
            while left > row && item > 0 {
                left -= row + 1;
                item -= 1;
                row = self.parts(conversation, item, cx, width).height() - 1;
            }
            (item, row.saturating_sub(left))
        } else {
            while item < count {
                let height = self.parts(conversation, item, cx, width).height();
                if row + left < height {
                    return (item, row + left);
                }
                left -= height - row;
                item += 1;
                row = 0;
            }
            (count, 0)
        }
    }

    /// The parts of an item, cut once in a frame.
    fn parts(&mut self, conversation: &Conversation, at: usize, cx: &Cx, width: u16) -> Rc<Parts> {
        if let Some(parts) = self.cut.get(&at) {
            return Rc::clone(parts);
        }
        let parts = Rc::new(self.cut_up(conversation, at, cx, width));
        self.cuts += 1;
        self.cut.insert(at, Rc::clone(&parts));
        parts
    }

    fn cut_up(&mut self, conversation: &Conversation, at: usize, cx: &Cx, width: u16) -> Parts {
        let item = &conversation.items[at];
        let live = conversation.live.as_ref().filter(|live| live.item == at);
        let body = self.bodies.entry(item.key).or_default();
        body.take_in(item, live);
        let columns = text_width(width);
        let reasoning = strip::reasoning(item, live, cx);
        let reasoning_rows = match item.unfolded && !item.reasoning.is_empty() {
            // One blank row between the thoughts and the answer.
            true => body.reasoning.height(columns.saturating_sub(2)) + 1,
            false => 0,
        };
        let body_rows = if item.text.is_empty() { 0 } else { body.doc.height(columns) };
        let settled = match body_rows == 0 || body.doc.owes_colour() {
            true => 0,
            false => body.doc.settled_height(columns),
        };
        let settled = (settled, body.version);
        let foot = match (live, item.is_answer()) {
            (Some(live), _) => vec![strip::progress(item, live, cx)],
            (None, true) => strip::foot(item, cx, columns.min(width.saturating_sub(3))),
            (None, false) => Vec::new(),
        };
        let selected = conversation.selected == Some(at);
        Parts {
            head: strip::head(item, at, selected, cx),
            reasoning,
            reasoning_rows,
            body_rows,
            settled,
            foot,
        }
    }

    fn draw_row(
        &mut self,
        item: &Item,
        parts: &Parts,
        row: usize,
        cx: &Cx,
        line: Rect,
        buf: &mut Buffer,
    ) {
        let Some(body) = self.bodies.get_mut(&item.key) else { return };
        let columns = text_width(line.width);
        let indent = line.width.min(if columns == line.width { 0 } else { 2 });
        let mut row = row;
        // What stands at the right end ends with the text.
        let strip = Rect { width: line.width.min(columns.saturating_add(indent + 2)), ..line };
        if row == 0 {
            return parts.head.draw(strip, cx.theme, buf);
        }
        row -= 1;
        if let Some(fold) = &parts.reasoning {
            if row == 0 {
                return fold.draw(strip, cx.theme, buf);
            }
            row -= 1;
        }
        if row + 1 == parts.reasoning_rows {
            return;
        }
        if row < parts.reasoning_rows {
            let text = body.reasoning.line(row);
            let x = line.x + (indent + 2).min(line.width);
            markdown::draw(&text, x, line.y, columns.saturating_sub(2), buf, cx.theme);
            let whole = Rect { x, width: line.right() - x, ..line };
            buf.set_style(whole, cx.theme.style(Role::Reasoning));
            return;
        }
        row -= parts.reasoning_rows;
        if row < parts.body_rows {
            let text = body.doc.line(row);
            return markdown::draw(&text, line.x + indent, line.y, columns, buf, cx.theme);
        }
        row -= parts.body_rows;
        if let Some(foot) = parts.foot.get(row) {
            foot.draw(strip, cx.theme, buf);
        }
    }
}

impl Body {
    /// Takes in what was appended since the last frame.
    fn take_in(&mut self, item: &Item, live: Option<&Live>) {
        if self.fed > item.text.len() {
            *self = Body { version: self.version + 1, ..Body::default() };
        }
        if self.fed == 0 && live.is_none() && !item.text.is_empty() {
            self.doc.set(&item.text);
            self.fed = item.text.len();
            self.finished = true;
        } else if self.fed < item.text.len() {
            self.doc.push(&item.text[self.fed..]);
            self.fed = item.text.len();
        }
        if live.is_none() && !self.finished && self.fed > 0 {
            self.doc.finish();
            self.finished = true;
            // References are resolved at the end.
            self.version += 1;
        }
        // Folded reasoning is not laid out at all.
        if item.unfolded && self.reasoning_fed < item.reasoning.len() {
            self.reasoning.push(&item.reasoning[self.reasoning_fed..]);
            self.reasoning_fed = item.reasoning.len();
        }
    }
}

/// What moved between two frames: all rows, but for those at the bottom that stay where they are;
/// or, in a view that is not full, what stands below a text that grew.
fn moved(before: &[Row], after: &[Row]) -> Option<Moved> {
    let row = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let up = shift(before, after);
    if up != 0 {
        let steady = if before.len() == after.len() { steady(before, after) } else { 0 };
        return Some(Moved { from: 0, to: row(after.len() - steady), up });
    }
    let from = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let below = before.get(from)?;
    let down = after[from..].iter().position(|row| row == below)?;
    let up = -i32::try_from(down).ok()?;
    (up != 0).then_some(Moved { from: row(from), to: row(after.len()), up })
}

/// How far the rows moved up between two frames; 0 when they have nothing in common.
fn shift(before: &[Row], after: &[Row]) -> i32 {
    let Some(first) = after.first() else { return 0 };
    if let Some(at) = before.iter().position(|row| row == first) {
        return i32::try_from(at).unwrap_or(0);
    }
    let Some(old_first) = before.first() else { return 0 };
    let down = after.iter().position(|row| row == old_first);
    down.map_or(0, |at| -i32::try_from(at).unwrap_or(0))
}

/// Rows at the bottom that are where they were.
fn steady(before: &[Row], after: &[Row]) -> usize {
    before.iter().rev().zip(after.iter().rev()).take_while(|(old, new)| old == new).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shift_between_two_frames_is_found_both_ways() {
        let rows = |from: usize| (from..from + 5).map(|row| (1, row)).collect::<Vec<_>>();
        assert_eq!(shift(&rows(0), &rows(0)), 0);
        assert_eq!(shift(&rows(0), &rows(2)), 2);
        assert_eq!(shift(&rows(2), &rows(0)), -2);
        assert_eq!(shift(&rows(0), &rows(50)), 0);
        assert_eq!(shift(&[], &rows(0)), 0);
    }

    #[test]
    fn what_stands_below_a_growing_text_does_not_move_along() {
        let before = [(1, 4), (1, 5), (1, 6), (1, usize::MAX - 2), (1, usize::MAX - 1)];
        let after = [(1, 5), (1, 6), (1, 7), (1, usize::MAX - 2), (1, usize::MAX - 1)];
        assert_eq!(moved(&before, &after), Some(Moved { from: 0, to: 3, up: 1 }));
        assert_eq!(moved(&after, &after), None);
    }

    #[test]
    fn what_stands_below_moves_down_while_there_is_room() {
        let before = [(1, 4), (1, 5), (1, usize::MAX - 2), (1, usize::MAX - 1)];
        let after = [(1, 4), (1, 5), (1, 6), (1, 7), (1, usize::MAX - 2), (1, usize::MAX - 1)];
        assert_eq!(moved(&before, &after), Some(Moved { from: 2, to: 6, up: -2 }));
    }
}
