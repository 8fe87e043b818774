//! Two buffers, what the terminal shows and what is being drawn, and the way from one to the other.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};

use super::caps::Caps;
use super::colour::Palette;
use super::emit::Encoder;
use super::glyph;
use super::moves::{At, sequence};
use super::shift;

/// A terminal that claims more than this is mistaken.
const LARGEST: Size = Size { width: 2048, height: 1024 };
/// A frame up to this many bytes reaches the terminal in one piece anyway.
const LIGHT: usize = 256;
/// A difference below this many bytes is not worth looking for a better way.
const LOOK_FROM: usize = 400;

/// How the cursor looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CursorShape {
    /// As the user's terminal has it.
    #[default]
    Terminal,
    Block,
    Underline,
    Bar,
    /// Not shown, but placed: input methods open their window there.
    Hidden,
}

/// Where the cursor is at the end of a frame. Without a place it is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub at: Option<Position>,
    pub shape: CursorShape,
}

/// Rows `top..bottom` moved up by `up` rows, or down if negative. Only a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    /// First row of the region, from 0.
    pub top: u16,
    /// The row behind the last.
    pub bottom: u16,
    pub up: i32,
}

/// What [`Screen::present`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// Bytes appended; 0 when nothing changed.
    pub bytes: usize,
    /// Rows moved by a scroll region, 0 if none was used.
    pub scrolled: i32,
    /// Everything was written anew.
    pub full: bool,
}

/// The terminal's cells as we know them.
#[derive(Debug)]
pub struct Screen {
    caps: Caps,
    palette: Palette,
    front: Buffer,
    back: Buffer,
    /// A blank row: what a scroll leaves behind.
    blank: Vec<Cell>,
    /// Whether the terminal really shows `front`.
    known: bool,
    at: At,
    /// Cursor visibility and shape as last sent.
    cursor: (Option<bool>, Option<CursorShape>),
}

/// One way to write a frame.
struct Draft {
    body: Vec<u8>,
    at: At,
    scrolled: i32,
}

impl Screen {
    /// A screen of which nothing is known yet: the first frame writes everything.
    pub fn new(size: Size, caps: Caps) -> Self {
        let area = area(size);
        Self {
            palette: Palette::new(caps.depth),
            caps,
            front: Buffer::empty(area),
            back: Buffer::empty(area),
            blank: vec![Cell::EMPTY; usize::from(area.width)],
            known: false,
            at: At::Unknown,
            cursor: (None, None),
        }
    }

    /// The buffer to draw the next frame into: blank after each [`Screen::present`].
    pub fn back(&mut self) -> &mut Buffer {
        &mut self.back
    }

    /// What the terminal shows, after the last frame was written. Wide clusters are followed by
    /// cells with an empty symbol.
    pub fn front(&self) -> &Buffer {
        &self.front
    }

    /// Columns and rows; may be zero.
    pub fn size(&self) -> Size {
        self.back.area.as_size()
    }

    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// Takes over what was learned or chosen since. Repaints if colours or clusters change.
    pub fn set_caps(&mut self, caps: Caps) {
        if (caps.depth, caps.emoji) != (self.caps.depth, self.caps.emoji) {
            self.palette = Palette::new(caps.depth);
            self.invalidate();
        }
        self.caps = caps;
    }

    /// Takes a new size. The next frame writes everything, even if the size is the same again: it
    /// may have been another for a moment, and the terminal cut or wrapped its rows.
    pub fn resize(&mut self, size: Size) {
        let area = area(size);
        if area != self.back.area {
            self.front = Buffer::empty(area);
            self.back = Buffer::empty(area);
            self.blank = vec![Cell::EMPTY; usize::from(area.width)];
        }
        self.invalidate();
    }

    /// Forgets what the terminal shows: after a suspend, an editor, or at the user's wish.
    pub fn invalidate(&mut self) {
        self.known = false;
        self.at = At::Unknown;
        self.cursor = (None, None);
    }

    /// Appends the bytes of one frame to `out`, or nothing if the terminal already shows it, and
    /// starts a new blank frame. What is appended must be written: later frames build on it.
    pub fn present(
        &mut self,
        cursor: Cursor,
        hint: Option<Scroll>,
        out: &mut Vec<u8>,
    ) -> Presented {
        if self.back.area.is_empty() {
            return Presented::default();
        }
        glyph::regularise(&mut self.back, self.caps.emoji, &mut self.palette);
        let place = cursor.at.map(|at| self.clamp(at));
        let draft = self.cheapest(place, hint);
        let before = out.len();
        self.compose(&draft, place.is_some(), cursor.shape, out);
        let full = !self.known;
        self.at = draft.at;
        self.known = true;
        std::mem::swap(&mut self.front, &mut self.back);
        self.back.reset();
        Presented { bytes: out.len() - before, scrolled: draft.scrolled, full }
    }

    fn clamp(&self, at: Position) -> (u16, u16) {
        let area = self.back.area;
        (at.x.min(area.width - 1), at.y.min(area.height - 1))
    }

