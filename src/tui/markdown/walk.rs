//! Finds the blocks of a piece of source and renders them: what can be settled on its own, in
//! order. A list gives its items, a long table gives chunks of rows.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{
    Alignment, BrokenLink, CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd,
};

use super::block::{Lead, Piece};
use super::builder::{Builder, content_end};
use super::line::Styled;
use super::table::{Shape, Table};

/// Rows of a table that are laid out together; the first so many decide the widths.
const CHUNK_ROWS: usize = 64;
/// A chunk also ends when its source gets this long.
const CHUNK_BYTES: usize = 16 * 1024;

/// What must be known to go on in the middle of something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Carry {
    #[default]
    Nothing,
    /// In a list; the number of the next item.
    List { number: Option<u64> },
    /// In a table: its heading lines, to be put before the rows that follow.
    Table { shape: Arc<Shape>, head: Arc<str> },
}

impl Carry {
    /// What has to stand before the source so that it parses as what it continues.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Carry::Table { head, .. } => head,
            Carry::Nothing | Carry::List { .. } => "",
        }
    }
}

/// How much of a block may be open at once before it is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Leaf,
    Heading,
    /// May hold other blocks, so a cut hurts more.
    Nested,
    /// Code between fences at the top level, with its info words; not rendered.
    Fence,
}

/// A block found in the text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// The beginning of its first line.
    pub(super) start: usize,
    /// The end of its last word.
    pub(super) end: usize,
    pub(super) pieces: Vec<Piece>,
    /// With what to parse again from `start`.
    pub(super) resume: Carry,
    /// The info words of a fence.
    pub(super) info: String,
}

/// Addresses of reference links, by label.
pub(super) type Definitions = HashMap<String, String>;

/// How to walk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fences {
    /// Only say where they are; the caller reads their lines. Definitions count.
    Find,
    /// Show them; what is walked over may still change, so definitions do not count.
    Render,
}

/// All blocks of `text`, which begins with the prefix of `carry`. New definitions
/// are added.
pub(super) fn walk(
    text: &str,
    carry: &Carry,
    fences: Fences,
    definitions: &mut Definitions,
) -> Vec<Found> {
    let known = &*definitions;
    let resolve = |link: BrokenLink<'_>| {
        let url = known.get(&label(&link.reference))?;
        Some((CowStr::from(url.clone()), CowStr::Borrowed("")))
    };
    let parser = Parser::new_with_broken_link_callback(text, options(), Some(resolve));
    let seen = parser.reference_definitions().iter();
    let new: Vec<_> = seen.map(|(name, link)| (label(name), link.dest.to_string())).collect();
    let mut walk = Walk { text, carry: carry.clone(), fences, found: Vec::new() };
    let mut events = parser.into_offset_iter();
    while let Some((event, range)) = events.next() {
        walk.block(event, range, &mut events);
        walk.carry = Carry::Nothing;
    }
    let found = walk.found;
    if fences == Fences::Find {
        for (name, url) in new {
            definitions.entry(name).or_insert(url);
        }
    }
    found
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
}

fn label(reference: &str) -> String {
    reference.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The cells of one row of a table.
type Cells = Vec<Styled>;

struct Walk<'a> {
    text: &'a str,
    carry: Carry,
    fences: Fences,
    found: Vec<Found>,
}

impl<'a> Walk<'a> {
    fn block(
        &mut self,
        event: Event<'a>,
        range: Range<usize>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        match event {
            Event::Start(Tag::List(first)) => self.list(first, events),
            Event::Start(Tag::Table(aligns)) => self.table(&aligns, &range, events),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                if self.fences == Fences::Find =>
            {
                skip(events);
                let info = info.to_string();
                self.push(Kind::Fence, &range, Vec::new(), Carry::Nothing);
                if let Some(found) = self.found.last_mut() {
                    found.info = info;
                }
            }
            Event::Start(tag) => {
                let kind = match tag {
                    Tag::Heading { .. } => Kind::Heading,
                    Tag::BlockQuote(_) => Kind::Nested,
                    _ => Kind::Leaf,
                };
                let mut builder = Builder::new(self.text);
                builder.event(Event::Start(tag), range.clone());
                feed(&mut builder, events);
                self.push(kind, &range, builder.finish(), Carry::Nothing);
            }
            event => {
                let mut builder = Builder::new(self.text);
                builder.event(event, range.clone());
                self.push(Kind::Leaf, &range, builder.finish(), Carry::Nothing);
            }
        }
    }

