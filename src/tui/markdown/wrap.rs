//! Where rows break: by words for prose, hard for code. By grapheme cluster, always.

use unicode_segmentation::UnicodeSegmentation;

use crate::tui::widgets::text::cluster_width;

/// Tabs in code advance to the next multiple of this.
const TAB: usize = 4;

/// No row may begin with one of these, so there is no break before them.
const NEVER_FIRST: &str = "、。，．：；？！）］｝」』】〉》〕〗…‥ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ”’％℃,.:;?!)]}%";
/// No row may end with one of these.
const NEVER_LAST: &str = "（［｛「『【〈《〔〖“‘([{";

/// One cluster: its length in bytes and its columns.
#[derive(Clone, Copy)]
struct Cluster {
    len: usize,
    columns: usize,
    first: char,
}

/// The cluster that begins at `at`; plain letters take a short cut.
fn cluster(text: &str, at: usize) -> Option<Cluster> {
    let rest = &text[at..];
    let mut chars = rest.chars();
    let first = chars.next()?;
    let next = chars.next();
    if first.is_ascii() && next.is_none_or(|c| c.is_ascii()) {
        let columns = usize::from(!first.is_ascii_control());
        return Some(Cluster { len: 1, columns, first });
    }
    if is_plain_wide(first) && next.is_none_or(|c| c.is_ascii() || is_plain_wide(c)) {
        return Some(Cluster { len: first.len_utf8(), columns: 2, first });
    }
    let whole = rest.graphemes(true).next()?;
    Some(Cluster { len: whole.len(), columns: cluster_width(whole), first })
}

/// Wide, and never part of a longer cluster when its neighbour is of the same kind.
fn is_plain_wide(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff60}')
}

/// Scripts that break between any two characters.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{312f}' | '\u{3190}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

/// Whether a row may end after `left` and the next begin with `right`, with no space between.
fn may_part(before: Option<char>, left: char, right: char) -> bool {
    if is_cjk(left) || is_cjk(right) {
        return !NEVER_FIRST.contains(right) && !NEVER_LAST.contains(left);
    }
    left == '-' && right.is_alphabetic() && before.is_some_and(char::is_alphabetic)
}

/// A place where the row can be cut.
#[derive(Clone, Copy)]
struct Break {
    /// The row ends here, without the spaces.
    end: usize,
    /// The next row begins here.
    next: usize,
}

/// Breaks prose into rows of `first` and then `rest` columns; gives start and end of each in bytes.
/// Line feeds force a break. Always gives at least one row.
pub(super) fn words(text: &str, first: usize, rest: usize, mut row: impl FnMut(usize, usize)) {
    let mut room = first.max(1);
    let mut start = 0;
    let mut columns = 0;
    let mut chance: Option<Break> = None;
    let (mut before, mut left) = (None, None);
    let mut at = 0;
    while let Some(Cluster { len, columns: wide, first: c }) = cluster(text, at) {
        if c == '\n' {
            row(start, trimmed(text, start, at));
            (start, columns, chance, room) = (at + len, 0, None, rest.max(1));
        } else if c == ' ' && len == 1 {
            columns += 1;
            let end = chance.filter(|chance| chance.next == at).map_or(at, |chance| chance.end);
            chance = Some(Break { end, next: at + 1 });
        } else {
            let joined = left.filter(|left| *left != ' ');
            if at > start && joined.is_some_and(|left| may_part(before, left, c)) {
                chance = Some(Break { end: at, next: at });
            }
            if columns + wide > room && at > start {
                let (end, next) = match chance.take().filter(|chance| chance.end > start) {
                    Some(chance) => (chance.end, chance.next),
                    None => (trimmed(text, start, at), at),
                };
                row(start, end);
                // What was begun of the word is measured again: rows may differ in room.
                (start, at, columns, room) = (next, next, 0, rest.max(1));
                (before, left) = (None, None);
                continue;
            }
            columns += wide;
        }
        (before, left) = (left, Some(c));
        at += len;
    }
    row(start, trimmed(text, start, text.len()));
}

