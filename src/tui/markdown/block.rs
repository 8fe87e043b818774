//! One block of the message: its pieces, and the rows they make at a width.

use std::sync::Arc;

use super::code::Code;
use super::line::{Line, Look, Styled, slice};
use super::table::{Place, Table};
use super::wrap;
use crate::tui::theme::Role;
use crate::tui::widgets::text::{head, width};

const CODE_BAR: &str = "│ ";
/// The bar of a row that continues the line above it.
const CODE_CONTINUED: &str = "┊ ";
const CODE_TOP: &str = "╭─";
const CODE_BOTTOM: &str = "╰─";
/// With less room than this the bar would take too much of it.
const LEAST_BESIDE_BAR: usize = 6;

/// What stands before a piece: bullets, quote bars, indentation.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Lead {
    /// Before its first row.
    pub(super) first: Styled,
    /// Before the others.
    pub(super) rest: Styled,
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Prose; wraps at words.
    Flow {
        lead: Arc<Lead>,
        body: Styled,
    },
    /// `framed`: with the language above and an end below.
    Code {
        lead: Arc<Lead>,
        code: Box<Code>,
        framed: bool,
    },
    Table {
        lead: Arc<Lead>,
        table: Box<Table>,
    },
    Rule {
        lead: Arc<Lead>,
    },
    Blank {
        lead: Arc<Lead>,
    },
}

impl Piece {
    fn lead(&self) -> &Lead {
        match self {
            Piece::Flow { lead, .. }
            | Piece::Code { lead, .. }
            | Piece::Table { lead, .. }
            | Piece::Rule { lead }
            | Piece::Blank { lead } => lead,
        }
    }
}

/// One row of the screen, as a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The row between two blocks.
    Gap,
    Flow {
        piece: u32,
        start: u32,
        end: u32,
    },
    CodeTop {
        piece: u32,
    },
    CodeLine {
        piece: u32,
        line: u32,
        start: u32,
        end: u32,
    },
    CodeEnd {
        piece: u32,
    },
    Table {
        piece: u32,
        place: Place,
        first: bool,
    },
    Rule {
        piece: u32,
    },
    Blank {
        piece: u32,
    },
}

#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) pieces: Vec<Piece>,
    pub(super) rows: Vec<Row>,
    pub(super) gap: bool,
    /// The last piece is code that still grows.
    pub(super) open: bool,
}

impl Block {
    pub(super) fn new(gap: bool, pieces: Vec<Piece>) -> Block {
        Block { pieces, rows: Vec::new(), gap, open: false }
    }

    pub(super) fn height(&self) -> usize {
        self.rows.len()
    }

