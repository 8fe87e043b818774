//! One ending for each turn, whatever happens to it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use routedeck::domain::conversation::MessageState;
use routedeck::domain::id::Millis;
use routedeck::domain::turn::{Ending, TurnEvent};
use routedeck::domain::usage::Outcome;
use routedeck::engine::{Engine, HealthNotice, Parts};
use routedeck::sandbox::Settings;
use routedeck::store::Store;

use crate::kit::{ask, ended, events, is_text, next, saved, stored, text, trace, up_to};
use crate::support::{Bench, client, now, until, wait_for};

fn unhurried() -> Settings {
    Settings { pace: Duration::from_millis(2), ..Settings::quick() }
}

#[tokio::test]
async fn a_stop_in_the_middle_keeps_what_came() {
    let bench = Bench::with(unhurried()).await;
    let mut turn = bench.engine.turn(ask("sandbox/long", "Write 3000 words"));
    let mut all = up_to(&mut turn, is_text).await;
    all.extend(up_to(&mut turn, is_text).await);
    turn.stop.stop();
    all.extend(events(turn).await);
    let (ending, receipt) = ended(&all);
    assert_eq!(*ending, Ending::Stopped);
    assert_eq!(receipt.attempts[0].outcome, Outcome::Stopped);
    assert!(receipt.generation_id.is_some() && receipt.ttft_ms.is_some());
    let (chat, answer) = saved(&all);
    let kept = stored(&bench.store, chat, answer).await;
    assert_eq!((kept.state, &kept.text), (MessageState::Stopped, &text(&all)));
    until("the upstream notices", async || bench.sandbox.live() == 0).await;
}

#[tokio::test]
async fn a_stop_while_it_waits_for_another_try_is_obeyed_at_once() {
    let bench = Bench::start().await;
    let mut turn = bench.engine.turn(ask("sandbox/internal-error", "x"));
    let mut all = up_to(&mut turn, |e| matches!(e, TurnEvent::Waiting { .. })).await;
    turn.stop.stop();
    all.extend(events(turn).await);
    assert_eq!(trace(&all), "saved try-1 wait(server_error) stopped");
    assert_eq!(ended(&all).1.attempts.len(), 1);
    assert_eq!(bench.sandbox.requests().len(), 1, "nothing more was asked");
}

#[tokio::test]
async fn a_turn_stopped_before_it_was_sent_costs_nothing() {
    let bench = Bench::start().await;
    let turn = bench.engine.turn(ask("sandbox/echo", "x"));
    turn.stop.stop();
    let all = events(turn).await;
    let (ending, receipt) = ended(&all);
    assert_eq!(*ending, Ending::Stopped);
    assert!(receipt.attempts.is_empty());
    assert_eq!(receipt.cost.usd().unwrap().exact(), "0");
    assert!(bench.sandbox.requests().is_empty());
}

#[tokio::test]
async fn stops_at_all_times_give_one_ending_each() {
    let bench = Bench::with(unhurried()).await;
    let stopped = |n: u64| {
        let bench = &bench;
        async move {
            let model = ["sandbox/slow", "sandbox/long", "sandbox/flaky"][n as usize % 3];
            let turn = bench.engine.turn(ask(model, &format!("{n}: write 300 words")));
            let stop = turn.stop.clone();
            let (all, ()) = tokio::join!(events(turn), async {
                tokio::time::sleep(Duration::from_millis(n * n / 4)).await;
                stop.stop();
                stop.stop();
            });
            ended(&all);
            let (chat, answer) = saved(&all);
            let kept = stored(&bench.store, chat, answer).await;
            assert_eq!(kept.text, text(&all), "{n}: {}", trace(&all));
            assert_ne!(kept.state, MessageState::Streaming);
        }
    };
    join_all((0..36).map(stopped)).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// However far a reader gets before it stops, stops reading, or goes away.
    #[test]
    fn a_turn_ends_once_however_it_is_read(reads in 0usize..400, stops: bool, leaves: bool) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::start().await;
            let mut turn = bench.engine.turn(ask("sandbox/long", "Write 2000 words"));
            let mut all = Vec::new();
            while all.len() < reads
                && let Some(event) = wait_for("an event", turn.events.recv()).await
            {
                all.push(event);
            }
            if stops {
                turn.stop.stop();
            }
            if leaves {
                drop(turn);
                until("it is kept", async || is_closed(&bench.store).await).await;
            } else {
                all.extend(events(turn).await);
                let (chat, answer) = saved(&all);
                let kept = stored(&bench.store, chat, answer).await;
                let (ending, _) = ended(&all);
                assert_eq!(kept.text, text(&all));
                // A stop may come too late.
                assert!(stops || *ending != Ending::Stopped);
            }
            let entries = bench.store.entries(None, None).await.unwrap();
            assert!(entries.len() <= 1, "one row for one attempt");
        });
    }
}

/// The only answer in the store has ended.
async fn is_closed(store: &Store) -> bool {
    let chats = store
        .chats(routedeck::domain::ask::ChatsAsk { search: None, limit: 1, deleted: false })
        .await
        .unwrap();
    let Some(chat) = chats.first() else { return false };
    let (_, messages) = store.chat(chat.chat.id).await.unwrap().unwrap();
    messages.iter().any(|m| m.receipt.is_some() && m.state != MessageState::Streaming)
}

