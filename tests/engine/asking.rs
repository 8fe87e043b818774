//! Questions about what is kept, and changes to it.

use routedeck::domain::ask::{ChatsAsk, UsageAsk};
use routedeck::domain::id::ChatId;
use routedeck::domain::turn::Params;
use routedeck::engine::{Change, Engine, OpenChat, Parts, Query, Reply, StartFacts};

use crate::kit::{ask, events, saved};
use crate::support::{Bench, client, now};

async fn start_facts(engine: &Engine) -> StartFacts {
    match engine.ask(Query::Start).await {
        Ok(Reply::Start(facts)) => *facts,
        other => panic!("{other:?}"),
    }
}

async fn open(engine: &Engine, chat: ChatId) -> OpenChat {
    match engine.ask(Query::Chat(chat)).await {
        Ok(Reply::Chat(Some(open))) => *open,
        other => panic!("{other:?}"),
    }
}

async fn listed(engine: &Engine, deleted: bool) -> usize {
    let ask = ChatsAsk { search: None, limit: 10, deleted };
    match engine.ask(Query::Chats(ask)).await {
        Ok(Reply::Chats(chats)) => chats.len(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_new_start_knows_nothing_and_says_so() {
    let bench = Bench::start().await;
    assert_eq!(start_facts(&bench.engine).await, StartFacts::default());
}

#[tokio::test]
async fn the_next_start_knows_what_was_done() {
    let bench = Bench::start().await;
    let all = events(bench.engine.turn(ask("sandbox/echo", "hello there"))).await;
    let (chat, _) = saved(&all);
    for change in [
        Change::UsedModel("openai/gpt-4o-mini".into()),
        Change::Favourite { model: "sandbox/guide".into(), on: true },
        Change::Draft { chat: None, text: "half a thou".into() },
        Change::Setting { key: "theme".into(), value: Some("dark".into()) },
        Change::Setting { key: "gone".into(), value: Some("x".into()) },
        Change::Setting { key: "gone".into(), value: None },
        Change::RenameChat(chat, "Greetings".into()),
    ] {
        bench.engine.apply(change).await.unwrap();
    }
    let facts = start_facts(&bench.engine).await;
    assert_eq!(facts.last_model, Some("openai/gpt-4o-mini".into()));
    assert_eq!(facts.recents, ["openai/gpt-4o-mini".into(), "sandbox/echo".into()]);
    assert_eq!(facts.favourites, ["sandbox/guide".into()]);
    assert_eq!(facts.draft.as_deref(), Some("half a thou"));
    assert_eq!(facts.settings, [("theme".to_owned(), "dark".to_owned())]);
    let last = facts.last_chat.unwrap();
    assert_eq!((last.chat.id, last.chat.title.as_str(), last.messages), (chat, "Greetings", 2));
    assert_eq!(facts.totals_today.sends, 0, "nothing that is simulated");
}

#[tokio::test]
async fn what_is_real_counts_today_and_this_month() {
    let bench = Bench::start().await;
    let mut entry = {
        events(bench.engine.turn(ask("sandbox/echo", "x"))).await;
        bench.store.entries(None, None).await.unwrap().remove(0)
    };
    entry.simulated = false;
    bench.store.record(entry.clone());
    entry.at.0 -= 40 * 86_400_000;
    bench.store.record(entry);
    let facts = start_facts(&bench.engine).await;
    assert_eq!((facts.totals_today.sends, facts.totals_month.sends), (1, 1));
    let Ok(Reply::Usage(report)) = bench.engine.ask(Query::Usage(UsageAsk::default())).await else {
        panic!();
    };
    assert_eq!(report.total.sends, 2);
}

#[tokio::test]
async fn an_answer_that_was_interrupted_is_counted_at_the_next_start() {
    let bench = Bench::start().await;
    events(bench.engine.turn(ask("sandbox/echo", "x"))).await;
    bench.store.clone().close().await;
    rusqlite::Connection::open(&bench.path)
        .unwrap()
        .execute("UPDATE message SET state = 'streaming', owner = 'x' WHERE role = 'assistant'", [])
        .unwrap();
    let store = routedeck::store::Store::open(&bench.path, now()).unwrap().store;
    let client = client("sandbox", &bench.sandbox.base_url(), true);
    let engine = Engine::start(Parts { client, store, clock: now });
    assert_eq!(start_facts(&engine).await.interrupted, 1);
}

#[tokio::test]
async fn a_deleted_chat_can_be_brought_back() {
    let bench = Bench::start().await;
    let all = events(bench.engine.turn(ask("sandbox/echo", "hello"))).await;
    let (chat, _) = saved(&all);
    let engine = &bench.engine;
    engine.apply(Change::DeleteChat(chat)).await.unwrap();
    assert_eq!((listed(engine, false).await, listed(engine, true).await), (0, 1));
    engine.apply(Change::RestoreChat(chat)).await.unwrap();
    assert_eq!(listed(engine, false).await, 1);
    let params = Params { temperature: Some(0.5), ..Params::default() };
    let model = Some("openai/gpt-4o-mini".into());
    let settings = Change::ChatSettings { chat, model: model.clone(), params: params.clone() };
    engine.apply(settings).await.unwrap();
    let open = open(engine, chat).await;
    assert_eq!((open.chat.model, open.chat.params), (model, params));
    assert_eq!(open.messages.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_done_is_told_in_sentences() {
    let bench = Bench::start().await;
    let nowhere = ChatId(4711);
    assert_eq!(bench.engine.ask(Query::Chat(nowhere)).await, Ok(Reply::Chat(None)));
    let trouble = bench.engine.apply(Change::RenameChat(nowhere, "x".into())).await.unwrap_err();
    assert_eq!(&*trouble.what, "The chat was not renamed.");
    assert!(trouble.why.contains("gone") && !trouble.hint.is_empty(), "{trouble:?}");

    let query = Query::Endpoints { model: "no/such-model".into(), fresh: false };
    let trouble = bench.engine.ask(query).await.unwrap_err();
    assert!(!trouble.why.is_empty() && !trouble.hint.is_empty(), "{trouble:?}");

    bench.store.clone().close().await;
    let trouble = bench.engine.ask(Query::Usage(UsageAsk::default())).await.unwrap_err();
    assert!(trouble.why.contains("closed"), "{trouble:?}");
    assert_eq!(start_facts(&bench.engine).await.recents, Vec::new(), "the first screen comes");
}
