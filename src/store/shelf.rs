//! Small things that are kept by name: settings, favourites, recent models, drafts, catalogues.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::id::{ChatId, Millis, ModelId};

use super::Store;
use super::error::{Done, StoreError};
use super::queue::Kind;

impl Store {
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.read(move |db| {
            Ok(db
                .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
                .query_row([&key], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    /// All settings that were set, by key.
    pub async fn settings(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT key, value FROM setting ORDER BY key")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// `None` forgets it.
    pub fn set_setting(&self, key: String, value: Option<String>) {
        let bytes = key.len() + value.as_ref().map_or(0, String::len);
        self.tell(bytes, move |db| {
            match &value {
                Some(value) => db
                    .prepare_cached("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)")?
                    .execute([&key, value])?,
                None => db.prepare_cached("DELETE FROM setting WHERE key = ?1")?.execute([&key])?,
            };
            Ok(())
        });
    }

    /// Favourite models in the order in which they became so. Empty when they cannot be read.
    pub async fn favourites(&self, upstream: &str) -> Vec<ModelId> {
        let sql = "SELECT model FROM favourite WHERE upstream = ?1 ORDER BY seq LIMIT ?2";
        self.models(sql, upstream, u32::MAX).await
    }

    pub fn set_favourite(&self, upstream: String, model: ModelId, on: bool) {
        self.tell(0, move |db| {
            let sql = if on {
                "INSERT OR IGNORE INTO favourite (upstream, model, seq)
                 SELECT ?1, ?2, coalesce(max(seq), 0) + 1 FROM favourite"
            } else {
                "DELETE FROM favourite WHERE upstream = ?1 AND model = ?2"
            };
            db.prepare_cached(sql)?.execute([&upstream, model.as_str()])?;
            Ok(())
        });
    }

    /// Models that were asked or chosen, the last one first. Empty when they cannot be read.
    pub async fn recents(&self, upstream: &str, limit: u32) -> Vec<ModelId> {
        let sql = "SELECT model FROM recent WHERE upstream = ?1 ORDER BY at DESC, model LIMIT ?2";
        self.models(sql, upstream, limit).await
    }

    /// Remembers that a model was chosen. Those that are asked are remembered by the ledger.
    pub fn touch_recent(&self, upstream: String, model: ModelId, at: Millis) {
        self.tell(0, move |db| touch(db, &upstream, &model, at));
    }

    async fn models(&self, sql: &'static str, upstream: &str, limit: u32) -> Vec<ModelId> {
        let upstream = upstream.to_owned();
        let found = self
            .read(move |db| {
                let mut select = db.prepare_cached(sql)?;
                let models = select.query_map(params![upstream, limit], |row| {
                    Ok(ModelId::from(row.get::<_, String>(0)?))
                })?;
                Ok(models.collect::<Result<Vec<_>, _>>()?)
            })
            .await;
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, "models were not read");
            Vec::new()
        })
    }

    /// Text that was typed but not sent; without a chat, for the next new one.
    pub async fn draft(&self, chat: Option<ChatId>) -> Option<String> {
        let found = self
            .read(move |db| {
                Ok(db
                    .prepare_cached("SELECT text FROM draft WHERE chat = ?1")?
                    .query_row([draft_key(chat)], |row| row.get(0))
                    .optional()?)
            })
            .await;
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, "a draft was not read");
            None
        })
    }

    /// `None` and empty text forget it.
    pub fn set_draft(&self, chat: Option<ChatId>, text: Option<String>) {
        let text = text.filter(|text| !text.is_empty());
        self.tell(text.as_ref().map_or(0, String::len), move |db| {
            match &text {
                Some(text) => db
                    .prepare_cached("INSERT OR REPLACE INTO draft (chat, text) VALUES (?1, ?2)")?
                    .execute(params![draft_key(chat), text])?,
                None => db
                    .prepare_cached("DELETE FROM draft WHERE chat = ?1")?
                    .execute([draft_key(chat)])?,
            };
            Ok(())
        });
    }

    /// The last list of models as it came, and when.
    pub async fn catalog(&self, upstream: &str) -> Result<Option<(Millis, Vec<u8>)>, StoreError> {
        let upstream = upstream.to_owned();
        self.read(move |db| {
            Ok(db
                .prepare_cached("SELECT at, body FROM catalog WHERE upstream = ?1")?
                .query_row([&upstream], |row| Ok((Millis(row.get(0)?), row.get(1)?)))
                .optional()?)
        })
        .await
    }

    pub fn save_catalog(&self, upstream: String, at: Millis, body: Vec<u8>) {
        self.tell(body.len(), move |db| {
            // Mostly nothing changed, and then a megabyte need not be written.
            let same = db
                .prepare_cached("UPDATE catalog SET at = ?2 WHERE upstream = ?1 AND body = ?3")?
                .execute(params![upstream, at.0, body])?;
            if same == 0 {
                db.prepare_cached(
                    "INSERT OR REPLACE INTO catalog (upstream, at, body) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![upstream, at.0, body])?;
            }
            Ok(())
        });
    }

    /// A number that changes whenever another instance wrote something. Cheap enough to ask every
    /// second. 0 when it cannot be read.
    pub async fn data_version(&self) -> i64 {
        // On the writing connection: any other one would also see our own writes as foreign.
        let version = self
            .write(Kind::Look, 0, |db| {
                Ok(db.query_row("PRAGMA data_version", [], |row| row.get(0))?)
            })
            .await;
        version.unwrap_or(0)
    }
}

pub(super) fn touch(db: &Connection, upstream: &str, model: &ModelId, at: Millis) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO recent (upstream, model, at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
    )?
    .execute(params![upstream, model.as_str(), at.0])?;
    Ok(())
}

fn draft_key(chat: Option<ChatId>) -> i64 {
    chat.map_or(0, |chat| chat.0)
}
