//! The thread that reads, on a connection of its own: a long search delays no write. Who stops
//! waiting for an answer stops the search.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::{oneshot, watch};

use super::Health;
use super::error::{Done, Fail, StoreError, Trouble, trouble};
use super::place::{self, Place};
use super::queue::Queue;

/// A read waits at most this long for the writes before it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Gives what SQLite said, should the file be damaged.
type Read = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Option<String> + Send>;

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
                return None;
            }
            let result = db.map_err(Fail::Refused).and_then(|db| within(db, &mut work));
            let damage = match &result {
                Err(Fail::Sql(error)) if trouble(error) == Trouble::Damaged => {
                    Some(error.to_string())
                }
                Ok(_) | Err(_) => None,
            };
            // Whoever asked may have gone away.
            let _ = reply.send(result.map_err(StoreError::from));
            damage
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
fn within<T>(db: &Connection, work: &mut impl FnMut(&Connection) -> Done<T>) -> Done<T> {
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
    health: Arc<watch::Sender<Health>>,
) -> std::io::Result<(Reads, JoinHandle<()>)> {
    let (send, questions) = mpsc::channel::<Question>();
    let running = Arc::new(Mutex::new(Running::default()));
    let reads = Reads { send, running: Arc::clone(&running), count: Arc::default() };
    let reader = Reader { path, place, health, running, db: None };
    let thread = std::thread::Builder::new()
        .name("store-read".into())
        .spawn(move || reader.run(&questions, &queue))?;
    Ok((reads, thread))
}

struct Reader {
    path: PathBuf,
    place: Place,
    health: Arc<watch::Sender<Health>>,
    running: Arc<Mutex<Running>>,
    db: Option<Connection>,
}

impl Reader {
    fn run(mut self, questions: &mpsc::Receiver<Question>, queue: &Queue) {
        for question in questions {
            queue.wait_for(question.after, LONGEST_WAIT);
            if let Some(what) = self.answer(question) {
                self.place.mark_damaged();
                self.health.send_replace(Health::damaged(&what));
            }
        }
    }

    fn answer(&mut self, question: Question) -> Option<String> {
        let db = match self.db.take().map_or_else(|| place::connect_to_read(&self.path), Ok) {
            Ok(db) => self.db.insert(db),
            Err(error) => return (question.read)(Err(error.into())),
        };
        let set = |number, handle| {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            *running = Running { number, handle };
        };
        set(Some(question.number), Some(db.get_interrupt_handle()));
        let damage = (question.read)(Ok(db));
        set(None, None);
        damage
    }
}
