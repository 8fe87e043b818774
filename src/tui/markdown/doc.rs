//! One message: what was pushed, and the rows it makes.

use std::ops::Range;

use super::block::{Block, Piece, Row};
use super::heights::Heights;
use super::line::Line;
use super::settle::Fence;
use super::walk::{Carry, Definitions};
use crate::domain::text::Cleaner;

/// One message. Append-only while it streams; rows exist for one width at a time.
#[derive(Clone, Debug, Default)]
pub struct Doc {
    /// What was pushed, harmless.
    pub(super) source: String,
    cleaner: Cleaner,
    pub(super) finished: bool,
    /// All reference links have been resolved.
    pub(super) resolved: bool,
    revision: u64,
    /// 0 until somebody asks.
    pub(super) columns: usize,
    pub(super) blocks: Vec<Block>,
    pub(super) heights: Heights,
    /// Source before this is settled.
    pub(super) settled: usize,
    /// Where the last settled word ends.
    pub(super) content_end: usize,
    pub(super) carry: Carry,
    pub(super) fence: Option<Fence>,
    pub(super) definitions: Definitions,
    /// Blocks that may still change.
    pub(super) tail: Vec<Block>,
    /// The state of the source that blocks and tail show.
    pub(super) updated: Option<(usize, bool)>,
    pub(super) stats: Stats,
    owed: Option<Owed>,
}

/// What was done since the document began; for tests that watch the cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub bytes_parsed: u64,
    pub blocks_rendered: u64,
    pub rows_wrapped: u64,
    pub lines_coloured: u64,
}

/// A place in the text that keeps its meaning when the width changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    block: usize,
    position: (u32, u32, u32),
}

/// A code block and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBlock<'a> {
    /// Rows, frame included.
    pub rows: Range<usize>,
    /// The first word after the fence; may be empty.
    pub language: &'a str,
    /// The code as it was written, every line ended by a line feed.
    pub text: &'a str,
}

/// A line of code that was drawn without colour because too much was above it.
#[derive(Clone, Copy, Debug)]
struct Owed {
    block: usize,
    piece: usize,
    line: usize,
}

impl Doc {
    pub fn new() -> Doc {
        Doc::default()
    }

    /// A whole message at once.
    pub fn of(whole: &str) -> Doc {
        let mut doc = Doc::new();
        doc.set(whole);
        doc
    }

    /// Appends raw text as it came; costs no more than copying it.
    pub fn push(&mut self, delta: &str) {
        if self.finished || delta.is_empty() {
            return;
        }
        self.cleaner.push(delta, &mut self.source);
        self.revision += 1;
    }

    /// Nothing will follow.
    pub fn finish(&mut self) {
        if !std::mem::replace(&mut self.finished, true) {
            self.cleaner.finish(&mut self.source);
            self.revision += 1;
        }
    }

    /// Replaces everything by a finished message.
    pub fn set(&mut self, whole: &str) {
        let (columns, revision) = (self.columns, self.revision);
        *self = Doc { columns, revision, ..Doc::default() };
        self.source.reserve(whole.len());
        self.push(whole);
        self.finish();
    }

    /// Goes up with every change of what would be drawn.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The text without what was dangerous in it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether anything dangerous was taken out.
    pub fn removed_anything(&self) -> bool {
        self.cleaner.removed_anything()
    }

    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Brings the rows up to date for `width` columns and counts them.
    ///
    /// [`Doc::line`] and all others that speak of rows mean the rows of the last call.
    pub fn height(&mut self, width: u16) -> usize {
        let columns = usize::from(width.max(1));
        if columns != self.columns {
            self.columns = columns;
            self.rewrap();
        }
        self.update();
        self.heights.total() + self.tail.iter().map(Block::height).sum::<usize>()
    }

    /// How many of the rows, from the first, will never change at this width.
    ///
    /// The one exception: a message with reference links is rendered again when it is finished.
    pub fn settled_height(&mut self, width: u16) -> usize {
        self.height(width);
        self.heights.total()
    }

    /// The row `at`, for drawing. Empty beyond the end.
    pub fn line(&mut self, at: usize) -> Line {
        let Some((index, row)) = self.find(at) else { return Line::default() };
        self.colour(index, row);
        let block = self.block(index);
        let growing = index >= self.blocks.len();
        let painted = if growing { self.growing_line(block, row) } else { None };
        painted.unwrap_or_else(|| block.line(row, self.columns))
    }

