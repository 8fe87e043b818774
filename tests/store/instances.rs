//! Several instances on one database at the same time.

use std::process::Stdio;

use routedeck::domain::ask::{ChunkKind, UsageAsk};
use routedeck::domain::conversation::MessageState;
use routedeck::domain::cost::Cost;
use routedeck::domain::turn::Keep;
use routedeck::store::{Health, Store};

use crate::support::{Bed, NOON, as_child, child, entry, finished, list, messages, run, turn, usd};

const TURNS: usize = 40;
const PIECES: usize = 5;

/// Many turns with everything a turn writes, as fast as they go.
async fn hammer(store: &Store, name: &str) {
    for number in 0..TURNS {
        let rows =
            store.begin_turn(turn(&format!("{name} {number}"), Keep::NewChat)).await.unwrap();
        for _ in 0..PIECES {
            store.append(rows.answer, ChunkKind::Text, format!("{name}. "));
        }
        store.finish_turn(finished(rows, MessageState::Done)).await.unwrap();
        store.record(entry(Cost::Billed(usd("0.02"))));
    }
    assert_eq!(*store.health().borrow(), Health::Ok);
}

#[test]
fn hammering_child() {
    let Some((path, name)) = as_child() else { return };
    run(async {
        let store = Store::open(&path, NOON).unwrap().store;
        hammer(&store, &name).await;
        assert_eq!(store.close().await, Health::Ok);
    });
}

#[test]
fn three_processes_write_at_the_same_time() {
    let bed = Bed::new();
    // All of them begin with no file at all.
    let children: Vec<_> = ["one", "two"]
        .map(|name| {
            child("instances::hammering_child", &bed.path, name)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .into();
    run(async {
        let store = bed.open().store;
        hammer(&store, "three").await;
        store.close().await;
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let store = bed.store();
    run(async {
        let chats = list(&store).await;
        assert_eq!(chats.len(), 3 * TURNS);
        for line in &chats {
            let [question, answer] = &messages(&store, line.chat.id).await[..] else {
                panic!("not two messages")
            };
            let name = question.text.split(' ').next().unwrap();
            assert_eq!(answer.text, format!("{name}. ").repeat(PIECES));
        }
        let report = store.usage(UsageAsk::default()).await.unwrap();
        assert_eq!(report.total.sends, 2 * 3 * TURNS as u64);
        assert_eq!(report.total.cost, usd("3.6"));
        store.close().await;
    });
    assert_eq!(bed.sql::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn answers_of_a_living_instance_are_left_alone() {
    let bed = Bed::new();
    let writing = bed.store();
    run(async {
        let rows = writing.begin_turn(turn("a question", Keep::NewChat)).await.unwrap();
        writing.append(rows.answer, ChunkKind::Reasoning, "hmm".into());
        writing.append(rows.answer, ChunkKind::Text, "so ".into());
        writing.append(rows.answer, ChunkKind::Text, "far".into());
        messages(&writing, rows.chat).await;

        let watching = bed.store();
        let before = watching.data_version().await;
        let seen = &messages(&watching, rows.chat).await[1];
        assert_eq!(seen.state, MessageState::Streaming);
        assert_eq!((&*seen.text, &*seen.reasoning), ("so far", "hmm"));
        assert_eq!(watching.close_orphans().await, Ok(0));

        writing.append(rows.answer, ChunkKind::Text, ", and on".into());
        writing.finish_turn(finished(rows, MessageState::Done)).await.unwrap();
        assert_ne!(watching.data_version().await, before, "the other one wrote");
        let settled = watching.data_version().await;
        watching.set_setting("a".into(), Some("b".into()));
        assert_eq!(watching.setting("a").await.unwrap().as_deref(), Some("b"));
        assert_eq!(watching.data_version().await, settled, "own writes are no news");
        let seen = &messages(&watching, rows.chat).await[1];
        assert_eq!((seen.state, &*seen.text), (MessageState::Done, "so far, and on"));
        assert_eq!(list(&watching).await.len(), 1);
        watching.close().await;
    });
}

#[test]
fn an_answer_left_open_at_a_clean_end_is_closed() {
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        let rows = store.begin_turn(turn("a question", Keep::NewChat)).await.unwrap();
        store.append(rows.answer, ChunkKind::Text, "half".into());
        let other = store.clone();
        assert_eq!(store.close().await, Health::Ok);
        assert!(other.begin_turn(turn("late", Keep::NewChat)).await.is_err());
        drop(other);
        let store = bed.store();
        let seen = &messages(&store, rows.chat).await[1];
        assert_eq!((seen.state, &*seen.text), (MessageState::Interrupted, "half"));
    });
    assert!(bed.sql::<i64>("SELECT count(*) FROM chunk") == 0);
}
