//! What the tests of the store share: values to store, a place to put them, and waiting.

use std::path::{Path, PathBuf};
use std::time::Duration;

use routedeck::domain::ask::ChatsAsk;
use routedeck::domain::conversation::{ChatSummary, Message, MessageState, Role};
use routedeck::domain::cost::Cost;
use routedeck::domain::id::{ChatId, Millis};
use routedeck::domain::money::Usd;
use routedeck::domain::turn::{FinishReason, Keep, Params, PromptMessage, Receipt};
use routedeck::domain::usage::{LedgerEntry, Outcome, Usage};
use routedeck::store::{FinishedTurn, Health, NewTurn, Opened, Store, TurnRows};
use tempfile::TempDir;

/// 2026-11-25 12:00 UTC.
pub(crate) const NOON: Millis = Millis(1_795_608_000_000);

pub(crate) struct Bed {
    pub(crate) dir: TempDir,
    pub(crate) path: PathBuf,
}

impl Bed {
    pub(crate) fn new() -> Bed {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/routedeck.db");
        Bed { dir, path }
    }

    pub(crate) fn open(&self) -> Opened {
        Store::open(&self.path, NOON).unwrap()
    }

    /// Without anything to tell the user.
    pub(crate) fn store(&self) -> Store {
        let opened = self.open();
        assert_eq!(opened.notices, Vec::<String>::new());
        opened.store
    }

    pub(crate) fn sql<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        sql_at(&self.path, sql)
    }
}

pub(crate) fn sql_at<T: rusqlite::types::FromSql>(path: &Path, sql: &str) -> T {
    let db = rusqlite::Connection::open(path).unwrap();
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

pub(crate) fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub(crate) fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

pub(crate) fn turn(text: &str, keep: Keep) -> NewTurn {
    NewTurn {
        at: NOON,
        upstream: "openrouter".into(),
        keep,
        model: "anthropic/claude-haiku-4.5".into(),
        params: Params { system: Some("be brief".into()), ..Params::default() },
        messages: vec![PromptMessage { role: Role::User, text: text.into() }],
    }
}

pub(crate) fn receipt(cost: Cost) -> Receipt {
    Receipt {
        started: NOON,
        upstream: "openrouter".into(),
        model_asked: "anthropic/claude-haiku-4.5".into(),
        model_served: Some("anthropic/claude-4.5-haiku-20251001".into()),
        provider: Some("Anthropic".into()),
        generation_id: Some("gen-1".into()),
        finish_reason: Some(FinishReason::Stop),
        usage: Some(usage()),
        cost,
        ttft_ms: Some(400),
        duration_ms: 2000,
        reasoning_ms: Some(100),
        simulated: false,
        attempts: Vec::new(),
    }
}

pub(crate) fn usage() -> Usage {
    Usage {
        prompt_tokens: 15,
        completion_tokens: 9,
        total_tokens: 24,
        cached_tokens: 4,
        reasoning_tokens: 2,
        billed: Some(usd("0.0000000000000000000001")),
        is_byok: true,
        upstream_cost: Some(usd("0.00006")),
        ..Usage::default()
    }
}

pub(crate) fn entry(cost: Cost) -> LedgerEntry {
    LedgerEntry {
        at: NOON,
        upstream: "openrouter".into(),
        key_fingerprint: "0123abcd".into(),
        model_asked: "anthropic/claude-haiku-4.5".into(),
        model_served: Some("anthropic/claude-4.5-haiku-20251001".into()),
        provider: Some("Anthropic".into()),
        outcome: Outcome::Served,
        status: Some(200),
        generation_id: Some("gen-1".into()),
        chat: None,
        message: None,
        usage: Some(usage()),
        cost,
        computed: Some(usd("0.00006")),
        ttft_ms: Some(400),
        duration_ms: 2000,
        simulated: false,
    }
}

pub(crate) fn finished(rows: TurnRows, state: MessageState) -> FinishedTurn {
    let cost = Cost::Billed(usd("0.01"));
    FinishedTurn {
        rows: Some(rows),
        state,
        receipt: receipt(cost),
        entries: vec![entry(cost)],
        at: Millis(NOON.0 + 2000),
    }
}

/// A whole turn in a new chat.
pub(crate) async fn said(store: &Store, question: &str, answer: &str) -> TurnRows {
    let rows = store.begin_turn(turn(question, Keep::NewChat)).await.unwrap();
    store.append(rows.answer, routedeck::domain::ask::ChunkKind::Text, answer.into());
    store.finish_turn(finished(rows, MessageState::Done)).await.unwrap();
    rows
}

pub(crate) async fn messages(store: &Store, chat: ChatId) -> Vec<Message> {
    store.chat(chat).await.unwrap().unwrap().1
}

pub(crate) async fn list(store: &Store) -> Vec<ChatSummary> {
    store.chats(ChatsAsk { limit: 1000, ..ChatsAsk::default() }).await.unwrap()
}

pub(crate) async fn found(store: &Store, search: &str) -> Vec<ChatSummary> {
    let ask = ChatsAsk { search: Some(search.into()), limit: 100, deleted: false };
    store.chats(ask).await.unwrap()
}

/// Waits until the store's health is as wanted.
pub(crate) async fn until_health(store: &Store, what: &str, wanted: impl FnMut(&Health) -> bool) {
    let mut health = store.health();
    let waited = tokio::time::timeout(Duration::from_secs(20), health.wait_for(wanted)).await;
    assert!(waited.is_ok_and(|w| w.is_ok()), "never happened: {what}");
}

/// Runs one `#[test]` of this binary in a process of its own, with `ROUTEDECK_TEST_DB` set.
pub(crate) fn child(test: &str, path: &Path, role: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env("ROUTEDECK_TEST_DB", path)
        .env("ROUTEDECK_TEST_ROLE", role);
    command
}

/// In such a process: the database and the role.
pub(crate) fn as_child() -> Option<(PathBuf, String)> {
    let path = std::env::var_os("ROUTEDECK_TEST_DB")?;
    Some((path.into(), std::env::var("ROUTEDECK_TEST_ROLE").unwrap_or_default()))
}
