//! The ledger: money to the last digit, sums by everything, costs that become known later.

use std::collections::HashMap;

use proptest::prelude::*;
use routedeck::domain::ask::{UsageAsk, UsageBy};
use routedeck::domain::conversation::MessageState;
use routedeck::domain::cost::Cost;
use routedeck::domain::id::Millis;
use routedeck::domain::money::Usd;
use routedeck::domain::turn::Keep;
use routedeck::domain::usage::{LedgerEntry, Outcome, Totals};
use routedeck::store::Store;

use crate::support::{
    Bed, NOON, entry, finished, list, messages, receipt, run, said, turn, usage, usd,
};

const DAY: i64 = 86_400_000;

fn by(by: UsageBy) -> UsageAsk {
    UsageAsk { by: Some(by), ..UsageAsk::default() }
}

fn labels(rows: &[routedeck::domain::usage::UsageRow]) -> Vec<(&str, String)> {
    rows.iter().map(|row| (row.label.as_str(), row.totals.cost.exact())).collect()
}

#[test]
fn an_entry_comes_back_as_it_was() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let bare = LedgerEntry {
            model_served: None,
            provider: None,
            outcome: Outcome::Failed,
            status: None,
            generation_id: None,
            usage: None,
            computed: None,
            ttft_ms: None,
            simulated: true,
            key_fingerprint: String::new(),
            ..entry(Cost::Unknown)
        };
        let computed = entry(Cost::Computed(usd("0.0000000208333333333333")));
        let billed = entry(Cost::Billed(usd("123456789.0000000000000001")));
        for entry in [&bare, &computed, &billed] {
            store.record(entry.clone());
        }
        assert_eq!(store.entries(None, None).await.unwrap(), [bare, computed, billed]);
        assert!(store.entries(None, Some(NOON)).await.unwrap().is_empty());
        assert_eq!(store.entries(Some(NOON), None).await.unwrap().len(), 3);
    });
}

#[test]
fn sums_are_by_model_provider_utc_day_and_chat() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let rows = said(&store, "first chat", "answer").await;
        let dear = LedgerEntry {
            model_asked: "openai/o3".into(),
            provider: None,
            at: Millis(NOON.0 - DAY),
            ..entry(Cost::Computed(usd("0.5")))
        };
        store.record(dear.clone());
        store.record(LedgerEntry { outcome: Outcome::Absorbed, ..entry(Cost::Unknown) });
        store.record(LedgerEntry { simulated: true, ..entry(Cost::Billed(usd("9"))) });

        let models = store.usage(by(UsageBy::Model)).await.unwrap();
        let haiku = "anthropic/claude-haiku-4.5";
        assert_eq!(labels(&models.rows), [("openai/o3", "0.5".into()), (haiku, "0.01".into())]);
        assert_eq!(
            models.total,
            Totals {
                sends: 3,
                failed: 1,
                prompt_tokens: 45,
                cached_tokens: 12,
                completion_tokens: 27,
                cost: usd("0.51"),
                unknown: 1,
                computed: 1,
            }
        );
        let providers = store.usage(by(UsageBy::Provider)).await.unwrap();
        assert_eq!(
            labels(&providers.rows),
            [("unknown", "0.5".into()), ("Anthropic", "0.01".into())]
        );
        let days = store.usage(by(UsageBy::Day)).await.unwrap();
        assert_eq!(
            labels(&days.rows),
            [("2026-11-25", "0.01".into()), ("2026-11-24", "0.5".into())]
        );
        let chats = store.usage(by(UsageBy::Chat)).await.unwrap();
        assert_eq!(labels(&chats.rows), [("no chat", "0.5".into()), ("first chat", "0.01".into())]);

        let midnight = Millis(NOON.0 - DAY / 2);
        let today = UsageAsk { since: Some(midnight), ..UsageAsk::default() };
        assert_eq!(store.usage(today).await.unwrap().total.sends, 2);
        let before = UsageAsk { until: Some(midnight), ..UsageAsk::default() };
        assert_eq!(store.usage(before).await.unwrap().total.cost, usd("0.5"));
        let chat = UsageAsk { chat: Some(rows.chat), ..UsageAsk::default() };
        assert_eq!(store.usage(chat).await.unwrap().total.cost, usd("0.01"));
        let all = UsageAsk { include_simulated: true, ..UsageAsk::default() };
        assert_eq!(store.usage(all).await.unwrap().total.cost, usd("9.51"));

        // The chat goes, its cost stays.
        store.delete_chat(rows.chat, NOON).await.unwrap();
        store.purge_deleted(Millis(NOON.0 + 1)).await.unwrap();
        let chats = store.usage(by(UsageBy::Chat)).await.unwrap();
        assert_eq!(
            labels(&chats.rows),
            [("no chat", "0.5".into()), ("deleted chats", "0.01".into())]
        );
    });
}

