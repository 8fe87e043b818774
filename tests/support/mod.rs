//! An engine on a real sandbox over loopback HTTP and a real database in a temporary directory.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use routedeck::domain::id::Millis;
use routedeck::domain::secret::Secret;
use routedeck::engine::{Engine, Parts};
use routedeck::sandbox::{KEY, Sandbox, Settings};
use routedeck::store::Store;
use routedeck::upstream::{Client, Settings as Upstream, Timeouts};
use tempfile::TempDir;

/// Nothing here takes this long unless it never comes.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    /// The database.
    pub(crate) path: PathBuf,
    _dir: TempDir,
}

impl Bench {
    /// A sandbox that never waits, an empty database and an engine.
    pub(crate) async fn start() -> Bench {
        Bench::with(Settings::quick()).await
    }

    pub(crate) async fn with(settings: Settings) -> Bench {
        let sandbox = Sandbox::start_anywhere(settings).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("routedeck.db");
        let store = Store::open(&path, now()).unwrap().store;
        let client = client("sandbox", &sandbox.base_url(), true);
        let engine = Engine::start(Parts { client, store: store.clone(), clock: now });
        Bench { sandbox, store, engine, path, _dir: dir }
    }
}

/// A client with short patience.
pub(crate) fn client(name: &str, base_url: &str, openrouter: bool) -> Client {
    Client::new(Upstream {
        name: name.into(),
        base_url: base_url.into(),
        key: Secret::new(KEY),
        simulated: openrouter,
        openrouter,
        timeouts: Timeouts {
            first: Duration::from_secs(5),
            idle: Duration::from_millis(400),
            ..Timeouts::default()
        },
    })
}

pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Millis(i64::try_from(since.as_millis()).unwrap())
}

/// Waits for `what` to come about; the test fails when it does not in time.
pub(crate) async fn wait_for<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(come) => come,
        Err(_) => panic!("never: {what}"),
    }
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    wait_for(what, async {
        while !holds().await {
            tick.tick().await;
        }
    })
    .await;
}
