//! The end of a turn: its receipt, its ledger entries, its ending told. Exactly once, also when
//! the turn is dropped in the middle.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc::{OwnedPermit, Sender};
use tokio::time::{Instant, timeout};

use crate::domain::conversation::MessageState;
use crate::domain::fault::Fault;
use crate::domain::id::{Millis, ModelId};
use crate::domain::text::SafeText;
use crate::domain::turn::{AttemptRecord, Ending, Receipt, TurnEvent, TurnRequest};
use crate::domain::usage::{LedgerEntry, Outcome};
use crate::store::{FinishedTurn, TurnRows};

use super::event::EngineEvent;
use super::{Inner, attempt::Attempt, meter};

/// A disk that takes longer does not hold up the ending; what is queued is still written.
const LONGEST_WRITE: Duration = Duration::from_secs(2);

/// What a turn has done so far, and the reserved place for its ending.
pub(super) struct Close {
    pub(super) engine: Arc<Inner>,
    model: ModelId,
    pub(super) started: Millis,
    watch: Instant,
    pub(super) rows: Option<TurnRows>,
    /// The attempt that runs or was the last one.
    pub(super) now: Option<Attempt>,
    entries: Vec<LedgerEntry>,
    records: Vec<AttemptRecord>,
    events: Sender<TurnEvent>,
    /// `None` once the ending was told.
    place: Option<OwnedPermit<TurnEvent>>,
    /// Built, and handed to the store; not told yet.
    ended: Option<(Ending, Box<Receipt>)>,
}

impl Close {
    pub(super) fn new(
        engine: Arc<Inner>,
        request: &TurnRequest,
        events: Sender<TurnEvent>,
    ) -> Close {
        Close {
            started: engine.now(),
            engine,
            model: request.model.clone(),
            watch: Instant::now(),
            rows: None,
            now: None,
            entries: Vec::new(),
            records: Vec::new(),
            place: events.clone().try_reserve_owned().ok(),
            events,
            ended: None,
        }
    }

    /// Milliseconds since the turn began.
    pub(super) fn ms(&self) -> u64 {
        u64::try_from(self.watch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Attempts so far, the running one included.
    pub(super) fn attempts(&self) -> u32 {
        u32::try_from(self.records.len() + usize::from(self.now.is_some())).unwrap_or(u32::MAX)
    }

    /// The running attempt is over: it becomes an entry and a record.
    pub(super) fn book(&mut self, outcome: Outcome, fault: Option<&Fault>) -> Option<Attempt> {
        let mut attempt = self.now.take()?;
        if let Some(fault) = fault {
            attempt.learn(fault);
        }
        let engine = &self.engine;
        let pricing = engine.prices.pricing(
            &attempt.model,
            attempt.served.as_ref(),
            attempt.provider.as_deref(),
        );
        let mut entry =
            meter::entry(&engine.client, &attempt, outcome, fault, pricing.as_ref(), self.ms());
        entry.chat = self.rows.map(|rows| rows.chat);
        entry.message = self.rows.map(|rows| rows.answer);
        self.records.push(meter::record(&entry, fault));
        self.entries.push(entry);
        Some(attempt)
    }

    /// Ends the turn: in the store first, then for everyone who listens.
    pub(super) async fn end(&mut self, ending: Ending) {
        let end = self.conclude(ending);
        let is_kept = end.rows.is_some();
        let store = self.engine.store.clone();
        let written = timeout(LONGEST_WRITE, store.finish_turn(end)).await;
        if let Ok(Err(why)) = written
            && is_kept
        {
            // Only if there is a place: the ending matters more.
            let _ = self.events.try_send(TurnEvent::NotSaved(SafeText::new(why.to_string())));
        }
        self.announce();
    }

    /// Puts the books together. From here on the turn is over.
    fn conclude(&mut self, ending: Ending) -> FinishedTurn {
        let (state, outcome, fault) = match &ending {
            Ending::Done(_) => (MessageState::Done, Outcome::Served, None),
            Ending::Stopped => (MessageState::Stopped, Outcome::Stopped, None),
            Ending::Failed(fault) => (MessageState::Failed, Outcome::Failed, Some(fault)),
        };
        let last = self.book(outcome, fault);
        let receipt = self.receipt(last.as_ref());
        let end = FinishedTurn {
            rows: self.rows,
            state,
            receipt: receipt.clone(),
            entries: self.entries.clone(),
            at: self.wall(),
        };
        self.ended = Some((ending, Box::new(receipt)));
        end
    }

    fn receipt(&self, last: Option<&Attempt>) -> Receipt {
        let ms = self.ms();
        Receipt {
            started: self.started,
            upstream: self.engine.client.name().to_owned(),
            model_asked: self.model.clone(),
            model_served: last.and_then(|a| a.served.clone()),
            provider: last.and_then(|a| a.provider.clone()),
            generation_id: last.and_then(|a| a.generation_id.clone()),
            finish_reason: last.and_then(|a| a.finish.clone()),
            usage: last.and_then(|a| a.usage.clone()),
            cost: meter::total(&self.entries),
            ttft_ms: last.and_then(|a| a.first_ms),
            duration_ms: ms,
            reasoning_ms: last.and_then(|a| a.reasoning_ms(ms)),
            simulated: self.engine.client.is_simulated(),
            attempts: self.records.clone(),
        }
    }

    /// The wall clock by the turn's own watch: must not fail where a clock could.
    fn wall(&self) -> Millis {
        Millis(self.started.0.saturating_add(i64::try_from(self.ms()).unwrap_or(i64::MAX)))
    }

    /// Tells the ending, once.
    fn announce(&mut self) {
        let Some((ending, receipt)) = self.ended.take() else { return };
        for entry in self.entries.drain(..) {
            self.engine.tell(EngineEvent::Entry(entry.clone()));
            meter::settle_later(&self.engine, entry);
        }
        if let Some(place) = self.place.take() {
            place.send(TurnEvent::Ended { ending, receipt });
        }
    }
}

impl Drop for Close {
    /// Dropped in the middle: the engine was closed and did not wait. What is handed to the store
    /// here is written when the store closes.
    fn drop(&mut self) {
        if self.place.is_some() && self.ended.is_none() {
            let end = self.conclude(Ending::Stopped);
            let store = self.engine.store.clone();
            // The first step hands it over; only the answer is not waited for.
            let _ = store.finish_turn(end).now_or_never();
        }
        self.announce();
    }
}
