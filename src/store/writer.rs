//! The thread that owns the writing connection. It takes what is queued and writes it as one
//! transaction; what cannot be written stays in memory and is tried again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;

use super::error::{Fail, StoreError, Trouble, trouble};
use super::lease::Lease;
use super::place::{self, Place};
use super::queue::{Job, Kind, Queue};
use super::{Health, turns};

const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// Whether this error is about the place the file is in: then the whole transaction is tried
/// again later. Any other error concerns one job only.
fn is_about_the_place(error: &rusqlite::Error) -> bool {
    trouble(error) != Trouble::Other
}

pub(super) struct Writer {
    pub(super) db: Connection,
    pub(super) place: Place,
    pub(super) lease: Option<Lease>,
    pub(super) queue: Arc<Queue>,
    pub(super) health: Arc<watch::Sender<Health>>,
    /// Tests make the disk full with it: the database may have at most this many pages. 0: any.
    pub(super) page_limit: Arc<AtomicU32>,
    pub(super) instance: String,
    pub(super) in_trouble: bool,
}

impl Writer {
    /// Works until the queue is closed.
    pub(super) fn run(mut self) {
        let mut batch: VecDeque<Job> = VecDeque::new();
        let mut again = FIRST_RETRY;
        loop {
            let closing = self.queue.take(&mut batch, again);
            self.set_page_limit();
            match self.write(&mut batch) {
                Ok(()) => {
                    again = FIRST_RETRY;
                    self.recovered();
                    if closing && self.queue.set_stuck(false) == 0 {
                        break;
                    }
                }
                Err(error) => {
                    self.failed(&error, &mut batch);
                    if closing {
                        break;
                    }
                    again = (again * 2).min(LAST_RETRY);
                }
            }
        }
        for mut job in batch.drain(..).chain(self.queue.end()) {
            job.work.answer(Err(StoreError::Closed));
        }
        self.end();
    }

