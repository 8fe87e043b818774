//! A full disk: the chat goes on, nothing is lost, and it is written when there is room again.

use routedeck::domain::ask::ChunkKind;
use routedeck::domain::conversation::MessageState;
use routedeck::domain::turn::Keep;
use routedeck::store::{Health, StoreError};

use crate::support::{Bed, finished, messages, run, turn, until_health};

#[test]
fn what_comes_while_the_disk_is_full_is_written_later() {
    let bed = Bed::new();
    let store = bed.store();
    run(async {
        let rows = store.begin_turn(turn("a long story", Keep::NewChat)).await.unwrap();
        store.append(rows.answer, ChunkKind::Text, "It began. ".into());
        let pages: u32 = bed.sql("PRAGMA page_count");
        store.limit_pages(pages + 2);

        let piece = "and then ".repeat(1000);
        for _ in 0..50 {
            store.append(rows.answer, ChunkKind::Text, piece.clone());
        }
        until_health(
            &store,
            "the full disk is reported",
            |h| matches!(h, Health::Full { queued } if *queued > 0),
        )
        .await;
        let refused = store.begin_turn(turn("another", Keep::NewChat)).await;
        assert_eq!(refused, Err(StoreError::Full), "a new turn does not wait for room");
        let ended = store.finish_turn(finished(rows, MessageState::Done)).await;
        assert_eq!(ended, Err(StoreError::Full), "but its end is kept");
        assert!(store.chat(rows.chat).await.is_ok(), "reading goes on");

        store.limit_pages(1_000_000);
        until_health(&store, "there is room again", |h| *h == Health::Ok).await;
        let answer = &messages(&store, rows.chat).await[1];
        assert_eq!(answer.state, MessageState::Done);
        assert_eq!(answer.text, format!("It began. {}", piece.repeat(50)));
        assert!(store.begin_turn(turn("another", Keep::NewChat)).await.is_ok());
        assert_eq!(store.close().await, Health::Ok);
    });
    assert_eq!(bed.sql::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn closing_on_a_full_disk_ends_and_says_so() {
    let bed = Bed::new();
    let store = bed.store();
    run(async {
        let rows = store.begin_turn(turn("a long story", Keep::NewChat)).await.unwrap();
        let pages: u32 = bed.sql("PRAGMA page_count");
        store.limit_pages(pages + 1);
        store.append(rows.answer, ChunkKind::Text, "x".repeat(1 << 20));
        until_health(&store, "the full disk is reported", |h| *h != Health::Ok).await;
        assert!(matches!(store.close().await, Health::Full { queued: 1 }));
    });
    assert_eq!(bed.sql::<String>("PRAGMA integrity_check"), "ok");
}

#[test]
fn memory_is_bounded_while_nothing_can_be_written() {
    let bed = Bed::new();
    let store = bed.store();
    run(async {
        let rows = store.begin_turn(turn("endless", Keep::NewChat)).await.unwrap();
        let pages: u32 = bed.sql("PRAGMA page_count");
        store.limit_pages(pages + 1);
        for _ in 0..70 {
            store.append(rows.answer, ChunkKind::Text, "x".repeat(1 << 20));
        }
        until_health(
            &store,
            "what did not fit is counted",
            |h| matches!(h, Health::Failing(why) if why.contains("did not fit into memory")),
        )
        .await;
        store.close().await;
    });
}
