//! A terminal emulator beside a `Screen`: what it shows must be what was drawn.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use routedeck::term::{Caps, ColorDepth, Cursor, CursorShape, Presented, Screen, Scroll};

/// A screen whose bytes go to an emulator.
pub(crate) struct Pair {
    pub(crate) screen: Screen,
    pub(crate) emulator: vt100::Parser,
    /// Bytes of the last frame.
    pub(crate) bytes: Vec<u8>,
}

impl Pair {
    pub(crate) fn new(columns: u16, rows: u16, caps: Caps) -> Self {
        let screen = Screen::new(Size::new(columns, rows), caps);
        let mut emulator = vt100::Parser::new(rows, columns, 0);
        // Whatever was there before must not matter.
        emulator.process(rubbish(columns, rows));
        Self { screen, emulator, bytes: Vec::new() }
    }

    /// Draws and presents one frame, feeds it to the emulator and compares.
    pub(crate) fn frame(
        &mut self,
        drawn: &Buffer,
        cursor: Cursor,
        hint: Option<Scroll>,
    ) -> Presented {
        let back = self.screen.back();
        assert_eq!(back.area, drawn.area);
        back.content.clone_from(&drawn.content);
        self.bytes.clear();
        let presented = self.screen.present(cursor, hint, &mut self.bytes);
        assert_eq!(presented.bytes, self.bytes.len());
        self.emulator.process(&self.bytes);
        presented
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.resize(Size::new(columns, rows));
        // A new one: this emulator keeps half a wide character at a cut, and panics over it later.
        self.emulator = vt100::Parser::new(rows, columns, 0);
        self.emulator.process(rubbish(columns, rows));
    }

    /// Every cell of the emulator as the buffer wants it; the first difference, if any.
    pub(crate) fn difference(&self, drawn: &Buffer, depth: ColorDepth) -> Option<String> {
        let area = drawn.area;
        for y in 0..area.height {
            let mut x = 0;
            while x < area.width {
                let wanted = Wanted::of(drawn, x, y);
                let shown = self.emulator.screen().cell(y, x).expect("inside the screen");
                if let Some(why) = wanted.differs(shown, depth) {
                    return Some(format!("column {x}, row {y}: {why}"));
                }
                x += wanted.columns;
            }
        }
        None
    }

    /// Where the emulator's cursor is, and whether it shows.
    pub(crate) fn cursor(&self) -> (Position, bool) {
        let (row, column) = self.emulator.screen().cursor_position();
        (Position::new(column, row), !self.emulator.screen().hide_cursor())
    }
}

/// What somebody else may have left on the terminal: colours, a region, a cursor anywhere.
pub(crate) fn rubbish(columns: u16, rows: u16) -> &'static [u8] {
    // This emulator cannot wrap a line on one row, nor a wide character in one column.
    if columns < 12 || rows < 3 {
        return b"\x1b[41;4m\rx";
    }
    "\u{1b}[41;4mrubbish 你\u{1b}[2;3r\u{1b}[3;2Hmore\n\u{1b}[44;7mx".as_bytes()
}

/// A cursor at this place.
pub(crate) fn cursor(x: u16, y: u16) -> Cursor {
    Cursor { at: Some(Position::new(x, y)), shape: CursorShape::Terminal }
}

/// What a terminal ought to show at one place, worked out apart from the emitter.
struct Wanted<'a> {
    text: &'a str,
    cell: &'a Cell,
    columns: u16,
}

impl<'a> Wanted<'a> {
    fn of(drawn: &'a Buffer, x: u16, y: u16) -> Self {
        let cell = &drawn[(x, y)];
        let text = cell.symbol();
        let columns = unicode_width::UnicodeWidthStr::width(text).max(1) as u16;
        let fits = x + columns <= drawn.area.width;
        let whole = (1..columns)
            .all(|i| drawn.cell((x + i, y)).is_some_and(|cell| matches!(cell.symbol(), " " | "")));
        // Half a wide character cannot be shown.
        if fits && whole {
            Self { text, cell, columns }
        } else {
            Self { text: " ", cell, columns: 1 }
        }
    }

    fn differs(&self, shown: &vt100::Cell, depth: ColorDepth) -> Option<String> {
        let text = if shown.has_contents() { shown.contents() } else { " " };
        if text != self.text {
            return Some(format!("{text:?} instead of {:?}", self.text));
        }
        let modifier = self.cell.modifier;
        let inverse = modifier.contains(Modifier::REVERSED);
        let underline = modifier.contains(Modifier::UNDERLINED);
        let mut wanted = vec![("inverse", inverse), ("underline", underline)];
        let mut found = vec![shown.inverse(), shown.underline()];
        let blank = self.text == " " && !inverse && !underline;
        if !blank {
            wanted.push(("italic", modifier.contains(Modifier::ITALIC)));
            found.push(shown.italic());
            // This emulator knows bold or dim, not both.
            let weights = [Modifier::BOLD, Modifier::DIM].map(|m| modifier.contains(m));
            if weights != [true, true] {
                wanted.extend([("bold", weights[0]), ("dim", weights[1])]);
                found.extend([shown.bold(), shown.dim()]);
            }
        }
        for ((name, wanted), found) in wanted.iter().zip(found) {
            if *wanted != found {
                return Some(format!("{name} is {found} on {text:?}"));
            }
        }
        let colours = [
            ("background", shown.bgcolor(), self.cell.bg, true),
            ("text colour", shown.fgcolor(), self.cell.fg, !blank),
        ];
        colours.into_iter().find_map(|(name, found, wanted, matters)| {
            (matters && !allowed(found, wanted, depth))
                .then(|| format!("{name} is {found:?} instead of {wanted:?} on {text:?}"))
        })
    }
}

/// Whether a terminal of this depth may show `found` for `wanted`.
fn allowed(found: vt100::Color, wanted: Color, depth: ColorDepth) -> bool {
    let exact = match wanted {
        Color::Reset => vt100::Color::Default,
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Indexed(i) => vt100::Color::Idx(i),
        named => vt100::Color::Idx(NAMED.iter().position(|c| *c == named).unwrap() as u8),
    };
    match (depth, exact) {
        (ColorDepth::None, _) => found == vt100::Color::Default,
        (ColorDepth::Indexed, vt100::Color::Rgb(..)) => matches!(found, vt100::Color::Idx(16..)),
        (ColorDepth::Sixteen, vt100::Color::Rgb(..) | vt100::Color::Idx(16..)) => {
            matches!(found, vt100::Color::Idx(..16))
        }
        (ColorDepth::True | ColorDepth::Indexed | ColorDepth::Sixteen, exact) => found == exact,
    }
}

const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];
