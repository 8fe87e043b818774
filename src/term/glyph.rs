//! Cells made regular before they are compared: one meaning, one form.
//!
//! After [`regularise`] a cluster of width `w` is one cell with the symbol followed by `w - 1`
//! cells with the empty symbol, blanks have no invisible style, colours are those that will be
//! sent, and no control character is left. Two rows then show the same exactly when they are equal.

use ratatui::buffer::{Buffer, Cell, CellDiffOption, CellWidth};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthChar;

use super::caps::EmojiMode;
use super::colour::Palette;

/// Modifiers that show on a blank.
pub(super) const SHOWS_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Columns of a symbol, as ratatui counts them, but at least one.
pub(super) fn width(symbol: &str) -> u16 {
    // One byte first: ratatui refuses to measure a control character.
    if symbol.len() <= 1 || symbol.chars().any(char::is_control) {
        return 1;
    }
    symbol.cell_width().max(1)
}

/// The second and further columns of a wide cluster.
pub(super) fn is_continuation(cell: &Cell) -> bool {
    cell.symbol().is_empty()
}

/// A blank on the default background: what erasing leaves.
pub(super) fn is_erased(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SHOWS_ON_BLANK)
}

/// Columns a terminal might take that adds up characters instead of looking at the cluster.
pub(super) fn widest(symbol: &str) -> u16 {
    let sum: usize = symbol.chars().map(|c| c.width().unwrap_or(0)).sum();
    (sum as u16).max(width(symbol))
}

/// Whether terminals disagree about the width of this symbol.
pub(super) fn is_doubtful(symbol: &str) -> bool {
    if symbol.is_ascii() {
        return false;
    }
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return false };
    if is_disputed(first) {
        return true;
    }
    let mut rest = chars.peekable();
    rest.peek().is_some() && (rest.any(joins_emoji) || widest(symbol) != symbol.cell_width())
}

/// Emoji, flags, and punctuation that East Asian settings draw wide. Letters and box drawing are
/// left out: every Russian word and every border would cost a cursor move for a setting that
/// breaks all full-screen programs alike.
fn is_disputed(c: char) -> bool {
    match c {
        '\u{2500}'..='\u{259f}' => false,
        '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => true,
        _ => !c.is_alphanumeric() && c.width() != c.width_cjk(),
    }
}

/// Variation selector, joiner, keycap, skin tone or regional indicator.
fn joins_emoji(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{fe0e}' | '\u{200d}' | '\u{20e3}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{1f1e6}'..='\u{1f1ff}')
}

/// Makes every cell of the buffer regular, in place.
pub(super) fn regularise(buffer: &mut Buffer, emoji: EmojiMode, palette: &mut Palette) {
    let columns = usize::from(buffer.area.width);
    if columns == 0 {
        return;
    }
    for row in buffer.content.chunks_mut(columns) {
        regularise_row(row, emoji, palette);
    }
}

fn regularise_row(row: &mut [Cell], emoji: EmojiMode, palette: &mut Palette) {
    let mut x = 0;
    while x < row.len() {
        polish(&mut row[x], palette);
        let symbol = row[x].symbol();
        if symbol.len() == 1 {
            x += 1;
            continue;
        }
        let columns = usize::from(width(symbol));
        let cut = x + columns > row.len()
            || row[x + 1..x + columns].iter().any(|cell| !matches!(cell.symbol(), " " | ""));
        if cut {
            // Half of it was drawn over, or it does not fit: a half cannot be shown.
            row[x].set_symbol(" ");
            polish(&mut row[x], palette);
            x += 1;
            continue;
        }
        let plain = match emoji {
            EmojiMode::Full => is_risky_at_the_edge(row[x].symbol(), x, row.len()),
            EmojiMode::Simple => true,
        };
        let [lead, rest @ ..] = &mut row[x..x + columns] else { return };
        for cell in rest.iter_mut() {
            cell.clone_from(lead);
            cell.set_symbol("");
        }
        if plain {
            simplify(&mut row[x..x + columns]);
        }
        x += columns;
    }
}

/// A cluster that some terminals draw wider than we think would wrap at the right edge.
fn is_risky_at_the_edge(symbol: &str, x: usize, columns: usize) -> bool {
    is_doubtful(symbol) && x + usize::from(widest(symbol)) > columns
}

