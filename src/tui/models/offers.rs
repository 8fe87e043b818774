//! Who serves a model: asked once the selection rests on it, kept for a while.
//!
//! Not for: drawing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::catalog::Endpoints;
use crate::domain::id::{Millis, ModelId};
use crate::engine::{Query, Reply, Trouble};
use crate::tui::effect::{Effect, Effects, Place, Ticket};

/// Moving on within this time asks nothing.
const REST: Duration = Duration::from_millis(200);
/// Percentiles are over half an hour: what is older than this is asked again.
const STALE_SECONDS: i64 = 300;
/// So many models are remembered.
const MOST: usize = 32;

/// What is known about the endpoints of one model.
#[derive(Clone, Debug, Default)]
pub(super) struct Offer {
    /// The question that is out.
    waiting: Option<u64>,
    known: Option<Arc<Endpoints>>,
    trouble: Option<Trouble>,
}

impl Offer {
    pub(super) fn is_asked(&self) -> bool {
        self.waiting.is_some()
    }

    /// The last list that came, also while a newer one is asked for.
    pub(super) fn known(&self) -> Option<&Endpoints> {
        self.known.as_deref()
    }

    /// Why the last question was not answered.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    fn is_fresh(&self, now: Millis) -> bool {
        let fetched = self.known.as_ref().map(|known| known.fetched);
        fetched.is_some_and(|at| now.seconds_since(at) < STALE_SECONDS)
    }
}

/// The offers of the models looked at last.
#[derive(Debug, Default)]
pub(super) struct Offers {
    /// The one asked last is at the end.
    list: Vec<(ModelId, Offer)>,
    asked: u64,
    /// On which model the selection is, since when.
    at: Option<(ModelId, Instant)>,
    due: Option<Instant>,
}

impl Offers {
    pub(super) fn of(&self, model: &ModelId) -> Option<&Offer> {
        self.list.iter().find(|(id, _)| id == model).map(|(_, offer)| offer)
    }

    /// The selection is on this model. Whether it may be asked about at once: it is another one
    /// than before and the one before was not just passed. Otherwise it must rest.
    pub(super) fn arrive(&mut self, model: Option<&ModelId>, now: Instant, in_haste: bool) -> bool {
        let Some(model) = model else {
            (self.at, self.due) = (None, None);
            return false;
        };
        let since = match &self.at {
            Some((id, _)) if id == model => return false,
            Some((_, since)) => Some(*since),
            None => None,
        };
        self.at = Some((model.clone(), now));
        let passing = since.is_some_and(|since| now.saturating_duration_since(since) < REST);
        if in_haste || passing {
            self.due = Some(now + REST);
            return false;
        }
        self.due = None;
        true
    }

    /// Whether the selection was on another model.
    pub(super) fn is_elsewhere(&self, model: Option<&ModelId>) -> bool {
        self.at.as_ref().map(|(id, _)| id) != model
    }

    /// When the selection will have rested.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether the selection has rested by now; true once.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let due = self.due.is_some_and(|due| due <= now);
        if due {
            self.due = None;
        }
        due
    }

    /// Asks about a model, unless the question is out already or was answered lately.
    pub(super) fn ask(&mut self, model: &ModelId, now: Millis) -> Effects {
        let at = self.list.iter().position(|(id, _)| id == model);
        let (id, mut offer) =
            at.map_or_else(|| (model.clone(), Offer::default()), |at| self.list.remove(at));
        let wanted = !offer.is_asked() && !offer.is_fresh(now);
        if wanted {
            self.asked += 1;
            offer.waiting = Some(self.asked);
            offer.trouble = None;
        }
        self.list.push((id, offer));
        if self.list.len() > MOST {
            self.list.remove(0);
        }
        if !wanted {
            return Effects::new();
        }
        let ticket = Ticket { place: Place::Models, number: self.asked };
        vec![Effect::Ask(ticket, Query::Endpoints { model: model.clone(), fresh: false })]
    }

    /// The answer to a question; one that nobody waits for is ignored.
    pub(super) fn hear(&mut self, ticket: Ticket, reply: Result<Reply, Trouble>) {
        let waits = |offer: &Offer| offer.waiting == Some(ticket.number);
        let Some((_, offer)) = self.list.iter_mut().find(|(_, offer)| waits(offer)) else {
            return;
        };
        offer.waiting = None;
        match reply {
            Ok(Reply::Endpoints(endpoints)) => offer.known = Some(endpoints),
            Err(trouble) => offer.trouble = Some(trouble),
            Ok(Reply::Chats(_) | Reply::Chat(_) | Reply::Usage(_) | Reply::Start(_)) => {}
        }
    }
}
