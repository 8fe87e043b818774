//! The queue in front of the writing thread. It never blocks who puts something in, keeps what
//! cannot be written yet, and is bounded by bytes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::{Done, StoreError};

/// More than this is not kept in memory while the disk is full.
pub(super) const MOST_BYTES: usize = 64 << 20;
/// One transaction takes at most this many jobs, so that a reply is not kept waiting for ever.
const MOST_JOBS_AT_ONCE: usize = 512;

/// A piece of work that can be done again, should its transaction fail.
pub(super) trait Work: Send {
    fn run(&mut self, db: &Connection) -> Done<()>;
    /// Tells who asked how it went. Only the first call has an effect.
    fn answer(&mut self, outcome: Result<(), StoreError>);
    /// Somebody waits for the answer.
    fn is_awaited(&self) -> bool;
}

/// How a job is to be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Reads only: needs no transaction that writes.
    Look,
    /// Done now or refused: when the disk is full, whoever asked is told and decides.
    Now,
    /// Kept and tried again until it is written.
    Keep,
    /// Like `Keep`, and its transaction is on the disk before it is answered: survives a power
    /// cut.
    KeepDurably,
}

pub(super) struct Job {
    pub(super) kind: Kind,
    /// Roughly what it holds in memory.
    pub(super) bytes: usize,
    pub(super) work: Box<dyn Work>,
}

/// Work with an answer for somebody.
pub(super) struct Asked<T, F> {
    work: F,
    got: Option<T>,
    reply: Option<oneshot::Sender<Result<T, StoreError>>>,
}

impl<T, F> Asked<T, F>
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Done<T> + Send + 'static,
{
    pub(super) fn with_answer(
        work: F,
    ) -> (Box<dyn Work>, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Asked { work, got: None, reply: Some(reply) }), answer)
    }

    /// Work nobody waits for.
    pub(super) fn untold(work: F) -> Box<dyn Work> {
        Box::new(Asked { work, got: None, reply: None })
    }
}

impl<T, F> Work for Asked<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Done<T> + Send,
{
    fn run(&mut self, db: &Connection) -> Done<()> {
        self.got = None;
        self.got = Some((self.work)(db)?);
        Ok(())
    }

    fn answer(&mut self, outcome: Result<(), StoreError>) {
        let Some(reply) = self.reply.take() else { return };
        let result = outcome.and_then(|()| self.got.take().ok_or(StoreError::Closed));
        // Whoever asked may have gone away; then nobody wants to know.
        let _ = reply.send(result);
    }

    fn is_awaited(&self) -> bool {
        self.reply.as_ref().is_some_and(|reply| !reply.is_closed())
    }
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Of the jobs here and of those the writer holds.
    bytes: usize,
    pushed: u64,
    done: u64,
    /// Something came in that should be tried at once, whatever the writer waits for.
    nudged: bool,
    closing: bool,
    closed: bool,
    /// Nothing can be written at the moment, so nobody should wait for it.
    stuck: bool,
    /// Writes that did not fit.
    lost: u64,
}

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to do.
    more: Condvar,
    /// Something was done.
    settled: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job in; a job that does not fit is given back.
    pub(super) fn push(&self, job: Job) -> Result<(), (Job, StoreError)> {
        let mut state = self.lock();
        if state.closing || state.closed {
            return Err((job, StoreError::Closed));
        }
        if state.bytes.saturating_add(job.bytes) > MOST_BYTES {
            return Err((job, StoreError::Full));
        }
        state.bytes += job.bytes;
        state.pushed += 1;
        state.nudged |= job.work.is_awaited();
        state.jobs.push_back(job);
        self.more.notify_one();
        Ok(())
    }

    /// Counts a write that was given back and that nobody waits for.
    pub(super) fn lose(&self) -> u64 {
        let mut state = self.lock();
        state.lost += 1;
        state.lost
    }

    pub(super) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Has the writer try at once.
    pub(super) fn nudge(&self) {
        self.lock().nudged = true;
        self.more.notify_one();
    }

    /// No more jobs; what is here is still done.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.more.notify_one();
    }

    /// How many jobs were put in so far: what to wait for to read one's own writes.
    pub(super) fn pushed(&self) -> u64 {
        self.lock().pushed
    }

    /// Waits until everything up to `pushed` is written, at most `longest`; not at all while
    /// nothing can be written.
    pub(super) fn wait_for(&self, pushed: u64, longest: Duration) {
        let state = self.lock();
        let waits = |s: &mut State| s.done < pushed && !s.stuck && !s.closed;
        drop(self.settled.wait_timeout_while(state, longest, waits));
    }

    /// For the writer: moves jobs to `batch`. Waits for one if `batch` is empty; if it is not, the
    /// last try failed, and it waits for the time given or for something urgent. `true` when
    /// closing: this is the last try.
    pub(super) fn take(&self, batch: &mut VecDeque<Job>, again: Duration) -> bool {
        let mut state = self.lock();
        if batch.is_empty() {
            state = self
                .more
                .wait_while(state, |s| s.jobs.is_empty() && !s.closing && !s.nudged)
                .unwrap_or_else(PoisonError::into_inner);
        } else {
            state = self
                .more
                .wait_timeout_while(state, again, |s| !s.closing && !s.nudged)
                .map_or_else(|poisoned| poisoned.into_inner().0, |(guard, _)| guard);
        }
        state.nudged = false;
        while batch.len() < MOST_JOBS_AT_ONCE
            && let Some(job) = state.jobs.pop_front()
        {
            batch.push_back(job);
        }
        state.closing
    }

    /// For the writer: this many jobs of this many bytes are done with.
    pub(super) fn done(&self, jobs: usize, bytes: usize) {
        let mut state = self.lock();
        state.done += jobs as u64;
        state.bytes = state.bytes.saturating_sub(bytes);
        drop(state);
        self.settled.notify_all();
    }

    /// For the writer: whether writing works at the moment. Gives how many jobs wait here.
    pub(super) fn set_stuck(&self, stuck: bool) -> usize {
        let mut state = self.lock();
        state.stuck = stuck;
        let waiting = state.jobs.len();
        drop(state);
        self.settled.notify_all();
        waiting
    }

    /// For the writer: it ends, and gives back what nobody will do any more.
    pub(super) fn end(&self) -> VecDeque<Job> {
        let mut state = self.lock();
        state.closed = true;
        let left = std::mem::take(&mut state.jobs);
        drop(state);
        self.settled.notify_all();
        left
    }
}
