//! Building what a command works with: upstream or sandbox, store, engine. The only place that
//! does; what it builds first costs next to nothing, so that the first frame is not kept waiting.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use anyhow::Context;

use super::failure;
use super::moment::now;
use super::output::say;
use super::settings;
use crate::config::Config;
use crate::domain::catalog::Catalog;
use crate::domain::find::nearest;
use crate::domain::secret::Secret;
use crate::domain::turn::TurnRequest;
use crate::engine::{Change, Engine, HealthNotice, Parts, Query, Reply, Trouble};
use crate::sandbox::{self, Sandbox};
use crate::store::{Store, StoreError};
use crate::upstream::{Client, Settings, Timeouts};
use crate::wire::chat::ChatRequest;

/// A stored catalogue younger than this many seconds is shown without asking the upstream.
const YOUNG_SECONDS: i64 = 3600;

/// Whether a command makes sense without the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// It is about what is kept.
    Needed,
    /// It goes on with a database that forgets.
    Optional,
}

/// Everything a command works with. Close it.
pub(super) struct Desk {
    pub(super) config: Config,
    pub(super) engine: Engine,
    client: Client,
    sandbox: Option<Sandbox>,
    /// What the person should know about the database.
    pub(super) notices: Vec<String>,
    /// The database cannot be used: nothing of this run stays.
    pub(super) forgets: bool,
}

impl Desk {
    /// Builds all of it, inside a runtime.
    pub(super) async fn open(config: Config, memory: Memory) -> anyhow::Result<Desk> {
        check_upstream(&config)?;
        let (store, notices, forgets) = open_store(&config, memory)?;
        let (settings, sandbox) = match config.sandbox {
            false => (real(&config), None),
            true => {
                let sandbox = start_sandbox((Ipv4Addr::LOCALHOST, 0).into()).await?;
                (simulated(&sandbox), Some(sandbox))
            }
        };
        let client = match config.may_ask() {
            true => Client::new(settings),
            false => Client::offline(settings),
        };
        let engine = Engine::start(Parts { client: client.clone(), store, clock: now });
        Ok(Desk { config, engine, client, sandbox, notices, forgets })
    }

    /// The same for commands, which say on stderr what is wrong with settings and database.
    pub(super) async fn open_loudly(config: Config, memory: Memory) -> anyhow::Result<Desk> {
        settings::warn(&config);
        let desk = Desk::open(config, memory).await?;
        for notice in &desk.notices {
            say(&format!("routedeck: {notice}"));
        }
        Ok(desk)
    }

    pub(super) async fn ask(&self, query: Query) -> anyhow::Result<Reply> {
        self.engine.ask(query).await.map_err(|why| trouble(&why))
    }

    pub(super) async fn apply(&self, change: Change) -> anyhow::Result<()> {
        self.engine.apply(change).await.map_err(|why| trouble(&why))
    }

    /// The body of a request as it would be sent.
    pub(super) fn request_body(&self, request: &TurnRequest) -> ChatRequest {
        self.client.chat_body(request)
    }

    /// Whether the upstream knows endpoints and provider rules.
    pub(super) fn is_openrouter(&self) -> bool {
        self.config.sandbox || self.config.upstream.is_openrouter()
    }

    /// Whether the network may be used for the upstream.
    pub(super) fn may_ask(&self) -> bool {
        self.config.may_ask()
    }

    /// The catalogue: a young one from the store, else from the upstream. When the upstream fails
    /// the stored one is better than none, and its age is said.
    pub(super) async fn catalog(&self, refresh: bool) -> anyhow::Result<Arc<Catalog>> {
        self.engine.load_catalog().await;
        let stored = self.engine.catalog();
        let age = stored.fetched.map(|at| now().seconds_since(at));
        let is_young = age.is_some_and(|age| age < YOUNG_SECONDS) && !self.config.sandbox;
        if !refresh && is_young && !stored.is_empty() {
            return Ok(stored);
        }
        let old = age.map_or_else(String::new, |age| {
            format!("This is the list of {} ago.", super::moment::age(age))
        });
        if !self.may_ask() {
            anyhow::ensure!(
                !stored.is_empty(),
                "there is no stored list of models, and --offline forbids to ask for one."
            );
            say(&format!("routedeck: offline. {old}"));
            return Ok(stored);
        }
        match self.engine.refresh_catalog().await {
            Ok(fresh) => Ok(fresh),
            Err(fault) if stored.is_empty() => Err(failure::fault("no list of models", &fault)),
            Err(fault) => {
                say(&format!("routedeck: {} {old}", failure::paragraph(&fault)));
                Ok(stored)
            }
        }
    }

    /// Lets the store write what it has, then ends everything.
    pub(super) async fn close(self) {
        match self.engine.close().await {
            HealthNotice::Fine => {}
            HealthNotice::Full { queued } => say(&format!(
                "routedeck: the disk is full: {queued} things could not be kept. Free some space."
            )),
            HealthNotice::Failing(why) => {
                say(&format!("routedeck: not everything was kept: {why}"));
            }
        }
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

/// Starts the sandbox on this address.
pub(super) async fn start_sandbox(address: std::net::SocketAddr) -> anyhow::Result<Sandbox> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("the sandbox cannot listen on {address}"))?;
    let settings = sandbox::Settings { now, ..sandbox::Settings::default() };
    Sandbox::start(listener, settings)
        .await
        .with_context(|| format!("the sandbox cannot start on {address}"))
}

/// `Did you mean a, b?` for a model id that nobody knows; empty when nothing is near.
pub(super) fn did_you_mean(id: &str, catalog: &Catalog) -> String {
    let near = nearest(id, catalog.models().iter().map(|model| model.id.as_str()));
    if near.is_empty() {
        "`routedeck models` lists them.".into()
    } else {
        format!("Did you mean {}?", near.join(", "))
    }
}

/// There is one upstream and the sandbox; another name is a slip.
fn check_upstream(config: &Config) -> anyhow::Result<()> {
    match &config.upstream_asked {
        Some(name) if *name != config.upstream.name && name != "sandbox" => {
            failure::usage(format!(
                "there is no upstream `{name}`. There are `{}` and `sandbox`.",
                config.upstream.name
            ))
        }
        Some(_) | None => Ok(()),
    }
}

fn open_store(config: &Config, memory: Memory) -> anyhow::Result<(Store, Vec<String>, bool)> {
    let error = match Store::open(&config.paths.database, now()) {
        Ok(opened) => return Ok((opened.store, opened.notices, false)),
        Err(error) => error,
    };
    if matches!(error, StoreError::Newer { .. }) || memory == Memory::Needed {
        return Err(error.into());
    }
    let opened = Store::open_in_memory(now())?;
    Ok((opened.store, vec![format!("{error} Nothing is kept this time.")], true))
}

fn real(config: &Config) -> Settings {
    Settings {
        name: config.upstream.name.clone(),
        base_url: config.upstream.base_url.clone(),
        key: config.upstream.key.clone(),
        simulated: false,
        openrouter: config.upstream.is_openrouter(),
        timeouts: Timeouts::default(),
    }
}

fn simulated(sandbox: &Sandbox) -> Settings {
    Settings {
        name: "sandbox".into(),
        base_url: sandbox.base_url(),
        key: Secret::new(sandbox::KEY),
        simulated: true,
        openrouter: true,
        timeouts: Timeouts::default(),
    }
}

fn trouble(trouble: &Trouble) -> anyhow::Error {
    anyhow::anyhow!("{}: {} {}", trouble.what, trouble.why, trouble.hint)
}
