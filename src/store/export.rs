//! One chat with everything in it, under ids that mean the same in any database.

use rusqlite::Connection;

use crate::domain::conversation::{Chat, Message};
use crate::domain::id::ChatId;
use crate::domain::usage::Totals;

use super::error::{Done, StoreError};
use super::{Store, chats};

/// A chat to be written elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportedChat {
    /// Sortable by time, unique everywhere.
    pub uid: String,
    pub chat: Chat,
    /// Without what the sandbox simulated.
    pub totals: Totals,
    /// The whole tree, oldest first.
    pub messages: Vec<ExportedMessage>,
}

/// One message of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportedMessage {
    pub uid: String,
    pub parent_uid: Option<String>,
    pub message: Message,
}

impl Store {
    /// Everything about a chat, in one moment.
    pub async fn export(&self, id: ChatId) -> Result<Option<ExportedChat>, StoreError> {
        self.read(move |db| export(db, id)).await
    }
}

fn export(db: &Connection, id: ChatId) -> Done<Option<ExportedChat>> {
    let Some(chat) = chats::chat(db, id)? else { return Ok(None) };
    let uid = db.query_row("SELECT uid FROM chat WHERE id = ?1", [id.0], |row| row.get(0))?;
    let mut select = db.prepare_cached(
        "SELECT m.uid, p.uid FROM message m LEFT JOIN message p ON p.id = m.parent
         WHERE m.chat = ?1 ORDER BY m.id",
    )?;
    let uids = select
        .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, Option<String>)>, _>>()?;
    let messages = chats::messages(db, id)?
        .into_iter()
        .zip(uids)
        .map(|(message, (uid, parent_uid))| ExportedMessage { uid, parent_uid, message })
        .collect();
    let totals = chats::totals(db, &format!("[{}]", id.0))?.remove(&id).unwrap_or_default();
    Ok(Some(ExportedChat { uid, chat, totals, messages }))
}