    /// Makes all rows anew for `columns`.
    pub(super) fn wrap(&mut self, columns: usize) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.clear();
        if self.gap {
            rows.push(Row::Gap);
        }
        for (piece, index) in self.pieces.iter().zip(0..) {
            wrap_piece(piece, index, columns, self.open, &mut rows);
        }
        rows.shrink_to_fit();
        self.rows = rows;
    }

    /// Appends a line to the open code at the end.
    pub(super) fn push_line(&mut self, line: &str, columns: usize) {
        let index = (self.pieces.len().max(1) - 1) as u32;
        let Some(Piece::Code { lead, code, .. }) = self.pieces.last_mut() else { return };
        code.push_line(line);
        wrap_code_line(
            line,
            index,
            (code.len() - 1) as u32,
            code_room(lead, columns),
            &mut self.rows,
        );
    }

    /// Ends the open code.
    pub(super) fn close(&mut self) {
        let index = (self.pieces.len().max(1) - 1) as u32;
        if let Some(Piece::Code { code, .. }) = self.pieces.last_mut() {
            code.shrink();
            self.rows.push(Row::CodeEnd { piece: index });
        }
        self.rows.shrink_to_fit();
        self.open = false;
    }

    /// Makes the row with this index visible text.
    pub(super) fn line(&self, index: usize, columns: usize) -> Line {
        let Some(row) = self.rows.get(index).copied() else { return Line::default() };
        let Some(piece) = row.piece().and_then(|piece| self.pieces.get(piece)) else {
            return Line::default();
        };
        let mut body = Styled::default();
        let lead = if row.is_first() { &piece.lead().first } else { &piece.lead().rest };
        let taken = write_lead(lead, columns, &mut body);
        let room = columns.saturating_sub(taken).max(1);
        let mut fill = None;
        match (row, piece) {
            (Row::Flow { start, end, .. }, Piece::Flow { body: text, .. }) => {
                for (text, look) in text.slice(start as usize, end as usize) {
                    body.push(text, look);
                }
            }
            (Row::CodeTop { .. }, Piece::Code { code, .. }) => {
                write_top(code.language(), room, &mut body);
            }
            (Row::CodeEnd { .. }, Piece::Code { .. }) => {
                body.push(head(CODE_BOTTOM, room).0, Look::of(Role::CodeFrame));
            }
            (Row::CodeLine { line, start, end, .. }, Piece::Code { code, .. }) => {
                fill = Some(Role::CodeBg);
                write_bar(start > 0, room, &mut body);
                let spans = code.spans(line as usize, start as usize, end as usize);
                expand(spans, code_room(piece.lead(), columns), &mut body);
            }
            (Row::Table { place, .. }, Piece::Table { table, lead }) => {
                table.write(table_room(lead, columns), place, &mut body);
            }
            (Row::Rule { .. }, _) => body.push(&"─".repeat(room), Look::of(Role::Rule)),
            _ => {}
        }
        if fill.is_none() {
            // Blanks at the end cost bytes on the way to the screen.
            body.truncate(body.text().trim_end_matches(' ').len());
        }
        Line { body, fill }
    }

    /// A line of code drawn with colours found elsewhere.
    pub(super) fn painted(&self, index: usize, columns: usize, runs: &[super::line::Run]) -> Line {
        let mut line = self.line(index, columns);
        let Some(Row::CodeLine { piece, line: at, start, end }) = self.rows.get(index).copied()
        else {
            return line;
        };
        let Some(Piece::Code { lead, code, .. }) = self.pieces.get(piece as usize) else {
            return line;
        };
        let mut body = Styled::default();
        let taken = write_lead(&lead.rest, columns, &mut body);
        write_bar(start > 0, columns.saturating_sub(taken).max(1), &mut body);
        let text = code.line(at as usize);
        let spans = slice(text, runs, start as usize, end as usize).collect();
        expand(spans, code_room(lead, columns), &mut body);
        line.body = body;
        line
    }
}

impl Row {
    pub(super) fn piece(self) -> Option<usize> {
        match self {
            Row::Gap => None,
            Row::Flow { piece, .. }
            | Row::CodeTop { piece }
            | Row::CodeLine { piece, .. }
            | Row::CodeEnd { piece }
            | Row::Table { piece, .. }
            | Row::Rule { piece }
            | Row::Blank { piece } => Some(piece as usize),
        }
    }

    /// Whether the row begins its piece.
    fn is_first(self) -> bool {
        match self {
            Row::Flow { start, .. } => start == 0,
            Row::Table { first, .. } => first,
            Row::CodeTop { .. } | Row::Rule { .. } => true,
            Row::Gap | Row::CodeLine { .. } | Row::CodeEnd { .. } | Row::Blank { .. } => false,
        }
    }

    /// Where the row stands in its block, whatever the width.
    pub(super) fn position(self) -> (u32, u32, u32) {
        match self {
            Row::Gap => (0, 0, 0),
            Row::Flow { piece, start, .. } => (piece, 0, start),
            Row::CodeTop { piece } | Row::Rule { piece } | Row::Blank { piece } => (piece, 0, 0),
            Row::CodeLine { piece, line, start, .. } => (piece, line + 1, start),
            Row::CodeEnd { piece } => (piece, u32::MAX, 0),
            Row::Table { piece, place, .. } => match place {
                Place::Head { sub } => (piece, 0, sub),
                Place::Under => (piece, 1, 0),
                Place::Above { row } => (piece, row + 2, 0),
                Place::Body { row, sub } => (piece, row + 2, sub),
                Place::Record { row, start, .. } => (piece, row + 2, start),
            },
        }
    }
}

