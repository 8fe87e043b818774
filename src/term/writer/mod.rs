//! The thread that writes to the terminal, so that a slow line never stops the loop.
//!
//! One frame is in flight. Frames build on each other, so an encoded frame is never thrown away;
//! the loop does not encode a new one before [`Output::is_free`].

mod recorder;

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use recorder::Recorder;

/// A write that takes longer than this will never end.
const SILENCE: Duration = Duration::from_secs(30);
/// Longer frames go in pieces, so that progress on a very slow line can be told from silence.
const PIECE: usize = 16 << 10;
/// How long a thread waits before it tries again on a terminal that somebody set non-blocking.
const RETRY: Duration = Duration::from_millis(2);
/// Strings beside the frames (titles, clipboard) that may wait; more is refused.
const MOST_POSTED: usize = 4 << 20;

/// Whether the terminal still takes what is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputState {
    Alive,
    /// It is gone; the text says how we know. Nothing more will be written.
    Dead(String),
}

/// Where frames go.
pub trait Output: Send {
    /// Whether the last frame is written and the next may be sent.
    fn is_free(&self) -> bool;
    /// Hands over one frame. Call only when free; otherwise it is written after the one before.
    fn send(&mut self, frame: Vec<u8>);
    /// Hands over a string that is no frame (title, bell, clipboard), written in order. Does not
    /// count as a frame in flight. False if too much is waiting already.
    fn post(&mut self, bytes: &[u8]) -> bool;
    /// The moving average of the time that one frame took to be written.
    fn average_write(&self) -> Duration;
    /// Whether the terminal is still there. Also turns dead when a write does not end.
    fn state(&self) -> OutputState;
    /// Waits until everything is written, at most `limit`. False if it is not.
    fn drain(&self, limit: Duration) -> bool;
}

#[derive(Debug, Default)]
struct Slot {
    /// Bytes to be written next, in order.
    pending: Vec<u8>,
    /// A frame is among the pending bytes.
    frame_pending: bool,
    /// A frame is being written.
    frame_in_flight: bool,
    /// Since when the piece that is being written has been waiting.
    writing: Option<Instant>,
    average: Duration,
    dead: Option<String>,
    closed: bool,
}

impl Slot {
    fn is_idle(&self) -> bool {
        self.dead.is_some() || (self.pending.is_empty() && self.writing.is_none())
    }
}

#[derive(Debug, Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes frames to a terminal on a thread of its own.
#[derive(Debug)]
pub struct TtyWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl TtyWriter {
    /// Starts the thread. `woken` is called from it whenever a frame is done or the terminal died.
    pub fn start(terminal: File, woken: impl Fn() + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("tty writer".into())
            .spawn(move || work(&theirs, terminal, &woken))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Starts the thread on the terminal of this process, with a file description of its own: one
    /// that somebody else set non-blocking would lose the end of a frame.
    pub fn open(woken: impl Fn() + Send + 'static) -> io::Result<Self> {
        Self::start(super::life::open_terminal()?, woken)
    }
}

impl Output for TtyWriter {
    fn is_free(&self) -> bool {
        let slot = self.shared.lock();
        !slot.frame_pending && !slot.frame_in_flight && slot.dead.is_none()
    }

    fn send(&mut self, frame: Vec<u8>) {
        let mut slot = self.shared.lock();
        if slot.pending.is_empty() {
            slot.pending = frame;
        } else {
            slot.pending.extend_from_slice(&frame);
        }
        slot.frame_pending = true;
        self.shared.changed.notify_all();
    }

    fn post(&mut self, bytes: &[u8]) -> bool {
        let mut slot = self.shared.lock();
        if slot.pending.len() + bytes.len() > MOST_POSTED {
            return false;
        }
        slot.pending.extend_from_slice(bytes);
        self.shared.changed.notify_all();
        true
    }

    fn average_write(&self) -> Duration {
        self.shared.lock().average
    }

    fn state(&self) -> OutputState {
        let slot = self.shared.lock();
        if let Some(why) = &slot.dead {
            return OutputState::Dead(why.clone());
        }
        match slot.writing {
            Some(since) if since.elapsed() > SILENCE => OutputState::Dead(format!(
                "the terminal has taken nothing for {} seconds",
                SILENCE.as_secs()
            )),
            Some(_) | None => OutputState::Alive,
        }
    }

    fn drain(&self, limit: Duration) -> bool {
        let slot = self.shared.lock();
        let waited = self.shared.changed.wait_timeout_while(slot, limit, |slot| !slot.is_idle());
        let (slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        slot.is_idle()
    }
}

impl Drop for TtyWriter {
    fn drop(&mut self) {
        let idle = {
            let mut slot = self.shared.lock();
            slot.closed = true;
            self.shared.changed.notify_all();
            slot.is_idle()
        };
        // A thread that may hang in a write is not joined: the end of the process ends it.
        if idle && let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(shared: &Shared, mut terminal: File, woken: &dyn Fn()) {
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        {
            let slot = shared.lock();
            let waiting = |slot: &mut Slot| slot.pending.is_empty() && !slot.closed;
            let waited = shared.changed.wait_while(slot, waiting);
            let mut slot = waited.unwrap_or_else(PoisonError::into_inner);
            if slot.pending.is_empty() {
                return;
            }
            std::mem::swap(&mut bytes, &mut slot.pending);
            slot.frame_in_flight = std::mem::take(&mut slot.frame_pending);
            slot.writing = Some(Instant::now());
        }
        let started = Instant::now();
        let result = write_whole(shared, &mut terminal, &bytes);
        let mut slot = shared.lock();
        slot.writing = None;
        if std::mem::take(&mut slot.frame_in_flight) {
            slot.average = (slot.average * 3 + started.elapsed()) / 4;
        }
        slot.dead = result.err().map(|error| format!("the terminal is gone: {error}"));
        let ended = slot.dead.is_some();
        shared.changed.notify_all();
        drop(slot);
        woken();
        if ended {
            return;
        }
    }
}

fn write_whole(shared: &Shared, terminal: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let piece = &bytes[..bytes.len().min(PIECE)];
        match terminal.write(piece) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                if !bytes.is_empty() {
                    shared.lock().writing = Some(Instant::now());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                std::thread::park_timeout(RETRY);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
