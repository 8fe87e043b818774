//! Moving the border between what is settled and what is not.
//!
//! Only complete lines decide structure: half a line may look like a heading and turn out to be
//! prose. All blocks but the last are closed by the one after them and never change again. What
//! could stay open for long has a bounded path: lists settle item by item, tables by chunks of
//! rows, a fence line by line without the parser, and anything else is cut when it gets too long.
//! Where things are cut depends on the text alone, so the same text gives the same rows however it
//! arrived.

use std::borrow::Cow;

use super::block::{Block, Piece, Row};
use super::builder::has_blank;
use super::code::Code;
use super::doc::Doc;
use super::line::Line;
use super::mend::mend;
use super::walk::{Carry, Fences, Found, Kind, line_start, walk};
use crate::domain::text::clean_line;

/// A block longer than this (and [`SLACK`]) is cut.
const LONGEST_LEAF: usize = 16 * 1024;
/// The same for list items, quotes and rows, which a cut hurts more.
const LONGEST_NESTED: usize = 64 * 1024;
/// How far to look for a good place to cut.
const SLACK: usize = 1024;
/// How much source is parsed at once at most, unless one block is longer.
const WINDOW: usize = 128 * 1024;

/// The open fence at the end of what is settled.
#[derive(Clone, Debug)]
pub(super) struct Fence {
    mark: u8,
    length: usize,
    indent: usize,
}

impl Fence {
    fn opened_by(line: &str) -> Fence {
        let bare = line.trim_start_matches(' ');
        let mark = bare.bytes().next().unwrap_or(b'`');
        let length = bare.bytes().take_while(|b| *b == mark).count();
        Fence { mark, length, indent: line.len() - bare.len() }
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let bare = line.trim_start_matches(' ');
        let length = bare.bytes().take_while(|b| *b == self.mark).count();
        let rest = bare[length..].trim_matches([' ', '\t']);
        line.len() - bare.len() <= 3 && length >= self.length && rest.is_empty()
    }

    /// Whether the line may still become the closing one.
    fn may_be_closed_by(&self, line: &str) -> bool {
        line.trim_matches([' ', '\t']).bytes().all(|b| b == self.mark)
    }

    /// The line without the indentation that the fence had.
    fn content<'l>(&self, line: &'l str) -> &'l str {
        let spaces = line.bytes().take_while(|b| *b == b' ').count();
        &line[spaces.min(self.indent)..]
    }
}

enum Step {
    /// Parse again from the new end.
    Again,
    /// Everything in the window has been looked at.
    Done,
}

impl Doc {
    /// Settles what the source allows and renders the rest.
    pub(super) fn update(&mut self) {
        if self.updated == Some((self.source.len(), self.finished)) {
            return;
        }
        self.updated = Some((self.source.len(), self.finished));
        let earlier = self.take_tail();
        self.advance(&earlier);
        if self.finished && !self.resolved {
            self.resolved = true;
            if !self.definitions.is_empty() {
                // A definition may stand behind its use: once everything is known, once more.
                self.unsettle();
                self.advance(&[]);
            }
        }
        if !self.finished {
            self.render_tail(&earlier);
        }
    }

    /// The coloured code of the tail, which is about to be rendered again.
    fn take_tail(&mut self) -> Vec<Code> {
        let pieces = self.tail.drain(..).flat_map(|block| block.pieces);
        let code = |piece| match piece {
            Piece::Code { code, .. } if code.coloured() > 0 => Some(*code),
            Piece::Code { .. }
            | Piece::Flow { .. }
            | Piece::Table { .. }
            | Piece::Rule { .. }
            | Piece::Blank { .. } => None,
        };
        pieces.filter_map(code).collect()
    }

    fn unsettle(&mut self) {
        self.blocks.clear();
        self.heights.clear();
        self.settled = 0;
        self.content_end = 0;
        self.carry = Carry::Nothing;
        self.fence = None;
    }

    fn advance(&mut self, earlier: &[Code]) {
        let limit = self.limit();
        let mut window = WINDOW;
        loop {
            if self.fence.is_some() {
                self.read_fence(limit);
                if self.fence.is_some() {
                    return;
                }
            }
            if self.settled >= limit {
                return;
            }
            let to = window_end(&self.source, self.settled, limit, window);
            let before = self.settled;
            match self.step(to, limit, earlier) {
                Step::Done if to == limit => return,
                Step::Done if self.settled == before => window *= 2,
                Step::Done | Step::Again => window = WINDOW,
            }
        }
    }

    /// Up to where structure may be decided.
    fn limit(&self) -> usize {
        if self.finished {
            return self.source.len();
        }
        let tail = &self.source[self.settled..];
        let complete = tail.rfind('\n').map_or(0, |feed| feed + 1);
        // Half a line that is longer than any block may be is cut without waiting for its end.
        if self.fence.is_none() && tail.len() - complete > LONGEST_NESTED + SLACK {
            return self.source.len();
        }
        self.settled + complete
    }

