//! An OpenRouter inside the process: a real HTTP server on a loopback port that speaks the
//! service's protocol, with the published catalogue and simulated answers.
//!
//! It is the other side of the wire, so it shares no type with the client: it reads and writes
//! JSON by its own account. Not for: anything that should go to a real model.

mod account;
mod answer;
mod ask;
mod behaviour;
mod catalog;
mod chance;
mod chat;
mod frames;
mod generation;
mod listing;
mod money;
mod outage;
mod plan;
mod refusal;
mod route;
mod script;
mod seen;
mod server;
mod shapes;
mod teller;
mod whole;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::domain::id::Millis;
use crate::domain::money::Usd;

pub use seen::SeenRequest;
use server::Shared;

/// The only key the sandbox accepts; any other is answered with 401.
pub const KEY: &str = "sk-or-v1-sandbox-simulated-no-account-no-charge";

/// How long `stop` waits for open connections.
const GRACE: Duration = Duration::from_millis(250);

/// How the sandbox behaves. No part of it comes from the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Same seed, same requests: same answers.
    pub seed: u64,
    /// Between two pieces of a stream; zero sends everything at once.
    pub pace: Duration,
    pub now: fn() -> Millis,
    /// The key's own limit; requests beyond it get 402. `None` is no limit.
    pub key_limit: Option<Usd>,
    /// What the account has bought; requests on an empty account get 402.
    pub credits: Usd,
    /// Limits of free models; `None` counts without limiting.
    pub free_tier: Option<FreeTier>,
    /// How long after its end `/generation` does not know an answer yet.
    pub generation_delay: Duration,
}

/// Limits on requests to free models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeTier {
    pub per_minute: u64,
    pub per_day: u64,
}

impl Default for Settings {
    /// Looks real: a word about every 12 ms.
    fn default() -> Settings {
        Settings {
            seed: 0,
            pace: Duration::from_millis(12),
            now: clock,
            key_limit: None,
            credits: Usd(rust_decimal::Decimal::ONE_THOUSAND),
            free_tier: None,
            generation_delay: Duration::from_millis(300),
        }
    }
}

impl Settings {
    /// Never waits: for tests and measurements.
    pub fn quick() -> Settings {
        Settings { pace: Duration::ZERO, generation_delay: Duration::ZERO, ..Settings::default() }
    }
}

fn clock() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A running sandbox. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Serves on `listener`, inside the current tokio runtime. Takes well under a millisecond: the
    /// catalogue is read when it is first asked for.
    pub async fn start(listener: TcpListener, settings: Settings) -> io::Result<Sandbox> {
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let shared = Arc::new(Shared::new(settings, CancellationToken::new()));
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Sandbox { addr, shared, server: Some(server) })
    }

    /// Serves on a free loopback port.
    pub async fn start_anywhere(settings: Settings) -> io::Result<Sandbox> {
        Sandbox::start(TcpListener::bind(("127.0.0.1", 0))?, settings).await
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What to give a client as its base URL: `http://127.0.0.1:PORT/api/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.addr)
    }

    /// The last requests, oldest first; bounded in number and size.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.seen.all()
    }

    /// Answers being written at this moment.
    pub fn live(&self) -> usize {
        self.shared.live.load(Ordering::SeqCst)
    }

    /// What all answers so far cost, as `/key` reports it.
    pub fn spent(&self) -> Usd {
        self.shared.account().spent()
    }

    /// Ends running answers, closes the port and waits a moment for the connections to go.
    pub async fn stop(mut self) {
        self.shared.stop.cancel();
        let Some(mut server) = self.server.take() else { return };
        if tokio::time::timeout(GRACE, &mut server).await.is_err() {
            server.abort();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}
