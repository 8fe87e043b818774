//! Opening: everything between a path and a running store, including what to do with files that
//! are old, damaged, or were left by an instance that died.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::watch;

use crate::domain::id::Millis;

use super::error::{Fail, StoreError, Trouble, trouble};
use super::lease::{Lease, Lives};
use super::place::{self, Place};
use super::queue::Queue;
use super::schema::{self, MIGRATIONS};
use super::writer::Writer;
use super::{Health, Inner, Opened, Store, reader, repair, turns};

/// Opens a database in a file.
pub(super) fn open(path: &Path, now: Millis, network: bool) -> Result<Opened, StoreError> {
    let io = |error: std::io::Error| StoreError::unreadable(path, error);
    place::prepare(path).map_err(io)?;
    let lives = Lives::beside(path).map_err(io)?;
    let gate = lives.gate().map_err(io)?;
    let mut notices = Vec::new();
    if network {
        notices.push(format!(
            "{} is on a network file system: writing is slower and careful, and two instances at \
             once wait for each other. A local --data-dir is better.",
            path.display()
        ));
    }
    let db = usable(path, now, network, &lives, &mut notices)?;
    let lease = lives.take().map_err(io)?;
    let others = lives.others(Some(&lease.id)).map_err(io)?;
    let interrupted = close_left_open(&db, &lease.id, &others.alive)?;
    notices.extend(interrupted_sentence(interrupted));
    drop(gate);

    let place = Place { path: Some(path.to_owned()), lives: Some(lives.clone()), network };
    let store = start(db, place, Some(lease)).map_err(io)?;
    store.inner.interrupted.store(interrupted, Ordering::Relaxed);
    if !others.dead.is_empty() {
        look_for_damage(path, lives, others.dead, Arc::clone(&store.inner.health)).map_err(io)?;
    }
    Ok(Opened { store, notices })
}

/// Opens a database that ends with the process.
pub(super) fn open_in_memory(_now: Millis) -> Result<Opened, StoreError> {
    let db = Connection::open_in_memory()?;
    place::set_up(&db)?;
    schema::migrate(&db, None, MIGRATIONS)?;
    let place = Place { path: None, lives: None, network: false };
    let store = start(db, place, None)
        .map_err(|error| StoreError::Sql(format!("no thread could be started: {error}")))?;
    Ok(Opened { store, notices: Vec::new() })
}

/// A connection to tables of today, whatever the file was.
fn usable(
    path: &Path,
    now: Millis,
    network: bool,
    lives: &Lives,
    notices: &mut Vec<String>,
) -> Result<Connection, StoreError> {
    if !lives.is_damaged() {
        match connect(path, network) {
            Ok((db, backup)) => {
                notices.extend(backup.map(|copy| {
                    format!(
                        "the database was brought up to date; a copy of the old one is {}",
                        copy.display()
                    )
                }));
                return Ok(db);
            }
            Err(Failed::Other(error)) => return Err(error),
            Err(Failed::Damaged) => {}
        }
    }
    let others = lives.others(None).map_err(|error| StoreError::unreadable(path, error))?;
    if !others.alive.is_empty() {
        let why = "it is damaged, and another routedeck has it open; quit that one first";
        return Err(StoreError::unreadable(path, why));
    }
    begin_anew(path, now, network, lives, notices)
}

enum Failed {
    Damaged,
    Other(StoreError),
}

impl From<Fail> for Failed {
    fn from(fail: Fail) -> Failed {
        match fail {
            Fail::Sql(error) if trouble(&error) == Trouble::Damaged => Failed::Damaged,
            Fail::Sql(_) | Fail::Refused(_) => Failed::Other(fail.into()),
        }
    }
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Failed {
        Fail::Sql(error).into()
    }
}

/// A connection to tables of today, and the copy that was made before changing them.
fn connect(path: &Path, network: bool) -> Result<(Connection, Option<PathBuf>), Failed> {
    let db = place::connect(path, network)?;
    if db.is_readonly("main")? {
        let why = "the file may be read but not written";
        return Err(Failed::Other(StoreError::unreadable(path, why)));
    }
    let backup = schema::migrate(&db, Some(path), MIGRATIONS)?;
    place::trust(&db)?;
    Ok((db, backup))
}

