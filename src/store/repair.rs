//! A damaged database: the files are set aside together, never deleted, and what can still be
//! read of them goes into a new one.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::domain::id::{ChatId, MessageId, Millis};

use super::error::Done;
use super::place::beside;
use super::search;

/// Parents first. The second is the column that gives the order, from both ends of which rows are
/// read; without one, only from the start.
const TABLES: [(&str, Option<&str>); 9] = [
    ("chat", Some("id")),
    ("message", Some("id")),
    ("chunk", None),
    ("ledger", Some("id")),
    ("setting", None),
    ("favourite", None),
    ("recent", None),
    ("draft", Some("chat")),
    ("catalog", Some("rowid")),
];

/// Renames the file and its log to a name with the time in it; gives that name.
pub(super) fn set_aside(path: &Path, now: Millis) -> io::Result<PathBuf> {
    let time = jiff::Timestamp::from_millisecond(now.0)
        .map_or_else(|_| now.0.to_string(), |t| t.strftime("%Y%m%dT%H%M%SZ").to_string());
    let mut aside = beside(path, &format!(".damaged-{time}"));
    let mut count = 1;
    while aside.exists() {
        count += 1;
        aside = beside(path, &format!(".damaged-{time}-{count}"));
    }
    std::fs::rename(path, &aside)?;
    for suffix in ["-wal", "-shm", "-journal"] {
        let file = beside(path, suffix);
        if file.exists() {
            std::fs::rename(file, beside(&aside, suffix))?;
        }
    }
    Ok(aside)
}

/// What came out of a damaged file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) chats: usize,
    pub(super) messages: usize,
    pub(super) ledger: usize,
}

/// Copies every row that can still be read into the new, empty database.
pub(super) fn salvage(aside: &Path, db: &Connection) -> Done<Saved> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(old) = Connection::open_with_flags(aside, flags) else {
        return Ok(Saved::default());
    };
    // What was set aside stays as it was.
    old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Foreign keys cannot be held while parents may be missing; they are mended below.
    db.execute_batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")?;
    let result = copy_all(&old, db);
    db.execute_batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    db.execute_batch("PRAGMA foreign_keys = ON")?;
    result
}

fn copy_all(old: &Connection, new: &Connection) -> Done<Saved> {
    let mut saved = Saved::default();
    for (table, order) in TABLES {
        let rows = copy(old, new, table, order)?;
        match table {
            "chat" => saved.chats = rows,
            "message" => saved.messages = rows,
            "ledger" => saved.ledger = rows,
            _ => {}
        }
    }
    mend(new)?;
    index(new)?;
    Ok(saved)
}

fn columns(db: &Connection, table: &str) -> Vec<String> {
    let Ok(mut select) = db.prepare("SELECT name FROM pragma_table_info(?1)") else {
        return Vec::new();
    };
    let Ok(names) = select.query_map([table], |row| row.get(0)) else { return Vec::new() };
    names.filter_map(Result::ok).collect()
}

/// Reads from the start until something cannot be read, then from the end.
fn copy(old: &Connection, new: &Connection, table: &str, order: Option<&str>) -> Done<usize> {
    let theirs = columns(old, table);
    let shared: Vec<String> =
        columns(new, table).into_iter().filter(|name| theirs.contains(name)).collect();
    if shared.is_empty() {
        return Ok(0);
    }
    let names = shared.join(", ");
    let places = vec!["?"; shared.len()].join(", ");
    let mut insert =
        new.prepare(&format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})"))?;
    let mut saved = 0;
    let directions: &[&str] = if order.is_some() { &["ASC", "DESC"] } else { &[""] };
    for direction in directions {
        let by = order.map_or(String::new(), |o| format!(" ORDER BY {o} {direction}"));
        let Ok(mut select) = old.prepare(&format!("SELECT {names} FROM {table}{by}")) else {
            continue;
        };
        let Ok(mut rows) = select.query([]) else { continue };
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(saved),
                Err(_) => break,
            };
            let values: Result<Vec<Value>, _> = (0..shared.len()).map(|at| row.get(at)).collect();
            let Ok(values) = values else { continue };
            match insert.execute(params_from_iter(values)) {
                // From the end we met what came from the start.
                Ok(0) if *direction == "DESC" => break,
                Ok(rows) => saved += rows,
                // A value that makes no sense any more.
                Err(_) => {}
            }
        }
    }
    Ok(saved)
}

/// Puts messages whose chat is lost into a chat of their own, and cuts ties to lost parents.
fn mend(db: &Connection) -> Done<()> {
    db.execute_batch(
        "INSERT INTO chat (id, uid, title, created, updated, upstream, params)
           SELECT chat, 'recovered-' || chat, 'recovered', min(created), max(created), '', '{}'
           FROM message WHERE chat NOT IN (SELECT id FROM chat) GROUP BY chat;
         UPDATE message SET parent = NULL
           WHERE parent IS NOT NULL AND parent NOT IN (SELECT id FROM message);
         DELETE FROM chunk WHERE message NOT IN (SELECT id FROM message);",
    )?;
    Ok(())
}

fn index(db: &Connection) -> Done<()> {
    let mut select = db.prepare("SELECT id, text FROM message WHERE state <> 'streaming'")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        search::index_message(db, MessageId(row.get(0)?), row.get_ref(1)?.as_str().unwrap_or(""))?;
    }
    let mut select = db.prepare("SELECT id, title FROM chat")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        search::index_title(db, ChatId(row.get(0)?), row.get_ref(1)?.as_str().unwrap_or(""))?;
    }
    Ok(())
}
