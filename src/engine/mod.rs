//! The product without a face: turns, the catalogue, the ledger and what is kept.
//!
//! An [`Engine`] is made of a client of one upstream, a store and a clock. Faces start turns and
//! read their events, ask for what is kept, and listen to what happens.
//!
//! Not for: choosing what to ask (faces), SQL (`store`), bytes on a socket (`upstream`).

mod answer;
mod ask;
mod attempt;
mod close;
mod event;
mod meter;
mod notes;
mod prices;
mod retry;
mod tasks;
mod turn;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;

use crate::domain::account::KeyInfo;
use crate::domain::catalog::{Catalog, Endpoints};
use crate::domain::fault::Fault;
use crate::domain::id::{Millis, ModelId};
use crate::domain::text::SafeText;
use crate::domain::turn::TurnRequest;
use crate::store::{Health, Store};
use crate::upstream::Client;

pub use self::ask::{Change, OpenChat, Query, Reply, StartFacts, Trouble};
pub use self::event::{EngineEvent, HealthNotice, RefreshState, UpstreamFacts};
pub use self::turn::{StopTurn, Turn};

use self::prices::{FRESH_MS, Prices};
use self::tasks::Tasks;

/// Events a slow listener may be behind by before it misses some.
const EVENTS: usize = 1024;
/// Turns have this long to end when the engine closes.
const GRACE: Duration = Duration::from_millis(500);

/// A deleted chat can be brought back for 30 days; then its text is gone.
const DELETED_STAY_MS: i64 = 30 * 86_400_000;

/// Tells the time. Pure code never asks it itself.
pub type Clock = fn() -> Millis;

/// What an engine is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    pub client: Client,
    pub store: Store,
    pub clock: Clock,
}

/// A handle to everything that talks to the upstream and to the database; clones share it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    store: Store,
    clock: Clock,
    events: broadcast::Sender<EngineEvent>,
    prices: Prices,
    key: Mutex<Option<KeyInfo>>,
    tasks: Tasks,
}

impl Inner {
    fn now(&self) -> Millis {
        (self.clock)()
    }

    /// Tells everyone who listens; nobody need.
    fn tell(&self, event: EngineEvent) {
        let _ = self.events.send(event);
    }
}

impl Engine {
    /// Starts an engine. Does no IO: no connection, no read, nothing to wait for.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(parts: Parts) -> Engine {
        let Parts { client, store, clock } = parts;
        let (events, _) = broadcast::channel(EVENTS);
        let prices = Prices::new(client.name());
        let tasks = Tasks::new();
        let inner = Inner { client, store, clock, events, prices, key: Mutex::new(None), tasks };
        let engine = Engine { inner: Arc::new(inner) };
        engine.watch_store();
        engine
    }

    /// Starts a turn; may be called from any thread. It runs until it ends, read or not.
    pub fn turn(&self, request: TurnRequest) -> Turn {
        turn::start(&self.inner, request)
    }

    /// Everything that happens from now on.
    pub fn observe(&self) -> broadcast::Receiver<EngineEvent> {
        self.inner.events.subscribe()
    }

    /// The models as known now; empty until some are.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.inner.prices.catalog()
    }

    pub fn upstream(&self) -> UpstreamFacts {
        let client = &self.inner.client;
        UpstreamFacts {
            name: client.name().to_owned(),
            base_url: client.base_url().to_owned(),
            simulated: client.is_simulated(),
            has_key: client.has_key(),
        }
    }

    /// Takes the list of models that was kept last time, if there is one.
    pub async fn load_catalog(&self) {
        prices::load(&self.inner).await;
    }

    /// Asks the upstream for its models. Calls at the same time share one request.
    ///
    /// # Errors
    /// When there was no list, or an empty one; the one from before stays.
    pub async fn refresh_catalog(&self) -> Result<Arc<Catalog>, Fault> {
        prices::refresh(&self.inner).await
    }

    /// Who serves a model: as heard within the last minute, unless it has to be `fresh`.
    ///
    /// # Errors
    /// When the upstream did not say.
    pub async fn endpoints(&self, id: &ModelId, fresh: bool) -> Result<Arc<Endpoints>, Fault> {
        let now = self.inner.now();
        if !fresh && let Some(known) = self.inner.prices.endpoints(id, now) {
            return Ok(known);
        }
        let heard = Arc::new(self.inner.client.endpoints(id, now).await?);
        self.inner.prices.keep_endpoints(Arc::clone(&heard));
        Ok(heard)
    }

    /// The state of the key: as heard within the last minute, unless it has to be `fresh`. What is
    /// new is told as [`EngineEvent::Key`] too.
    ///
    /// # Errors
    /// When the upstream did not say.
    pub async fn key_info(&self, fresh: bool) -> Result<KeyInfo, Fault> {
        let now = self.inner.now();
        let known = || self.inner.key.lock().unwrap_or_else(PoisonError::into_inner);
        if !fresh
            && let Some(key) = known().as_ref()
            && (0..FRESH_MS).contains(&(now.0 - key.fetched.0))
        {
            return Ok(key.clone());
        }
        let key = self.inner.client.key_info(now).await?;
        *known() = Some(key.clone());
        self.inner.tell(EngineEvent::Key(key.clone()));
        Ok(key)
    }

    /// Stops all turns, writes their endings (within half a second) and closes the store. Gives
    /// what could not be written, if something could not. Other clones of the handle are of no
    /// use from then on.
    pub async fn close(self) -> HealthNotice {
        self.inner.tasks.close(GRACE).await;
        // A failure here only means that they go the next time.
        let long_ago = Millis(self.inner.now().0 - DELETED_STAY_MS);
        let _ = self.inner.store.purge_deleted(long_ago).await;
        notice(self.inner.store.clone().close().await)
    }

    /// Passes on whether writing works.
    fn watch_store(&self) {
        let mut health = self.inner.store.health();
        let events = self.inner.events.clone();
        let stop = self.inner.tasks.stop_token();
        self.inner.tasks.spawn(async move {
            let watch = async {
                while health.changed().await.is_ok() {
                    let now = notice(health.borrow_and_update().clone());
                    let _ = events.send(EngineEvent::Store(now));
                }
            };
            // The engine closes, or the store is gone: nothing more to pass on.
            let _ = stop.run_until_cancelled(watch).await;
        });
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("client", &self.inner.client).finish_non_exhaustive()
    }
}

fn notice(health: Health) -> HealthNotice {
    match health {
        Health::Ok => HealthNotice::Fine,
        Health::Full { queued } => HealthNotice::Full { queued },
        Health::Failing(why) => HealthNotice::Failing(SafeText::new(why)),
    }
}
