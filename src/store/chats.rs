//! Chats: the list, one chat with all its messages, and what can be done to a chat.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::ask::ChatsAsk;
use crate::domain::conversation::{Chat, ChatSummary, Message, MessageState, Role};
use crate::domain::id::{ChatId, MessageId, Millis, ModelId};
use crate::domain::turn::Params;
use crate::domain::usage::Totals;

use super::error::{Done, Fail, StoreError};
use super::queue::Kind;
use super::{Store, ledger, row, search, turns};

const CHAT_COLUMNS: &str = "id, title, created, updated, model, params, upstream";

pub(super) const NEWEST: &str = "SELECT id FROM chat WHERE (deleted IS NOT NULL) = ?1 \
    ORDER BY updated DESC, id DESC LIMIT ?2";

/// A chat and where a search found something in it.
pub(super) struct Hit {
    pub(super) chat: ChatId,
    pub(super) snippet: Option<String>,
}

impl Store {
    /// Chats, the one used last first. What the sandbox simulated is not in their totals.
    pub async fn chats(&self, ask: ChatsAsk) -> Result<Vec<ChatSummary>, StoreError> {
        self.read(move |db| {
            let hits = match ask.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                Some(text) => search::find(db, text, ask.deleted, ask.limit)?,
                None => newest(db, ask.deleted, ask.limit)?,
            };
            let mut list = summaries(db, hits)?;
            list.truncate(ask.limit as usize);
            Ok(list)
        })
        .await
    }

    /// A chat and all messages of its tree, oldest first; deleted ones too, until they are purged.
    /// An answer that streams has the text so far.
    pub async fn chat(&self, id: ChatId) -> Result<Option<(Chat, Vec<Message>)>, StoreError> {
        self.read(move |db| {
            let Some(chat) = chat(db, id)? else { return Ok(None) };
            Ok(Some((chat, messages(db, id)?)))
        })
        .await
    }

    pub async fn rename_chat(&self, id: ChatId, title: String) -> Result<(), StoreError> {
        self.write(Kind::Now, title.len(), move |db| {
            let changed = db
                .prepare_cached("UPDATE chat SET title = ?2 WHERE id = ?1")?
                .execute(params![id.0, title])?;
            one_chat(changed)?;
            search::index_title(db, id, &title)
        })
        .await
    }

    /// Takes a chat out of the list; [`Store::restore_chat`] brings it back.
    pub async fn delete_chat(&self, id: ChatId, at: Millis) -> Result<(), StoreError> {
        self.write(Kind::Now, 0, move |db| {
            one_chat(
                db.prepare_cached("UPDATE chat SET deleted = ?2 WHERE id = ?1")?
                    .execute([id.0, at.0])?,
            )
        })
        .await
    }

    pub async fn restore_chat(&self, id: ChatId) -> Result<(), StoreError> {
        self.write(Kind::Now, 0, move |db| {
            one_chat(
                db.prepare_cached("UPDATE chat SET deleted = NULL WHERE id = ?1")?
                    .execute([id.0])?,
            )
        })
        .await
    }

    /// Deletes for good what was deleted before this moment; the ledger keeps what it cost. Gives
    /// how many chats went.
    pub async fn purge_deleted(&self, before: Millis) -> Result<u64, StoreError> {
        self.write(Kind::Now, 0, move |db| {
            let mut select = db.prepare_cached("SELECT id FROM chat WHERE deleted < ?1")?;
            let ids: Vec<i64> =
                select.query_map([before.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for id in &ids {
                purge(db, *id)?;
            }
            Ok(ids.len() as u64)
        })
        .await
    }

    /// Sets what the next message of a chat is sent with.
    pub async fn set_chat_settings(
        &self,
        id: ChatId,
        model: Option<ModelId>,
        params: Params,
    ) -> Result<(), StoreError> {
        self.write(Kind::Now, 0, move |db| {
            one_chat(
                db.prepare_cached("UPDATE chat SET model = ?2, params = ?3 WHERE id = ?1")?
                    .execute(params![
                        id.0,
                        model.as_ref().map(ModelId::as_str),
                        serde_json::to_string(&params)?
                    ])?,
            )
        })
        .await
    }
}

fn one_chat(changed: usize) -> Done<()> {
    if changed == 0 { Err(Fail::Refused(StoreError::Gone("chat"))) } else { Ok(()) }
}

fn purge(db: &Connection, chat: i64) -> Done<()> {
    for sql in [
        "DELETE FROM message_words WHERE rowid IN (SELECT id FROM message WHERE chat = ?1)",
        "DELETE FROM title_words WHERE rowid = ?1",
        "DELETE FROM draft WHERE chat = ?1",
        "DELETE FROM chat WHERE id = ?1",
    ] {
        db.prepare_cached(sql)?.execute([chat])?;
    }
    Ok(())
}

pub(super) fn chat(db: &Connection, id: ChatId) -> Done<Option<Chat>> {
    Ok(db
        .prepare_cached(&format!("SELECT {CHAT_COLUMNS} FROM chat WHERE id = ?1"))?
        .query_row([id.0], read_chat)
        .optional()?)
}

fn read_chat(row: &Row) -> rusqlite::Result<Chat> {
    Ok(Chat {
        id: ChatId(row.get(0)?),
        title: row.get(1)?,
        created: Millis(row.get(2)?),
        updated: Millis(row.get(3)?),
        model: row.get::<_, Option<String>>(4)?.map(ModelId::from),
        params: serde_json::from_str(row.get_ref(5)?.as_str().unwrap_or("")).unwrap_or_default(),
        upstream: row.get(6)?,
    })
}

pub(super) fn messages(db: &Connection, chat: ChatId) -> Done<Vec<Message>> {
    let mut select = db.prepare_cached(
        "SELECT id, parent, role, state, text, reasoning, created, model, receipt
         FROM message WHERE chat = ?1 ORDER BY id",
    )?;
    let rows = select.query_map([chat.0], |row| {
        let word = |at| row.get_ref(at).map(|value| value.as_str().unwrap_or(""));
        Ok(Message {
            id: MessageId(row.get(0)?),
            parent: row.get::<_, Option<i64>>(1)?.map(MessageId),
            role: Role::parse(word(2)?).unwrap_or(Role::User),
            state: MessageState::parse(word(3)?).unwrap_or(MessageState::Done),
            text: row.get(4)?,
            reasoning: row.get(5)?,
            created: Millis(row.get(6)?),
            model: row.get::<_, Option<String>>(7)?.map(ModelId::from),
            receipt: serde_json::from_str(word(8)?).ok(),
        })
    })?;
    let mut messages = rows.collect::<Result<Vec<_>, _>>()?;
    for message in messages.iter_mut().filter(|m| m.state == MessageState::Streaming) {
        (message.text, message.reasoning) = turns::pieces(db, message.id)?;
    }
    Ok(messages)
}

fn newest(db: &Connection, deleted: bool, limit: u32) -> Done<Vec<Hit>> {
    let mut select = db.prepare_cached(NEWEST)?;
    let hits = select.query_map(params![deleted, limit], |row| {
        Ok(Hit { chat: ChatId(row.get(0)?), snippet: None })
    })?;
    Ok(hits.collect::<Result<_, _>>()?)
}

/// Fills in the lines of the list: two statements, however many chats.
fn summaries(db: &Connection, hits: Vec<Hit>) -> Done<Vec<ChatSummary>> {
    let ids = serde_json::to_string(&hits.iter().map(|hit| hit.chat.0).collect::<Vec<_>>())?;
    let mut totals = totals(db, &ids)?;
    let mut snippets: HashMap<ChatId, String> =
        hits.into_iter().filter_map(|hit| Some((hit.chat, hit.snippet?))).collect();
    let mut select = db.prepare_cached(&format!(
        "SELECT {CHAT_COLUMNS}, (SELECT count(*) FROM message WHERE message.chat = chat.id)
         FROM chat WHERE id IN (SELECT value FROM json_each(?1))
         ORDER BY updated DESC, id DESC"
    ))?;
    let rows = select.query_map([ids], |row| {
        let chat = read_chat(row)?;
        Ok(ChatSummary {
            messages: row::count(row.get(7)?),
            totals: totals.remove(&chat.id).unwrap_or_default(),
            snippet: snippets.remove(&chat.id),
            chat,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sums of the ledger by chat, for the chats in a JSON list of ids.
pub(super) fn totals(db: &Connection, ids: &str) -> Done<HashMap<ChatId, Totals>> {
    let mut totals: HashMap<ChatId, Totals> = HashMap::new();
    let mut select = db.prepare_cached(&totals_sql())?;
    let mut rows = select.query([ids])?;
    while let Some(row) = rows.next()? {
        ledger::add(totals.entry(ChatId(row.get(0)?)).or_default(), row, 1)?;
    }
    Ok(totals)
}

pub(super) fn totals_sql() -> String {
    format!(
        "SELECT ledger.chat, {} FROM json_each(?1) AS wanted
         CROSS JOIN ledger ON ledger.chat = wanted.value WHERE ledger.simulated = 0",
        ledger::SUM_COLUMNS
    )
}
