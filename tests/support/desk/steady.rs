//! Takes out of a row what differs from run to run.
//!
//! | on screen | in snapshots |
//! | --- | --- |
//! | `14:02` | `hh:mm` |
//! | `0.81 s`, `12.3 s` | `N.NN s` |
//! | `153.4 tok/s`, `≈ 153 tok/s` | `N tok/s` |
//! | `127.0.0.1:40211` | `127.0.0.1:PORT` |
//! | `gen-1795628429-zmxr5G6SPYmy` | `gen-ID` |
//!
//! The columns that a longer or shorter figure takes come out of the next gap of two blanks or
//! more, so what stands at the right end stays there.

use super::picture::Spot;

/// The row with steady words.
pub(super) fn row(mut row: Vec<Spot>) -> Vec<Spot> {
    let mut at = 0;
    while at < row.len() {
        match found(&row[at..]) {
            Some((columns, words)) if at == 0 || !is_figure(&row[at - 1]) => {
                at = replace(&mut row, at, columns, words);
            }
            _ => at += 1,
        }
    }
    row
}

/// Columns of a figure that starts here, and what is shown in its place.
fn found(spots: &[Spot]) -> Option<(usize, &'static str)> {
    const HOST: &str = "127.0.0.1:";
    let text: String = spots.iter().map(|spot| spot.text.as_str()).collect();
    if let Some(rest) = text.strip_prefix(HOST) {
        let digits = digits(rest);
        return (digits > 0).then_some((HOST.len() + digits, "127.0.0.1:PORT"));
    }
    if let Some(rest) = text.strip_prefix("gen-") {
        let id = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
        return Some(("gen-".len() + id, "gen-ID"));
    }
    let whole = digits(&text);
    if whole == 0 {
        return None;
    }
    let rest = &text[whole..];
    if whole == 2 && rest.starts_with(':') && digits(&rest[1..]) == 2 {
        return Some((5, "hh:mm"));
    }
    let part = rest.strip_prefix('.').map_or(0, |rest| digits(rest) + 1);
    let unit = &rest[part..];
    if unit.starts_with(" tok/s") || unit.starts_with(" tokens/s") {
        return Some((whole + part, "N"));
    }
    let is_time = unit.starts_with(" s ") || unit.trim_end() == " s";
    (is_time && part > 0).then_some((whole + part, "N.NN"))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn is_figure(spot: &Spot) -> bool {
    spot.text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ':') && !spot.text.is_empty()
}

/// Puts the words there; the place behind them.
fn replace(row: &mut Vec<Spot>, at: usize, columns: usize, words: &str) -> usize {
    let style = row[at].style.clone();
    let spots = words.chars().map(|c| Spot { text: c.to_string(), style: style.clone() });
    let width = row.len();
    row.splice(at..at + columns, spots);
    let behind = at + words.chars().count();
    let blank = |spot: &Spot| spot.text == " ";
    let gap = (behind..row.len().saturating_sub(1))
        .find(|at| blank(&row[*at]) && blank(&row[*at + 1]))
        .unwrap_or(row.len());
    while row.len() > width && gap < row.len() {
        row.remove(gap);
    }
    while row.len() < width {
        let style = row.get(gap).map_or(String::new(), |spot| spot.style.clone());
        row.insert(gap.min(row.len()), Spot { text: " ".into(), style });
    }
    row.truncate(width);
    behind
}