/// Colours mapped, controls and zero-width symbols replaced, invisible style removed.
fn polish(cell: &mut Cell, palette: &mut Palette) {
    cell.diff_option = CellDiffOption::None;
    cell.fg = palette.map(cell.fg);
    cell.bg = palette.map(cell.bg);
    let symbol = cell.symbol();
    let harmless = match symbol.as_bytes() {
        [byte] => (0x20..0x7f).contains(byte),
        [] => false,
        _ => !symbol.chars().any(char::is_control) && symbol.cell_width() > 0,
    };
    if !harmless {
        cell.set_symbol(" ");
    }
    if cell.symbol() == " " && !cell.modifier.intersects(SHOWS_ON_BLANK) {
        cell.fg = Color::Reset;
        cell.modifier = Modifier::empty();
    }
}

/// Replaces an emoji sequence by its first character (a flag by its two letters).
fn simplify(cells: &mut [Cell]) {
    let symbol = cells[0].symbol().to_owned();
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return };
    // Joiners between letters belong to the script.
    if first.is_alphabetic() || !symbol.chars().skip(1).any(joins_emoji) {
        return;
    }
    let letters: Vec<char> = symbol.chars().map_while(flag_letter).collect();
    let shown = if letters.is_empty() { vec![first] } else { letters };
    let mut x = 0;
    for c in shown {
        let columns = c.width().unwrap_or(1).max(1);
        if x + columns > cells.len() {
            break;
        }
        cells[x].set_char(c);
        x += columns;
    }
    for cell in &mut cells[x..] {
        cell.set_symbol(" ");
        if !cell.modifier.intersects(SHOWS_ON_BLANK) {
            cell.fg = Color::Reset;
            cell.modifier = Modifier::empty();
        }
    }
}

fn flag_letter(c: char) -> Option<char> {
    let offset = u32::from(c).checked_sub(0x1f1e6).filter(|offset| *offset < 26)?;
    char::from_u32(u32::from('A') + offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::caps::ColorDepth;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn row(text: &str, columns: u16, emoji: EmojiMode) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, 1));
        buffer.set_string(0, 0, text, Style::new());
        regularise(&mut buffer, emoji, &mut Palette::new(ColorDepth::True));
        buffer.content.iter().map(|cell| cell.symbol().to_owned()).collect()
    }

    #[test]
    fn wide_clusters_own_their_columns() {
        assert_eq!(row("a你b", 4, EmojiMode::Full), ["a", "你", "", "b"]);
        assert_eq!(row("👩‍🔬x", 6, EmojiMode::Full), ["👩‍🔬", "", "x", " ", " ", " "]);
    }

    #[test]
    fn simple_mode_keeps_the_columns_and_drops_the_joiners() {
        for (cluster, cells) in [
            ("👩‍🔬", ["👩", "", "x"]),
            ("❤️", ["❤", " ", "x"]),
            ("1️⃣", ["1", " ", "x"]),
            ("🇩🇪", ["D", "E", "x"]),
            ("👍🏽", ["👍", "", "x"]),
        ] {
            assert_eq!(row(&format!("{cluster}x"), 3, EmojiMode::Simple), cells, "{cluster}");
        }
        assert_eq!(row("क्‍ष", 4, EmojiMode::Simple)[0], "क्‍ष", "letters keep their joiners");
    }

    #[test]
    fn a_cluster_that_may_wrap_at_the_edge_is_simplified() {
        assert_eq!(row("x👩‍🔬", 3, EmojiMode::Full), ["x", "👩", ""]);
    }

    #[test]
    fn a_half_covered_wide_character_is_not_shown() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        buffer.set_string(0, 0, "你x", Style::new());
        buffer[(1, 0)].set_symbol("│");
        regularise(&mut buffer, EmojiMode::Full, &mut Palette::new(ColorDepth::True));
        let shown: Vec<_> = buffer.content.iter().map(Cell::symbol).collect();
        assert_eq!(shown, [" ", "│", "x"]);
    }

    #[test]
    fn controls_never_stay() {
        for bad in ["\u{1b}", "\u{1b}[31m", "\u{9b}", "\u{7f}", "\n", "a\u{7}", "", "\u{202e}"] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
            buffer[(0, 0)].set_symbol(bad);
            regularise(&mut buffer, EmojiMode::Full, &mut Palette::new(ColorDepth::True));
            assert_eq!(buffer[(0, 0)].symbol(), " ", "{bad:?}");
        }
    }

    #[test]
    fn doubt_falls_on_emoji_and_not_on_languages() {
        for sure in ["a", "你", "é", "e\u{301}", "Ж", "λ", "─", "█", "한", "がっ"] {
            assert!(!is_doubtful(sure), "{sure}");
        }
        for doubtful in ["👩‍🔬", "❤️", "🇩🇪", "👍🏽", "“", "…", "⚠", "✓", "🙂"]
        {
            assert!(is_doubtful(doubtful), "{doubtful}");
        }
    }
}
