//! Tells an answer piece by piece: the body of a stream.
//!
//! ```text
//! comments ─▶ debug? ─▶ reasoning ─▶ seal? ─▶ text ─▶ calls ─▶ finish ─▶ usage ─▶ [DONE]
//!                                                        └─▶ nothing │ reset │ error │ silence
//! ```
//! When the client goes away the body is dropped, and with it the work: the bill is made then.

use std::collections::VecDeque;
use std::io;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::unfold;
use serde_json::{Value, json};

use super::answer::{Answer, Told};
use super::chance::Chance;
use super::frames::{DONE, Delta, PROCESSING, Reason};
use super::outage;
use super::script::End;

/// Pieces between two looks at other tasks when there is no pace.
const COURTESY: u32 = 32;
/// Units of pace between two comments while nothing is said yet.
const COMMENT_EVERY: u32 = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Comments still to come, and the units of rest before each.
    Comments(u32, u32),
    Debug,
    Reasoning,
    Seal,
    Text,
    Calls,
    Ending,
    Usage,
    Done,
    Over,
}

struct Teller {
    answer: Answer,
    phase: Phase,
    told: Told,
    calls: VecDeque<Value>,
    chance: Chance,
    pieces: u32,
}

type Frame = Option<io::Result<Bytes>>;

/// The body of a streamed answer.
pub(super) fn body(answer: Answer) -> Body {
    let teller = Teller::new(answer);
    Body::from_stream(unfold(teller, |mut teller| async move {
        teller.next().await.map(|frame| (frame, teller))
    }))
}

impl Teller {
    fn new(answer: Answer) -> Teller {
        let script = &answer.plan.script;
        let mut chance = Chance::new(9, &[&script.text]);
        let comments = (script.first / COMMENT_EVERY).max(2);
        let calls = calls(&answer, &mut chance);
        Teller {
            phase: Phase::Comments(comments, script.first / comments),
            told: Told::default(),
            calls,
            chance,
            pieces: 0,
            answer,
        }
    }

    async fn next(&mut self) -> Frame {
        loop {
            match self.phase {
                Phase::Comments(left, units) => {
                    if left == 0 {
                        self.phase = Phase::Debug;
                        continue;
                    }
                    self.phase = Phase::Comments(left - 1, units);
                    return self.after(units, Bytes::from_static(PROCESSING.as_bytes())).await;
                }
                Phase::Debug => {
                    self.phase = Phase::Reasoning;
                    if let Some(echo) = &self.answer.asker.echo {
                        return Some(Ok(self.answer.head.debug(echo)));
                    }
                }
                Phase::Reasoning => match self.think().await {
                    Some(frame) => return frame,
                    None => self.phase = Phase::Seal,
                },
                Phase::Seal => {
                    self.phase = Phase::Text;
                    if let Some(frame) = self.seal() {
                        return Some(Ok(frame));
                    }
                }
                Phase::Text => match self.speak().await {
                    Some(frame) => return frame,
                    None => self.phase = Phase::Calls,
                },
                Phase::Calls => match self.calls.pop_front() {
                    Some(call) => {
                        self.told.calls = true;
                        self.answer.mark_first();
                        let delta = Delta::call(&call);
                        let frame = self.answer.head.chunk(&delta, Reason::default());
                        return self.after(1, frame).await;
                    }
                    None => self.phase = Phase::Ending,
                },
                Phase::Ending => return self.end().await,
                Phase::Usage => {
                    self.phase = Phase::Done;
                    let usage = self.answer.settle(self.told, false).usage();
                    let reason = self.answer.reason();
                    let metadata = self.answer.metadata();
                    return Some(Ok(self.answer.head.usage(reason, &usage, metadata)));
                }
                Phase::Done => {
                    self.phase = Phase::Over;
                    return Some(Ok(Bytes::from_static(DONE.as_bytes())));
                }
                Phase::Over => return None,
            }
        }
    }

    /// A frame after a rest; the connection breaks when the sandbox stops.
    async fn after(&mut self, units: u32, frame: Bytes) -> Frame {
        if !self.answer.rest(units).await {
            return self.broken();
        }
        self.pieces = self.pieces.wrapping_add(1);
        if self.pieces.is_multiple_of(COURTESY) {
            tokio::task::yield_now().await;
        }
        Some(Ok(frame))
    }

