//! One turn for a person: from the rows in the store to exactly one ending.
//!
//! ```text
//! save ─▶ try ─▶ read pieces ─▶ end
//!          ▲        │ failed before any content, and it may pass
//!          └─ wait ◀┘
//! ```
//! Whatever happens on the way (a fault, a stop, a panic, the engine closing, a reader that is
//! slow or gone), the turn ends once: what came is kept, every attempt is in the ledger, and
//! [`TurnEvent::Ended`] is told through a place in the channel that was reserved for it.
//!
//! Not for: whether to try again (`retry`), what a piece means (`attempt`), money (`meter`).

use std::any::Any;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::domain::ask::ChunkKind;
use crate::domain::fault::{Billing, Fault, FaultClass};
use crate::domain::id::Millis;
use crate::domain::text::SafeText;
use crate::domain::turn::{Ending, FinishReason, Keep, TurnEvent, TurnRequest};
use crate::domain::usage::Outcome;
use crate::store::{NewTurn, TurnRows};
use crate::upstream::Answer;

use super::Inner;
use super::attempt::Attempt;
use super::close::Close;
use super::notes::Notes;
use super::retry::{self, Failure};

/// Events that may wait for a slow reader before the socket has to.
const EVENTS: usize = 256;
/// A stopped turn still hands over the piece it holds, if the reader takes it this soon.
const LAST_PIECE: Duration = Duration::from_millis(150);

/// A turn that runs. Dropping the receiver does not end it: its answer is still kept.
#[derive(Debug)]
pub struct Turn {
    /// Closed after [`TurnEvent::Ended`].
    pub events: mpsc::Receiver<TurnEvent>,
    pub stop: StopTurn,
}

/// Stops a turn from wherever it is held. What has come is kept.
#[derive(Clone, Debug)]
pub struct StopTurn(CancellationToken);

impl StopTurn {
    /// Does nothing to a turn that has ended.
    pub fn stop(&self) {
        self.0.cancel();
    }
}

/// Begins a turn.
pub(super) fn start(engine: &Arc<Inner>, request: TurnRequest) -> Turn {
    let (events, receiver) = mpsc::channel(EVENTS + 1);
    let stop = engine.tasks.stop_token();
    let work = Work {
        close: Close::new(Arc::clone(engine), &request, events.clone()),
        request,
        events,
        stop: stop.clone(),
        notes: Notes::new(),
    };
    engine.tasks.spawn(work.run());
    Turn { events: receiver, stop: StopTurn(stop) }
}

/// How one attempt came out.
enum Came {
    Whole(FinishReason),
    Stopped,
    Failed(Fault),
}

/// The user, or the engine's end, stopped the turn.
struct Stopped;

/// A turn at work. Dropped before its end, it ends as stopped: see [`Close`].
struct Work {
    request: TurnRequest,
    events: mpsc::Sender<TurnEvent>,
    stop: CancellationToken,
    notes: Notes,
    close: Close,
}

impl Work {
    async fn run(mut self) {
        let ending = match AssertUnwindSafe(self.walk()).catch_unwind().await {
            Ok(Ok(ending)) => ending,
            Ok(Err(Stopped)) => Ending::Stopped,
            Err(panic) => Ending::Failed(stumbled(panic.as_ref())),
        };
        self.write_down();
        self.close.end(ending).await;
    }

    async fn walk(&mut self) -> Result<Ending, Stopped> {
        self.save().await?;
        loop {
            if self.stop.is_cancelled() {
                return Err(Stopped);
            }
            let fault = match self.attempt().await? {
                Came::Whole(reason) => return Ok(Ending::Done(reason)),
                Came::Stopped => return Err(Stopped),
                Came::Failed(fault) => fault,
            };
            let failure = Failure {
                fault: &fault,
                failures: self.close.attempts(),
                content: self.close.now.as_ref().is_some_and(Attempt::has_content),
                falls_back: self.request.rules.allow_fallbacks != Some(false),
                dice: RandomState::new().build_hasher().finish(),
            };
            let Some(pause) = retry::wait(failure) else { return Ok(Ending::Failed(fault)) };
            self.close.book(Outcome::Absorbed, Some(&fault));
            self.pause(pause, fault).await?;
        }
    }

    /// The rows exist before the request goes out. A store that fails does not hold up the turn.
    async fn save(&mut self) -> Result<(), Stopped> {
        if self.request.keep == Keep::LedgerOnly {
            return Ok(());
        }
        let engine = Arc::clone(&self.close.engine);
        let new = NewTurn {
            at: self.close.started,
            upstream: engine.client.name().to_owned(),
            keep: self.request.keep.clone(),
            model: self.request.model.clone(),
            params: self.request.params.clone(),
            messages: self.request.messages.clone(),
        };
        match engine.store.begin_turn(new).await {
            Ok(rows) => {
                self.close.rows = Some(rows);
                let TurnRows { chat, user, answer } = rows;
                self.tell(TurnEvent::Saved { chat, user, answer }).await
            }
            Err(why) => self.tell(TurnEvent::NotSaved(SafeText::new(why.to_string()))).await,
        }
    }

