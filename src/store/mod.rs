//! The database: chats, the ledger, settings and the last catalogue, in one SQLite file.
//!
//! One thread owns the connection that writes (`writer`); what is queued for it becomes one
//! transaction. A second thread reads (`reader`), so a long search delays no write; a read sees
//! every write that was asked for before it. SQL is grouped by subject: `turns`, `chats`,
//! `search`, `ledger`, `shelf`.
//!
//! Not for: deciding what is worth keeping, or when (`engine`).

mod chats;
mod error;
mod export;
mod lease;
mod ledger;
mod open;
mod place;
mod queue;
mod reader;
mod repair;
mod row;
mod schema;
mod search;
mod shelf;
mod turns;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::watch;

use crate::domain::id::Millis;

pub use self::error::StoreError;
pub use self::export::{ExportedChat, ExportedMessage};
pub use self::turns::{FinishedTurn, NewTurn, TurnRows};

use self::error::Done;
use self::queue::{Asked, Job, Kind, Queue};
use self::reader::Reads;

/// An open store and what happened on the way, in sentences for the user.
#[derive(Debug)]
pub struct Opened {
    pub store: Store,
    pub notices: Vec<String>,
}

/// Whether what is written reaches the disk. Anything but `Ok` belongs on the screen until it
/// passes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Health {
    #[default]
    Ok,
    /// The disk is full; so many writes wait in memory and are tried again.
    Full { queued: u64 },
    /// Something else is wrong, in a sentence; writes wait in memory and are tried again.
    Failing(String),
}

impl Health {
    fn damaged(what: &str) -> Health {
        Health::Failing(format!(
            "the database is damaged ({what}); quit and start again to repair it"
        ))
    }
}

/// A handle to the database; clones share it. When the last one is dropped, what is queued is
/// still written.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    /// `None`: the writing thread reads as well, or the store is closed.
    reads: Mutex<Option<Reads>>,
    health: Arc<watch::Sender<Health>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    page_limit: Arc<AtomicU32>,
    interrupted: AtomicU64,
    instance: String,
    lives: Option<lease::Lives>,
}

impl Store {
    /// Opens the database at `path`, which is made if it is not there, together with its
    /// directory. Tables of an older version are brought up to date (after a backup), a damaged
    /// file is set aside and replaced, answers that a dead instance left open are closed.
    ///
    /// # Errors
    /// When the file cannot be used at all, or belongs to a newer program. Then
    /// [`Store::open_in_memory`] still works.
    pub fn open(path: &Path, now: Millis) -> Result<Opened, StoreError> {
        open::open(path, now, place::is_on_network(path))
    }

    /// A store that keeps nothing beyond the process.
    pub fn open_in_memory(now: Millis) -> Result<Opened, StoreError> {
        open::open_in_memory(now)
    }

    /// Changes whenever writing begins to fail, or works again.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.inner.health.subscribe()
    }

    /// How many answers of dead instances were found and closed when this store was opened.
    pub fn interrupted(&self) -> u64 {
        self.inner.interrupted.load(Ordering::Relaxed)
    }

    /// Writes what is queued, closes answers of this instance that are still open, writes the log
    /// back and ends the threads. Other clones of the handle answer [`StoreError::Closed`] from
    /// now on. Anything but [`Health::Ok`] means that something could not be written.
    pub async fn close(self) -> Health {
        let (tell, told) = tokio::sync::oneshot::channel();
        let inner = Arc::clone(&self.inner);
        // Joining a thread would block the executor.
        let closing = std::thread::Builder::new().name("store-close".into()).spawn(move || {
            inner.end();
            // Whoever closed the store may have given up waiting.
            let _ = tell.send(());
        });
        match closing {
            Ok(_) => drop(told.await),
            Err(_) => self.inner.end(),
        }
        self.inner.health.borrow().clone()
    }

    /// Makes the disk full for tests: the database may have at most this many pages of 4 KB.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) {
        self.inner.page_limit.store(pages, Ordering::Relaxed);
        self.inner.queue.nudge();
    }

    /// Asks the writing thread for something and waits until it is committed.
    async fn write<T, F>(&self, kind: Kind, bytes: usize, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Done<T> + Send + 'static,
    {
        let (work, answer) = Asked::with_answer(work);
        self.inner.queue.push(Job { kind, bytes, work }).map_err(|(_, error)| error)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Asks the writing thread for something without waiting. Kept until it is written.
    fn tell<F>(&self, bytes: usize, work: F)
    where
        F: FnMut(&Connection) -> Done<()> + Send + 'static,
    {
        let job = Job { kind: Kind::Keep, bytes: bytes + 64, work: Asked::untold(work) };
        match self.inner.queue.push(job) {
            Ok(()) => {}
            Err((_, StoreError::Full)) => {
                let lost = self.inner.queue.lose();
                self.inner.health.send_replace(Health::Failing(writer::lost_sentence(lost)));
            }
            Err((_, error)) => tracing::warn!(%error, "a write was dropped"),
        }
    }

    /// Asks for something that changes nothing, after all writes that were asked for before.
    async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Done<T> + Send + 'static,
    {
        let reads = self.inner.reads.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match reads {
            Some(reads) => reads.ask(self.inner.queue.pushed(), work).await,
            None => self.write(Kind::Look, 0, work).await,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("instance", &self.inner.instance).finish_non_exhaustive()
    }
}

impl Inner {
    /// Ends both threads; the reading one first, so that the log can be written back whole.
    fn end(&self) {
        drop(self.reads.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.queue.close();
        let threads: Vec<_> =
            self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        for thread in threads {
            // A thread that panicked has nothing left to tell.
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}