    fn list(
        &mut self,
        first: Option<u64>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        let mut number = match self.carry {
            Carry::List { number: Some(number) } if first.is_some() => Some(number),
            Carry::Nothing | Carry::List { .. } | Carry::Table { .. } => first,
        };
        while let Some((event, range)) = events.next() {
            match event {
                Event::Start(Tag::Item) => {}
                Event::End(TagEnd::List(_)) => return,
                _ => continue,
            }
            let mut builder = Builder::in_list(self.text, number);
            builder.event(Event::Start(Tag::Item), range.clone());
            feed(&mut builder, events);
            self.push(Kind::Nested, &range, builder.finish(), Carry::List { number });
            number = number.map(|number| number.saturating_add(1));
        }
    }

    fn table(
        &mut self,
        aligns: &[Alignment],
        range: &Range<usize>,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) {
        let (head, rows) = self.cells(events);
        let from = line_start(self.text, range.start);
        let lines = self.text[from..].split_inclusive('\n').take(2);
        let heading: Arc<str> = lines.collect::<String>().into();
        let mut shape = None;
        let mut resume = Carry::Nothing;
        let mut start = range.start;
        if let Carry::Table { shape: earlier, .. } = &self.carry {
            shape = Some(Arc::clone(earlier));
            resume = self.carry.clone();
            let Some((_, first)) = rows.first() else { return };
            start = first.start;
        }
        let mut first = shape.is_none();
        let mut rest = rows.into_iter().peekable();
        loop {
            let mut chunk = Vec::new();
            let mut end = start.max(if first { range.start + heading.trim_end().len() } else { 0 });
            while let Some((_, place)) = rest.peek() {
                let full = chunk.len() == CHUNK_ROWS || end - start >= CHUNK_BYTES;
                if full && !chunk.is_empty() {
                    break;
                }
                end = place.end;
                chunk.extend(rest.next().map(|(cells, _)| cells));
            }
            let shared = shape
                .get_or_insert_with(|| Shape::new(aligns.to_vec(), head.clone(), &chunk))
                .clone();
            let table = Box::new(Table { shape: Arc::clone(&shared), rows: chunk, first });
            let pieces = vec![Piece::Table { lead: Arc::new(Lead::default()), table }];
            self.push(Kind::Nested, &(start..end), pieces, resume);
            let Some((_, next)) = rest.peek() else { return };
            start = next.start;
            first = false;
            resume = Carry::Table { shape: shared, head: Arc::clone(&heading) };
        }
    }

    /// The heading and the rows of a table, each row with its place.
    fn cells(
        &self,
        events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
    ) -> (Cells, Vec<(Cells, Range<usize>)>) {
        let mut head = Vec::new();
        let mut rows = Vec::new();
        let mut builder = Builder::new(self.text);
        builder.event(Event::Start(Tag::Table(Vec::new())), 0..0);
        for (event, range) in events {
            match event {
                Event::End(TagEnd::Table) => break,
                Event::End(TagEnd::TableHead) => {
                    builder.event(event, range);
                    head = builder.take_head();
                }
                Event::End(TagEnd::TableRow) => {
                    builder.event(event, range.clone());
                    rows.extend(builder.take_row().map(|row| (row, range)));
                }
                event => builder.event(event, range),
            }
        }
        (head, rows)
    }

    fn push(&mut self, kind: Kind, range: &Range<usize>, pieces: Vec<Piece>, resume: Carry) {
        let start = line_start(self.text, range.start);
        let end = content_end(self.text, range.end).max(start);
        self.found.push(Found { kind, start, end, pieces, resume, info: String::new() });
    }
}

/// Hands everything up to the end of the block that was started to the builder.
fn feed<'a>(
    builder: &mut Builder<'a>,
    events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>,
) {
    let mut depth = 1;
    for (event, range) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        builder.event(event, range);
        if depth == 0 {
            return;
        }
    }
}

fn skip<'a>(events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>) {
    for (event, _) in events {
        if event == Event::End(TagEnd::CodeBlock) {
            return;
        }
    }
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |feed| feed + 1)
}