    fn step(&mut self, to: usize, limit: usize, earlier: &[Code]) -> Step {
        let whole = self.finished && to == self.source.len();
        let base = self.settled;
        let carry = std::mem::take(&mut self.carry);
        let text = joined(carry.prefix(), &self.source[base..to]);
        let shift = carry.prefix().len();
        self.stats.bytes_parsed += text.len() as u64;
        let found = walk(&text, &carry, Fences::Find, &mut self.definitions);
        drop(text);
        self.carry = carry;
        let count = found.len();
        for (mut block, index) in found.into_iter().zip(1..) {
            block.start = base + block.start.saturating_sub(shift);
            block.end = base + block.end.saturating_sub(shift);
            let last = index == count;
            if block.kind == Kind::Fence {
                let end = block.end;
                self.open_fence(&block);
                self.read_fence(limit);
                if last || self.fence.is_some() || self.content_end != end {
                    return Step::Again;
                }
            } else if block.end - block.start > longest(block.kind) + SLACK {
                self.cut(&block, earlier);
                return Step::Again;
            } else if !last || whole {
                self.carry = Carry::Nothing;
                self.settled = block.end;
                self.commit(block, earlier);
            } else {
                self.settled = block.start;
                self.carry = block.resume;
                return Step::Done;
            }
        }
        if whole {
            self.settled = to;
        } else if count == 0 && self.source[base..to].trim().is_empty() {
            // Blank lines alone: keep the last, it may indent what follows.
            self.settled = line_start(&self.source, to.saturating_sub(1)).max(base);
        }
        Step::Done
    }

    /// Settles a block.
    fn commit(&mut self, found: Found, earlier: &[Code]) {
        let gap = self.gap_before(self.content_end, &found);
        self.content_end = found.end;
        let mut block = Block::new(gap, found.pieces);
        adopt(&mut block, earlier);
        self.settle(block);
    }

    fn settle(&mut self, mut block: Block) {
        block.wrap(self.columns);
        self.stats.blocks_rendered += 1;
        self.stats.rows_wrapped += block.height() as u64;
        self.heights.push(block.height());
        self.blocks.push(block);
    }

    fn gap_before(&self, end: usize, found: &Found) -> bool {
        let first = self.blocks.is_empty() && end == 0;
        let blank = found.kind == Kind::Heading || has_blank(&self.source, end, found.start);
        !first && blank && (found.kind == Kind::Fence || !found.pieces.is_empty())
    }

    /// Settles the beginning of a block that is too long.
    fn cut(&mut self, found: &Found, earlier: &[Code]) {
        let at = cut_place(&self.source, found.start, longest(found.kind));
        let prefix = found.resume.prefix();
        let text = joined(prefix, &self.source[found.start..at]).into_owned();
        self.stats.bytes_parsed += text.len() as u64;
        for mut part in walk(&text, &found.resume, Fences::Render, &mut self.definitions) {
            part.start = found.start + part.start.saturating_sub(prefix.len());
            part.end = found.start + part.end.saturating_sub(prefix.len());
            self.commit(part, earlier);
        }
        // Before the line feed, so that an empty line right behind the cut is seen.
        let feed = self.source.as_bytes()[at - 1] == b'\n';
        self.content_end = at - usize::from(feed);
        self.settled = at;
        self.carry = Carry::Nothing;
    }

    fn open_fence(&mut self, found: &Found) {
        let gap = self.gap_before(self.content_end, found);
        let line = self.source[found.start..].split('\n').next().unwrap_or("");
        self.fence = Some(Fence::opened_by(line));
        self.content_end = found.start + line.trim_end().len();
        self.settled = (found.start + line.len() + 1).min(self.source.len());
        self.carry = Carry::Nothing;
        let code = Box::new(Code::new(&clean_line(&found.info)));
        let piece = Piece::Code { lead: Default::default(), code, framed: true };
        let mut block = Block::new(gap, vec![piece]);
        block.open = true;
        self.settle(block);
    }

    /// Appends the complete lines of the open fence, up to its end.
    fn read_fence(&mut self, limit: usize) {
        let (Some(fence), Some(block)) = (&self.fence, self.blocks.last_mut()) else { return };
        let before = block.height();
        let mut closed = false;
        while self.settled < limit && !closed {
            let rest = &self.source[self.settled..limit];
            let (line, length) = match rest.find('\n') {
                Some(feed) => (&rest[..feed], feed + 1),
                None if self.finished => (rest, rest.len()),
                None => break,
            };
            closed = fence.is_closed_by(line);
            if !closed {
                block.push_line(fence.content(line), self.columns);
                self.stats.bytes_parsed += length as u64;
            }
            self.content_end = self.settled + line.trim_end().len();
            self.settled += length;
        }
        closed |= self.finished && self.settled >= self.source.len();
        if closed {
            block.close();
        }
        let grown = block.height() - before;
        self.stats.rows_wrapped += grown as u64;
        self.heights.grow(self.blocks.len() - 1, grown);
        if closed {
            self.fence = None;
        }
    }

