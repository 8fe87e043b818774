//! Keys, pastes and sizes as the loop wants them, whatever library reads them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::mpsc as channel;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEvent};
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, oneshot};

use super::gather::Gather;

/// Events taken in one go before the loop gets its turn.
const MOST_AT_ONCE: usize = 1000;
/// Batches that may wait for the loop; more stay in the terminal.
const WAITING: usize = 64;
/// How long a reader that was told to stop is waited for. One whose terminal is gone never stops.
const STOPPING: Duration = Duration::from_millis(100);

/// One thing that the user, or the terminal, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A press or a repeat, never a release.
    Key(KeyEvent),
    /// Harmless text; line ends are `\n`.
    Paste(String),
    /// Keys that came in one piece with Enter among them, from a terminal that marks no pastes: a
    /// paste, or keys typed ahead on a slow line. Which, depends on where they go.
    Burst(Vec<KeyEvent>),
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
    /// Several lines that arrive in one piece may be a paste, although the terminal does not say so.
    pub bursts: bool,
}

impl Default for KeyboardOptions {
    fn default() -> Self {
        Self { bursts: true }
    }
}

/// Reads the terminal. Drop it before anything else may read there (an editor, a shell): its
/// thread takes what comes even when nobody asks.
///
/// The library is asked on a thread of our own: when the terminal vanishes it reads for ever, and
/// whoever asked it then never comes back.
#[derive(Debug)]
pub struct Keyboard {
    batches: mpsc::Receiver<Batch>,
    /// Dropping it stops the thread.
    stop: Option<oneshot::Sender<()>>,
    stopped: channel::Receiver<()>,
    gather: Gather,
    ready: VecDeque<Input>,
    ended: bool,
}

/// What arrived in one piece, and when.
#[derive(Debug)]
struct Batch {
    events: Vec<Event>,
    at: Instant,
}

impl Keyboard {
    pub fn new(options: KeyboardOptions) -> Self {
        let (arrived, batches) = mpsc::channel(WAITING);
        let (stop, told_to_stop) = oneshot::channel();
        let (says_stopped, stopped) = channel::channel();
        // Without a thread the channel is closed, and the terminal cannot be read.
        let _ = std::thread::Builder::new().name("keyboard".into()).spawn(move || {
            let _says_stopped: channel::Sender<()> = says_stopped;
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() {
                runtime.block_on(read(&arrived, told_to_stop));
            }
        });
        Self {
            batches,
            stop: Some(stop),
            stopped,
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
            let late = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                batch = self.batches.recv() => match batch {
                    Some(batch) => self.take(batch),
                    None => self.end(),
                },
                () = late => self.gather.flush(Instant::now(), &mut self.ready),
            }
        }
    }

    fn take(&mut self, batch: Batch) {
        self.gather.flush(batch.at, &mut self.ready);
        self.gather.take(batch.events, batch.at, &mut self.ready);
    }

    fn end(&mut self) {
        self.ended = true;
        self.gather.flush(Instant::now(), &mut self.ready);
    }

    /// The next input of those that arrived together with the last one.
    pub fn try_next(&mut self) -> Option<Input> {
        self.ready.pop_front()
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.batches.close();
        drop(self.stop.take());
        // Nothing is ever sent: it is dropped when the thread has let go of the terminal.
        let _ = self.stopped.recv_timeout(STOPPING);
    }
}

async fn read(arrived: &mpsc::Sender<Batch>, mut told_to_stop: oneshot::Receiver<()>) {
    let mut events = EventStream::new();
    loop {
        let (batch, ended) = tokio::select! {
            biased;
            _ = &mut told_to_stop => return,
            batch = poll_fn(|cx| poll_batch(&mut events, cx)) => batch,
        };
        let batch = Batch { events: batch, at: Instant::now() };
        if arrived.send(batch).await.is_err() || ended {
            return;
        }
    }
}

/// Takes everything that has arrived, for only together does it show a burst. The flag says that
/// the terminal can no longer be read.
///
/// Always polls with the caller's own waker: the stream keeps the first one until it was used.
fn poll_batch(events: &mut EventStream, cx: &mut Context<'_>) -> Poll<(Vec<Event>, bool)> {
    let mut batch = Vec::new();
    while batch.len() < MOST_AT_ONCE {
        match events.poll_next_unpin(cx) {
            Poll::Ready(Some(Ok(event))) => batch.push(event),
            Poll::Ready(Some(Err(_)) | None) => return Poll::Ready((batch, true)),
            Poll::Pending if batch.is_empty() => return Poll::Pending,
            Poll::Pending => break,
        }
    }
    Poll::Ready((batch, false))
}
