//! Text in columns: measured, cut and drawn by grapheme cluster.
//!
//! The one place that knows how wide a cluster is. It agrees with ratatui's cells.

use std::borrow::Cow;

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

/// Stands for what was cut off.
pub const ELLIPSIS: &str = "…";

/// The columns that `text` takes on screen.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|b| !b.is_ascii_control()).count();
    }
    text.graphemes(true).map(cluster_width).sum()
}

/// The columns of one grapheme cluster; a control character has none, for it is never drawn.
pub fn cluster_width(cluster: &str) -> usize {
    if cluster.contains(char::is_control) {
        return 0;
    }
    usize::from(cluster.cell_width())
}

/// The longest beginning of `text` that fits into `columns`, and the columns it takes.
pub fn head(text: &str, columns: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        let next = used + cluster_width(cluster);
        if next > columns {
            return (&text[..at], used);
        }
        used = next;
    }
    (text, used)
}

/// `text` cut to `columns`, with `…` at the end when something is missing.
pub fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns && text.is_ascii() {
        return Cow::Borrowed(text);
    }
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    match columns {
        0 => Cow::Borrowed(""),
        _ => Cow::Owned(format!("{}{ELLIPSIS}", head(text, columns - 1).0)),
    }
}

/// `text` cut or filled with spaces on the right to exactly `columns`.
pub fn pad_end(text: &str, columns: usize) -> String {
    let cut = fit(text, columns);
    format!("{cut}{}", " ".repeat(columns - width(&cut)))
}

/// `text` cut or filled with spaces on the left to exactly `columns`.
pub fn pad_start(text: &str, columns: usize) -> String {
    let cut = fit(text, columns);
    format!("{}{cut}", " ".repeat(columns - width(&cut)))
}

/// Draws `text` into one row of `area`, cut with `…`; returns the columns taken.
pub fn draw(text: &str, area: Rect, buf: &mut Buffer, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return 0;
    }
    let shown = fit(text, usize::from(area.width));
    set(&shown, area.x, area.y, area.width, style, buf) - area.x
}

/// Writes `text` from this cell on, at most `columns` of it; gives the column behind. Plain ASCII,
/// which is nearly everything, needs no search for clusters.
pub fn set(text: &str, x: u16, y: u16, columns: u16, style: Style, buf: &mut Buffer) -> u16 {
    let plain = |byte: u8| (0x20..0x7f).contains(&byte);
    if !text.bytes().all(plain) {
        return buf.set_stringn(x, y, text, usize::from(columns), style).0;
    }
    let room = usize::from(columns.min(buf.area.right().saturating_sub(x)));
    let length = text.len().min(room);
    let start = buf.index_of(x, y);
    let cells = &mut buf.content[start..start + length];
    for (at, cell) in cells.iter_mut().enumerate() {
        cell.set_symbol(&text[at..=at]).set_style(style);
    }
    x + u16::try_from(length).unwrap_or(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_written_as_the_buffer_would_write_it() {
        let style = Style::new().bold();
        for text in ["", "plain", "much too long for the room", "caf\u{e9} \u{6f22}", "a\tb\u{1b}"]
        {
            for columns in [0, 3, 8, 99] {
                let mut ours = Buffer::empty(Rect::new(0, 0, 12, 2));
                let mut theirs = ours.clone();
                let end = set(text, 2, 1, columns, style, &mut ours);
                let (wanted, _) = theirs.set_stringn(2, 1, text, usize::from(columns), style);
                assert_eq!((end, &ours), (wanted, &theirs), "{text:?} in {columns}");
            }
        }
    }

    #[test]
    fn widths_are_those_of_clusters() {
        for (text, columns) in [
            ("", 0),
            ("abc", 3),
            ("漢字", 4),
            ("e\u{301}", 1),
            ("👩‍🔬", 2),
            ("👨‍👩‍👧", 2),
            ("🇨🇭", 2),
            ("a\u{7}b", 2),
            ("\u{7}", 0),
        ] {
            assert_eq!(width(text), columns, "{text:?}");
        }
    }

    #[test]
    fn widths_agree_with_the_cells() {
        for text in ["plain", "漢字 e\u{301}", "ｶﾞ", "👩‍🔬❤️1️⃣", "क्‍ष", "가", "\u{301}"]
        {
            let mut buf = Buffer::empty(Rect::new(0, 0, 40, 1));
            let (end, _) = buf.set_stringn(0, 0, text, 40, Style::new());
            assert_eq!(width(text), usize::from(end), "{text:?}");
        }
    }

    #[test]
    fn cutting_never_splits_a_cluster() {
        assert_eq!(fit("hello", 5), "hello");
        assert_eq!(fit("hello", 4), "hel…");
        assert_eq!(fit("hello", 1), "…");
        assert_eq!(fit("hello", 0), "");
        assert_eq!(fit("漢字", 3), "漢…");
        assert_eq!(fit("漢字", 2), "…");
        assert_eq!(fit("👩‍🔬👩‍🔬", 3), "👩‍🔬…");
        assert_eq!(head("漢字", 3), ("漢", 2));
    }

    #[test]
    fn padding_gives_the_exact_width() {
        for columns in 0..8 {
            assert_eq!(width(&pad_end("漢字ab", columns)), columns);
            assert_eq!(width(&pad_start("漢字ab", columns)), columns);
        }
        assert_eq!(pad_start("1.5", 5), "  1.5");
    }

    #[test]
    fn drawing_outside_the_buffer_draws_nothing() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 3, 1));
        assert_eq!(draw("abcdef", Rect::new(1, 0, 9, 1), &mut buf, Style::new()), 2);
        assert_eq!(draw("abc", Rect::new(0, 5, 3, 1), &mut buf, Style::new()), 0);
        assert_eq!(buf, Buffer::with_lines([" a…"]));
    }
}
