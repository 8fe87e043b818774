//! What is kept of a turn while it runs, and what happens when nothing can be kept.

use std::time::Duration;

use routedeck::domain::ask::ChatsAsk;
use routedeck::domain::conversation::Role;
use routedeck::domain::id::Millis;
use routedeck::domain::turn::{Ending, Keep, PromptMessage, TurnEvent};
use routedeck::engine::{Change, EngineEvent, HealthNotice, Turn};
use routedeck::store::Store;

use crate::kit::{ask, ended, events, heard, is_text, next, saved, stored, text, trace, up_to};
use crate::support::{Bench, now, until};

#[tokio::test]
async fn a_conversation_grows_in_one_chat() {
    let bench = Bench::start().await;
    let first = events(bench.engine.turn(ask("sandbox/echo", "one"))).await;
    let (chat, answer) = saved(&first);
    let mut request = ask("sandbox/echo", "one");
    request.messages.push(PromptMessage { role: Role::Assistant, text: text(&first) });
    request.messages.push(PromptMessage { role: Role::User, text: "two".into() });
    request.keep = Keep::Append { chat, parent: Some(answer) };
    let second = events(bench.engine.turn(request.clone())).await;
    let user = stored(&bench.store, chat, saved(&second).1).await.parent.unwrap();
    request.keep = Keep::Answer { chat, to: user };
    let other = events(bench.engine.turn(request)).await;
    let (_, messages) = bench.store.chat(chat).await.unwrap().unwrap();
    let parents: Vec<_> = messages.iter().map(|m| (m.text.contains("two"), m.parent)).collect();
    assert_eq!(messages.len(), 5, "{parents:?}");
    assert_eq!(stored(&bench.store, chat, saved(&other).1).await.parent, Some(user));
    let entries = bench.store.entries(None, None).await.unwrap();
    assert!(entries.iter().all(|e| e.chat == Some(chat) && e.message.is_some()));
}

#[tokio::test]
async fn a_turn_for_the_ledger_only_leaves_no_chat() {
    let bench = Bench::start().await;
    let mut request = ask("sandbox/echo", "x");
    request.keep = Keep::LedgerOnly;
    let all = events(bench.engine.turn(request)).await;
    assert_eq!(trace(&all), "try-1 accepted text metered done(stop)");
    let entries = bench.store.entries(None, None).await.unwrap();
    assert_eq!((entries.len(), entries[0].chat), (1, None));
}

#[tokio::test]
async fn text_is_in_the_store_before_the_turn_ends() {
    let bench = Bench::start().await;
    // Says a few words, then nothing for 400 ms, the patience of the client.
    let mut turn = bench.engine.turn(ask("sandbox/stalls", "x"));
    let mut all = up_to(&mut turn, is_text).await;
    let (chat, answer) = saved(&all);
    let stored_text = async || stored(&bench.store, chat, answer).await.text;
    let asked = tokio::time::Instant::now();
    until("a checkpoint", async || !stored_text().await.is_empty()).await;
    assert!(asked.elapsed() < Duration::from_millis(300), "{:?}", asked.elapsed());
    while let Ok(event) = turn.events.try_recv() {
        all.push(event);
    }
    assert!(!matches!(all.last(), Some(TurnEvent::Ended { .. })), "it runs still");
    until("all of it", async || stored_text().await == text(&all)).await;
}

#[tokio::test]
async fn text_is_kept_while_the_reader_does_not_read() {
    let bench = Bench::start().await;
    let mut turn = bench.engine.turn(ask("sandbox/long", "Write 4000 words"));
    let mut all = vec![next(&mut turn).await];
    let (chat, answer) = saved(&all);
    let full = async |turn: &Turn| {
        until("the channel is full", async || turn.events.len() >= 256).await;
    };
    full(&turn).await;
    while all.len() < 200 {
        all.push(next(&mut turn).await);
    }
    // From here on nothing is read; the socket waits, but what came is written down.
    full(&turn).await;
    until("a checkpoint behind a full channel", async || {
        let kept = stored(&bench.store, chat, answer).await.text;
        kept.len() > text(&all).len() && kept.starts_with(&text(&all))
    })
    .await;
    assert_eq!(turn.events.len(), 256, "it is still full");
    all.extend(events(turn).await);
    assert_eq!(stored(&bench.store, chat, answer).await.text, text(&all));
    assert!(matches!(ended(&all).0, Ending::Done(_)));
}

#[tokio::test]
async fn without_a_store_the_answer_still_comes() {
    let bench = Bench::start().await;
    bench.store.clone().close().await;
    let all = events(bench.engine.turn(ask("sandbox/echo", "hello"))).await;
    assert_eq!(trace(&all), "not-saved try-1 accepted text metered done(stop)");
    assert!(text(&all).contains("hello"));
    let Some(TurnEvent::NotSaved(why)) = all.first() else { panic!() };
    assert!(why.contains("closed"), "{why}");
    assert!(bench.engine.refresh_catalog().await.is_ok(), "so does the list of models");
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_answer_still_comes() {
    let bench = Bench::start().await;
    let mut told = bench.engine.observe();
    bench.store.limit_pages(1);
    let much = Some("x".repeat(1 << 20));
    bench.engine.apply(Change::Setting { key: "much".into(), value: much }).await.unwrap();
    let store = |event| match event {
        EngineEvent::Store(notice) => Some(notice),
        _ => None,
    };
    let notice = heard(&mut told, "the full disk", store).await;
    assert!(matches!(notice, HealthNotice::Full { .. }), "{notice:?}");
    let all = events(bench.engine.turn(ask("sandbox/echo", "hello"))).await;
    assert_eq!(trace(&all), "not-saved try-1 accepted text metered done(stop)");
    bench.store.limit_pages(1_000_000);
    let fine = |event| store(event).filter(|n| *n == HealthNotice::Fine);
    heard(&mut told, "room again", fine).await;
    let entries = bench.store.entries(None, None).await.unwrap();
    assert_eq!(entries.len(), 1, "the ledger missed nothing");
}

#[tokio::test]
async fn the_reply_to_a_chat_that_is_gone_is_not_lost() {
    let bench = Bench::start().await;
    let mut request = ask("sandbox/echo", "hello");
    request.keep = Keep::Append { chat: routedeck::domain::id::ChatId(77), parent: None };
    let all = events(bench.engine.turn(request)).await;
    assert_eq!(trace(&all), "not-saved try-1 accepted text metered done(stop)");
}

#[tokio::test]
async fn a_deleted_chat_stays_for_thirty_days_and_then_its_text_is_gone() {
    const DAY: i64 = 86_400_000;
    let bench = Bench::start().await;
    let (old, _) = saved(&events(bench.engine.turn(ask("sandbox/echo", "old words"))).await);
    let (young, _) = saved(&events(bench.engine.turn(ask("sandbox/echo", "young words"))).await);
    let days_ago = |days: i64| Millis(now().0 - days * DAY);
    bench.store.delete_chat(old, days_ago(31)).await.unwrap();
    bench.store.delete_chat(young, days_ago(29)).await.unwrap();
    bench.engine.clone().close().await;
    let again = Store::open(&bench.path, now()).unwrap().store;
    let deleted = ChatsAsk { search: None, limit: 10, deleted: true };
    let left: Vec<_> = again.chats(deleted).await.unwrap().iter().map(|c| c.chat.id).collect();
    assert_eq!(left, [young]);
    assert!(again.chat(old).await.unwrap().is_none());
}
