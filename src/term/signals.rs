//! Signals as a stream, and a watchdog: who was told to go is gone within a second.
//!
//! They are heard on a thread with a runtime of its own, so that a hanging loop or busy workers
//! cannot keep them away. When the terminal vanishes crossterm's reader spins for ever; going
//! quickly on SIGHUP is the only cure.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::rescue::{Haste, restore};

/// Time for an orderly end after the first signal.
const PATIENCE: Duration = Duration::from_millis(900);
/// Signals that may wait for the loop.
const WAITING: usize = 16;

/// Which signal asks us to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitBy {
    /// SIGHUP: the terminal is gone.
    Hangup,
    /// SIGINT from outside; Ctrl+C arrives as a key.
    Interrupt,
    /// SIGQUIT from outside.
    Quit,
    /// SIGTERM.
    Terminate,
}

impl QuitBy {
    /// What the process should return: 128 and the number of the signal.
    pub fn exit_code(self) -> u8 {
        128 + match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Quit => 3,
            Self::Terminate => 15,
        }
    }
}

/// What the loop has to react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End in order. The process ends anyway after 0.9 seconds. Further ones are not reported.
    Quit(QuitBy),
    /// SIGTSTP from outside; Ctrl+Z arrives as a key.
    Suspend,
    /// We were stopped and go on: set all modes again, paint everything.
    Continue,
}

/// Listens until dropped.
#[derive(Debug)]
pub struct Signals {
    heard: mpsc::Receiver<Signal>,
    /// Dropping it ends the thread.
    _alive: oneshot::Sender<()>,
}

impl Signals {
    /// Starts to listen. From its return on no signal is missed.
    pub fn start() -> io::Result<Self> {
        let (report, heard) = mpsc::channel(WAITING);
        let (alive, ended) = oneshot::channel();
        let (ready, readiness) = std::sync::mpsc::sync_channel(1);
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            runtime.block_on(listen(&report, ended, &ready));
        })?;
        readiness.recv().map_err(|_| io::Error::other("the signal thread did not start"))??;
        Ok(Self { heard, _alive: alive })
    }

    /// The next signal; `None` never comes while this is alive.
    pub async fn next(&mut self) -> Option<Signal> {
        self.heard.recv().await
    }
}

/// The streams of all signals that we take over.
struct Streams {
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    stop: tokio::signal::unix::Signal,
    go_on: tokio::signal::unix::Signal,
}

impl Streams {
    fn register() -> io::Result<Self> {
        let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        let go_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            stop: signal(stop)?,
            go_on: signal(go_on)?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => Signal::Quit(QuitBy::Hangup),
            _ = self.terminate.recv() => Signal::Quit(QuitBy::Terminate),
            _ = self.interrupt.recv() => Signal::Quit(QuitBy::Interrupt),
            _ = self.quit.recv() => Signal::Quit(QuitBy::Quit),
            _ = self.stop.recv() => Signal::Suspend,
            _ = self.go_on.recv() => Signal::Continue,
        }
    }
}

async fn listen(
    report: &mpsc::Sender<Signal>,
    mut ended: oneshot::Receiver<()>,
    ready: &std::sync::mpsc::SyncSender<io::Result<()>>,
) {
    let mut streams = match Streams::register() {
        Ok(streams) => streams,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    // Only the first counts: kernel and shell each send a hangup when a terminal goes away.
    let mut first: Option<(QuitBy, Instant)> = None;
    loop {
        let heard = tokio::select! {
            biased;
            // Nobody listens any more. But who was told to go has to go.
            _ = &mut ended, if first.is_none() => return,
            by = too_late(first) => end_now(by),
            heard = streams.next() => heard,
        };
        match heard {
            // Ctrl+C in an editor that reads lines reaches everyone in the terminal.
            Signal::Quit(QuitBy::Interrupt | QuitBy::Quit) if is_lent() => continue,
            Signal::Quit(by) if first.is_none() => first = Some((by, Instant::now())),
            Signal::Quit(_) => continue,
            Signal::Continue => note_continued(),
            Signal::Suspend => {}
        }
        // A loop that has not taken the last sixteen will not miss this one.
        let _ = report.try_send(heard);
    }
}

/// Waits until the time for an orderly end is over; for ever if nobody was told to go.
async fn too_late(first: Option<(QuitBy, Instant)>) -> QuitBy {
    let Some((by, at)) = first else { return std::future::pending().await };
    tokio::time::sleep_until(at + PATIENCE).await;
    by
}

#[expect(
    clippy::disallowed_methods,
    reason = "the loop had its time and hangs; only this ends the process"
)]
fn end_now(by: QuitBy) -> ! {
    restore(Haste::Great);
    std::process::exit(i32::from(by.exit_code()));
}

/// How long after the terminal came back a signal may still be one for whoever had it: it can end
/// that program before it is heard here.
const LATE: Duration = Duration::from_secs(1);

/// Who has the terminal, as far as it concerns us.
#[derive(Clone, Copy, Debug)]
enum Lent {
    /// We do.
    No,
    /// Another program.
    Yes,
    /// We again, since then.
    Until(Instant),
}

static LENT: Mutex<Lent> = Mutex::new(Lent::No);

/// Another program has the terminal, and what is typed to interrupt it is not meant for us.
pub(super) fn set_lent(lent: bool) {
    let mut state = LENT.lock().unwrap_or_else(PoisonError::into_inner);
    *state = match (lent, *state) {
        (true, _) => Lent::Yes,
        (false, Lent::Yes) => Lent::Until(Instant::now()),
        (false, other) => other,
    };
}

fn is_lent() -> bool {
    match *LENT.lock().unwrap_or_else(PoisonError::into_inner) {
        Lent::No => false,
        Lent::Yes => true,
        Lent::Until(then) => then.elapsed() < LATE,
    }
}

static CONTINUED: (Mutex<u64>, Condvar) = (Mutex::new(0), Condvar::new());

fn note_continued() {
    *CONTINUED.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    CONTINUED.1.notify_all();
}

/// How often the process was continued so far.
pub(super) fn continued() -> u64 {
    *CONTINUED.0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the next continuation after `before`, at most `limit` of running time.
pub(super) fn wait_continued(before: u64, limit: Duration) {
    let count = CONTINUED.0.lock().unwrap_or_else(PoisonError::into_inner);
    drop(CONTINUED.1.wait_timeout_while(count, limit, |count| *count == before));
}
