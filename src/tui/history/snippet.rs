//! The piece of a text where a search matched, as one harmless row.

use crate::domain::text::Cleaner;
use crate::tui::spans::Spans;
use crate::tui::theme::Role;
use crate::tui::widgets::text::{self, ELLIPSIS};

/// Around the match, in what the store gives.
const BEGIN: char = '\u{1}';
const END: char = '\u{2}';

/// One row of at most `columns` in which the first match is in view and every match is marked.
pub(super) fn row(raw: &str, columns: usize) -> Spans {
    let mut spans = pieces(raw);
    let first = spans.0.iter().position(|(role, _)| *role == Role::Match);
    if let Some(first) = first {
        bring_into_view(&mut spans, first, columns);
    }
    spans
}

/// Words and matches in turn, cleaned as one text: a sequence that is cut by a match is still one.
fn pieces(raw: &str) -> Spans {
    let mut cleaner = Cleaner::default();
    let mut spans = Spans::default();
    let mut role = Role::Dim;
    let mut rest = raw;
    while !rest.is_empty() {
        let end = rest.find([BEGIN, END]).unwrap_or(rest.len());
        let mut clean = String::new();
        cleaner.push(&rest[..end], &mut clean);
        let line: String = clean.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
        if !line.is_empty() {
            spans.0.push((role, line));
        }
        role = if rest[end..].starts_with(BEGIN) { Role::Match } else { Role::Dim };
        rest = rest.get(end + 1..).unwrap_or("");
    }
    spans
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Cuts what stands before the match when the match would be beyond the end of the row.
fn bring_into_view(spans: &mut Spans, first: usize, columns: usize) {
    let before: usize = spans.0[..first].iter().map(|(_, words)| text::width(words)).sum();
    let shown = text::width(&spans.0[first].1).min(columns);
    if before + shown <= columns {
        return;
    }
    let keep = (columns - shown) / 2;
    let lead: String = spans.0.drain(..first).map(|(_, words)| words).collect();
    let mut lead = lead.as_str();
    while text::width(lead) + text::width(ELLIPSIS) > keep.max(1) {
        let (cluster, _) = text::head(lead, 1);
        let skipped = cluster.len().max(lead.chars().next().map_or(0, char::len_utf8));
        lead = &lead[skipped..];
    }
    spans.0.insert(0, (Role::Dim, format!("{ELLIPSIS}{lead}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &str, columns: usize) -> String {
        let piece = |(role, words): &(Role, String)| match role {
            Role::Match => format!("[{words}]"),
            _ => words.clone(),
        };
        row(raw, columns).0.iter().map(piece).collect()
    }

    #[test]
    fn matches_are_marked_and_the_rest_is_one_line() {
        assert_eq!(shown("a \u{1}skip\u{2} b\n\u{1}locked\u{2}", 40), "a [skip] b [locked]");
        assert_eq!(shown("no match at all", 40), "no match at all");
        assert_eq!(shown("\u{1}open to the end", 40), "[open to the end]");
        assert_eq!(shown("", 40), "");
    }

    #[test]
    fn the_match_is_in_view() {
        let raw = format!("{}\u{1}needle\u{2} tail", "word ".repeat(30));
        let cut = shown(&raw, 30);
        assert!(cut.starts_with('…') && cut.contains("[needle]"), "{cut}");
        assert!(cut.find("[needle]").unwrap() < 24, "{cut}");
        assert!(shown(&raw, 3).starts_with("…[needle]"));
        let wide = format!("{}\u{1}字\u{2}", "漢".repeat(40));
        assert!(shown(&wide, 10).ends_with("[字]"));
    }

    #[test]
    fn nothing_of_it_reaches_the_terminal() {
        let row = shown("x\u{1b}[3\u{1}1m\u{2}y\u{202e}z\u{7}\u{9b}2J", 40);
        assert!(!row.chars().any(char::is_control), "{row:?}");
        assert!(!row.contains('\u{202e}'));
    }
}
