//! Questions and changes, handed to the store; what fails becomes sentences for a person.

use jiff::tz::TimeZone;

use crate::domain::ask::{ChatsAsk, UsageAsk};
use crate::domain::fault::Fault;
use crate::domain::id::Millis;
use crate::domain::usage::Totals;
use crate::store::StoreError;

use super::ask::{Change, OpenChat, Query, Reply, StartFacts, Trouble};
use super::{Engine, Inner};

/// So many recent models are offered.
const RECENTS: u32 = 12;
const DAY_MS: i64 = 86_400_000;

pub(super) async fn ask(engine: &Engine, query: Query) -> Result<Reply, Trouble> {
    let store = &engine.inner.store;
    match query {
        Query::Chats(ask) => {
            let chats = store.chats(ask).await;
            chats.map(Reply::Chats).map_err(|why| trouble("The list of chats was not read.", &why))
        }
        Query::Chat(id) => {
            let (chat, draft) = tokio::join!(store.chat(id), store.draft(Some(id)));
            let chat = chat.map_err(|why| trouble("The chat was not read.", &why))?;
            let open = |(chat, messages)| Box::new(OpenChat { chat, messages, draft });
            Ok(Reply::Chat(chat.map(open)))
        }
        Query::Usage(ask) => {
            let usage = store.usage(ask).await;
            usage.map(Reply::Usage).map_err(|why| trouble("The ledger was not read.", &why))
        }
        Query::Endpoints { model, fresh } => {
            let endpoints = engine.endpoints(&model, fresh).await;
            endpoints.map(Reply::Endpoints).map_err(|fault| no_endpoints(&fault))
        }
        Query::Start => Ok(Reply::Start(Box::new(start(&engine.inner).await))),
    }
}

/// The first screen waits for this, so everything is asked for at once and nothing can fail.
async fn start(engine: &Inner) -> StartFacts {
    let (store, upstream) = (&engine.store, engine.client.name());
    let now = engine.now();
    let today = Millis(now.0.div_euclid(DAY_MS) * DAY_MS);
    let last = ChatsAsk { search: None, limit: 1, deleted: false };
    let (recents, favourites, chats, draft, totals_today, totals_month, settings) = tokio::join!(
        store.recents(upstream, RECENTS),
        store.favourites(upstream),
        store.chats(last),
        store.draft(None),
        totals(engine, today),
        totals(engine, first_of_month(now)),
        store.settings(),
    );
    StartFacts {
        last_model: recents.first().cloned(),
        recents,
        favourites,
        last_chat: chats.ok().and_then(|chats| chats.into_iter().next()),
        draft,
        totals_today,
        totals_month,
        interrupted: store.interrupted(),
        settings: settings.unwrap_or_default(),
    }
}

async fn totals(engine: &Inner, since: Millis) -> Totals {
    let ask = UsageAsk { since: Some(since), ..UsageAsk::default() };
    engine.store.usage(ask).await.map(|report| report.total).unwrap_or_default()
}

/// Midnight UTC of the first day of the month.
fn first_of_month(now: Millis) -> Millis {
    let first = jiff::Timestamp::from_millisecond(now.0)
        .map(|at| at.to_zoned(TimeZone::UTC))
        .and_then(|at| at.first_of_month()?.start_of_day());
    first.map_or(now, |at| Millis(at.timestamp().as_millisecond()))
}

pub(super) async fn apply(engine: &Inner, change: Change) -> Result<(), Trouble> {
    let (store, upstream) = (&engine.store, engine.client.name().to_owned());
    let (what, done) = match change {
        Change::RenameChat(id, title) => {
            ("The chat was not renamed.", store.rename_chat(id, title).await)
        }
        Change::DeleteChat(id) => {
            ("The chat was not deleted.", store.delete_chat(id, engine.now()).await)
        }
        Change::RestoreChat(id) => ("The chat was not brought back.", store.restore_chat(id).await),
        Change::ChatSettings { chat, model, params } => {
            let done = store.set_chat_settings(chat, model, params).await;
            ("The settings of the chat were not kept.", done)
        }
        Change::Draft { chat, text } => {
            store.set_draft(chat, Some(text));
            return Ok(());
        }
        Change::Favourite { model, on } => {
            store.set_favourite(upstream, model, on);
            return Ok(());
        }
        Change::UsedModel(model) => {
            store.touch_recent(upstream, model, engine.now());
            return Ok(());
        }
        Change::Setting { key, value } => {
            store.set_setting(key, value);
            return Ok(());
        }
    };
    done.map_err(|why| trouble(what, &why))
}

/// The store's sentences carry their own advice where they have any.
fn trouble(what: &str, why: &StoreError) -> Trouble {
    let hint = match why {
        StoreError::Newer { .. } => {
            "Update routedeck, or choose another directory with --data-dir."
        }
        StoreError::Unreadable { .. } => {
            "Set that right, or choose another directory with --data-dir."
        }
        StoreError::Full => "Free some space on the disk; then try again.",
        StoreError::Gone(_) => "Look at the list of chats again.",
        StoreError::Closed => "Start routedeck again.",
        StoreError::Sql(_) => "Try again; if it stays, run `routedeck doctor`.",
    };
    Trouble { what: what.into(), why: why.to_string().into(), hint: hint.into() }
}

fn no_endpoints(fault: &Fault) -> Trouble {
    Trouble {
        what: "Who serves this model was not to be learnt.".into(),
        why: fault.message.clone(),
        hint: fault.advice().into(),
    }
}

impl Engine {
    /// Answers a question about what is kept or who serves a model.
    ///
    /// # Errors
    /// In sentences for a person. [`Query::Start`] never fails.
    pub async fn ask(&self, query: Query) -> Result<Reply, Trouble> {
        ask(self, query).await
    }

    /// Keeps a change.
    ///
    /// # Errors
    /// In sentences for a person. What is written without waiting (drafts, favourites, settings)
    /// never fails here: trouble with the disk is told by
    /// [`EngineEvent::Store`](super::EngineEvent::Store).
    pub async fn apply(&self, change: Change) -> Result<(), Trouble> {
        apply(&self.inner, change).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_begins_at_midnight_utc() {
        // 2026-11-25T12:34:56Z and 2026-11-01T00:00:00Z
        assert_eq!(first_of_month(Millis(1_795_610_096_000)), Millis(1_793_491_200_000));
        assert_eq!(first_of_month(Millis(1_793_491_200_000)), Millis(1_793_491_200_000));
    }
}
