//! Turns the parser's events of one block into pieces.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd,
};
use ratatui::style::Modifier;

use super::block::{Lead, Piece};
use super::code::Code;
use super::line::{Look, Styled};
use super::table::{Shape, Table, head_look};
use super::wrap::is_cjk;
use crate::domain::text::{clean, clean_line};
use crate::tui::theme::Role;
use crate::tui::widgets::text::{fit, width};

const QUOTE_BAR: &str = "▎ ";
const BULLETS: [&str; 3] = ["• ", "◦ ", "▪ "];
/// A longer address is cut: nobody reads it, and it may be a picture in disguise.
const LONGEST_URL: usize = 300;

/// What surrounds the text: a quote or a list item.
struct Container {
    first: Styled,
    rest: Styled,
    /// Its first piece, with the bullet, has been made.
    used: bool,
}

/// A link or image that is still open.
struct Target {
    url: String,
    /// Where its words begin in the text.
    from: usize,
    image: bool,
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
    looks: Vec<Look>,
    text: Styled,
    /// Whether `text` belongs to a piece, even when empty.
    open: bool,
    /// A line break of the source waits for the word after it.
    soft: bool,
    targets: Vec<Target>,
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
            looks: vec![Look::of(Role::Text)],
            text: Styled::default(),
            open: false,
            soft: false,
            targets: Vec::new(),
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
            Event::Text(text) => self.write(&text, &range),
            Event::Code(text) => {
                let look = self.look().in_role(Role::Code);
                self.write_as(&text, look, &range);
            }
            Event::InlineHtml(text) if is_line_break(&text) => self.line_break(&range),
            Event::Html(text) | Event::InlineHtml(text) => self.write(&text, &range),
            Event::SoftBreak => {
                self.soft = true;
                self.reached = range.end;
            }
            Event::HardBreak => self.line_break(&range),
            Event::Rule => {
                self.begin(range.start);
                let lead = self.lead();
                self.pieces.push(Piece::Rule { lead });
                self.done(range.end);
            }
            Event::TaskListMarker(checked) => self.task(checked, &range),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.write(&text, &range);
            }
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph => self.begin_text(range.start),
            Tag::Heading { level, .. } => {
                self.begin_text(range.start);
                self.looks.push(heading_look(level));
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
            Tag::TableHead => self.looks.push(head_look()),
            Tag::Emphasis => self.stress(Modifier::ITALIC),
            Tag::Strong => self.stress(Modifier::BOLD),
            Tag::Strikethrough => self.stress(Modifier::CROSSED_OUT),
            Tag::Link { link_type, dest_url, .. } => self.link(link_type, &dest_url, range),
            Tag::Image { dest_url, .. } => self.image(&dest_url, range),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_text(range.end),
            TagEnd::Heading(_) => {
                self.looks.pop();
                self.end_text(range.end);
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.containers.pop();
                self.looks.pop();
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
                let mut cell = std::mem::take(&mut self.text);
                cell.shrink();
                self.soft = false;
                if let Some(cells) = &mut self.cells {
                    cells.row.push(cell);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.looks.pop();
            }
            TagEnd::Link | TagEnd::Image => self.end_target(range),
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
        self.soft = false;
        if !std::mem::take(&mut self.open) {
            return;
        }
        let mut body = std::mem::take(&mut self.text);
        body.truncate(body.text().trim_end_matches([' ', '\n']).len());
        body.shrink();
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
        let look = self.look().in_role(Role::Quote);
        self.looks.push(look);
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
            self.looks.pop();
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

    fn look(&self) -> Look {
        self.looks.last().copied().unwrap_or(Look::of(Role::Text))
    }

    fn stress(&mut self, stress: Modifier) {
        let look = self.look().with(stress);
        self.looks.push(look);
    }

    fn write(&mut self, text: &str, range: &Range<usize>) {
        self.write_as(text, self.look(), range);
    }

    fn write_as(&mut self, text: &str, look: Look, range: &Range<usize>) {
        if !self.open && self.cells.is_none() {
            // The text of an item without blank lines comes without a paragraph around it.
            self.begin_text(range.start);
        }
        self.reached = range.end;
        let text = self.harmless(text);
        if std::mem::take(&mut self.soft) {
            let last = self.text.text().chars().next_back();
            let wide = last.is_some_and(is_cjk) && text.chars().next().is_some_and(is_cjk);
            if !wide && last.is_some_and(|last| last != '\n') {
                self.text.push(" ", look);
            }
        }
        self.text.push(&text, look);
    }

    /// The source is clean already, but `&#27;` and its kind become characters only here.
    fn harmless<'t>(&self, text: &'t str) -> CowStr<'t> {
        let plain = text.bytes().all(|b| (b' '..0x7f).contains(&b) || b == b'\n');
        let of_source = self.source.as_bytes().as_ptr_range().contains(&text.as_ptr());
        if plain || (of_source && !text.contains('\t')) {
            return CowStr::Borrowed(text);
        }
        CowStr::from(clean(text).replace('\t', " "))
    }

    fn line_break(&mut self, range: &Range<usize>) {
        let look = self.look();
        self.soft = false;
        self.write_as("\n", look, range);
    }

    fn link(&mut self, kind: LinkType, url: &str, range: &Range<usize>) {
        let url = clean_line(url);
        let url = if kind == LinkType::Email { format!("mailto:{url}") } else { url };
        self.write("", range);
        let pending = usize::from(self.soft);
        let from = self.text.text().len() + pending;
        self.targets.push(Target { url, from, image: false });
        let look = self.look().in_role(Role::Link);
        self.looks.push(look);
    }

    fn image(&mut self, url: &str, range: &Range<usize>) {
        let look = self.look().in_role(Role::Link);
        self.write_as("[image: ", look, range);
        let url = clean_line(url);
        self.targets.push(Target { url, from: self.text.text().len(), image: true });
        self.looks.push(look);
    }

    fn end_target(&mut self, range: &Range<usize>) {
        let Some(target) = self.targets.pop() else { return };
        let look = self.look();
        self.looks.pop();
        self.reached = range.end;
        if target.image {
            if self.text.text().len() == target.from {
                // Nothing was said about it: take the bare sign.
                self.text.truncate(target.from - 2);
            }
            self.text.push("]", look);
        }
        let words = self.text.text().get(target.from..).unwrap_or("");
        if !tells(words, &target) {
            let shown = format!(" ({})", fit(&target.url, LONGEST_URL));
            self.text.push(&shown, self.look().in_role(Role::Url));
        }
    }
}

/// Whether the words of a link already say where it leads.
fn tells(words: &str, target: &Target) -> bool {
    let url = target.url.as_str();
    let bare = url.strip_prefix("mailto:").unwrap_or(url);
    let nowhere = url.is_empty() || url.starts_with('#');
    let inline = target.image && url.starts_with("data:");
    nowhere || inline || words == url || words == bare
}

fn heading_look(level: HeadingLevel) -> Look {
    let heading = Look::of(Role::Heading).with(Modifier::BOLD);
    match level {
        HeadingLevel::H1 => heading.with(Modifier::UNDERLINED),
        HeadingLevel::H2 => heading,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => {
            heading.with(Modifier::ITALIC)
        }
    }
}

fn is_line_break(html: &str) -> bool {
    let name = html.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
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