#[test]
fn a_cost_known_later_replaces_the_unknown_one() {
    run(async {
        let bed = Bed::new();
        let store = bed.store();
        let rows = store.begin_turn(turn("stop me", Keep::NewChat)).await.unwrap();
        let mut end = finished(rows, MessageState::Stopped);
        end.receipt.cost = Cost::Unknown;
        end.receipt.usage = None;
        end.entries =
            vec![LedgerEntry { outcome: Outcome::Stopped, usage: None, ..entry(Cost::Unknown) }];
        store.finish_turn(end).await.unwrap();
        assert_eq!(list(&store).await[0].totals.unknown, 1);

        let cost = Cost::Billed(usd("0.0003"));
        let settled = store.settle("gen-1", cost, Some(usage())).await.unwrap().unwrap();
        let expected = LedgerEntry {
            outcome: Outcome::Stopped,
            chat: Some(rows.chat),
            message: Some(rows.answer),
            ..entry(cost)
        };
        assert_eq!(settled, expected);
        assert_eq!(store.entries(None, None).await.unwrap(), [expected]);
        let answer = &messages(&store, rows.chat).await[1];
        assert_eq!(answer.receipt, Some(receipt(cost)));
        let totals = list(&store).await[0].totals.clone();
        assert_eq!((totals.cost, totals.unknown), (usd("0.0003"), 0));

        // Nothing new does not make it unknown again, and a stranger changes nothing.
        let again = store.settle("gen-1", Cost::Unknown, None).await.unwrap().unwrap();
        assert_eq!(again.cost, cost);
        assert_eq!(store.settle("gen-2", cost, None).await, Ok(None));
    });
}

#[test]
fn what_the_sandbox_simulates_is_not_in_a_chats_totals() {
    run(async {
        let store = Store::open_in_memory(NOON).unwrap().store;
        let rows = store.begin_turn(turn("for free", Keep::NewChat)).await.unwrap();
        let mut end = finished(rows, MessageState::Done);
        end.entries[0].simulated = true;
        store.finish_turn(end).await.unwrap();
        assert_eq!(list(&store).await[0].totals, Totals::default());
        assert_eq!(store.recents("openrouter", 9).await.len(), 1);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Amounts as small as a token of the cheapest model beside amounts of many dollars.
    #[test]
    fn sums_of_the_database_are_exact(
        amounts in prop::collection::vec((0u64..1_000_000_000_000, 0u32..=22, 0usize..3), 1..60)
    ) {
        run(async {
            let store = Store::open_in_memory(NOON).unwrap().store;
            let models = ["a/one", "b/two", "c/three"];
            let mut exact: HashMap<&str, i128> = HashMap::new();
            for (units, scale, model) in &amounts {
                // All in units of 10^-22 dollars, and never more digits than a decimal holds.
                let units = i128::from(units % 10u64.pow((*scale).clamp(1, 11)));
                let scaled = units * 10i128.pow(22 - scale);
                *exact.entry(models[*model]).or_default() += scaled;
                let cost = Usd(rust_decimal::Decimal::from_i128_with_scale(units, *scale));
                let model_asked = models[*model].into();
                store.record(LedgerEntry { model_asked, ..entry(Cost::Billed(cost)) });
            }
            let report = store.usage(by(UsageBy::Model)).await.unwrap();
            let of = |units| Usd(rust_decimal::Decimal::from_i128_with_scale(units, 22));
            for row in &report.rows {
                assert_eq!(row.totals.cost, of(exact[&*row.label]), "{}", row.label);
            }
            assert_eq!(report.total.cost, of(exact.values().sum()));
        });
    }
}
