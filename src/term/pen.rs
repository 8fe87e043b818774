//! The style that the terminal writes with, and the shortest way from one to another.

use std::io::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::glyph::{SHOWS_ON_BLANK, is_erased};

/// Colours and modifiers in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    /// What a reset leaves.
    pub(super) const PLAIN: Self =
        Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether the cell looks right when written with this pen: a blank does not care for the
    /// colour of the text.
    pub(super) fn suits(self, cell: &Cell) -> bool {
        self == Self::of(cell) || (is_erased(cell) && self.erases())
    }

    /// Whether erasing with this pen leaves the default background.
    pub(super) fn erases(self) -> bool {
        self.bg == Color::Reset && !self.modifier.intersects(SHOWS_ON_BLANK)
    }

    /// Writes the shorter of "change what differs" and "reset and set anew".
    pub(super) fn change(&mut self, to: Self, out: &mut Vec<u8>) {
        if *self == to {
            return;
        }
        let mut change = Codes::default();
        change.modifiers(self.modifier, to.modifier);
        change.colour(self.fg, to.fg, 30);
        change.colour(self.bg, to.bg, 40);
        let mut anew = Codes::reset();
        anew.modifiers(Modifier::empty(), to.modifier);
        anew.colour(Color::Reset, to.fg, 30);
        anew.colour(Color::Reset, to.bg, 40);
        let codes = if anew.bytes.len() < change.bytes.len() { anew } else { change };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(&codes.bytes);
        out.push(b'm');
        *self = to;
    }
}

/// Parameters of one SGR sequence.
#[derive(Default)]
struct Codes {
    bytes: Vec<u8>,
    /// A lone reset is written as no parameter at all.
    reset: bool,
}

const ON: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];
const OFF: [(Modifier, u8); 7] = [
    (Modifier::BOLD.union(Modifier::DIM), 22),
    (Modifier::ITALIC, 23),
    (Modifier::UNDERLINED, 24),
    (Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK), 25),
    (Modifier::REVERSED, 27),
    (Modifier::HIDDEN, 28),
    (Modifier::CROSSED_OUT, 29),
];

impl Codes {
    fn reset() -> Self {
        Self { bytes: Vec::new(), reset: true }
    }

    fn push(&mut self, code: std::fmt::Arguments<'_>) {
        if std::mem::take(&mut self.reset) {
            self.bytes.push(b'0');
        }
        if !self.bytes.is_empty() {
            self.bytes.push(b';');
        }
        // Writing to a Vec cannot fail.
        let _ = self.bytes.write_fmt(code);
    }

    fn modifiers(&mut self, from: Modifier, to: Modifier) {
        let mut kept = from;
        for (group, code) in OFF {
            // Bold and dim share one off code: what should stay of the pair is set again below.
            if (from - to).intersects(group) {
                self.push(format_args!("{code}"));
                kept -= group;
            }
        }
        for (modifier, code) in ON {
            if (to - kept).contains(modifier) {
                self.push(format_args!("{code}"));
            }
        }
    }

    /// `base` is 30 for the text and 40 for the background.
    fn colour(&mut self, from: Color, to: Color, base: u8) {
        if from == to {
            return;
        }
        match to {
            Color::Reset => self.push(format_args!("{}", base + 9)),
            Color::Rgb(r, g, b) => self.push(format_args!("{};2;{r};{g};{b}", base + 8)),
            Color::Indexed(i @ 16..) => self.push(format_args!("{};5;{i}", base + 8)),
            Color::Indexed(i) => self.named(i, base),
            Color::Black => self.named(0, base),
            Color::Red => self.named(1, base),
            Color::Green => self.named(2, base),
            Color::Yellow => self.named(3, base),
            Color::Blue => self.named(4, base),
            Color::Magenta => self.named(5, base),
            Color::Cyan => self.named(6, base),
            Color::Gray => self.named(7, base),
            Color::DarkGray => self.named(8, base),
            Color::LightRed => self.named(9, base),
            Color::LightGreen => self.named(10, base),
            Color::LightYellow => self.named(11, base),
            Color::LightBlue => self.named(12, base),
            Color::LightMagenta => self.named(13, base),
            Color::LightCyan => self.named(14, base),
            Color::White => self.named(15, base),
        }
    }

    fn named(&mut self, index: u8, base: u8) {
        let code = if index < 8 { base + index } else { base + 60 + index - 8 };
        self.push(format_args!("{code}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Pen, to: Pen) -> String {
        let mut out = Vec::new();
        let mut pen = from;
        pen.change(to, &mut out);
        assert_eq!(pen, to);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn transitions_are_minimal() {
        let bold = Pen { modifier: Modifier::BOLD, ..Pen::PLAIN };
        let red = Pen { fg: Color::Red, ..Pen::PLAIN };
        let loud = Pen { fg: Color::Rgb(1, 2, 3), bg: Color::Indexed(200), ..bold };
        assert_eq!(change(Pen::PLAIN, Pen::PLAIN), "");
        assert_eq!(change(Pen::PLAIN, bold), "\u{1b}[1m");
        assert_eq!(change(loud, Pen::PLAIN), "\u{1b}[m");
        assert_eq!(change(red, Pen::PLAIN), "\u{1b}[m");
        assert_eq!(change(Pen::PLAIN, loud), "\u{1b}[1;38;2;1;2;3;48;5;200m");
        assert_eq!(change(loud, red), "\u{1b}[0;31m");
        assert_eq!(change(Pen { bg: Color::White, ..red }, red), "\u{1b}[49m");
    }

    #[test]
    fn dropping_bold_keeps_dim() {
        let both = Pen { modifier: Modifier::BOLD | Modifier::DIM, ..Pen::PLAIN };
        let dim = Pen { modifier: Modifier::DIM, fg: Color::LightBlue, ..Pen::PLAIN };
        assert_eq!(change(Pen { fg: Color::LightBlue, ..both }, dim), "\u{1b}[22;2m");
    }
}
