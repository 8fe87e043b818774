//! One attempt: what is known of it so far. Pure: pieces and the time they came at go in, events
//! come out.

use crate::domain::ask::ChunkKind;
use crate::domain::fault::{Billing, Fault, FaultClass};
use crate::domain::id::{Millis, ModelId};
use crate::domain::money::Usd;
use crate::domain::text::SafeText;
use crate::domain::turn::{FinishReason, TurnEvent};
use crate::domain::usage::Usage;
use crate::upstream::Piece;

/// What came of an attempt, and when. Times are milliseconds since the turn began.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attempt {
    pub(super) model: ModelId,
    /// When the request went out, by the wall and by the turn's own watch.
    pub(super) at: Millis,
    pub(super) began_ms: u64,
    pub(super) status: Option<u16>,
    pub(super) generation_id: Option<SafeText>,
    pub(super) served: Option<ModelId>,
    pub(super) provider: Option<SafeText>,
    pub(super) finish: Option<FinishReason>,
    pub(super) usage: Option<Usage>,
    /// First content, text or reasoning.
    pub(super) first_ms: Option<u64>,
    reasoning_ms: Option<u64>,
    text_ms: Option<u64>,
}

/// What a piece means for the reader and for what is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// Comes first: the commit point.
    pub(super) accepted: Option<TurnEvent>,
    pub(super) event: Option<TurnEvent>,
    pub(super) kind: Option<ChunkKind>,
}

impl Attempt {
    pub(super) fn new(model: ModelId, at: Millis, began_ms: u64) -> Attempt {
        Attempt {
            model,
            at,
            began_ms,
            status: None,
            generation_id: None,
            served: None,
            provider: None,
            finish: None,
            usage: None,
            first_ms: None,
            reasoning_ms: None,
            text_ms: None,
        }
    }

    /// Content came: from here on the attempt cannot be repeated.
    pub(super) fn has_content(&self) -> bool {
        self.first_ms.is_some()
    }

    /// How long it thought before it wrote, `now` if it never wrote.
    pub(super) fn reasoning_ms(&self, now: u64) -> Option<u64> {
        self.reasoning_ms.map(|from| self.text_ms.unwrap_or(now).saturating_sub(from))
    }

    /// Takes in one piece that came at `ms`.
    pub(super) fn hear(&mut self, piece: Piece, ms: u64) -> Heard {
        match piece {
            Piece::Alive => Heard::default(),
            Piece::Head { id, model, provider } => {
                self.generation_id = id.or(self.generation_id.take());
                self.served = model.or(self.served.take());
                self.provider = provider.or(self.provider.take());
                Heard::default()
            }
            Piece::Reasoning(text) => self.content(ChunkKind::Reasoning, text, ms),
            Piece::Text(text) => self.content(ChunkKind::Text, text, ms),
            Piece::Finish(reason) => {
                self.finish = Some(reason);
                Heard::default()
            }
            Piece::Metered(usage) => {
                self.usage = Some(usage.clone());
                Heard { event: Some(TurnEvent::Metered(usage)), ..Heard::default() }
            }
        }
    }

    fn content(&mut self, kind: ChunkKind, text: String, ms: u64) -> Heard {
        if text.is_empty() {
            return Heard::default();
        }
        let accepted = self
            .first_ms
            .is_none()
            .then(|| TurnEvent::Accepted { provider: self.provider.clone(), ttft_ms: ms });
        self.first_ms.get_or_insert(ms);
        let event = match kind {
            ChunkKind::Reasoning => {
                self.reasoning_ms.get_or_insert(ms);
                TurnEvent::Reasoning(text)
            }
            ChunkKind::Text => {
                self.text_ms.get_or_insert(ms);
                TurnEvent::Text(text)
            }
        };
        Heard { accepted, event: Some(event), kind: Some(kind) }
    }

    /// What it means that nothing more comes: the answer is complete, or it is none.
    pub(super) fn complete(&self) -> Result<FinishReason, Fault> {
        let reason = self.finish.clone().unwrap_or(FinishReason::Stop);
        let wrote =
            self.has_content() || self.usage.as_ref().is_some_and(|u| u.completion_tokens > 0);
        if wrote || !matches!(reason, FinishReason::Stop | FinishReason::Error) {
            return Ok(reason);
        }
        Err(self.sign(Fault {
            billing: if self.usage.as_ref().is_some_and(is_charged) {
                Billing::MayBeBilled
            } else {
                Billing::NotBilled
            },
            ..Fault::new(FaultClass::BadUpstream, "The model finished without a single word.")
        }))
    }

