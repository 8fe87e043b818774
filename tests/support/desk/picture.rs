//! What a person sees: cells with their styles, as text that tests can read and compare.

use std::fmt::Write as _;

use super::steady;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// What stands there; a space when nothing does, empty behind a wide cluster.
    pub(crate) text: String,
    /// The style in words: `fg=4 bold`; empty for the terminal's own.
    pub(crate) style: String,
}

/// A screen at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    rows: Vec<Vec<Spot>>,
    /// Column and row, when it is shown.
    pub(crate) cursor: Option<(u16, u16)>,
}

impl Picture {
    pub(crate) fn of(screen: &vt100::Screen) -> Picture {
        let (height, width) = screen.size();
        let spot = |y, x| match screen.cell(y, x) {
            Some(cell) => Spot { text: text(cell), style: style(cell) },
            None => Spot { text: " ".into(), style: String::new() },
        };
        let rows = (0..height).map(|y| (0..width).map(|x| spot(y, x)).collect()).collect();
        let (y, x) = screen.cursor_position();
        Picture { rows, cursor: (!screen.hide_cursor()).then_some((x, y)) }
    }

    /// The rows, without the blanks at their ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.rows.iter().map(|row| line(row)).collect()
    }

    /// The whole screen as text.
    pub(crate) fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Whether a row of the screen contains this.
    pub(crate) fn contains(&self, words: &str) -> bool {
        self.rows.iter().any(|row| line(row).contains(words))
    }

    /// The first row that contains this.
    pub(crate) fn line_with(&self, words: &str) -> Option<String> {
        self.lines().into_iter().find(|line| line.contains(words))
    }

    /// The last row: the status line.
    pub(crate) fn status(&self) -> String {
        self.rows.last().map(|row| line(row)).unwrap_or_default()
    }

    /// The style of the first cell of these words.
    pub(crate) fn style_of(&self, words: &str) -> Option<String> {
        for row in &self.rows {
            let texts: Vec<&str> = row.iter().map(|spot| spot.text.as_str()).collect();
            let starts = (0..row.len()).find(|at| texts[*at..].concat().starts_with(words));
            if let Some(at) = starts {
                return Some(row[at].style.clone());
            }
        }
        None
    }

    /// The same picture with everything that differs from run to run (times of day, durations,
    /// speeds, the port) put into words that do not.
    pub(crate) fn steady(&self) -> Picture {
        let rows = self.rows.iter().map(|row| steady::row(row.clone())).collect();
        Picture { rows, cursor: self.cursor }
    }

    /// Which style each cell has: a letter for each style, and what the letters mean.
    pub(crate) fn styles(&self) -> String {
        let mut known: Vec<&str> = Vec::new();
        let mut map = String::new();
        for row in &self.rows {
            let mut letters = String::new();
            for spot in row {
                letters.push(letter(spot, &mut known));
            }
            map.push_str(letters.trim_end());
            map.push('\n');
        }
        for (at, style) in known.iter().enumerate() {
            let _ = writeln!(map, "{} {style}", letter_of(at));
        }
        map
    }

    /// Text and styles of the steady picture: what snapshots keep.
    pub(crate) fn snapshot(&self) -> String {
        let steady = self.steady();
        let width = self.rows.first().map_or(0, Vec::len);
        let edge = format!("+{}+", "-".repeat(width));
        let mut shot = format!("{edge}\n");
        for row in &steady.rows {
            let blank = " ".repeat(width.saturating_sub(columns(row)));
            let _ = writeln!(
                shot,
                "|{}{blank}|",
                row.iter().map(|s| s.text.as_str()).collect::<String>()
            );
        }
        let cursor = self.cursor.map_or("hidden".into(), |(x, y)| format!("column {x}, row {y}"));
        let _ = write!(shot, "{edge}\ncursor {cursor}\n\n{}", steady.styles());
        shot
    }
}

fn columns(row: &[Spot]) -> usize {
    row.len()
}

fn line(row: &[Spot]) -> String {
    let text: String = row.iter().map(|spot| spot.text.as_str()).collect();
    text.trim_end().to_owned()
}

fn letter_of(at: usize) -> char {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    letters.chars().nth(at).unwrap_or('?')
}

fn letter<'s>(spot: &'s Spot, known: &mut Vec<&'s str>) -> char {
    if spot.style.is_empty() {
        return if spot.text.trim().is_empty() { ' ' } else { '.' };
    }
    // The colour of a blank cell's text cannot be seen.
    let unseen = spot.text.trim().is_empty()
        && !["bg", "under", "reverse"].iter().any(|word| spot.style.contains(word));
    if unseen {
        return ' ';
    }
    let at = known.iter().position(|style| *style == spot.style).unwrap_or_else(|| {
        known.push(&spot.style);
        known.len() - 1
    });
    letter_of(at)
}

fn text(cell: &vt100::Cell) -> String {
    if cell.is_wide_continuation() {
        return String::new();
    }
    if cell.has_contents() { cell.contents().to_owned() } else { " ".into() }
}

fn style(cell: &vt100::Cell) -> String {
    let mut words = Vec::new();
    words.extend(colour("fg", cell.fgcolor()));
    words.extend(colour("bg", cell.bgcolor()));
    let flags = [
        (cell.bold(), "bold"),
        (cell.dim(), "dim"),
        (cell.italic(), "italic"),
        (cell.underline(), "underlined"),
        (cell.inverse(), "reverse"),
    ];
    words.extend(flags.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
    words.join(" ")
}

fn colour(what: &str, colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Idx(index) => Some(format!("{what}={index}")),
        vt100::Color::Rgb(r, g, b) => Some(format!("{what}=#{r:02x}{g:02x}{b:02x}")),
    }
}
