//! Usage into cost into the ledger, in one place: one entry for each attempt, and what is learnt
//! about it later.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::cost::{self, Cost};
use crate::domain::fault::{Billing, Fault};
use crate::domain::id::Millis;
use crate::domain::money::Usd;
use crate::domain::pricing::Pricing;
use crate::domain::turn::AttemptRecord;
use crate::domain::usage::{LedgerEntry, Outcome, Usage};
use crate::upstream::{Client, GenerationRecord};

use super::Inner;
use super::attempt::Attempt;
use super::event::EngineEvent;

/// A record of an answer is not there at once, and for some answers never.
const LOOKS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// What an attempt cost. A refusal before any work is known to cost nothing; without counts and
/// without a refusal it is unknown, never nothing.
fn cost_of(
    usage: Option<&Usage>,
    fault: Option<&Fault>,
    pricing: Option<&Pricing>,
    at: Millis,
) -> Cost {
    match (usage, fault) {
        (None, Some(fault)) if fault.billing == Billing::NotBilled => Cost::Billed(Usd::ZERO),
        (usage, _) => cost::settle(usage, pricing, at),
    }
}

/// The ledger's entry of an attempt that ended `ms` after its turn began. Chat and message are
/// the store's to fill in.
pub(super) fn entry(
    client: &Client,
    attempt: &Attempt,
    outcome: Outcome,
    fault: Option<&Fault>,
    pricing: Option<&Pricing>,
    ms: u64,
) -> LedgerEntry {
    let usage = attempt.usage.as_ref();
    LedgerEntry {
        at: attempt.at,
        upstream: client.name().to_owned(),
        key_fingerprint: client.key_fingerprint().to_owned(),
        model_asked: attempt.model.clone(),
        model_served: attempt.served.clone(),
        provider: attempt.provider.as_ref().map(ToString::to_string),
        outcome,
        status: attempt.status,
        generation_id: attempt.generation_id.as_ref().map(ToString::to_string),
        chat: None,
        message: None,
        usage: usage.cloned(),
        cost: cost_of(usage, fault, pricing, attempt.at),
        computed: usage.zip(pricing).and_then(|(u, p)| cost::compute(u, p, attempt.at)),
        ttft_ms: attempt.first_ms.map(|first| first.saturating_sub(attempt.began_ms)),
        duration_ms: ms.saturating_sub(attempt.began_ms),
        simulated: client.is_simulated(),
    }
}

/// The same attempt for the receipt.
pub(super) fn record(entry: &LedgerEntry, fault: Option<&Fault>) -> AttemptRecord {
    AttemptRecord {
        model: entry.model_asked.clone(),
        provider: entry.provider.as_deref().map(Into::into),
        upstream: entry.upstream.clone(),
        outcome: entry.outcome,
        status: entry.status,
        ms: entry.duration_ms,
        cost: entry.cost,
        fault: fault.cloned(),
    }
}

/// The cost of all attempts together; unknown as soon as one of them is. No attempt costs nothing.
pub(super) fn total(entries: &[LedgerEntry]) -> Cost {
    let mut all = Cost::Billed(Usd::ZERO);
    for entry in entries {
        all = match (all, entry.cost) {
            (Cost::Unknown, _) | (_, Cost::Unknown) => Cost::Unknown,
            (Cost::Billed(a), Cost::Billed(b)) => Cost::Billed(a + b),
            (Cost::Billed(a) | Cost::Computed(a), Cost::Billed(b) | Cost::Computed(b)) => {
                Cost::Computed(a + b)
            }
        };
    }
    all
}

/// Whether the upstream may tell later what this attempt cost.
fn is_open(entry: &LedgerEntry) -> bool {
    entry.generation_id.is_some() && !matches!(entry.cost, Cost::Billed(_))
}

/// The entry as it is once the upstream's record of the answer is known.
fn settled(before: &LedgerEntry, found: &GenerationRecord) -> LedgerEntry {
    let mut now = before.clone();
    let counts = found.usage.prompt_tokens + found.usage.completion_tokens > 0;
    if counts || before.usage.is_none() {
        now.usage = Some(found.usage.clone());
    }
    if let Some(usd) = found.cost {
        now.cost = Cost::Billed(usd);
    }
    if now.provider.is_none() {
        now.provider = found.provider.as_ref().map(ToString::to_string);
    }
    if now.model_served.is_none() {
        now.model_served.clone_from(&found.model);
    }
    now
}

/// Asks the upstream what the attempt cost in truth, if that is not known, and corrects the
/// ledger. Gives up quietly.
pub(super) fn settle_later(engine: &Arc<Inner>, before: LedgerEntry) {
    if !is_open(&before) {
        return;
    }
    let stop = engine.tasks.stop_token();
    let inner = Arc::clone(engine);
    engine.tasks.spawn(async move {
        // Stopping loses nothing but a better figure.
        let _ = stop.run_until_cancelled(settle(&inner, before)).await;
    });
}

