//! Cutting the piece of a text around what was found.

use rusqlite::{Connection, params};

use super::query::{Query, SEAM, spread};
use crate::store::error::Done;

/// Around a match in a snippet.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';
/// Snippets are looked for in pieces of this many bytes: to index a piece takes a moment.
const PIECE: usize = 32 << 10;
/// Words in a snippet; of a script without spaces, characters.
const SNIPPET_WORDS: u32 = 14;
const SNIPPET_CHARACTERS: u32 = 32;

/// Cuts snippets: the text goes through a small index of its own, in memory, that knows exactly
/// what the big one would have matched.
pub(super) struct Snippets<'a> {
    db: &'a Connection,
    query: &'a Query,
}

impl<'a> Snippets<'a> {
    pub(super) fn new(db: &'a Connection, query: &'a Query) -> Done<Self> {
        db.execute_batch(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.snippet_words USING fts5 (
               body, tokenize = \"unicode61 remove_diacritics 2\"
             )",
        )?;
        Ok(Snippets { db, query })
    }

    pub(super) fn cut(&self, text: &str) -> Done<Option<String>> {
        if self.query.any.is_empty() {
            return Ok(self.query.literal.first().and_then(|word| around(text, word)));
        }
        let mut rest = text;
        while !rest.is_empty() {
            let mut end = rest.len().min(PIECE);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let (piece, behind) = rest.split_at(end);
            if let Some(found) = self.cut_piece(piece)? {
                return Ok(Some(found));
            }
            rest = behind;
        }
        Ok(None)
    }

    fn cut_piece(&self, piece: &str) -> Done<Option<String>> {
        let plain = piece.replace([OPEN, CLOSE, SEAM], "");
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO temp.snippet_words (rowid, body) VALUES (1, ?1)",
            )?
            .execute([spread(&plain)])?;
        let words = if self.query.has_unspaced { SNIPPET_CHARACTERS } else { SNIPPET_WORDS };
        let mut select = self.db.prepare_cached(
            "SELECT snippet(snippet_words, 0, char(1), char(2), '…', ?2)
             FROM temp.snippet_words WHERE snippet_words MATCH ?1",
        )?;
        let mut rows = select.query(params![self.query.any, words])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(one_line(row.get_ref(0)?.as_str().unwrap_or(""))))
    }
}

/// Without seams, and with one space for any white space.
fn one_line(text: &str) -> String {
    let text = text.replace(SEAM, "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A piece of text around the first place where the word is, as it is.
fn around(text: &str, word: &str) -> Option<String> {
    let at = text.find(word)?;
    let (before, found, after) =
        (&text[..at], &text[at..at + word.len()], &text[at + word.len()..]);
    let start = before.char_indices().rev().nth(39).map_or(0, |(i, _)| i);
    let end = after.char_indices().nth(60).map_or(after.len(), |(i, _)| i);
    let plain = |text: &str| text.replace([OPEN, CLOSE], "");
    let cut = format!(
        "{}{}{OPEN}{found}{CLOSE}{}{}",
        if start > 0 { "…" } else { "" },
        plain(&before[start..]),
        plain(&after[..end]),
        if end < after.len() { "…" } else { "" }
    );
    Some(one_line(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_shown_with_what_is_around_it() {
        assert_eq!(one_line(&spread("ab 漢字c")), "ab 漢字c");
        assert_eq!(around("let f = |x| => y", "=>").unwrap(), "let f = |x| \u{1}=>\u{2} y");
        assert_eq!(around("none", "=>"), None);
    }
}
