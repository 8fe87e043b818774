//! The list of models: from the store, from the upstream, never lost.

use std::sync::Arc;

use futures_util::future::join_all;
use routedeck::domain::fault::FaultClass;
use routedeck::domain::id::ModelId;
use routedeck::engine::{Engine, EngineEvent, Parts, RefreshState};

use crate::kit::heard;
use crate::servers::{Raw, json};
use crate::support::{Bench, client, now};

fn engine_on(bench: &Bench, name: &str, base_url: &str) -> Engine {
    let client = client(name, base_url, false);
    Engine::start(Parts { client, store: bench.store.clone(), clock: now })
}

#[tokio::test]
async fn what_was_fetched_is_there_at_the_next_start() {
    let bench = Bench::start().await;
    assert!(bench.engine.catalog().is_empty());
    bench.engine.load_catalog().await;
    assert!(bench.engine.catalog().is_empty(), "nothing was kept yet");
    let mut told = bench.engine.observe();
    let fetched = bench.engine.refresh_catalog().await.unwrap();
    assert!(fetched.models().len() >= 60 && fetched.get("openai/gpt-4o-mini").is_some());
    assert_eq!(told.recv().await.unwrap(), EngineEvent::Refresh(RefreshState::Began));
    assert_eq!(told.recv().await.unwrap(), EngineEvent::Catalog(Arc::clone(&fetched)));
    let done = RefreshState::Done { models: fetched.models().len(), problems: Vec::new() };
    assert_eq!(told.recv().await.unwrap(), EngineEvent::Refresh(done));

    let client = client("sandbox", "http://127.0.0.1:9", true);
    let later = Engine::start(Parts { client, store: bench.store.clone(), clock: now });
    let mut told = later.observe();
    later.load_catalog().await;
    assert_eq!(*later.catalog(), *fetched, "age included");
    assert!(matches!(told.try_recv(), Ok(EngineEvent::Catalog(_))));
}

#[tokio::test]
async fn a_list_that_cannot_be_had_does_not_replace_the_old_one() {
    let good = json(r#"{"data":[{"id":"local/one"},{"size":7}]}"#);
    let replies = vec![
        good,
        json(r#"{"data":[]}"#),
        json("<html><title>Welcome</title></html>"),
        "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".into(),
        String::new(),
    ];
    let bench = Bench::start().await;
    let server = Raw::start(replies).await;
    let engine = engine_on(&bench, "local", &server.base_url());
    let mut told = engine.observe();
    let first = engine.refresh_catalog().await.unwrap();
    assert_eq!(first.models().len(), 1);
    let done = |event| match event {
        EngineEvent::Refresh(RefreshState::Done { problems, .. }) => Some(problems),
        _ => None,
    };
    assert_eq!(heard(&mut told, "what was odd", done).await.len(), 1);
    for class in [FaultClass::BadUpstream, FaultClass::BadUpstream, FaultClass::ServerError] {
        let fault = engine.refresh_catalog().await.unwrap_err();
        assert_eq!(fault.class, class, "{fault}");
        let failed = |event| match event {
            EngineEvent::Refresh(RefreshState::Failed(fault)) => Some(fault),
            _ => None,
        };
        assert_eq!(heard(&mut told, "the failure", failed).await, fault);
    }
    assert!(engine.refresh_catalog().await.is_err());
    assert!(Arc::ptr_eq(&engine.catalog(), &first));
    let again = engine_on(&bench, "local", &server.base_url());
    again.load_catalog().await;
    assert_eq!(*again.catalog(), *first, "the kept one is the good one");
}

#[tokio::test]
async fn refreshes_at_the_same_time_share_one_request() {
    let bench = Bench::start().await;
    let asked = || bench.sandbox.requests().iter().filter(|r| r.path.ends_with("/models")).count();
    let results = join_all((0..8).map(|_| bench.engine.refresh_catalog())).await;
    let first = results[0].as_ref().unwrap();
    assert!(results.iter().all(|r| Arc::ptr_eq(r.as_ref().unwrap(), first)));
    assert_eq!(asked(), 1);
    bench.engine.refresh_catalog().await.unwrap();
    assert_eq!(asked(), 2, "but not for ever");
}

#[tokio::test]
async fn a_refresh_goes_on_without_whoever_asked() {
    let bench = Bench::start().await;
    let mut told = bench.engine.observe();
    {
        let engine = bench.engine.clone();
        let mut asked = Box::pin(async move { engine.refresh_catalog().await });
        assert!(futures_util::poll!(&mut asked).is_pending());
    }
    let catalog = |event| matches!(event, EngineEvent::Catalog(_)).then_some(());
    heard(&mut told, "the list", catalog).await;
    assert!(!bench.engine.catalog().is_empty());
}

#[tokio::test]
async fn endpoints_and_the_key_are_asked_for_once_a_minute() {
    let bench = Bench::start().await;
    let id = ModelId::new("openai/gpt-4o-mini");
    let asked =
        |path: &str| bench.sandbox.requests().iter().filter(|r| r.path.ends_with(path)).count();
    let first = bench.engine.endpoints(&id, false).await.unwrap();
    assert!(!first.list.is_empty());
    assert!(Arc::ptr_eq(&first, &bench.engine.endpoints(&id, false).await.unwrap()));
    assert_eq!(asked("/endpoints"), 1);
    bench.engine.endpoints(&id, true).await.unwrap();
    assert_eq!(asked("/endpoints"), 2);

    let mut told = bench.engine.observe();
    let key = bench.engine.key_info(false).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), EngineEvent::Key(key.clone()));
    assert_eq!(bench.engine.key_info(false).await.unwrap(), key);
    assert_eq!(asked("/key"), 1);
    assert!(bench.engine.upstream().has_key && bench.engine.upstream().simulated);
}
