//! A turn in the database: its rows before the request goes out, its text while it streams, its
//! ending in one transaction.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::ask::ChunkKind;
use crate::domain::conversation::{MessageState, Role, title_of};
use crate::domain::id::{ChatId, MessageId, Millis, ModelId};
use crate::domain::turn::{Keep, Params, PromptMessage, Receipt};
use crate::domain::usage::LedgerEntry;

use super::error::{Done, Fail, StoreError};
use super::queue::Kind;
use super::{Store, ledger, row, search};

pub(super) const PIECES: &str = "SELECT kind, body FROM chunk WHERE message = ?1 ORDER BY seq";
pub(super) const STREAMING: &str = "SELECT id, owner FROM message WHERE state = 'streaming'";

/// A turn about to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTurn {
    pub at: Millis,
    pub upstream: String,
    /// Where it is kept; [`Keep::LedgerOnly`] needs no rows and is refused.
    pub keep: Keep,
    pub model: ModelId,
    pub params: Params,
    /// The prompt, oldest first, as in the request. Of a chat that exists only the last message
    /// may be new.
    pub messages: Vec<PromptMessage>,
}

/// The rows of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnRows {
    pub chat: ChatId,
    /// The message that is answered.
    pub user: MessageId,
    /// The answer, streaming from now on.
    pub answer: MessageId,
}

/// A turn that ended.
#[derive(Clone, Debug, PartialEq)]
pub struct FinishedTurn {
    /// `None` when it was never kept: only the ledger hears of it.
    pub rows: Option<TurnRows>,
    /// Anything but [`MessageState::Streaming`].
    pub state: MessageState,
    pub receipt: Receipt,
    /// One for each attempt; chat and message are filled in from `rows` where they are missing.
    pub entries: Vec<LedgerEntry>,
    pub at: Millis,
}

impl Store {
    /// Makes the rows of a turn, before its request goes out. Does not wait for a full disk: then
    /// the turn goes on unsaved.
    pub async fn begin_turn(&self, new: NewTurn) -> Result<TurnRows, StoreError> {
        let owner = self.inner.instance.clone();
        let bytes = new.messages.iter().map(|m| m.text.len()).sum();
        self.write(Kind::Now, bytes, move |db| begin(db, &new, &owner)).await
    }

    /// Adds a piece of an answer that streams. Pieces keep their order; those for an answer that
    /// is not streaming (any more) are dropped.
    pub fn append(&self, answer: MessageId, kind: ChunkKind, text: String) {
        self.tell(text.len(), move |db| append(db, answer, kind, &text));
    }

    /// Ends a turn: its text in one piece, its receipt, its ledger entries, findable; on the disk
    /// for good when this returns. On an error about the disk it is kept in memory and still
    /// written as soon as that is possible.
    pub async fn finish_turn(&self, end: FinishedTurn) -> Result<(), StoreError> {
        let bytes = 1024 * (1 + end.entries.len());
        self.write(Kind::KeepDurably, bytes, move |db| finish(db, &end)).await
    }

    /// Closes answers whose instance died since this one was opened. Gives how many.
    pub async fn close_orphans(&self) -> Result<u64, StoreError> {
        let (me, lives) = (self.inner.instance.clone(), self.inner.lives.clone());
        self.write(Kind::Now, 0, move |db| {
            let Some(lives) = &lives else { return Ok(0) };
            let others = lives.others(Some(&me)).map_err(|error| {
                Fail::Refused(StoreError::Sql(format!("who is alive cannot be seen: {error}")))
            })?;
            close_others(db, &me, &others.alive)
        })
        .await
    }
}