    fn broken(&mut self) -> Frame {
        self.phase = Phase::Over;
        Some(Err(io::Error::from(io::ErrorKind::ConnectionReset)))
    }

    /// The next piece of thought; `None` when there is no more.
    async fn think(&mut self) -> Option<Frame> {
        let stretch = self.answer.plan.script.stretch;
        let from = self.told.reasoning;
        let piece = piece(&self.answer.plan.script.reasoning, from, &mut self.chance)?;
        let (to, frame) = (from + piece.len(), piece.to_owned());
        self.told.reasoning = to;
        self.answer.mark_first();
        if self.answer.asker.hides_reasoning {
            // Thought without a word: only time passes, and a comment shows that it does.
            return Some(self.after(stretch, Bytes::from_static(PROCESSING.as_bytes())).await);
        }
        let detail = self.answer.thought(&frame);
        let delta = Delta::reasoning(Some(&frame), &detail);
        let frame = self.answer.head.chunk(&delta, Reason::default());
        Some(self.after(stretch, frame).await)
    }

    fn seal(&self) -> Option<Bytes> {
        if self.answer.plan.script.reasoning.is_empty() || self.answer.asker.hides_reasoning {
            return None;
        }
        let delta = Delta::reasoning(None, &self.answer.seal()?);
        Some(self.answer.head.chunk(&delta, Reason::default()))
    }

    async fn speak(&mut self) -> Option<Frame> {
        let stretch = self.answer.plan.script.stretch;
        let from = self.told.text;
        let piece = piece(&self.answer.plan.script.text, from, &mut self.chance)?;
        let frame = self.answer.head.chunk(&Delta::text(piece), Reason::default());
        self.told.text = from + piece.len();
        self.answer.mark_first();
        Some(self.after(stretch, frame).await)
    }

    async fn end(&mut self) -> Frame {
        match self.answer.plan.script.end {
            End::Proper => {
                self.phase = Phase::Usage;
                let reason = self.answer.reason();
                let frame = self.answer.head.chunk(&Delta::text(""), reason);
                self.after(1, frame).await
            }
            End::Error => {
                self.phase = Phase::Done;
                self.answer.settle(self.told, false);
                Some(Ok(self.answer.head.error(&outage::midway())))
            }
            End::CutOff => {
                self.phase = Phase::Over;
                self.answer.settle(self.told, false);
                None
            }
            End::Reset => {
                self.answer.settle(self.told, false);
                // What was said so far goes out before the line breaks.
                tokio::task::yield_now().await;
                self.broken()
            }
            End::Stall => {
                self.answer.stall().await;
                self.broken()
            }
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if !self.answer.is_settled() {
            self.answer.settle(self.told, true);
        }
    }
}

/// The deltas of all tool calls: id and name first, then the arguments in pieces.
fn calls(answer: &Answer, chance: &mut Chance) -> VecDeque<Value> {
    let mut deltas = VecDeque::new();
    for (index, call) in answer.plan.script.calls.iter().enumerate() {
        deltas.push_back(json!({ "index": index, "id": call.id, "type": "function",
            "function": { "name": call.name, "arguments": "" } }));
        let mut from = 0;
        while let Some(part) = piece(&call.arguments, from, chance) {
            from += part.len();
            deltas.push_back(json!({ "index": index, "type": "function",
                "function": { "arguments": part } }));
        }
    }
    deltas
}

/// The next few words from `from` on; long runs without spaces are cut.
pub(super) fn piece<'a>(text: &'a str, from: usize, chance: &mut Chance) -> Option<&'a str> {
    const LONGEST: usize = 24;
    let rest = &text[from..];
    if rest.is_empty() {
        return None;
    }
    let mut words = chance.between(1, 3);
    let mut in_word = false;
    for (count, (at, c)) in rest.char_indices().enumerate() {
        if count >= LONGEST {
            return Some(&rest[..at]);
        }
        if c == ' ' || c == '\n' {
            if in_word {
                words -= 1;
            }
            if words == 0 {
                return Some(&rest[..at]);
            }
            in_word = false;
        } else {
            in_word = true;
        }
    }
    Some(rest)
}