fn trimmed(text: &str, start: usize, end: usize) -> usize {
    start + text[start..end].trim_end_matches(' ').len()
}

/// Breaks one line of code into rows of `room` columns. Always gives at least one row.
pub(super) fn hard(text: &str, room: usize, mut row: impl FnMut(usize, usize)) {
    let room = room.max(1);
    let (mut start, mut columns, mut at) = (0, 0, 0);
    while let Some(Cluster { len, columns: wide, first }) = cluster(text, at) {
        let mut wide = if first == '\t' { tab(columns, room) } else { wide };
        if columns + wide > room && at > start {
            row(start, at);
            (start, columns) = (at, 0);
            wide = if first == '\t' { tab(0, room) } else { wide };
        }
        columns += wide;
        at += len;
    }
    row(start, text.len());
}

/// The columns of a tab that stands after `columns` in a row of `room`.
pub(super) fn tab(columns: usize, room: usize) -> usize {
    (TAB - columns % TAB).min(room.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widgets::text::width;
    use proptest::prelude::*;

    fn wrapped(text: &str, columns: usize) -> Vec<&str> {
        let mut rows = Vec::new();
        words(text, columns, columns, |start, end| rows.push(&text[start..end]));
        rows
    }

    #[test]
    fn prose_breaks_at_spaces() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("one  two   three", 6), ["one", "two", "three"]);
        assert_eq!(wrapped("", 5), [""]);
        assert_eq!(wrapped("a ", 5), ["a"]);
        assert_eq!(wrapped("a\nb", 5), ["a", "b"]);
        let rows = wrapped("well-known --flag 3-4", 5);
        assert_eq!(rows, ["well-", "known", "--fla", "g 3-4"]);
    }

    #[test]
    fn long_words_are_cut_by_cluster() {
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("ab cdefgh", 3), ["ab", "cde", "fgh"]);
        assert_eq!(wrapped("👩‍🔬👩‍🔬👩‍🔬", 5), ["👩‍🔬👩‍🔬", "👩‍🔬"]);
        assert_eq!(wrapped("漢", 1), ["漢"]);
        assert_eq!(wrapped("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn cjk_breaks_anywhere_but_before_closing_signs() {
        assert_eq!(wrapped("漢字漢字漢字", 5), ["漢字", "漢字", "漢字"]);
        assert_eq!(wrapped("漢字漢。字", 6), ["漢字", "漢。字"]);
        assert_eq!(wrapped("漢字「漢」", 6), ["漢字", "「漢」"]);
        assert_eq!(wrapped("用 Rust 写的code漢字", 8), ["用 Rust", "写的code", "漢字"]);
    }

    #[test]
    fn code_is_cut_hard_and_tabs_count() {
        let mut rows = Vec::new();
        hard("\tab  c", 6, |start, end| rows.push((start, end)));
        assert_eq!(rows, [(0, 3), (3, 6)]);
        rows.clear();
        hard("", 6, |start, end| rows.push((start, end)));
        assert_eq!(rows, [(0, 0)]);
    }

    proptest! {
        #[test]
        fn rows_fit_are_in_order_and_lose_only_spaces(
            text in "(a|bc|def|ghijklmnop| |  |\n|漢|字。|「|👩‍🔬|e\u{301}|-x){0,40}",
            first in 1usize..20,
            rest in 1usize..20,
        ) {
            let mut rows = Vec::new();
            words(&text, first, rest, |start, end| rows.push((start, end)));
            let mut at = 0;
            for (index, (start, end)) in rows.iter().copied().enumerate() {
                prop_assert!(at <= start && start <= end);
                prop_assert!(text[at..start].chars().all(|c| c == ' ' || c == '\n'));
                let room = if index == 0 { first } else { rest };
                prop_assert!(width(&text[start..end]) <= room.max(2), "{:?}", &text[start..end]);
                at = end;
            }
            prop_assert!(text[at..].chars().all(|c| c == ' '));
        }
    }
}