fn wrap_piece(piece: &Piece, index: u32, columns: usize, open: bool, rows: &mut Vec<Row>) {
    match piece {
        Piece::Flow { lead, body } => {
            let first = beside(&lead.first, columns);
            let rest = beside(&lead.rest, columns);
            wrap::words(body.text(), first, rest, |start, end| {
                rows.push(Row::Flow { piece: index, start: start as u32, end: end as u32 });
            });
        }
        Piece::Code { lead, code, framed } => {
            if *framed {
                rows.push(Row::CodeTop { piece: index });
            }
            let room = code_room(lead, columns);
            for line in 0..code.len() {
                wrap_code_line(code.line(line), index, line as u32, room, rows);
            }
            if *framed && !open {
                rows.push(Row::CodeEnd { piece: index });
            }
        }
        Piece::Table { lead, table } => {
            let mut first = true;
            table.wrap(table_room(lead, columns), |place| {
                rows.push(Row::Table { piece: index, place, first });
                first = false;
            });
        }
        Piece::Rule { .. } => rows.push(Row::Rule { piece: index }),
        Piece::Blank { .. } => rows.push(Row::Blank { piece: index }),
    }
}

fn wrap_code_line(text: &str, piece: u32, line: u32, room: usize, rows: &mut Vec<Row>) {
    wrap::hard(text, room, |start, end| {
        rows.push(Row::CodeLine { piece, line, start: start as u32, end: end as u32 });
    });
}

/// Deep indentation gives way: it takes at most half of the row.
fn lead_columns(lead: &Styled, columns: usize) -> usize {
    width(lead.text()).min(columns / 2)
}

fn beside(lead: &Styled, columns: usize) -> usize {
    columns.saturating_sub(lead_columns(lead, columns)).max(1)
}

fn table_room(lead: &Lead, columns: usize) -> usize {
    beside(&lead.rest, columns).min(beside(&lead.first, columns))
}

fn code_room(lead: &Lead, columns: usize) -> usize {
    let room = beside(&lead.rest, columns);
    if room < LEAST_BESIDE_BAR { room } else { room - 2 }
}

fn write_lead(lead: &Styled, columns: usize, out: &mut Styled) -> usize {
    let room = lead_columns(lead, columns);
    let mut used = 0;
    for (text, look) in lead.spans() {
        let (part, wide) = head(text, room - used);
        out.push(part, look);
        used += wide;
    }
    out.push(&" ".repeat(room - used), Look::of(Role::Text));
    room
}

fn write_top(language: &str, room: usize, out: &mut Styled) {
    let frame = Look::of(Role::CodeFrame);
    out.push(head(CODE_TOP, room).0, frame);
    let room = room.saturating_sub(3);
    if !language.is_empty() && room > 0 {
        out.push(" ", frame);
        out.push(head(language, room).0, frame);
    }
}

fn write_bar(continued: bool, room: usize, out: &mut Styled) {
    if room >= LEAST_BESIDE_BAR {
        out.push(if continued { CODE_CONTINUED } else { CODE_BAR }, Look::of(Role::CodeFrame));
    }
}

/// Writes code with its tabs as spaces.
fn expand(spans: Vec<(&str, Look)>, room: usize, out: &mut Styled) {
    let mut columns = 0;
    for (text, look) in spans {
        for (index, part) in text.split('\t').enumerate() {
            if index > 0 {
                let wide = wrap::tab(columns, room);
                out.push(&" ".repeat(wide), look);
                columns += wide;
            }
            out.push(part, look);
            columns += width(part);
        }
    }
}
