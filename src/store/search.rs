//! Full-text search over messages and titles.
//!
//! The index is FTS5's, by words, with half words found as one types. Scripts written without
//! spaces are indexed character by character and searched as phrases of characters, so that
//! `字符` is found in the middle of a line. The index holds no text: snippets are cut from the
//! message.

use std::borrow::Cow;
use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::domain::id::{ChatId, MessageId};

use super::chats::Hit;
use super::error::Done;

/// Stands between characters of scripts without spaces: invisible, and no part of any word.
const SEAM: char = '\u{200b}';
/// Around a match in a snippet.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

const MOST_TERMS: usize = 16;
const LONGEST_QUERY: usize = 400;
/// Snippets are looked for in pieces of this many bytes: the index of a piece takes a moment.
const PIECE: usize = 32 << 10;
/// Words in a snippet; of a script without spaces, characters.
const SNIPPET_WORDS: u32 = 14;
const SNIPPET_CHARACTERS: u32 = 32;

pub(super) fn index_message(db: &Connection, id: MessageId, text: &str) -> Done<()> {
    db.prepare_cached("INSERT OR REPLACE INTO message_words (rowid, body) VALUES (?1, ?2)")?
        .execute(params![id.0, spread(text)])?;
    Ok(())
}

pub(super) fn index_title(db: &Connection, id: ChatId, title: &str) -> Done<()> {
    db.prepare_cached("INSERT OR REPLACE INTO title_words (rowid, body) VALUES (?1, ?2)")?
        .execute(params![id.0, spread(title)])?;
    Ok(())
}