    /// Renders what is not settled yet.
    fn render_tail(&mut self, earlier: &[Code]) {
        if let Some(fence) = &self.fence {
            let partial = &self.source[self.settled..];
            if partial.is_empty() || fence.may_be_closed_by(partial) {
                return;
            }
            let mut code = Code::default();
            code.push_line(fence.content(partial));
            let piece =
                Piece::Code { lead: Default::default(), code: Box::new(code), framed: false };
            self.show(Block::new(false, vec![piece]));
            return;
        }
        let base = self.settled;
        let shown = shown_end(&self.source, base);
        let prefix = self.carry.prefix();
        let shift = prefix.len();
        let mended = mend(&self.source[base..shown]);
        let text = joined(prefix, &mended);
        self.stats.bytes_parsed += text.len() as u64;
        let found = walk(&text, &self.carry, Fences::Render, &mut self.definitions);
        let mut end = self.content_end;
        for mut block in found {
            block.start = base + block.start.saturating_sub(shift);
            let gap = self.gap_before(end, &block);
            end = base + block.end.saturating_sub(shift);
            let mut block = Block::new(gap, block.pieces);
            for piece in &mut block.pieces {
                if let Piece::Code { code, .. } = piece {
                    code.live = true;
                }
            }
            adopt(&mut block, earlier);
            self.show(block);
        }
    }

    fn show(&mut self, mut block: Block) {
        block.wrap(self.columns);
        self.stats.blocks_rendered += 1;
        self.stats.rows_wrapped += block.height() as u64;
        self.tail.push(block);
    }

    /// Makes all rows anew for the width.
    pub(super) fn rewrap(&mut self) {
        self.heights.clear();
        for block in &mut self.blocks {
            block.wrap(self.columns);
            self.stats.rows_wrapped += block.height() as u64;
            self.heights.push(block.height());
        }
        for block in &mut self.tail {
            block.wrap(self.columns);
        }
    }

    /// The last line of code that still grows, coloured as if it were complete.
    pub(super) fn growing_line(&self, block: &Block, row: usize) -> Option<Line> {
        let Some(Row::CodeLine { piece, line, .. }) = block.rows.get(row).copied() else {
            return None;
        };
        let Some(Piece::Code { code, framed, .. }) = block.pieces.get(piece as usize) else {
            return None;
        };
        let last = line as usize + 1 == code.len();
        let above = match self.blocks.last().and_then(|open| open.pieces.last()) {
            // The line below an open fence.
            Some(Piece::Code { code: above, .. }) if !framed => above,
            _ if last && code.live => code,
            _ => return None,
        };
        let runs = above.paint_next(code.line(line as usize))?;
        Some(block.painted(row, self.columns, &runs))
    }
}

fn adopt(block: &mut Block, earlier: &[Code]) {
    for piece in &mut block.pieces {
        if let Piece::Code { code, .. } = piece {
            earlier.iter().for_each(|known| code.adopt(known));
        }
    }
}

fn joined<'a>(prefix: &str, text: &'a str) -> Cow<'a, str> {
    if prefix.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{prefix}{text}")) }
}

fn longest(kind: Kind) -> usize {
    match kind {
        Kind::Leaf | Kind::Heading => LONGEST_LEAF,
        Kind::Nested => LONGEST_NESTED,
        Kind::Fence => usize::MAX - SLACK,
    }
}

/// The end of the first line that reaches beyond `from + window`.
fn window_end(source: &str, from: usize, limit: usize, window: usize) -> usize {
    let Some(least) = from.checked_add(window).filter(|least| *least < limit) else {
        return limit;
    };
    let feed = source.as_bytes()[least..limit].iter().position(|b| *b == b'\n');
    feed.map_or(limit, |feed| least + feed + 1)
}

/// Where a block that begins at `start` is cut: a line end, else a space, else anywhere.
fn cut_place(source: &str, start: usize, longest: usize) -> usize {
    let from = source.floor_char_boundary(start + longest);
    let to = source.floor_char_boundary(start + longest + SLACK);
    let slack = &source[from..to];
    let good = slack.find('\n').or_else(|| slack.find(' '));
    good.map_or(to, |at| from + at + 1)
}

/// The end of what can be shown: a half line of signs alone waits until it is clear what it is,
/// and the line that opens a fence until it is complete, for half of it would be shown as a fence
/// that ends at once.
fn shown_end(source: &str, from: usize) -> usize {
    let start = line_start(source, source.len()).max(from);
    let unclear = |b: u8| b" \t-=*_#+|:~`>.)".contains(&b) || b.is_ascii_digit();
    let line = &source[start..];
    let waits = line.bytes().all(unclear) || opens_fence(line);
    if waits { start } else { source.len() }
}

fn opens_fence(line: &str) -> bool {
    let bare = line.trim_start_matches(' ');
    let tick =
        bare.strip_prefix("```").is_some_and(|rest| !rest.trim_start_matches('`').contains('`'));
    tick || bare.starts_with("~~~")
}