fn begin(db: &Connection, new: &NewTurn, owner: &str) -> Done<TurnRows> {
    let nothing = || Fail::Refused(StoreError::Sql("a turn without a message".into()));
    let (chat, user) = match new.keep {
        Keep::LedgerOnly => return Err(nothing()),
        Keep::NewChat => {
            let chat = new_chat(db, new)?;
            let mut last = None;
            for message in &new.messages {
                last = Some(insert_message(db, chat, last, message, new.at)?);
            }
            (chat, last.ok_or_else(nothing)?)
        }
        Keep::Append { chat, parent } => {
            touch_chat(db, chat, new, true)?;
            if let Some(parent) = parent {
                check_in_chat(db, chat, parent)?;
            }
            let message = new.messages.last().ok_or_else(nothing)?;
            (chat, insert_message(db, chat, parent, message, new.at)?)
        }
        Keep::Answer { chat, to } => {
            touch_chat(db, chat, new, false)?;
            check_in_chat(db, chat, to)?;
            (chat, to)
        }
    };
    db.prepare_cached(
        "INSERT INTO message (uid, chat, parent, role, state, owner, created, model)
         VALUES (printf('%012x', ?1) || lower(hex(randomblob(8))), ?2, ?3, 'assistant',
                 'streaming', ?4, ?1, ?5)",
    )?
    .execute(params![new.at.0, chat.0, user.0, owner, new.model.as_str()])?;
    Ok(TurnRows { chat, user, answer: MessageId(db.last_insert_rowid()) })
}

fn new_chat(db: &Connection, new: &NewTurn) -> Done<ChatId> {
    let first = new.messages.iter().find(|m| m.role == Role::User);
    let title = title_of(first.map_or("", |m| &m.text));
    db.prepare_cached(
        "INSERT INTO chat (uid, title, created, updated, upstream, model, params)
         VALUES (printf('%012x', ?1) || lower(hex(randomblob(8))), ?2, ?1, ?1, ?3, ?4, ?5)",
    )?
    .execute(params![
        new.at.0,
        title,
        new.upstream,
        new.model.as_str(),
        serde_json::to_string(&new.params)?
    ])?;
    let chat = ChatId(db.last_insert_rowid());
    search::index_title(db, chat, &title)?;
    Ok(chat)
}

/// The chat was used: it comes first, and it is wanted again should it have been deleted. A new
/// message also sets what the next one is sent with; another answer to an old one does not.
fn touch_chat(db: &Connection, chat: ChatId, new: &NewTurn, settings: bool) -> Done<()> {
    let mut changed = db
        .prepare_cached(
            "UPDATE chat SET updated = max(updated, ?2), deleted = NULL, upstream = ?3
             WHERE id = ?1",
        )?
        .execute(params![chat.0, new.at.0, new.upstream])?;
    if settings {
        changed = db
            .prepare_cached("UPDATE chat SET model = ?2, params = ?3 WHERE id = ?1")?
            .execute(params![chat.0, new.model.as_str(), serde_json::to_string(&new.params)?])?;
    }
    if changed == 0 { Err(Fail::Refused(StoreError::Gone("chat"))) } else { Ok(()) }
}

fn check_in_chat(db: &Connection, chat: ChatId, message: MessageId) -> Done<()> {
    let found = db
        .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND chat = ?2")?
        .exists(params![message.0, chat.0])?;
    if found { Ok(()) } else { Err(Fail::Refused(StoreError::Gone("message"))) }
}

fn insert_message(
    db: &Connection,
    chat: ChatId,
    parent: Option<MessageId>,
    message: &PromptMessage,
    at: Millis,
) -> Done<MessageId> {
    db.prepare_cached(
        "INSERT INTO message (uid, chat, parent, role, state, created, text)
         VALUES (printf('%012x', ?1) || lower(hex(randomblob(8))), ?2, ?3, ?4, 'done', ?1, ?5)",
    )?
    .execute(params![
        at.0,
        chat.0,
        parent.map(|p| p.0),
        message.role.as_str(),
        message.text
    ])?;
    let id = MessageId(db.last_insert_rowid());
    search::index_message(db, id, &message.text)?;
    Ok(id)
}