    /// Writes the batch as one transaction and answers everybody. On an error nothing of it is
    /// written and the batch is unchanged.
    fn write(&mut self, batch: &mut VecDeque<Job>) -> Result<(), rusqlite::Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let looks_only = batch.iter().all(|job| job.kind == Kind::Look);
        let durable = batch.iter().any(|job| job.kind == Kind::KeepDurably);
        let outcomes = if looks_only {
            batch.iter_mut().map(|job| job.work.run(&self.db).map_err(StoreError::from)).collect()
        } else {
            self.transact(batch, durable)?
        };
        let (jobs, bytes) = (batch.len(), batch.iter().map(|job| job.bytes).sum());
        // First the count, then the answers: who got an answer may read at once.
        self.queue.done(jobs, bytes);
        for (mut job, outcome) in batch.drain(..).zip(outcomes) {
            if let Err(error) = &outcome
                && !job.work.is_awaited()
            {
                tracing::warn!(%error, "a write was refused");
            }
            job.work.answer(outcome);
        }
        Ok(())
    }

    fn transact(
        &mut self,
        batch: &mut VecDeque<Job>,
        durable: bool,
    ) -> Result<Vec<Result<(), StoreError>>, rusqlite::Error> {
        if durable && !self.place.network {
            self.db.execute_batch("PRAGMA synchronous = FULL")?;
        }
        let result = run_all(&self.db, batch);
        if result.is_err() && !self.db.is_autocommit() {
            // Fails only where SQLite has rolled back already.
            let _ = self.db.execute_batch("ROLLBACK");
        }
        if durable && !self.place.network {
            self.db.execute_batch("PRAGMA synchronous = NORMAL")?;
        }
        result
    }

    /// Tells the world, refuses what will not wait, keeps the rest.
    fn failed(&mut self, error: &rusqlite::Error, batch: &mut VecDeque<Job>) {
        tracing::warn!(%error, "the store cannot write");
        let trouble = trouble(error);
        let full = trouble == Trouble::Full || trouble == Trouble::Disk && self.place.is_full();
        let told = if full { StoreError::Full } else { StoreError::Sql(describe(trouble, error)) };
        let mut kept = VecDeque::new();
        let (mut jobs, mut bytes) = (0, 0);
        for mut job in batch.drain(..) {
            job.work.answer(Err(told.clone()));
            match job.kind {
                Kind::Keep | Kind::KeepDurably => kept.push_back(job),
                Kind::Look | Kind::Now => {
                    jobs += 1;
                    bytes += job.bytes;
                }
            }
        }
        *batch = kept;
        self.queue.done(jobs, bytes);
        // With nothing to keep there is nothing to wait for: the next write tries anew.
        let queued = (self.queue.set_stuck(!batch.is_empty()) + batch.len()) as u64;
        let health = if full { Health::Full { queued } } else { Health::Failing(told.to_string()) };
        self.health.send_if_modified(|now| {
            let changed = *now != health;
            *now = health;
            changed
        });
        self.in_trouble = true;
        match trouble {
            Trouble::Disk => self.reopen(),
            Trouble::Damaged => self.place.mark_damaged(),
            Trouble::Full | Trouble::Locked | Trouble::Denied | Trouble::Other => {}
        }
    }

    fn recovered(&mut self) {
        if !self.in_trouble {
            return;
        }
        self.in_trouble = false;
        self.queue.set_stuck(false);
        self.health.send_replace(match self.queue.lost() {
            0 => Health::Ok,
            lost => Health::Failing(lost_sentence(lost)),
        });
    }

    /// After a failed write or fsync nobody knows what the connection believes: begin anew.
    fn reopen(&mut self) {
        let Some(path) = &self.place.path else { return };
        let opened = place::connect(path, self.place.network);
        match opened.and_then(|db| place::trust(&db).map(|()| db)) {
            Ok(db) => self.db = db,
            Err(error) => tracing::warn!(%error, "the database could not be reopened"),
        }
    }

    fn set_page_limit(&self) {
        let limit = self.page_limit.swap(0, Ordering::Relaxed);
        if limit > 0
            && let Err(error) = self.db.execute_batch(&format!("PRAGMA max_page_count = {limit}"))
        {
            tracing::warn!(%error, "the page limit was not set");
        }
    }

    /// A clean end: no answer of ours is left open, the log is written back, the lease is given
    /// up. After a failure the lease stays behind, so that the next start looks at the file.
    fn end(self) {
        let ended = self.tidy();
        if let Err(error) = &ended {
            tracing::warn!(%error, "the store did not end cleanly");
        }
        drop(self.db);
        if let Some(lease) = self.lease
            && ended.is_ok()
            && !self.in_trouble
        {
            lease.give_up();
        }
    }

    fn tidy(&self) -> Result<(), StoreError> {
        turns::close_own(&self.db, &self.instance)?;
        // Another instance would keep us waiting; then it tidies up when it ends.
        self.db.busy_timeout(Duration::from_millis(50))?;
        for sql in ["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            if let Err(error) = self.db.execute_batch(sql) {
                tracing::debug!(%error, sql, "not tidied up");
            }
        }
        Ok(())
    }
}

/// Runs all jobs in one transaction. The outer error is the place's: nothing was written.
fn run_all(
    db: &Connection,
    batch: &mut VecDeque<Job>,
) -> Result<Vec<Result<(), StoreError>>, rusqlite::Error> {
    // IMMEDIATE: a transaction that first reads and then writes would fail at once when another
    // instance wrote in between, whatever the time-out.
    db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for job in batch.iter_mut() {
        outcomes.push(run_one(db, job)?);
    }
    db.prepare_cached("COMMIT")?.execute([])?;
    Ok(outcomes)
}

/// Runs one job so that its own failure undoes only itself.
fn run_one(db: &Connection, job: &mut Job) -> Result<Result<(), StoreError>, rusqlite::Error> {
    db.prepare_cached("SAVEPOINT job")?.execute([])?;
    let outcome = match job.work.run(db) {
        Ok(()) => Ok(()),
        Err(Fail::Sql(error)) if is_about_the_place(&error) => return Err(error),
        Err(fail) => {
            db.prepare_cached("ROLLBACK TO job")?.execute([])?;
            Err(fail.into())
        }
    };
    db.prepare_cached("RELEASE job")?.execute([])?;
    Ok(outcome)
}

/// What the banner says when more came in than is kept in memory.
pub(super) fn lost_sentence(lost: u64) -> String {
    format!("{lost} writes did not fit into memory while nothing could be saved, and are lost")
}

fn describe(trouble: Trouble, error: &rusqlite::Error) -> String {
    let what = match trouble {
        Trouble::Full | Trouble::Disk => "the disk reports an error",
        Trouble::Locked => "another program holds it locked",
        Trouble::Damaged => "the file is damaged",
        Trouble::Denied => "it may not be written",
        Trouble::Other => return error.to_string(),
    };
    format!("{what} ({error})")
}