    /// Completes a fault with what the attempt knows.
    pub(super) fn sign(&self, mut fault: Fault) -> Fault {
        fault.status = fault.status.or(self.status);
        fault.generation_id = fault.generation_id.or_else(|| self.generation_id.clone());
        if self.usage.as_ref().is_some_and(|u| u.billed == Some(Usd::ZERO)) {
            fault.billing = Billing::NotBilled;
        }
        fault
    }

    /// Learns what a fault knows.
    pub(super) fn learn(&mut self, fault: &Fault) {
        self.status = self.status.or(fault.status);
        self.generation_id = self.generation_id.take().or_else(|| fault.generation_id.clone());
        self.provider = self.provider.take().or_else(|| fault.provider.clone());
    }
}

fn is_charged(usage: &Usage) -> bool {
    usage.billed.is_some_and(|usd| !usd.0.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Attempt {
        Attempt::new("a/b".into(), Millis(0), 0)
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.into())
    }

    #[test]
    fn the_commit_point_is_the_first_real_content() {
        let mut seen = attempt();
        let provider = Some(SafeText::new("Acme"));
        let head = Piece::Head { id: None, model: None, provider: provider.clone() };
        for nothing in [Piece::Alive, head, text(""), Piece::Reasoning(String::new())] {
            assert_eq!(seen.hear(nothing, 5), Heard::default());
        }
        assert!(!seen.has_content());
        let heard = seen.hear(Piece::Reasoning("hm".into()), 70);
        assert_eq!(heard.accepted, Some(TurnEvent::Accepted { provider, ttft_ms: 70 }));
        assert_eq!(heard.kind, Some(ChunkKind::Reasoning));
        assert_eq!(seen.hear(text("yes"), 90).accepted, None);
        assert_eq!((seen.first_ms, seen.reasoning_ms(500)), (Some(70), Some(20)));
    }

    #[test]
    fn thinking_without_an_end_lasts_until_now() {
        let mut seen = attempt();
        seen.hear(Piece::Reasoning("hm".into()), 70);
        assert_eq!(seen.reasoning_ms(500), Some(430));
        assert_eq!(attempt().reasoning_ms(500), None);
    }

    #[test]
    fn a_later_head_adds_to_what_is_known() {
        let mut seen = attempt();
        let id = Some(SafeText::new("gen-1"));
        seen.hear(Piece::Head { id: id.clone(), model: None, provider: None }, 0);
        let model = Some(ModelId::new("a/b-2026"));
        seen.hear(Piece::Head { id: None, model: model.clone(), provider: None }, 0);
        assert_eq!((seen.generation_id, seen.served), (id, model));
    }

    #[test]
    fn an_answer_without_a_word_is_none_but_hidden_thinking_is_one() {
        let mut seen = attempt();
        seen.status = Some(200);
        seen.finish = Some(FinishReason::Stop);
        let fault = seen.complete().unwrap_err();
        assert_eq!((fault.class, fault.status), (FaultClass::BadUpstream, Some(200)));
        assert_eq!(fault.billing, Billing::NotBilled);
        seen.usage = Some(Usage { completion_tokens: 12, ..Usage::default() });
        assert_eq!(seen.complete(), Ok(FinishReason::Stop));
        seen.usage = None;
        seen.finish = Some(FinishReason::ContentFilter);
        assert_eq!(seen.complete(), Ok(FinishReason::ContentFilter));
    }

    #[test]
    fn a_fault_carries_the_id_to_quote() {
        let mut seen = attempt();
        seen.generation_id = Some("gen-9".into());
        let cut =
            || Fault { billing: Billing::MayBeBilled, ..Fault::new(FaultClass::CutOff, "cut") };
        let fault = seen.sign(cut());
        assert_eq!(fault.billing, Billing::MayBeBilled);
        assert_eq!(fault.generation_id.as_deref(), Some("gen-9"));
        // The counts came before the fault and say that nothing was charged.
        seen.usage = Some(Usage { billed: Some(Usd::ZERO), ..Usage::default() });
        assert_eq!(seen.sign(cut()).billing, Billing::NotBilled);
    }

    #[test]
    fn a_refused_attempt_learns_who_refused_it() {
        let mut seen = attempt();
        let mut fault = Fault::new(FaultClass::RateLimit, "slow down");
        (fault.status, fault.provider) = (Some(429), Some("Acme".into()));
        seen.learn(&fault);
        assert_eq!((seen.status, seen.provider.as_deref()), (Some(429), Some("Acme")));
    }
}
