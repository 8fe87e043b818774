//! The thread that reads, on a connection of its own: a long search delays no write. Who stops
//! waiting for an answer stops the search.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::oneshot;

use super::error::{Done, StoreError, Trouble, trouble};
use super::place::{self, Place};
use super::queue::Queue;

/// A read waits at most this long for the writes before it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

type Read = Box<dyn FnOnce(Result<&Connection, StoreError>) + Send>;

struct Question {
    number: u64,
    /// Writes that must be seen.
    after: u64,
    read: Read,
}

/// What runs right now, and how to stop it.
#[derive(Default)]
struct Running {
    number: Option<u64>,
    handle: Option<InterruptHandle>,
}

/// The way to the reading thread.
#[derive(Clone)]
pub(super) struct Reads {
    send: mpsc::Sender<Question>,
    running: Arc<Mutex<Running>>,
    count: Arc<AtomicU64>,
}

/// Stops a read nobody waits for any more.
struct StopOnDrop {
    number: u64,
    running: Arc<Mutex<Running>>,
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.number == Some(self.number)
            && let Some(handle) = &running.handle
        {
            handle.interrupt();
        }
    }
}

impl Reads {
    /// Runs `work` in one read transaction.
    pub(super) async fn ask<T, F>(self, after: u64, mut work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Done<T> + Send + 'static,
    {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let read: Read = Box::new(move |db| {
            if reply.is_closed() {
                return;
            }
            let result = db.and_then(|db| within(db, &mut work));
            // Whoever asked may have gone away.
            let _ = reply.send(result);
        });
        // Whoever waits does not keep the thread from ending.
        let Reads { send, running, .. } = self;
        send.send(Question { number, after, read }).map_err(|_| StoreError::Closed)?;
        drop(send);
        let _stop = StopOnDrop { number, running };
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// One transaction, so that the answer shows one moment.
fn within<T>(
    db: &Connection,
    work: &mut impl FnMut(&Connection) -> Done<T>,
) -> Result<T, StoreError> {
    let moment = db.unchecked_transaction()?;
    let result = work(&moment)?;
    moment.commit()?;
    Ok(result)
}

/// Starts the thread. It opens its connection when it is first asked something, so that opening
/// the store does not wait for it.
pub(super) fn start(
    path: PathBuf,
    place: Place,
    queue: Arc<Queue>,
) -> std::io::Result<(Reads, JoinHandle<()>)> {
    let (send, questions) = mpsc::channel::<Question>();
    let running = Arc::new(Mutex::new(Running::default()));
    let reads = Reads { send, running: Arc::clone(&running), count: Arc::default() };
    let thread = std::thread::Builder::new().name("store-read".into()).spawn(move || {
        let mut db: Option<Connection> = None;
        for question in questions {
            queue.wait_for(question.after, LONGEST_WAIT);
            if db.is_none() {
                match place::connect_to_read(&path) {
                    Ok(opened) => db = Some(opened),
                    Err(error) => {
                        if trouble(&error) == Trouble::Damaged {
                            place.mark_damaged();
                        }
                        (question.read)(Err(error.into()));
                        continue;
                    }
                }
            }
            let Some(db) = &db else { continue };
            let set = |number, handle| {
                let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
                *running = Running { number, handle };
            };
            set(Some(question.number), Some(db.get_interrupt_handle()));
            (question.read)(Ok(db));
            set(None, None);
        }
    })?;
    Ok((reads, thread))
}