fn append(db: &Connection, answer: MessageId, kind: ChunkKind, text: &str) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO chunk (message, seq, kind, body)
         SELECT id, (SELECT coalesce(max(seq), -1) + 1 FROM chunk WHERE message = ?1), ?2, ?3
         FROM message WHERE id = ?1 AND state = 'streaming'",
    )?
    .execute(params![answer.0, row::kind_number(kind), text])?;
    Ok(())
}

fn finish(db: &Connection, end: &FinishedTurn) -> Done<()> {
    if let Some(rows) = end.rows {
        let receipt = serde_json::to_string(&end.receipt)?;
        fold(db, rows.answer, end.state, Some(&receipt))?;
        db.prepare_cached("UPDATE chat SET updated = max(updated, ?2) WHERE id = ?1")?
            .execute(params![rows.chat.0, end.at.0])?;
    }
    for entry in &end.entries {
        let mut entry = entry.clone();
        entry.chat = entry.chat.or(end.rows.map(|rows| rows.chat));
        entry.message = entry.message.or(end.rows.map(|rows| rows.answer));
        ledger::insert(db, &entry)?;
    }
    Ok(())
}

/// The pieces of an answer that streams, put together: text and reasoning.
pub(super) fn pieces(db: &Connection, answer: MessageId) -> Done<(String, String)> {
    let (mut text, mut reasoning) = (String::new(), String::new());
    let mut select = db.prepare_cached(PIECES)?;
    let mut rows = select.query([answer.0])?;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_str().unwrap_or("");
        match row::kind_of(row.get(0)?) {
            ChunkKind::Text => text.push_str(body),
            ChunkKind::Reasoning => reasoning.push_str(body),
        }
    }
    Ok((text, reasoning))
}

/// Makes one text of the pieces and ends the streaming. An answer that ended already stays as it
/// is: the first ending counts.
fn fold(
    db: &Connection,
    answer: MessageId,
    state: MessageState,
    receipt: Option<&str>,
) -> Done<bool> {
    let streams = db
        .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND state = 'streaming'")?
        .exists([answer.0])?;
    if !streams {
        return Ok(false);
    }
    let (text, reasoning) = pieces(db, answer)?;
    db.prepare_cached(
        "UPDATE message SET state = ?2, owner = NULL, receipt = ?3, text = ?4, reasoning = ?5
         WHERE id = ?1",
    )?
    .execute(params![answer.0, state.as_str(), receipt, text, reasoning])?;
    db.prepare_cached("DELETE FROM chunk WHERE message = ?1")?.execute([answer.0])?;
    search::index_message(db, answer, &text)?;
    Ok(true)
}

/// Closes every streaming answer that belongs neither to `me` nor to anyone alive: its text is
/// kept and it is marked as interrupted. Gives how many.
pub(super) fn close_others(db: &Connection, me: &str, alive: &[String]) -> Done<u64> {
    let mut left = Vec::new();
    {
        let mut select = db.prepare_cached(STREAMING)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let owner: String = row.get(1)?;
            if owner != me && !alive.contains(&owner) {
                left.push(MessageId(row.get(0)?));
            }
        }
    }
    let mut closed = 0;
    for id in left {
        closed += u64::from(fold(db, id, MessageState::Interrupted, None)?);
    }
    Ok(closed)
}

/// At a clean end: no answer of this instance stays open.
pub(super) fn close_own(db: &Connection, me: &str) -> Result<(), StoreError> {
    let open: Option<i64> = db
        .prepare_cached("SELECT id FROM message WHERE state = 'streaming' AND owner = ?1")?
        .query_row([me], |row| row.get(0))
        .optional()?;
    if open.is_none() {
        return Ok(());
    }
    db.execute_batch("BEGIN IMMEDIATE")?;
    let others: Vec<String> = {
        let mut select = db.prepare("SELECT DISTINCT owner FROM message WHERE owner <> ?1")?;
        let owners = select.query_map([me], |row| row.get(0))?;
        owners.collect::<Result<_, _>>()?
    };
    // Everybody else counts as alive here.
    close_others(db, "", &others)?;
    db.execute_batch("COMMIT")?;
    Ok(())
}
