//! Full-text search over messages and titles.
//!
//! The index is FTS5's, by words, with half words found as one types. Scripts written without
//! spaces are indexed character by character and searched as phrases of characters, so that
//! `字符` is found in the middle of a line. The index holds no text: snippets are cut from the
//! message.

mod query;
mod snippet;

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::domain::id::{ChatId, MessageId};

use self::query::{Query, spread};
use self::snippet::Snippets;
use super::chats::Hit;
use super::error::Done;

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

/// Chats in which the words are found, by their newest match, at most `limit` by their text and as
/// many by their titles.
pub(super) fn find(db: &Connection, typed: &str, deleted: bool, limit: u32) -> Done<Vec<Hit>> {
    let query = Query::parse(typed);
    if query.all.is_empty() && query.literal.is_empty() {
        return Ok(Vec::new());
    }
    let matches = if query.all.is_empty() {
        scan(db, &query, deleted, limit)?
    } else {
        look_up(db, &query, deleted, limit)?
    };
    let mut hits = Vec::new();
    let snippets = Snippets::new(db, &query)?;
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
