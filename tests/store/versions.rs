//! Databases of other versions. There is a fixture of every version that was ever released.

use std::path::{Path, PathBuf};

use routedeck::domain::ask::ChunkKind;
use routedeck::domain::conversation::MessageState;
use routedeck::domain::turn::Keep;
use routedeck::store::{Store, StoreError};

use crate::support::{Bed, NOON, found, list, messages, receipt, run, said, turn, usage, usd};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store").join(name)
}

fn copied(name: &str) -> Bed {
    let bed = Bed::new();
    std::fs::create_dir_all(bed.path.parent().unwrap()).unwrap();
    std::fs::copy(fixture(name), &bed.path).unwrap();
    bed
}

#[test]
fn a_newer_database_is_refused_and_untouched() {
    let bed = Bed::new();
    drop(bed.store());
    let db = rusqlite::Connection::open(&bed.path).unwrap();
    db.execute_batch("PRAGMA user_version = 99; CREATE TABLE future (x)").unwrap();
    drop(db);
    let error = Store::open(&bed.path, NOON).unwrap_err();
    assert!(matches!(&error, StoreError::Newer { found: 99, path, .. } if *path == bed.path));
    let text = error.to_string();
    assert!(text.contains("newer routedeck") && text.contains("Update routedeck"), "{text}");
    assert_eq!(bed.sql::<i64>("SELECT count(*) FROM future"), 0);
}

#[test]
fn version_1_opens_with_everything_in_it() {
    let bed = copied("v1.db");
    let opened = bed.open();
    let [copied, interrupted] = &opened.notices[..] else { panic!("{:?}", opened.notices) };
    assert!(copied.contains("v1.backup"), "{copied}");
    assert_eq!(interrupted, "1 answer was interrupted when routedeck ended; what had come is kept");
    let store = opened.store;
    run(async {
        let chats = list(&store).await;
        let titles: Vec<_> = chats.iter().map(|c| c.chat.title.as_str()).collect();
        assert_eq!(titles, ["a question about 漢字", "left open"]);
        assert_eq!(chats[0].totals.cost, usd("0.01"));
        let whole = messages(&store, chats[0].chat.id).await;
        assert_eq!(whole[1].text, "an answer with naïve words");
        let kept = whole[1].receipt.as_ref().unwrap();
        assert_eq!(*kept, receipt(kept.cost));
        assert_eq!(kept.usage, Some(usage()));
        let cut = messages(&store, chats[1].chat.id).await;
        assert_eq!(cut[1].state, MessageState::Interrupted);
        assert_eq!((&*cut[1].text, &*cut[1].reasoning), ("what came", "thoughts"));
        assert_eq!(found(&store, "naive").await.len(), 1);
        assert_eq!(found(&store, "what ca").await.len(), 1);
        assert_eq!(store.setting("theme").await.unwrap().as_deref(), Some("dark"));
        assert_eq!(store.favourites("openrouter").await, ["openai/gpt-4o".into()]);
        assert_eq!(store.draft(None).await.as_deref(), Some("half a thou"));
        let (at, body) = store.catalog("openrouter").await.unwrap().unwrap();
        assert_eq!((at, &*body), (NOON, &b"{\"data\":[]}"[..]));
        said(&store, "it goes on", "it does").await;
        assert_eq!(list(&store).await.len(), 3);
        store.close().await;
    });
}

/// Run it by name, once, before a version of the tables is released; see the fixtures' README.
#[test]
fn write_the_fixture_of_this_version() {
    // Only when it is asked for: the fixture of a version that was released never changes.
    if std::env::var_os("ROUTEDECK_WRITE_FIXTURE").is_none() {
        return;
    }
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        said(&store, "a question about 漢字", "an answer with naïve words").await;
        let rows = store.begin_turn(turn("left open", Keep::NewChat)).await.unwrap();
        store.append(rows.answer, ChunkKind::Reasoning, "thoughts".into());
        store.append(rows.answer, ChunkKind::Text, "what ".into());
        store.append(rows.answer, ChunkKind::Text, "came".into());
        store.set_setting("theme".into(), Some("dark".into()));
        store.set_favourite("openrouter".into(), "openai/gpt-4o".into(), true);
        store.set_draft(None, Some("half a thou".into()));
        store.save_catalog("openrouter".into(), NOON, b"{\"data\":[]}".to_vec());
        store.setting("theme").await.unwrap();
        let version: i64 = bed.sql("PRAGMA user_version");
        let target = fixture(&format!("v{version}.db"));
        let db = rusqlite::Connection::open(&bed.path).unwrap();
        db.execute("VACUUM INTO ?1", [target.to_str().unwrap()]).unwrap();
    });
}