    async fn attempt(&mut self) -> Result<Came, Stopped> {
        let model = self.request.model.clone();
        let attempt = self.close.attempts() + 1;
        self.tell(TurnEvent::Trying { model: model.clone(), attempt }).await?;
        let at = self.close.engine.now();
        self.close.now = Some(Attempt::new(model, at, self.close.ms()));
        let client = self.close.engine.client.clone();
        let asked = self.stop.run_until_cancelled(client.chat(&self.request)).await;
        let answer = match asked {
            None => return Ok(Came::Stopped),
            Some(Err(fault)) => return Ok(Came::Failed(fault)),
            Some(Ok(answer)) => answer,
        };
        if let Some(now) = &mut self.close.now {
            now.status = Some(answer.status());
            now.generation_id = answer.generation_id();
        }
        self.read(answer).await
    }

    /// Reads to the end. Leaving drops the answer, which closes the connection, which tells the
    /// upstream to stop.
    async fn read(&mut self, mut answer: Answer) -> Result<Came, Stopped> {
        loop {
            let piece = {
                let mut next = pin!(answer.next());
                loop {
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => return Ok(Came::Stopped),
                        () = self.notes.due() => {}
                        piece = &mut next => break piece,
                    }
                    self.write_down();
                }
            };
            let ms = self.close.ms();
            let Some(now) = &mut self.close.now else { return Ok(Came::Stopped) };
            let heard = match piece {
                Some(Ok(piece)) => now.hear(piece, ms),
                Some(Err(fault)) => return Ok(Came::Failed(now.sign(fault))),
                None => return Ok(now.complete().map_or_else(Came::Failed, Came::Whole)),
            };
            if let Some(accepted) = heard.accepted {
                self.tell(accepted).await?;
            }
            let Some(event) = heard.event else { continue };
            if let TurnEvent::Text(text) | TurnEvent::Reasoning(text) = &event
                && let Some(kind) = heard.kind
            {
                self.note(kind, text);
            }
            self.tell(event).await?;
        }
    }

    async fn pause(&mut self, pause: Duration, fault: Fault) -> Result<(), Stopped> {
        let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let until = Millis(self.close.engine.now().0.saturating_add(millis));
        self.tell(TurnEvent::Waiting { until, fault: Box::new(fault) }).await?;
        self.stop.run_until_cancelled(sleep(pause)).await.ok_or(Stopped)
    }

    /// Hands an event to the reader. While the reader is slow, the socket waits, and what has
    /// come is written down all the same. A reader that is gone holds up nothing.
    async fn tell(&mut self, event: TurnEvent) -> Result<(), Stopped> {
        use mpsc::error::TrySendError;
        let event = match self.events.try_send(event) {
            Ok(()) | Err(TrySendError::Closed(_)) => return Ok(()),
            Err(TrySendError::Full(event)) => event,
        };
        loop {
            tokio::select! {
                biased;
                place = self.events.reserve() => {
                    if let Ok(place) = place {
                        place.send(event);
                    }
                    return Ok(());
                }
                () = self.stop.cancelled() => break,
                () = self.notes.due() => {}
            }
            self.write_down();
        }
        // What is kept and what was shown should be the same to the last word.
        let _ = timeout(LAST_PIECE, self.events.send(event)).await;
        Err(Stopped)
    }

    fn note(&mut self, kind: ChunkKind, text: &str) {
        let Some(rows) = self.close.rows else { return };
        if let Some((kind, text)) = self.notes.add(kind, text, Instant::now()) {
            self.close.engine.store.append(rows.answer, kind, text);
        }
    }

    /// A checkpoint.
    fn write_down(&mut self) {
        if let Some(rows) = self.close.rows
            && let Some((kind, text)) = self.notes.take()
        {
            self.close.engine.store.append(rows.answer, kind, text);
        }
    }
}

/// What came is written down even when the turn is dropped in the middle; `close` ends it then.
impl Drop for Work {
    fn drop(&mut self) {
        self.write_down();
    }
}

/// A bug of ours is told like any other failure, and the program goes on.
fn stumbled(panic: &(dyn Any + Send)) -> Fault {
    let why = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason was given");
    let message = format!("routedeck stumbled over this answer: {why}.");
    Fault {
        billing: Billing::MayBeBilled,
        hint: Some(SafeText::new(
            "Please report this. The text so far is kept; retrying may work.",
        )),
        ..Fault::new(FaultClass::BadUpstream, message)
    }
}
