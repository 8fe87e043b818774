//! The ledger adds up, also for answers that were stopped.

use std::time::Duration;

use futures_util::future::join_all;
use routedeck::domain::ask::{UsageAsk, UsageBy};
use routedeck::domain::cost::{self, Cost};
use routedeck::domain::money::Usd;
use routedeck::domain::usage::{Outcome, Totals};
use routedeck::engine::EngineEvent;
use routedeck::sandbox::Settings;

use crate::kit::{ask, ended, events, heard, is_text, saved, stored, up_to};
use crate::support::Bench;

fn all() -> UsageAsk {
    UsageAsk { include_simulated: true, ..UsageAsk::default() }
}

#[tokio::test]
async fn the_ledger_adds_up_to_what_the_upstream_took() {
    let bench = Bench::start().await;
    bench.engine.refresh_catalog().await.unwrap();
    let mut told = bench.engine.observe();
    let models = [
        "sandbox/long",
        "sandbox/reasons",
        "sandbox/fails-over",
        "sandbox/flaky",
        "sandbox/out-of-credit",
        "openai/gpt-4o-mini",
        "anthropic/claude-haiku-4.5",
        "openrouter/auto",
    ];
    let turn = |(n, model): (usize, &&str)| {
        let mut request = ask(model, &format!("{n}: tell me about harbours"));
        request.stream = n % 2 == 0;
        events(bench.engine.turn(request))
    };
    let turns = join_all(models.iter().enumerate().map(turn)).await;
    let receipts: Usd = turns.iter().map(|t| ended(t).1.cost.usd().unwrap()).sum();

    let entries = bench.store.entries(None, None).await.unwrap();
    let mut sum = Totals::default();
    entries.iter().for_each(|entry| sum.add(entry));
    assert_eq!(entries.len(), models.len() + 1, "flaky took two");
    assert!(sum.cost > Usd::ZERO);
    assert_eq!((sum.unknown, sum.computed), (0, 0));
    assert_eq!(sum.cost, receipts);
    assert_eq!(sum.cost, bench.sandbox.spent());
    let key = bench.engine.key_info(true).await.unwrap();
    assert_eq!(key.usage, Some(sum.cost));
    for by in [None, Some(UsageBy::Model), Some(UsageBy::Provider), Some(UsageBy::Chat)] {
        let report = bench.store.usage(UsageAsk { by, ..all() }).await.unwrap();
        assert_eq!(report.total, sum, "{by:?}");
    }
    for entry in &entries {
        assert!(entry.simulated && entry.upstream == "sandbox");
        assert_eq!(entry.key_fingerprint.len(), 8);
        // Other models have providers that charge more than the list says.
        if entry.outcome == Outcome::Served && entry.model_asked.author() == "sandbox" {
            assert_eq!(entry.computed, entry.cost.usd(), "our arithmetic agrees: {entry:?}");
        }
    }
    let real = bench.store.usage(UsageAsk::default()).await.unwrap();
    assert_eq!(real.total, Totals::default(), "what is simulated counts nowhere else");

    let mut heard = Vec::new();
    while let Ok(event) = told.try_recv() {
        if let EngineEvent::Entry(entry) = event {
            heard.push(entry);
        }
    }
    heard.sort_by_key(|e| (e.message, e.at));
    let mut kept = entries;
    kept.sort_by_key(|e| (e.message, e.at));
    assert_eq!(heard, kept, "every row was told as it was written");
}

#[tokio::test]
async fn a_stopped_answer_is_settled_when_the_upstream_knows() {
    let pace = Duration::from_millis(2);
    let bench = Bench::with(Settings { pace, ..Settings::quick() }).await;
    bench.engine.refresh_catalog().await.unwrap();
    let mut told = bench.engine.observe();
    let mut turn = bench.engine.turn(ask("sandbox/long", "Write 3000 words"));
    let mut seen = up_to(&mut turn, is_text).await;
    turn.stop.stop();
    seen.extend(events(turn).await);
    assert_eq!(ended(&seen).1.cost, Cost::Unknown);

    let settled = |event| match event {
        EngineEvent::Settled { before, now } => Some((before, now)),
        _ => None,
    };
    let (before, now) = heard(&mut told, "the true cost", settled).await;
    assert_eq!(before.cost, Cost::Unknown);
    let spent = bench.sandbox.spent();
    assert!(spent > Usd::ZERO);
    assert_eq!(now.cost, Cost::Billed(spent));
    assert!(now.usage.as_ref().unwrap().prompt_tokens > 0);
    let entries = bench.store.entries(None, None).await.unwrap();
    assert_eq!(entries, [*now], "no other row");
    let (chat, answer) = saved(&seen);
    let receipt = stored(&bench.store, chat, answer).await.receipt.unwrap();
    assert_eq!(receipt.cost, Cost::Billed(spent), "the receipt too");
}

#[tokio::test]
async fn broken_answers_are_settled_too() {
    let bench = Bench::start().await;
    let mut told = bench.engine.observe();
    for model in ["sandbox/cuts-off", "sandbox/fails-midway"] {
        let all = events(bench.engine.turn(ask(model, "Tell me about tides"))).await;
        assert_eq!(ended(&all).1.cost, Cost::Unknown);
    }
    let settled = |event| match event {
        EngineEvent::Settled { now, .. } => Some(now.cost.usd().unwrap()),
        _ => None,
    };
    let first = heard(&mut told, "the first", settled).await;
    let second = heard(&mut told, "the second", settled).await;
    assert_eq!(first + second, bench.sandbox.spent());
    let report = bench.store.usage(all()).await.unwrap();
    assert_eq!((report.total.cost, report.total.unknown), (bench.sandbox.spent(), 0));
}

#[tokio::test]
async fn the_price_list_of_the_provider_that_served_is_used_where_it_is_known() {
    let bench = Bench::start().await;
    bench.engine.refresh_catalog().await.unwrap();
    let model = "deepseek/deepseek-v3.2".into();
    let endpoints = bench.engine.endpoints(&model, false).await.unwrap();
    let all = events(bench.engine.turn(ask(model.as_str(), "Tell me about tides"))).await;
    let (_, receipt) = ended(&all);
    let provider = receipt.provider.as_deref().unwrap();
    let offers = endpoints.list.iter().filter(|e| &*e.provider == provider);
    let usage = receipt.usage.as_ref().unwrap();
    let prices: Vec<_> =
        offers.map(|e| cost::compute(usage, &e.pricing, receipt.started)).collect();
    let entry = &bench.store.entries(None, None).await.unwrap()[0];
    assert!(prices.contains(&entry.computed), "{prices:?} {:?}", entry.computed);
    assert_eq!(entry.computed, entry.cost.usd());
}