#[tokio::test]
async fn a_reader_that_goes_away_does_not_end_the_turn() {
    let bench = Bench::start().await;
    let mut turn = bench.engine.turn(ask("sandbox/long", "Write 1000 words"));
    let seen = up_to(&mut turn, is_text).await;
    let (chat, answer) = saved(&seen);
    drop(turn);
    until("the answer is whole", async || {
        stored(&bench.store, chat, answer).await.state == MessageState::Done
    })
    .await;
    let kept = stored(&bench.store, chat, answer).await;
    assert!(kept.text.split_whitespace().count() > 900, "{}", kept.text.len());
    assert_eq!(bench.store.entries(None, None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_bug_of_ours_is_an_ending_too() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    fn clumsy() -> Millis {
        assert!(CALLS.fetch_add(1, Ordering::SeqCst) != 1, "the clock fell off the wall");
        now()
    }
    let bench = Bench::start().await;
    let client = client("sandbox", &bench.sandbox.base_url(), true);
    let engine = Engine::start(Parts { client, store: bench.store.clone(), clock: clumsy });
    let all = events(engine.turn(ask("sandbox/echo", "x"))).await;
    let (ending, _) = ended(&all);
    let Ending::Failed(fault) = ending else { panic!("{}", trace(&all)) };
    assert!(fault.message.contains("the clock fell off the wall"), "{fault}");
    let (chat, answer) = saved(&all);
    assert_eq!(stored(&bench.store, chat, answer).await.state, MessageState::Failed);
    let all = events(engine.turn(ask("sandbox/echo", "x"))).await;
    assert_eq!(trace(&all), "saved try-1 accepted text metered done(stop)", "the next one works");
}

#[tokio::test]
async fn closing_ends_running_turns_and_refuses_new_ones() {
    let bench = Bench::with(unhurried()).await;
    let mut turn = bench.engine.turn(ask("sandbox/long", "Write 5000 words"));
    let mut all = up_to(&mut turn, is_text).await;
    // Nobody reads this one, and it is far behind.
    let unread = bench.engine.turn(ask("sandbox/long", "Write 5000 words, unread"));
    until("the channel is full", async || unread.events.len() >= 256).await;
    while let Ok(event) = turn.events.try_recv() {
        all.push(event);
    }
    let left = bench.engine.clone();
    let closed = bench.engine.clone();
    let begin = std::time::Instant::now();
    assert_eq!(wait_for("the engine closes", closed.close()).await, HealthNotice::Fine);
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    all.extend(events(turn).await);
    assert_eq!(*ended(&all).0, Ending::Stopped);
    let unread = events(unread).await;
    assert_eq!(*ended(&unread).0, Ending::Stopped);

    let late = events(left.turn(ask("sandbox/echo", "x"))).await;
    assert_eq!(trace(&late), "stopped");

    let store = Store::open(&bench.path, now()).unwrap();
    assert_eq!(store.notices, Vec::<String>::new(), "nothing was left open");
    let (chat, answer) = saved(&all);
    let kept = stored(&store.store, chat, answer).await;
    assert_eq!((kept.state, kept.text), (MessageState::Stopped, text(&all)));
    assert_eq!(store.store.entries(None, None).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_runtime_that_ends_leaves_no_answer_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("routedeck.db");
    let (bench_path, ids) = (path.clone(), std::sync::Arc::new(std::sync::Mutex::new(None)));
    let found = std::sync::Arc::clone(&ids);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let bench = Bench::with(unhurried()).await;
            let store = Store::open(&bench_path, now()).unwrap().store;
            let client = client("sandbox", &bench.sandbox.base_url(), true);
            let engine = Engine::start(Parts { client, store, clock: now });
            let mut turn = engine.turn(ask("sandbox/long", "Write 5000 words"));
            let seen = up_to(&mut turn, is_text).await;
            *found.lock().unwrap() = Some(saved(&seen));
            // No close: everything is dropped in the middle.
        });
    })
    .join()
    .unwrap();
    let (chat, answer) = ids.lock().unwrap().take().unwrap();
    let store = Store::open(&path, now()).unwrap();
    assert_eq!(store.notices, Vec::<String>::new(), "nothing was left open");
    let kept = stored(&store.store, chat, answer).await;
    assert_eq!(kept.state, MessageState::Stopped);
    assert!(!kept.text.is_empty() && kept.receipt.is_some());
}

#[tokio::test]
async fn the_ending_needs_no_room_in_the_channel() {
    let bench = Bench::start().await;
    let mut turn = bench.engine.turn(ask("sandbox/long", "Write 4000 words"));
    let mut all = vec![next(&mut turn).await];
    let (chat, answer) = saved(&all);
    until("the channel is full", async || turn.events.len() >= 256).await;
    turn.stop.stop();
    until("it ended", async || {
        stored(&bench.store, chat, answer).await.state == MessageState::Stopped
    })
    .await;
    all.extend(events(turn).await);
    assert_eq!(*ended(&all).0, Ending::Stopped);
}
