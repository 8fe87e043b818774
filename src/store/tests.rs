//! What can only be seen from inside: network file systems, long reads, plans of statements.

use std::time::Duration;

use super::*;
use crate::domain::ask::{ChatsAsk, ChunkKind, UsageAsk};
use crate::domain::conversation::Role;
use crate::domain::id::MessageId;
use crate::domain::turn::{Keep, Params, PromptMessage};

fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn turn(text: &str) -> NewTurn {
    NewTurn {
        at: Millis(1),
        upstream: "u".into(),
        keep: Keep::NewChat,
        model: "a/b".into(),
        params: Params::default(),
        messages: vec![PromptMessage { role: Role::User, text: text.into() }],
    }
}

async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(Duration::from_secs(20), work).await;
    assert!(done.is_ok(), "too slow: {what}");
    done.unwrap()
}

#[test]
fn on_a_network_file_system_there_is_no_shared_log() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    run(async {
        // Made on a local disk, then moved.
        let local = open::open(&path, Millis(1), false).unwrap();
        local.store.begin_turn(turn("one")).await.unwrap();
        local.store.close().await;

        let one = open::open(&path, Millis(1), true).unwrap();
        assert!(one.notices[0].contains("network file system"), "{:?}", one.notices);
        let two = open::open(&path, Millis(1), true).unwrap();
        for store in [&one.store, &two.store] {
            let mode: String = store
                .read(|db| Ok(db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?))
                .await
                .unwrap();
            assert_eq!(mode, "truncate");
            let sync: i64 = store
                .read(|db| Ok(db.query_row("PRAGMA synchronous", [], |row| row.get(0))?))
                .await
                .unwrap();
            assert_eq!(sync, 2, "FULL");
            store.begin_turn(turn("more")).await.unwrap();
        }
        let ask = ChatsAsk { limit: 9, ..ChatsAsk::default() };
        assert_eq!(one.store.chats(ask).await.unwrap().len(), 3);
        assert!(!path.with_file_name("db-wal").exists());
    });
}

/// Never ends by itself.
const ENDLESS: &str =
    "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

#[test]
fn a_long_read_delays_no_write_and_ends_with_its_reader() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("db"), Millis(1)).unwrap().store;
    run(async {
        let endless = store.read(|db| Ok(db.query_row(ENDLESS, [], |row| row.get::<_, i64>(0))?));
        let meanwhile = async {
            let rows = soon("a write beside a read", store.begin_turn(turn("now"))).await.unwrap();
            store.append(rows.answer, ChunkKind::Text, "x".into());
            soon("an append", store.data_version()).await;
            rows
        };
        let rows = tokio::select! {
            biased;
            _ = endless => unreachable!("endless"),
            rows = meanwhile => rows,
        };
        // The endless one was dropped, so the thread is free again.
        let found = soon("a read after a dropped one", store.chat(rows.chat)).await.unwrap();
        assert_eq!(found.unwrap().1[1].text, "x");
        soon("closing", store.close()).await;
    });
}

#[test]
fn a_read_sees_the_writes_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("db"), Millis(1)).unwrap().store;
    run(async {
        for number in 0..500 {
            store.set_setting("n".into(), Some(format!("{number}")));
            assert_eq!(store.setting("n").await.unwrap(), Some(format!("{number}")));
        }
    });
}

#[test]
fn a_job_that_fails_undoes_itself_only() {
    let store = Store::open_in_memory(Millis(1)).unwrap().store;
    run(async {
        store.set_setting("before".into(), Some("x".into()));
        let bad = store.write(Kind::Now, 0, |db| -> Done<()> {
            db.execute("INSERT INTO setting (key, value) VALUES ('half', 'x')", [])?;
            db.execute("INSERT INTO setting (key, value) VALUES ('half', 'x')", [])?;
            Ok(())
        });
        let after = async { store.set_setting("after".into(), Some("x".into())) };
        let (bad, ()) = tokio::join!(bad, after);
        assert!(matches!(bad, Err(StoreError::Sql(_))), "{bad:?}");
        for (key, value) in
            [("before", Some("x".to_owned())), ("half", None), ("after", Some("x".into()))]
        {
            assert_eq!(store.setting(key).await.unwrap(), value, "{key}");
        }
        store.append(MessageId(99), ChunkKind::Text, "for nobody".into());
        assert_eq!(*store.health().borrow(), Health::Ok);
        assert_eq!(store.close().await, Health::Ok);
    });
}

/// The list of chats and the sums must not read whole tables.
#[test]
fn statements_of_the_first_screen_use_their_indexes() {
    let store = Store::open_in_memory(Millis(1)).unwrap().store;
    let plan = |sql: &str| {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        run(store.read(move |db| {
            let mut select = db.prepare(&sql)?;
            let mut rows = select.raw_query();
            let mut lines = String::new();
            while let Some(row) = rows.next()? {
                lines.push_str(row.get_ref(3)?.as_str().unwrap_or(""));
            }
            Ok(lines)
        }))
        .unwrap()
    };
    let newest = plan(chats::NEWEST);
    assert!(newest.contains("INDEX chat_updated") && !newest.contains("TEMP"), "{newest}");
    for (sql, index) in [
        (chats::totals_sql().as_str(), "INDEX ledger_chat"),
        (&ledger::report_sql(&UsageAsk::default()), "INDEX ledger_at"),
        (turns::STREAMING, "INDEX message_streaming"),
        (turns::PIECES, "PRIMARY KEY"),
    ] {
        let plan = plan(sql);
        assert!(plan.contains(index), "{sql}: {plan}");
    }
}