/// Puts a seam on both sides of each character of a script that is written without spaces.
fn spread(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(is_unspaced) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if is_unspaced(c) {
            out.extend([SEAM, c, SEAM]);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Chinese, Japanese, Korean, Thai, Lao, Burmese, Khmer. Korean has spaces, but its words carry
/// endings and are looked for from the middle.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// What was typed, as FTS5 and we understand it.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    /// All terms: an FTS5 expression. Empty when there is no word in what was typed.
    all: String,
    /// Any of them.
    any: String,
    /// Must be in the text as they are, in lower case: `c++` is more than a `c`.
    literal: Vec<String>,
    has_unspaced: bool,
}

impl Query {
    /// Everything between double quotes is one phrase; every other word may be half a word.
    /// Nothing that is typed is an operator, so nothing is a syntax error.
    fn parse(typed: &str) -> Query {
        let typed: String = typed
            .chars()
            .take(LONGEST_QUERY)
            .map(|c| if c.is_control() || c == SEAM { ' ' } else { c })
            .collect();
        let parts: Vec<&str> = typed.split('"').collect();
        let mut query = Query {
            all: String::new(),
            any: String::new(),
            literal: Vec::new(),
            has_unspaced: typed.chars().any(is_unspaced),
        };
        let mut count = 0;
        for (at, part) in parts.iter().enumerate() {
            let is_phrase = at % 2 == 1;
            let is_closed = at + 1 < parts.len();
            let terms: Vec<&str> =
                if is_phrase { vec![part.trim()] } else { part.split_whitespace().collect() };
            for term in terms.into_iter().filter(|term| !term.is_empty()) {
                count += 1;
                if count <= MOST_TERMS {
                    query.add(term, is_phrase && is_closed);
                }
            }
        }
        query
    }

    fn add(&mut self, term: &str, is_whole: bool) {
        let is_word = term.chars().any(char::is_alphanumeric);
        if !is_word || term.starts_with(is_meant) || term.ends_with(is_meant) {
            self.literal.push(term.to_lowercase());
        }
        if !is_word {
            return;
        }
        let star = if is_whole { "" } else { "*" };
        let quoted = format!("\"{}\"{star}", spread(term));
        for (list, joint) in [(&mut self.all, " "), (&mut self.any, " OR ")] {
            if !list.is_empty() {
                list.push_str(joint);
            }
            list.push_str(&quoted);
        }
    }

    fn accepts(&self, text: &str) -> bool {
        if self.literal.is_empty() {
            return true;
        }
        let text = text.to_lowercase();
        self.literal.iter().all(|literal| text.contains(literal.as_str()))
    }
}

/// Signs that mean something at the edge of a word, unlike a comma.
fn is_meant(c: char) -> bool {
    "+#$@%&=<>/\\|~^*-_".contains(c)
}

/// Chats in which the words are found, by their newest match, at most `limit` by their text and as
/// many by their titles.
pub(super) fn find(db: &Connection, typed: &str, deleted: bool, limit: u32) -> Done<Vec<Hit>> {
    let query = Query::parse(typed);
    let matches = if query.all.is_empty() {
        scan(db, &query, deleted, limit)?
    } else {
        look_up(db, &query, deleted, limit)?
    };
    let mut hits = Vec::new();
    let mut snippets = Snippets::new(db, &query)?;
    for (chat, message) in matches {
        let text = text_of(db, message)?;
        hits.push(Hit { chat, snippet: snippets.cut(&text)? });
    }
    let known: HashSet<ChatId> = hits.iter().map(|hit| hit.chat).collect();
    for (chat, title) in titles(db, &query, deleted, limit)? {
        if !known.contains(&chat) {
            hits.push(Hit { chat, snippet: snippets.cut(&title)? });
        }
    }
    Ok(hits)
}

fn text_of(db: &Connection, message: MessageId) -> Done<String> {
    Ok(db
        .prepare_cached("SELECT text FROM message WHERE id = ?1")?
        .query_row([message.0], |row| row.get(0))?)
}

/// The newest match of each chat; ends as soon as there are enough chats.
fn look_up(
    db: &Connection,
    query: &Query,
    deleted: bool,
    limit: u32,
) -> Done<Vec<(ChatId, MessageId)>> {
    let mut select = db.prepare_cached(
        "SELECT message.chat, message.id FROM message_words
         CROSS JOIN message ON message.id = message_words.rowid
         CROSS JOIN chat ON chat.id = message.chat
         WHERE message_words MATCH ?1 AND (chat.deleted IS NOT NULL) = ?2
         ORDER BY message_words.rowid DESC",
    )?;
    let mut rows = select.query(params![query.all, deleted])?;
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    while found.len() < limit as usize
        && let Some(row) = rows.next()?
    {
        let (chat, message) = (ChatId(row.get(0)?), MessageId(row.get(1)?));
        if seen.contains(&chat) {
            continue;
        }
        if query.literal.is_empty() || query.accepts(&text_of(db, message)?) {
            seen.insert(chat);
            found.push((chat, message));
        }
    }
    Ok(found)
}

/// For signs without a word, such as `=>`: looks at the texts themselves, the newest first.
fn scan(
    db: &Connection,
    query: &Query,
    deleted: bool,
    limit: u32,
) -> Done<Vec<(ChatId, MessageId)>> {
    let Some(first) = query.literal.first() else { return Ok(Vec::new()) };
    let mut select = db.prepare_cached(
        "SELECT message.chat, message.id, message.text FROM message
         CROSS JOIN chat ON chat.id = message.chat
         WHERE instr(message.text, ?1) > 0 AND (chat.deleted IS NOT NULL) = ?2
         ORDER BY message.id DESC",
    )?;
    let mut rows = select.query(params![first, deleted])?;
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    while found.len() < limit as usize
        && let Some(row) = rows.next()?
    {
        let (chat, message) = (ChatId(row.get(0)?), MessageId(row.get(1)?));
        if !seen.contains(&chat) && query.accepts(row.get_ref(2)?.as_str().unwrap_or("")) {
            seen.insert(chat);
            found.push((chat, message));
        }
    }
    Ok(found)
}

fn titles(
    db: &Connection,
    query: &Query,
    deleted: bool,
    limit: u32,
) -> Done<Vec<(ChatId, String)>> {
    let (sql, word) = if query.all.is_empty() {
        let sql = "SELECT id, title FROM chat WHERE instr(title, ?1) > 0
             AND (deleted IS NOT NULL) = ?2 ORDER BY updated DESC";
        (sql, query.literal.first().cloned().unwrap_or_default())
    } else {
        let sql = "SELECT chat.id, chat.title FROM title_words
             CROSS JOIN chat ON chat.id = title_words.rowid
             WHERE title_words MATCH ?1 AND (chat.deleted IS NOT NULL) = ?2
             ORDER BY title_words.rowid DESC";
        (sql, query.all.clone())
    };
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(params![word, deleted])?;
    let mut found = Vec::new();
    while found.len() < limit as usize
        && let Some(row) = rows.next()?
    {
        let title: String = row.get(1)?;
        if query.accepts(&title) {
            found.push((ChatId(row.get(0)?), title));
        }
    }
    Ok(found)
}

/// Cuts snippets: the text goes through a small index of its own, in memory, that knows exactly
/// what the big one would have matched.
struct Snippets<'a> {
    db: &'a Connection,
    query: &'a Query,
}

impl<'a> Snippets<'a> {
    fn new(db: &'a Connection, query: &'a Query) -> Done<Self> {
        db.execute_batch(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.snippet_words USING fts5 (
               body, tokenize = \"unicode61 remove_diacritics 2\"
             )",
        )?;
        Ok(Snippets { db, query })
    }

    fn cut(&mut self, text: &str) -> Done<Option<String>> {
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
    fn nothing_typed_is_an_operator() {
        let query = Query::parse("rust AND (\"null pointer\" c++ -- half");
        assert_eq!(
            query.all, "\"rust\"* \"AND\"* \"null pointer\" \"c++\"* \"half\"*",
            "a bracket alone is no word"
        );
        assert_eq!(query.literal, ["(", "c++", "--"]);
        assert_eq!(Query::parse("a\"b").all, "\"a\"* \"b\"*");
        assert_eq!(Query::parse("\u{0}\u{1b}").all, "");
    }

    #[test]
    fn characters_of_scripts_without_spaces_stand_alone() {
        assert_eq!(one_line(&spread("ab 漢字c")), "ab 漢字c");
        assert_eq!(spread("漢字").matches(SEAM).count(), 4);
        assert_eq!(spread("naïve"), "naïve");
    }

    #[test]
    fn a_sign_is_shown_with_what_is_around_it() {
        assert_eq!(around("let f = |x| => y", "=>").unwrap(), "let f = |x| \u{1}=>\u{2} y");
        assert_eq!(around("none", "=>"), None);
    }
}