async fn settle(engine: &Inner, before: LedgerEntry) {
    let Some(id) = before.generation_id.clone() else { return };
    for pause in LOOKS {
        tokio::time::sleep(pause).await;
        let Ok(Some(found)) = engine.client.generation(&id).await else { continue };
        if found.cost.is_none() {
            continue;
        }
        let now = settled(&before, &found);
        let kept = engine.store.settle(&id, now.cost, now.usage.clone()).await;
        // The store's copy also says which chat it belongs to.
        let now = match kept {
            Ok(Some(kept)) => {
                LedgerEntry { provider: now.provider, model_served: now.model_served, ..kept }
            }
            Ok(None) | Err(_) => now,
        };
        engine.tell(EngineEvent::Settled { before: Box::new(before), now: Box::new(now) });
        return;
    }
    tracing::debug!(id, "what an answer cost was not to be learnt");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultClass;
    use crate::domain::money::Price;
    use crate::domain::pricing::PriceKey;

    fn prices() -> Pricing {
        let rate = |text| Price::parse(text).unwrap();
        Pricing {
            base: [(PriceKey::Prompt, rate("0.000001")), (PriceKey::Completion, rate("0.000005"))]
                .into_iter()
                .collect(),
            ..Pricing::default()
        }
    }

    fn used() -> Usage {
        Usage { prompt_tokens: 15, completion_tokens: 9, ..Usage::default() }
    }

    fn cost(usage: Option<&Usage>, billing: Option<Billing>, pricing: Option<&Pricing>) -> Cost {
        let fault =
            billing.map(|b| Fault { billing: b, ..Fault::new(FaultClass::ServerError, "") });
        cost_of(usage, fault.as_ref(), pricing, Millis(0))
    }

    #[test]
    fn only_a_refusal_costs_nothing_for_certain() {
        assert_eq!(cost(None, Some(Billing::NotBilled), None), Cost::Billed(Usd::ZERO));
        assert_eq!(cost(None, Some(Billing::MayBeBilled), Some(&prices())), Cost::Unknown);
        assert_eq!(cost(None, None, Some(&prices())), Cost::Unknown);
        assert_eq!(cost(Some(&used()), None, None), Cost::Unknown);
        let usd = |text| Usd::parse(text).unwrap();
        assert_eq!(cost(Some(&used()), None, Some(&prices())), Cost::Computed(usd("0.00006")));
        let billed = Usage { billed: Some(usd("0.5")), ..used() };
        let failed = Some(Billing::MayBeBilled);
        assert_eq!(cost(Some(&billed), failed, Some(&prices())), Cost::Billed(usd("0.5")));
    }

    fn client() -> Client {
        Client::new(crate::upstream::Settings {
            name: "test".into(),
            base_url: "http://127.0.0.1:9".into(),
            key: None,
            simulated: true,
            openrouter: true,
            timeouts: crate::upstream::Timeouts::default(),
        })
    }

    fn made(outcome: Outcome, usage: Option<Usage>) -> LedgerEntry {
        let mut attempt = Attempt::new("a/b".into(), Millis(7), 100);
        attempt.usage = usage;
        attempt.first_ms = Some(130);
        attempt.generation_id = Some("gen-1".into());
        entry(&client(), &attempt, outcome, None, Some(&prices()), 350)
    }

    #[test]
    fn an_entry_counts_from_its_own_attempt_and_keeps_our_arithmetic_beside_the_bill() {
        let usd = |text| Usd::parse(text).unwrap();
        let kept = made(Outcome::Served, Some(Usage { billed: Some(usd("0.00007")), ..used() }));
        assert_eq!((kept.at, kept.ttft_ms, kept.duration_ms), (Millis(7), Some(30), 250));
        assert_eq!(kept.cost, Cost::Billed(usd("0.00007")));
        assert_eq!(kept.computed, Some(usd("0.00006")));
        assert!(kept.simulated);
        assert!(!is_open(&kept));
    }

    #[test]
    fn a_late_record_replaces_the_cost_and_the_counts() {
        let before = made(Outcome::Stopped, None);
        assert!(is_open(&before));
        let billed = Usd::parse("0.001");
        let usage = Usage { billed, ..used() };
        let found = GenerationRecord { cost: billed, usage, ..GenerationRecord::default() };
        let now = settled(&before, &found);
        assert_eq!((now.cost.source(), now.usage.clone()), ("billed", Some(found.usage)));
        // A record that says nothing changes nothing.
        let silent = settled(&now, &GenerationRecord::default());
        assert_eq!((silent.cost, silent.usage), (now.cost, now.usage));
    }

    #[test]
    fn the_total_is_as_certain_as_its_worst_part() {
        let priced = |cost| LedgerEntry { cost, ..made(Outcome::Served, None) };
        let one = Usd::parse("0.1").unwrap();
        let sum = |costs: &[Cost]| total(&costs.iter().map(|c| priced(*c)).collect::<Vec<_>>());
        assert_eq!(sum(&[Cost::Billed(one), Cost::Billed(one)]), Cost::Billed(one + one));
        assert_eq!(sum(&[Cost::Billed(one), Cost::Computed(one)]), Cost::Computed(one + one));
        assert_eq!(sum(&[Cost::Billed(one), Cost::Unknown]), Cost::Unknown);
        assert_eq!(sum(&[]), Cost::Billed(Usd::ZERO), "nothing was sent");
    }
}