    /// All rows at this width: for tests and for text that goes elsewhere.
    pub fn lines(&mut self, width: u16) -> Vec<Line> {
        (0..self.height(width)).map(|at| self.line(at)).collect()
    }

    /// Colours up to `lines` more lines of code that [`Doc::line`] had to draw plain because too
    /// much uncoloured code was above them. True when there is still more to do.
    ///
    /// Call it when there is time, and draw again afterwards: the revision tells.
    pub fn colour_more(&mut self, lines: usize) -> bool {
        let Some(owed) = self.owed else { return false };
        let settled = self.blocks.len();
        let block = match owed.block.checked_sub(settled) {
            None => self.blocks.get_mut(owed.block),
            Some(index) => self.tail.get_mut(index),
        };
        let piece = block.and_then(|block| block.pieces.get_mut(owed.piece));
        let Some(Piece::Code { code, .. }) = piece else {
            self.owed = None;
            return false;
        };
        let count = (code.coloured() + lines).min(owed.line + 1);
        self.stats.lines_coloured += code.colour_to(count) as u64;
        self.revision += 1;
        if code.coloured() > owed.line || code.coloured() < count {
            self.owed = None;
        }
        self.owed.is_some()
    }

    /// Whether [`Doc::colour_more`] has something to do: then rows may still get their colours.
    pub fn owes_colour(&self) -> bool {
        self.owed.is_some()
    }

    /// The place of a row, to find it again at another width or after more text.
    pub fn anchor(&self, row: usize) -> Anchor {
        let Some((block, row)) = self.find(row) else {
            return Anchor { block: usize::MAX, position: (0, 0, 0) };
        };
        let position = self.block(block).rows.get(row).map_or((0, 0, 0), |row| row.position());
        Anchor { block, position }
    }

    /// The row that shows the anchor now; the height when it is gone.
    pub fn row(&self, anchor: Anchor) -> usize {
        let settled = self.blocks.len();
        if anchor.block >= settled + self.tail.len() {
            return self.heights.total() + self.tail.iter().map(Block::height).sum::<usize>();
        }
        let tail = anchor.block.saturating_sub(settled);
        let above = self.heights.before(anchor.block)
            + self.tail[..tail].iter().map(Block::height).sum::<usize>();
        let rows = &self.block(anchor.block).rows;
        let place = rows.partition_point(|row| row.position() < anchor.position);
        let exact = rows.get(place).is_some_and(|row| row.position() == anchor.position);
        above + if exact { place } else { place.saturating_sub(1) }
    }

    /// Every code block, in order.
    pub fn code_blocks(&self) -> Vec<CodeBlock<'_>> {
        let mut found = Vec::new();
        let mut above = 0;
        for block in self.blocks.iter().chain(&self.tail) {
            for (index, piece) in block.pieces.iter().enumerate() {
                let Piece::Code { code, framed: true, .. } = piece else { continue };
                let first = block.rows.partition_point(|row| row.piece() < Some(index));
                let last = block.rows.partition_point(|row| row.piece() <= Some(index));
                let rows = above + first..above + last;
                found.push(CodeBlock { rows, language: code.language(), text: code.text() });
            }
            above += block.height();
        }
        found
    }

    fn block(&self, index: usize) -> &Block {
        match index.checked_sub(self.blocks.len()) {
            None => &self.blocks[index],
            Some(index) => &self.tail[index],
        }
    }

    /// The block of a row, and the row within it.
    fn find(&self, at: usize) -> Option<(usize, usize)> {
        if let Some(found) = self.heights.find(at) {
            return Some(found);
        }
        let mut row = at - self.heights.total();
        for (index, block) in self.tail.iter().enumerate() {
            if row < block.height() {
                return Some((self.blocks.len() + index, row));
            }
            row -= block.height();
        }
        None
    }

    /// Colours the code that the row shows.
    fn colour(&mut self, index: usize, row: usize) {
        let settled = self.blocks.len();
        let block = match index.checked_sub(settled) {
            None => &mut self.blocks[index],
            Some(index) => &mut self.tail[index],
        };
        let Some(Row::CodeLine { piece, line, .. }) = block.rows.get(row).copied() else { return };
        let (piece, line) = (piece as usize, line as usize);
        if let Some(Piece::Code { code, .. }) = block.pieces.get_mut(piece) {
            let (count, owed) = code.colour_near(line);
            self.stats.lines_coloured += count as u64;
            if owed {
                self.owed = Some(Owed { block: index, piece, line });
            }
        }
    }
}