    /// Writes the frame in every way that may pay, and keeps the shortest.
    fn cheapest(&self, place: Option<(u16, u16)>, hint: Option<Scroll>) -> Draft {
        let regions = self.known && self.caps.regions;
        // The hint first: where it is right, the plain way is soon seen to be longer.
        let hint = hint.filter(|scroll| regions && self.is_possible(*scroll));
        let mut best: Option<Draft> = None;
        for scroll in [hint, None].into_iter().skip(usize::from(hint.is_none())) {
            self.try_way(place, scroll, &mut best);
        }
        if best.as_ref().is_some_and(|best| regions && best.body.len() > LOOK_FROM)
            && let Some(scroll) = shift::detect(&self.front, &self.back)
            && Some(scroll) != hint
            && self.is_possible(scroll)
        {
            self.try_way(place, Some(scroll), &mut best);
        }
        // The plain way was tried, whatever else was.
        best.unwrap_or(Draft { body: Vec::new(), at: self.at, scrolled: 0 })
    }

    /// Writes the frame in this way, as long as it is shorter than the best so far.
    fn try_way(&self, place: Option<(u16, u16)>, scroll: Option<Scroll>, best: &mut Option<Draft>) {
        let most = best.as_ref().map_or(usize::MAX, |best| best.body.len());
        if let Some(draft) = self.draft(place, scroll, most) {
            *best = Some(draft);
        }
    }

    fn is_possible(&self, scroll: Scroll) -> bool {
        scroll.bottom <= self.back.area.height
            && scroll.top < scroll.bottom
            && scroll.up != 0
            && scroll.up.unsigned_abs() < u32::from(scroll.bottom - scroll.top)
    }

    /// One way to write the frame; `None` as soon as it is no shorter than `most`.
    fn draft(
        &self,
        place: Option<(u16, u16)>,
        scroll: Option<Scroll>,
        most: usize,
    ) -> Option<Draft> {
        let mut body = Vec::new();
        let area = self.back.area;
        if !self.known {
            // Whoever wrote meanwhile may have left colours or a region behind.
            body.extend_from_slice(b"\x1b[r\x1b[m");
        }
        let mut encoder = Encoder::new(self.at, &mut body);
        if let Some(scroll) = scroll {
            let whole = scroll.top == 0 && scroll.bottom == area.height;
            encoder.scroll(scroll.top, scroll.bottom, scroll.up, whole);
        }
        let columns = usize::from(area.width);
        for (y, new) in (0..area.height).zip(self.back.content.chunks(columns)) {
            let old = self.known.then(|| self.old_row(y, scroll));
            encoder.row(y, old, new);
            if encoder.length() >= most {
                return None;
            }
        }
        let began_there = self.known && place.is_some_and(|(x, y)| self.at == At::Cell(x, y));
        let at = encoder.finish(place, began_there);
        let draft = Draft { body, at, scrolled: scroll.map_or(0, |scroll| scroll.up) };
        (draft.body.len() < most).then_some(draft)
    }

    /// Row `y` as the terminal shows it, once `scroll` was done.
    fn old_row(&self, y: u16, scroll: Option<Scroll>) -> &[Cell] {
        let from = match scroll {
            Some(scroll) if (scroll.top..scroll.bottom).contains(&y) => {
                let from = i32::from(y) + scroll.up;
                let inside = i32::from(scroll.top)..i32::from(scroll.bottom);
                if !inside.contains(&from) {
                    return &self.blank;
                }
                from as usize
            }
            Some(_) | None => usize::from(y),
        };
        let columns = self.blank.len();
        &self.front.content[from * columns..(from + 1) * columns]
    }

    /// Puts the body between what a frame begins and ends with.
    fn compose(&mut self, draft: &Draft, placed: bool, shape: CursorShape, out: &mut Vec<u8>) {
        let visible = placed && shape != CursorShape::Hidden;
        let heavy = draft.body.len() > LIGHT;
        if heavy && self.caps.sync {
            out.extend_from_slice(b"\x1b[?2026h");
        }
        if self.cursor.0 != Some(false) && (heavy || !visible) {
            out.extend_from_slice(b"\x1b[?25l");
            self.cursor.0 = Some(false);
        }
        out.extend_from_slice(&draft.body);
        if visible {
            if self.cursor.1 != Some(shape) {
                sequence(format_args!("{} q", shape_number(shape)), out);
                self.cursor.1 = Some(shape);
            }
            if self.cursor.0 != Some(true) {
                out.extend_from_slice(b"\x1b[?25h");
                self.cursor.0 = Some(true);
            }
        }
        if heavy && self.caps.sync {
            out.extend_from_slice(b"\x1b[?2026l");
        }
    }
}

fn area(size: Size) -> Rect {
    Rect::new(0, 0, size.width.min(LARGEST.width), size.height.min(LARGEST.height))
}

fn shape_number(shape: CursorShape) -> u8 {
    match shape {
        CursorShape::Terminal | CursorShape::Hidden => 0,
        CursorShape::Block => 2,
        CursorShape::Underline => 4,
        CursorShape::Bar => 6,
    }
}
