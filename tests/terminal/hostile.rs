//! Cells hold anything: only our own sequences may reach the terminal, and rows stay in place.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use routedeck::term::{Caps, EmojiMode, Scroll};

use crate::emulator::{Pair, cursor};

/// Takes one of the sequences that a frame may hold off the front; `None` if it is something else.
fn our_sequence(text: &str) -> Option<usize> {
    // The cursor is kept and brought back around what changes elsewhere.
    if text.starts_with("\u{1b}7") || text.starts_with("\u{1b}8") {
        return Some(2);
    }
    let rest = text.strip_prefix("\u{1b}[")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ';' | '?' | ' '))?;
    let (parameters, letter) = (&rest[..end], rest[end..].chars().next()?);
    let plain = parameters.chars().all(|c| c.is_ascii_digit() || c == ';');
    let known = match letter {
        'A' | 'B' | 'C' | 'D' | 'G' | 'H' | 'K' | 'S' | 'T' | 'X' | 'm' | 'r' => plain,
        'h' | 'l' => matches!(parameters, "?2026" | "?25"),
        'q' => matches!(parameters, "0 " | "2 " | "4 " | "6 "),
        _ => false,
    };
    known.then_some(2 + end + letter.len_utf8())
}

/// The first thing in a frame that is neither text nor one of our sequences.
pub(crate) fn foreign(bytes: &[u8]) -> Option<String> {
    let mut text = std::str::from_utf8(bytes).expect("a frame is UTF-8");
    while let Some(c) = text.chars().next() {
        let length = match c {
            '\u{1b}' => match our_sequence(text) {
                Some(length) => length,
                None => return Some(text.chars().take(20).collect()),
            },
            '\r' | '\n' | '\u{8}' => 1,
            c if c.is_control() => return Some(c.escape_unicode().to_string()),
            c => c.len_utf8(),
        };
        text = &text[length..];
    }
    None
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\u{1b}]52;c;ZXZpbA==\u{7}".to_owned()),
        Just("\u{1b}[2J".to_owned()),
        Just("\u{9b}31m".to_owned()),
        Just("\r\n".to_owned()),
        Just("\u{7f}".to_owned()),
        Just("a\u{202e}b".to_owned()),
        "[\u{0}-\u{1f}]{1,3}",
        "[\u{7f}-\u{9f}][a-z]?",
        "\\PC{0,3}",
        any::<String>().prop_map(|text| text.chars().take(4).collect()),
    ]
}

proptest! {
    #[test]
    fn nothing_but_our_own_sequences_is_sent(
        cells in prop::collection::vec((0u16..20, 0u16..6, hostile()), 1..60),
        emoji in prop::sample::select(vec![EmojiMode::Full, EmojiMode::Simple]),
    ) {
        let mut pair = Pair::new(20, 6, Caps { emoji, ..Caps::default() });
        for round in cells.chunks(20) {
            let mut drawn = Buffer::empty(Rect::new(0, 0, 20, 6));
            for (x, y, symbol) in round {
                drawn[(*x, *y)].set_symbol(symbol);
            }
            pair.frame(&drawn, cursor(0, 0), Some(Scroll { top: 0, bottom: 6, up: 1 }));
            prop_assert_eq!(foreign(&pair.bytes), None);
        }
    }
}

#[test]
fn the_check_itself_sees_foreign_sequences() {
    for bad in ["\u{1b}]0;x\u{7}", "\u{1b}[2J", "\u{1b}[?1049l", "\u{9b}m", "\u{1b}c", "\u{7}"] {
        assert!(foreign(bad.as_bytes()).is_some(), "{bad:?}");
    }
    assert_eq!(foreign("\u{1b}[1;38;2;1;2;3mx\u{1b}[?25h\r\n你".as_bytes()), None);
}

/// Clusters that this emulator draws wider than ratatui counts: what follows must not move.
#[test]
fn doubtful_clusters_displace_nothing() {
    let clusters = ["👩‍🔬", "👨‍👩‍👧", "❤️", "1️⃣", "🇩🇪", "👍🏽", "🏳️‍🌈", "क्षि"];
    let mut pair = Pair::new(40, 4, Caps::default());
    let mut first = Buffer::empty(Rect::new(0, 0, 40, 4));
    for y in 0..4 {
        first.set_string(0, y, "x".repeat(40), Style::new());
    }
    pair.frame(&first, cursor(0, 0), None);
    for cluster in clusters {
        for x in [0, 3, 30, 37, 38] {
            let mut drawn = first.clone();
            drawn.set_string(x, 1, cluster, Style::new());
            pair.frame(&drawn, cursor(0, 0), None);
            let columns = unicode_width::UnicodeWidthStr::width(cluster) as u16;
            for (y, row) in [(0, 0..40), (1, 0..x), (1, (x + columns).min(40)..40), (2, 0..40)] {
                for column in row {
                    let shown = pair.emulator.screen().cell(y, column).unwrap().contents();
                    assert_eq!(shown, "x", "{cluster} at {x}: column {column}, row {y}");
                }
            }
            pair.frame(&first, cursor(0, 0), None);
            assert_eq!(pair.difference(&first, pair.screen.caps().depth), None, "{cluster}");
        }
    }
}
