//! Files that are no database, damaged ones, and places where there can be none.

use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;

use routedeck::domain::ask::UsageAsk;
use routedeck::store::{Store, StoreError};

use crate::support::{Bed, NOON, found, list, messages, run, said};

fn write(bed: &Bed, bytes: &[u8]) {
    std::fs::create_dir_all(bed.path.parent().unwrap()).unwrap();
    std::fs::write(&bed.path, bytes).unwrap();
}

fn aside(bed: &Bed) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(bed.path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains(".damaged-"))
        .collect();
    names.sort();
    names
}

#[test]
fn garbage_is_set_aside_and_never_deleted() {
    let bed = Bed::new();
    let garbage = b"this is no database\n".repeat(500);
    write(&bed, &garbage);
    std::fs::write(bed.path.with_extension("db-wal"), "its log").unwrap();
    let opened = bed.open();
    assert_eq!(opened.notices.len(), 1);
    assert!(opened.notices[0].contains("was set aside as"), "{:?}", opened.notices);
    let names = aside(&bed);
    let set =
        ["Z", "Z-shm", "Z-wal"].map(|end| format!("routedeck.db.damaged-20261125T120000{end}"));
    assert_eq!(names, set);
    let log = std::fs::read(bed.path.with_file_name(&names[2])).unwrap();
    assert_eq!(log, b"its log");
    let kept = std::fs::read(bed.path.with_file_name(&names[0])).unwrap();
    assert_eq!(kept, garbage);
    run(async {
        said(&opened.store, "does it work", "yes").await;
        assert_eq!(list(&opened.store).await.len(), 1);
        opened.store.close().await;
    });
    bed.store();
    // The same second, another mishap: nothing is overwritten.
    write(&bed, b"again this is not one, and longer than a header would be: ");
    bed.open();
    assert_eq!(std::fs::read(bed.path.with_file_name(&names[0])).unwrap(), garbage);
}

#[test]
fn a_damaged_page_costs_what_is_on_it_and_no_more() {
    let bed = Bed::new();
    run(async {
        let store = bed.store();
        for number in 0..300 {
            said(&store, &format!("question {number}"), &"an answer ".repeat(50)).await;
        }
        store.close().await;
    });
    // One page in the middle of the messages.
    let page: i64 = bed.sql(
        "SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf'
         ORDER BY pageno LIMIT 1 OFFSET 20",
    );
    let mut file = std::fs::OpenOptions::new().write(true).open(&bed.path).unwrap();
    file.seek(SeekFrom::Start((page as u64 - 1) * 4096)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
    drop(file);

    run(async {
        // Nobody knows yet; a write or a search finds out, and says so.
        let store = bed.open().store;
        let mut health = store.health();
        for line in list(&store).await {
            if store.chat(line.chat.id).await.is_err() {
                break;
            }
        }
        let told = health.wait_for(|h| format!("{h:?}").contains("quit and start again"));
        let told = tokio::time::timeout(std::time::Duration::from_secs(10), told).await;
        assert!(told.is_ok(), "damage that was met is reported");
        store.close().await;

        let opened = bed.open();
        let notice = &opened.notices[0];
        assert!(notice.contains("300 chats, "), "{notice}");
        assert!(notice.contains("300 ledger rows were saved"), "{notice}");
        let chats = list(&opened.store).await;
        assert_eq!(chats.len(), 300);
        let mut saved = 0;
        for line in &chats {
            saved += messages(&opened.store, line.chat.id).await.len();
        }
        assert!(saved >= 580, "only {saved} of 600 messages");
        assert_eq!(found(&opened.store, "question 299").await.len(), 1);
        let spent = opened.store.usage(UsageAsk::default()).await.unwrap();
        assert_eq!(spent.total.cost, crate::support::usd("3"));
        opened.store.close().await;
    });
    assert_eq!(bed.sql::<String>("PRAGMA integrity_check"), "ok");
    bed.store();
}

#[test]
fn damage_is_not_repaired_under_another_instance() {
    let bed = Bed::new();
    let living = bed.store();
    std::fs::write(bed.path.with_file_name("routedeck.db-live/.damaged"), "").unwrap();
    let error = Store::open(&bed.path, NOON).unwrap_err();
    assert!(error.to_string().contains("another routedeck has it open"), "{error}");
    drop(living);
}

#[test]
fn a_place_that_cannot_be_used_is_a_sentence() {
    let bed = Bed::new();
    let file = bed.dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("routedeck.db"), NOON).unwrap_err();
    assert!(matches!(&error, StoreError::Unreadable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("not a directory") && text.contains("--data-dir"), "{text}");

    let error = Store::open(bed.dir.path(), NOON).unwrap_err();
    assert!(error.to_string().contains("is a directory"), "{error}");
}

#[test]
fn files_belong_to_their_owner() {
    let bed = Bed::new();
    let store = bed.store();
    run(said(&store, "secret", "answer"));
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(bed.path.parent().unwrap()), 0o700);
    for entry in std::fs::read_dir(bed.path.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn without_a_place_it_works_and_keeps_nothing() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let rows = said(&store, "a question", "an answer").await;
        assert_eq!(messages(&store, rows.chat).await[1].text, "an answer");
        assert_eq!(found(&store, "answ").await.len(), 1);
        store.close().await;
        let store = Store::open_in_memory(NOON).unwrap().store;
        assert!(list(&store).await.is_empty());
    });
}
