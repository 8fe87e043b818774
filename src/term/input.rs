//! Keys, pastes and sizes as the loop wants them, whatever library reads them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use crossterm::event::{Event, EventStream, KeyEvent};
use futures_util::StreamExt as _;

use super::gather::Gather;

/// Events taken in one go before the loop gets its turn.
const MOST_AT_ONCE: usize = 1000;

/// One thing that the user, or the terminal, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A press or a repeat, never a release.
    Key(KeyEvent),
    /// Harmless text; line ends are `\n`.
    Paste(String),
    /// Columns and rows, neither of them zero.
    Resize(u16, u16),
    /// Only from terminals that report it: who never reports is to be taken as focused.
    Focus(bool),
    /// Only if the session asked for the mouse.
    Wheel { up: bool, column: u16, row: u16 },
}

/// How input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyboardOptions {
    /// Several lines that arrive in one piece are a paste, although the terminal does not say so.
    pub bursts: bool,
}

impl Default for KeyboardOptions {
    fn default() -> Self {
        Self { bursts: true }
    }
}

/// Reads the terminal. Drop it before anything else may read there (an editor, a shell): its
/// thread takes what comes even when nobody asks.
#[derive(Debug)]
pub struct Keyboard {
    events: EventStream,
    bell: Arc<Bell>,
    gather: Gather,
    ready: VecDeque<Input>,
    ended: bool,
}

/// Rings when something can be read. The stream is looked at only then: each look that finds
/// nothing costs it several yields of the processor, and the loop turns for other reasons too.
#[derive(Debug)]
struct Bell {
    rung: AtomicBool,
    hears: Mutex<Option<Waker>>,
}

impl Bell {
    /// Whether it rang since the last time; if not, the caller is woken when it does.
    fn take(&self, cx: &Context<'_>) -> bool {
        let mut hears = self.hears.lock().unwrap_or_else(PoisonError::into_inner);
        if self.rung.swap(false, Ordering::AcqRel) {
            return true;
        }
        match hears.as_mut() {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *hears = Some(cx.waker().clone()),
        }
        false
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut hears = self.hears.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: whoever leaves a waker afterwards sees that it has rung.
        self.rung.store(true, Ordering::Release);
        let waker = hears.take();
        drop(hears);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Keyboard {
    pub fn new(options: KeyboardOptions) -> Self {
        Self {
            events: EventStream::new(),
            bell: Arc::new(Bell { rung: AtomicBool::new(true), hears: Mutex::new(None) }),
            gather: Gather::new(options.bursts),
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// The next input; `None` when the terminal can no longer be read. May be dropped and called
    /// again at any point: nothing is lost. Needs a tokio runtime with timers.
    pub async fn next(&mut self) -> Option<Input> {
        loop {
            if let Some(input) = self.try_next() {
                return Some(input);
            }
            if self.ended {
                return None;
            }
            let due = self.gather.due().map(tokio::time::Instant::from_std);
            let (events, bell) = (&mut self.events, &self.bell);
            let arrived = poll_fn(|cx| poll_batch(events, bell, cx));
            let (batch, ended) = match due {
                Some(due) => tokio::select! {
                    arrived = arrived => arrived,
                    () = tokio::time::sleep_until(due) => (Vec::new(), false),
                },
                None => arrived.await,
            };
            self.ended = ended;
            let now = Instant::now();
            self.gather.flush(now, &mut self.ready);
            self.gather.take(batch, now, &mut self.ready);
        }
    }

    /// The next input of those that arrived together with the last one.
    pub fn try_next(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }
}

/// Takes everything that has arrived, for only together does it show a burst. The flag says that
/// the terminal can no longer be read.
///
/// Always polls with the same waker: the stream keeps the first one until it was used.
fn poll_batch(
    events: &mut EventStream,
    bell: &Arc<Bell>,
    cx: &Context<'_>,
) -> Poll<(Vec<Event>, bool)> {
    let mut batch = Vec::new();
    if !bell.take(cx) {
        return Poll::Pending;
    }
    let waker = Waker::from(Arc::clone(bell));
    let mut bells = Context::from_waker(&waker);
    while batch.len() < MOST_AT_ONCE {
        match events.poll_next_unpin(&mut bells) {
            Poll::Ready(Some(Ok(event))) => batch.push(event),
            Poll::Ready(Some(Err(_)) | None) => return Poll::Ready((batch, true)),
            Poll::Pending if batch.is_empty() => {
                // It may have rung meanwhile; if not, this leaves word with it.
                if bell.take(cx) {
                    cx.waker().wake_by_ref();
                    bell.rung.store(true, Ordering::Release);
                }
                return Poll::Pending;
            }
            Poll::Pending => return Poll::Ready((batch, false)),
        }
    }
    // There may be more.
    bell.rung.store(true, Ordering::Release);
    Poll::Ready((batch, false))
}
