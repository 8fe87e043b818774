//! Turns the parser's events of one block into pieces.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Tag, TagEnd};
use ratatui::style::Modifier;

use super::block::{Lead, Piece};
use super::code::Code;
use super::inline::{Inline, heading_look, is_line_break};
use super::line::{Look, Styled};
use super::table::{Shape, Table, head_look};
use crate::domain::text::{clean, clean_line};
use crate::tui::theme::Role;
use crate::tui::widgets::text::width;

const QUOTE_BAR: &str = "▎ ";
const BULLETS: [&str; 3] = ["• ", "◦ ", "▪ "];

/// What surrounds the text: a quote or a list item.
struct Container {
    first: Styled,
    rest: Styled,
    /// Its first piece, with the bullet, has been made.
    used: bool,
}

#[derive(Default)]
struct Cells {
    aligns: Vec<pulldown_cmark::Alignment>,
    head: Vec<Styled>,
    rows: Vec<Vec<Styled>>,
    row: Vec<Styled>,
}

/// Collects one block. `source` is the text that ranges refer to.
pub(super) struct Builder<'a> {
    source: &'a str,
    pieces: Vec<Piece>,
    containers: Vec<Container>,
    /// Next numbers of the open lists; `None` for bullets.
    lists: Vec<Option<u64>>,
    text: Inline<'a>,
    /// Whether `text` belongs to a piece, even when empty.
    open: bool,
    code: Option<(Code, String)>,
    cells: Option<Cells>,
    /// Where the block before ended, until the next one begins.
    before: Option<usize>,
    /// Where the latest inline event ended.
    reached: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(source: &'a str) -> Builder<'a> {
        Builder {
            source,
            pieces: Vec::new(),
            containers: Vec::new(),
            lists: Vec::new(),
            text: Inline::new(source),
            open: false,
            code: None,
            cells: None,
            before: None,
            reached: 0,
        }
    }

    /// A builder for one item of a list that began elsewhere, with its number.
    pub(super) fn in_list(source: &'a str, number: Option<u64>) -> Builder<'a> {
        let mut builder = Builder::new(source);
        builder.lists.push(number);
        builder
    }

    pub(super) fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }

    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, &range),
            Event::End(tag) => self.end(tag, &range),
            Event::Text(text) if self.code.is_some() => {
                if let Some((_, source)) = &mut self.code {
                    source.push_str(&text);
                }
            }
            Event::Text(text) => self.words(&range).write(&text),
            Event::Code(text) => {
                let look = self.text.look().in_role(Role::Code);
                self.words(&range).write_as(&text, look);
            }
            Event::InlineHtml(text) if is_line_break(&text) => self.words(&range).line_break(),
            Event::Html(text) | Event::InlineHtml(text) => self.words(&range).write(&text),
            Event::SoftBreak => self.words(&range).soft_break(),
            Event::HardBreak => self.words(&range).line_break(),
            Event::Rule => {
                self.begin(range.start);
                let lead = self.lead();
                self.pieces.push(Piece::Rule { lead });
                self.done(range.end);
            }
            Event::TaskListMarker(checked) => self.task(checked, &range),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.words(&range).write(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph => self.begin_text(range.start),
            Tag::Heading { level, .. } => {
                self.begin_text(range.start);
                self.text.enter(heading_look(level));
            }
            Tag::BlockQuote(kind) => self.quote(kind, range),
            Tag::CodeBlock(kind) => {
                self.begin(range.start);
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => clean_line(info),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((Code::new(&info), String::new()));
            }
            Tag::HtmlBlock => self.begin_text(range.start),
            Tag::List(first) => {
                self.begin(range.start);
                self.lists.push(first);
            }
            Tag::Item => self.item(range),
            Tag::Table(aligns) => {
                self.begin(range.start);
                self.cells = Some(Cells { aligns, ..Cells::default() });
            }
            Tag::TableHead => self.text.enter(head_look()),
            Tag::Emphasis => self.stress(Modifier::ITALIC),
            Tag::Strong => self.stress(Modifier::BOLD),
            Tag::Strikethrough => self.stress(Modifier::CROSSED_OUT),
            Tag::Link { link_type, dest_url, .. } => {
                self.words(range).link(link_type, &dest_url);
            }
            Tag::Image { dest_url, .. } => self.words(range).image(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_text(range.end),
            TagEnd::Heading(_) => {
                self.text.leave();
                self.end_text(range.end);
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.containers.pop();
                self.text.leave();
            }
            TagEnd::CodeBlock => self.end_code(range),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                if self.containers.last().is_some_and(|item| !item.used) {
                    // An empty item still shows its bullet.
                    let lead = self.lead();
                    self.pieces.push(Piece::Flow { lead, body: Styled::default() });
                    self.done(range.end);
                }
                self.containers.pop();
            }
            TagEnd::Table => self.end_table(range.end),
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(tag),
            TagEnd::TableCell => {
                let cell = self.text.take();
                if let Some(cells) = &mut self.cells {
                    cells.row.push(cell);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.text.leave();
            }
            TagEnd::Link | TagEnd::Image => self.words(range).end_target(),
            _ => {}
        }
    }

    // Blocks.

    /// Something begins at `start`: ends open text and puts a blank row where the source has one.
    fn begin(&mut self, start: usize) {
        self.flush();
        let blank = self.before.take().is_some_and(|before| has_blank(self.source, before, start));
        if blank {
            let (_, rest) = self.prefix(false);
            let lead = Arc::new(Lead { first: rest.clone(), rest });
            self.pieces.push(Piece::Blank { lead });
        }
    }

    fn begin_text(&mut self, start: usize) {
        self.begin(start);
        self.open = true;
        self.reached = start;
    }

    fn end_text(&mut self, end: usize) {
        self.reached = end;
        self.flush();
    }

    /// Ends the text that is open, if any.
    fn flush(&mut self) {
        let body = self.text.take();
        if !std::mem::take(&mut self.open) {
            return;
        }
        if body.is_empty() && self.containers.iter().all(|container| container.used) {
            return self.done(self.reached);
        }
        let lead = self.lead();
        self.pieces.push(Piece::Flow { lead, body });
        self.done(self.reached);
    }

    /// A piece ended at `end`.
    fn done(&mut self, end: usize) {
        self.before = Some(content_end(self.source, end));
    }

    fn quote(&mut self, kind: Option<BlockQuoteKind>, range: &Range<usize>) {
        self.begin(range.start);
        let bar = Styled::of(QUOTE_BAR, Look::of(Role::Quote));
        self.containers.push(Container { first: bar.clone(), rest: bar, used: false });
        self.text.enter(self.text.look().in_role(Role::Quote));
        if let Some(kind) = kind {
            let (title, role) = match kind {
                BlockQuoteKind::Note => ("Note", Role::Accent),
                BlockQuoteKind::Tip => ("Tip", Role::Good),
                BlockQuoteKind::Important => ("Important", Role::Accent),
                BlockQuoteKind::Warning => ("Warning", Role::Warn),
                BlockQuoteKind::Caution => ("Caution", Role::Bad),
            };
            let lead = self.lead();
            let body = Styled::of(title, Look::of(role).with(Modifier::BOLD));
            self.pieces.push(Piece::Flow { lead, body });
        }
    }

    fn item(&mut self, range: &Range<usize>) {
        self.begin(range.start);
        let depth = self.lists.len().saturating_sub(1);
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                let bullet = format!("{number}. ");
                *number = number.saturating_add(1);
                bullet
            }
            Some(None) | None => BULLETS[depth % BULLETS.len()].to_owned(),
        };
        let rest = Styled::of(&" ".repeat(width(&bullet)), Look::of(Role::Text));
        let first = Styled::of(&bullet, Look::of(Role::Marker));
        self.containers.push(Container { first, rest, used: false });
    }

    fn task(&mut self, checked: bool, range: &Range<usize>) {
        self.reached = range.end;
        let sign = if checked { "[x] " } else { "[ ] " };
        let Some(item) = self.containers.last_mut().filter(|item| !item.used) else { return };
        if BULLETS.contains(&item.first.text()) {
            item.first = Styled::default();
        }
        let role = if checked { Role::Good } else { Role::Marker };
        item.first.push(sign, Look::of(role));
        let indent = " ".repeat(width(item.first.text()));
        item.rest = Styled::of(&indent, Look::of(Role::Text));
    }

    /// What stands before the next piece. The bullets in it are used up.
    fn lead(&mut self) -> Arc<Lead> {
        let (first, rest) = self.prefix(true);
        Arc::new(Lead { first, rest })
    }

    fn prefix(&mut self, with_bullets: bool) -> (Styled, Styled) {
        let (mut first, mut rest) = (Styled::default(), Styled::default());
        for container in &mut self.containers {
            let bullet = with_bullets && !container.used;
            first.append(if bullet { &container.first } else { &container.rest });
            rest.append(&container.rest);
            container.used |= with_bullets;
        }
        (first, rest)
    }

    fn end_code(&mut self, range: &Range<usize>) {
        let Some((mut code, source)) = self.code.take() else { return };
        for line in clean(&source).strip_suffix('\n').unwrap_or(&source).split('\n') {
            code.push_line(line);
        }
        code.shrink();
        let lead = self.lead();
        self.pieces.push(Piece::Code { lead, code: Box::new(code), framed: true });
        self.done(range.end);
    }

    fn end_row(&mut self, tag: TagEnd) {
        let Some(cells) = &mut self.cells else { return };
        let row = std::mem::take(&mut cells.row);
        if tag == TagEnd::TableHead {
            cells.head = row;
            self.text.leave();
        } else {
            cells.rows.push(row);
        }
    }

    fn end_table(&mut self, end: usize) {
        let Some(cells) = self.cells.take() else { return };
        let shape = Shape::new(cells.aligns, cells.head, &cells.rows);
        let lead = self.lead();
        let table = Box::new(Table { shape, rows: cells.rows, first: true });
        self.pieces.push(Piece::Table { lead, table });
        self.done(end);
    }

    /// The heading of the table being read.
    pub(super) fn take_head(&mut self) -> Vec<Styled> {
        self.cells.as_mut().map(|cells| std::mem::take(&mut cells.head)).unwrap_or_default()
    }

    /// The latest row of the table being read.
    pub(super) fn take_row(&mut self) -> Option<Vec<Styled>> {
        self.cells.as_mut()?.rows.pop()
    }

    // Text.

    /// Text, as from `range`; the text of an item without blank lines comes without a paragraph
    /// around it.
    fn words(&mut self, range: &Range<usize>) -> &mut Inline<'a> {
        if !self.open && self.cells.is_none() {
            self.begin_text(range.start);
        }
        self.reached = range.end;
        &mut self.text
    }

    fn stress(&mut self, stress: Modifier) {
        self.text.enter(self.text.look().with(stress));
    }
}

/// Whether an empty line (or one with nothing but quote marks) lies between two blocks.
pub(super) fn has_blank(source: &str, end: usize, start: usize) -> bool {
    let Some(between) = source.get(end..start) else { return false };
    let mut lines = between.split('\n');
    lines.next();
    lines.next_back();
    lines.any(|line| line.bytes().all(|b| matches!(b, b' ' | b'\t' | b'>')))
}

/// The end of a block without the white space and quote marks after it.
pub(super) fn content_end(source: &str, end: usize) -> usize {
    let end = end.min(source.len());
    source[..end].trim_end_matches([' ', '\t', '\n', '>']).len()
}