/// Sets the damaged files aside, begins a new database and brings over what can be read.
fn begin_anew(
    path: &Path,
    now: Millis,
    network: bool,
    lives: &Lives,
    notices: &mut Vec<String>,
) -> Result<Connection, StoreError> {
    let io = |error: std::io::Error| StoreError::unreadable(path, error);
    let aside = repair::set_aside(path, now).map_err(io)?;
    place::prepare(path).map_err(io)?;
    let (db, _) = connect(path, network).map_err(|failed| match failed {
        Failed::Damaged => StoreError::unreadable(path, "a new file is damaged at once"),
        Failed::Other(error) => error,
    })?;
    let saved = repair::salvage(&aside, &db).unwrap_or_else(|fail| {
        tracing::warn!(?fail, "nothing was saved from the damaged database");
        repair::Saved::default()
    });
    lives.clear_damaged();
    let rescued = if saved == repair::Saved::default() {
        "nothing in it could be read".to_owned()
    } else {
        format!(
            "{} chats, {} messages and {} ledger rows were saved from it",
            saved.chats, saved.messages, saved.ledger
        )
    };
    notices.push(format!(
        "the database was damaged; it was set aside as {} and a new one was begun; {rescued}",
        aside.display()
    ));
    Ok(db)
}

/// Closes answers whose instance is dead; gives how many there were.
fn close_left_open(db: &Connection, me: &str, alive: &[String]) -> Result<u64, StoreError> {
    // Mostly there are none, and then nothing need be locked.
    if !db.prepare(turns::STREAMING)?.exists([])? {
        return Ok(0);
    }
    db.execute_batch("BEGIN IMMEDIATE")?;
    let closed = turns::close_others(db, me, alive)?;
    db.execute_batch("COMMIT")?;
    Ok(closed)
}

fn interrupted_sentence(answers: u64) -> Option<String> {
    match answers {
        0 => None,
        1 => Some("1 answer was interrupted when routedeck ended; what had come is kept".into()),
        n => Some(format!(
            "{n} answers were interrupted when routedeck ended; what had come is kept"
        )),
    }
}

/// Starts the threads.
fn start(db: Connection, place: Place, lease: Option<Lease>) -> std::io::Result<Store> {
    let queue = Arc::new(Queue::default());
    let health = Arc::new(watch::Sender::new(Health::Ok));
    let page_limit = Arc::new(AtomicU32::new(0));
    let instance = lease.as_ref().map_or_else(|| "memory".to_owned(), |lease| lease.id.clone());
    let lives = place.lives.clone();
    let mut threads = Vec::new();
    let mut reads = None;
    if let Some(path) = place.path.clone().filter(|_| !place.network) {
        let (sender, thread) =
            reader::start(path, place.clone(), Arc::clone(&queue), Arc::clone(&health))?;
        reads = Some(sender);
        threads.push(thread);
    }
    let writer = Writer {
        db,
        place,
        lease,
        queue: Arc::clone(&queue),
        health: Arc::clone(&health),
        page_limit: Arc::clone(&page_limit),
        instance: instance.clone(),
        in_trouble: false,
    };
    threads.push(std::thread::Builder::new().name("store-write".into()).spawn(|| writer.run())?);
    let inner = Inner {
        queue,
        reads: Mutex::new(reads),
        health,
        threads: Mutex::new(threads),
        page_limit,
        interrupted: AtomicU64::new(0),
        instance,
        lives,
    };
    Ok(Store { inner: Arc::new(inner) })
}

/// After an end without goodbye the file is read through once, beside everything else. Damage is
/// noted for the next start, which repairs it.
fn look_for_damage(
    path: &Path,
    lives: Lives,
    dead: Vec<String>,
    health: Arc<watch::Sender<Health>>,
) -> std::io::Result<()> {
    let path = path.to_owned();
    std::thread::Builder::new().name("store-check".into()).spawn(move || {
        let verdict = place::connect_to_read(&path).and_then(|db| {
            db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        });
        let damage = match verdict {
            Ok(verdict) if verdict == "ok" => None,
            Ok(verdict) => Some(verdict),
            Err(error) if trouble(&error) == Trouble::Damaged => Some(error.to_string()),
            Err(error) => {
                // Not looked at after all: the next start tries again.
                tracing::warn!(%error, "the database could not be checked");
                return;
            }
        };
        if let Some(damage) = damage {
            lives.mark_damaged();
            health.send_replace(Health::damaged(&damage));
        }
        lives.forget(&dead);
    })?;
    Ok(())
}
