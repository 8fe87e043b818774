//! The client of one upstream. Cheap to make and to clone; the HTTP client behind it, whose TLS
//! roots take a while to load, is built on first use and off the caller's thread.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::{RequestBuilder, Response, StatusCode, Url, redirect};
use tokio::sync::OnceCell;
use tokio::time::{Sleep, sleep, timeout};

use super::answer::Answer;
use super::place::Place;
use super::transport::{self, Stage};
use super::{GenerationRecord, diagnose};
use crate::domain::account::KeyInfo;
use crate::domain::catalog::Endpoints;
use crate::domain::fault::{Fault, FaultClass};
use crate::domain::id::{Millis, ModelId};
use crate::domain::secret::Secret;
use crate::domain::text::SafeText;
use crate::domain::turn::TurnRequest;
use crate::wire::chat::{ChatRequest, Dialect};
use crate::wire::models::decode_endpoints;
use crate::wire::{account, is_web_page};

/// A body larger than this is not what was asked for.
const LARGEST_BODY: usize = 64 * 1024 * 1024;
/// No more of an error is read, and no longer.
const LARGEST_ERROR: usize = 256 * 1024;
const LONGEST_ERROR: Duration = Duration::from_secs(10);

/// What a client needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For people: `openrouter`, `sandbox`, `local`.
    pub name: String,
    /// With its version path: `https://openrouter.ai/api/v1`.
    pub base_url: String,
    pub key: Option<Secret>,
    /// Nothing that comes from here is real.
    pub simulated: bool,
    /// Send OpenRouter's own fields and headers, and use its own calls.
    pub openrouter: bool,
    pub timeouts: Timeouts,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To a connection, TLS included.
    pub connect: Duration,
    /// From asking to the first content; keep-alives do not count.
    pub first: Duration,
    /// Between any bytes.
    pub idle: Duration,
    /// For a whole call that is no chat.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(10),
            first: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            call: Duration::from_secs(30),
        }
    }
}

/// A client of one upstream.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Settings,
    fingerprint: String,
    /// `Err` holds the sentence on what is wrong with the base URL.
    target: Target,
    http: OnceCell<reqwest::Client>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.0.settings).finish()
    }
}

impl Client {
    /// Cheap: does no IO and loads nothing.
    pub fn new(settings: Settings) -> Client {
        Client::aimed(settings, target)
    }

    fn aimed(mut settings: Settings, aim: impl FnOnce(&Settings) -> Target) -> Client {
        settings.base_url = settings.base_url.trim().trim_end_matches('/').to_owned();
        let target = aim(&settings);
        let fingerprint = settings.key.as_ref().map_or_else(String::new, fingerprint);
        Client(Arc::new(Inner { settings, fingerprint, target, http: OnceCell::new() }))
    }

    /// A client that refuses every call: the user wants to stay offline.
    pub fn offline(settings: Settings) -> Client {
        let words = "This is offline mode, in which nothing leaves this machine.";
        let mut fault = Fault::new(FaultClass::Network, words);
        fault.hint = Some(SafeText::new("Start without --offline to ask models."));
        Client::aimed(settings, |_| Err(fault))
    }

    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    pub fn base_url(&self) -> &str {
        &self.0.settings.base_url
    }

    pub fn is_simulated(&self) -> bool {
        self.0.settings.simulated
    }

    pub fn has_key(&self) -> bool {
        self.0.settings.key.is_some()
    }

    /// The first eight hex digits of the key's SHA-256; empty without a key.
    pub fn key_fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// The raw list of models, for `wire::models::decode_models`.
    pub async fn models(&self) -> Result<Bytes, Fault> {
        let body = self.get(&["models"], None).await?;
        if is_web_page(&body) {
            return Err(self.unreadable("a web page, not a list of models"));
        }
        Ok(body)
    }

    /// Who serves a model. Servers other than OpenRouter have no such list: it is empty then.
    pub async fn endpoints(&self, id: &ModelId, now: Millis) -> Result<Endpoints, Fault> {
        if !self.0.settings.openrouter {
            return Ok(Endpoints { model: id.clone(), list: Vec::new(), fetched: now });
        }
        let mut path = vec!["models"];
        path.extend(id.listed().split('/'));
        path.push("endpoints");
        let body = self.get(&path, None).await?;
        let mut endpoints = decode_endpoints(&body, now).map_err(|why| self.unreadable(&why))?;
        endpoints.model = id.clone();
        Ok(endpoints)
    }

    /// State of the key, with the balance where the key may ask for it.
    pub async fn key_info(&self, now: Millis) -> Result<KeyInfo, Fault> {
        if !self.0.settings.openrouter {
            let message = format!("{} does not tell anything about its keys.", self.name());
            return Err(Fault::new(FaultClass::Capability, message));
        }
        let (key, credits) = tokio::join!(self.get(&["key"], None), self.get(&["credits"], None));
        let mut info = account::decode_key(&key?, now).map_err(|why| self.unreadable(&why))?;
        // Often forbidden, and never worth failing for.
        info.credit_left = credits.ok().and_then(|body| account::decode_credits(&body).ok());
        Ok(info)
    }

    /// The record of a past answer; `None` when there is none (yet).
    pub async fn generation(&self, id: &str) -> Result<Option<GenerationRecord>, Fault> {
        if !self.0.settings.openrouter {
            return Ok(None);
        }
        match self.get(&["generation"], Some(("id", id))).await {
            Ok(body) => {
                account::decode_generation(&body).map(Some).map_err(|why| self.unreadable(&why))
            }
            Err(fault) if fault.status == Some(404) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The body that [`Client::chat`] would send: what this server understands of the request.
    pub fn chat_body(&self, request: &TurnRequest) -> ChatRequest {
        ChatRequest::from_turn(request, &self.dialect())
    }

    /// Asks a model. `Err` when it was refused before there was an answer.
    pub async fn chat(&self, request: &TurnRequest) -> Result<Answer, Fault> {
        let (url, place) = self.url(&["chat", "completions"], None)?;
        self.ask(url, &place, request).await.map_err(|fault| place.seal(fault))
    }

    async fn ask(
        &self,
        url: Url,
        place: &Arc<Place>,
        request: &TurnRequest,
    ) -> Result<Answer, Fault> {
        let timeouts = self.0.settings.timeouts;
        let body = serde_json::to_vec(&self.chat_body(request)).map_err(|why| {
            Fault::new(FaultClass::Request, format!("The request cannot be written: {why}."))
        })?;
        let accept = if request.stream { "text/event-stream" } else { "application/json" };
        let call = self.http().await?.post(url).headers(self.headers()?);
        // A compressed stream is held back until the compressor has seen enough.
        let call = call.header(ACCEPT, accept).header(ACCEPT_ENCODING, "identity");
        let call = call.header(CONTENT_TYPE, "application/json").body(body);
        let mut first: Pin<Box<Sleep>> = Box::pin(sleep(timeouts.first));
        let response = tokio::select! {
            biased;
            sent = call.send() => sent.map_err(|why| transport::fault(&why, Stage::Asking, true, place))?,
            () = &mut first => return Err(transport::silent(timeouts.first, "did not answer", true, place)),
        };
        if response.status().is_success() {
            return Ok(Answer::new(response, Arc::clone(place), timeouts, !request.stream, first));
        }
        Err(refusal(response, timeouts.idle.min(LONGEST_ERROR), place).await)
    }

    async fn get(&self, path: &[&str], query: Option<(&str, &str)>) -> Result<Bytes, Fault> {
        let (url, place) = self.url(path, query)?;
        let limit = self.0.settings.timeouts.call;
        let called = timeout(limit, async {
            let call = self.http().await?.get(url).headers(self.headers()?);
            fetch(call.header(ACCEPT, "application/json"), &place).await
        });
        let answered = called
            .await
            .unwrap_or_else(|_| Err(transport::silent(limit, "did not answer", false, &place)));
        answered.map_err(|fault| place.seal(fault))
    }

    fn url(&self, path: &[&str], query: Option<(&str, &str)>) -> Result<(Url, Arc<Place>), Fault> {
        let (base, place) = self.0.target.as_ref().map_err(Fault::clone)?;
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if let Some((name, value)) = query {
            url.query_pairs_mut().append_pair(name, value);
        }
        Ok((url, Arc::clone(place)))
    }

    fn dialect(&self) -> Dialect {
        let is_openai = |host: &str| host == "api.openai.com";
        match &self.0.target {
            _ if self.0.settings.openrouter => Dialect::OpenRouter,
            Ok((_, place)) if is_openai(&place.host) => Dialect::OpenAi,
            _ => Dialect::Compatible,
        }
    }

    fn headers(&self) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.0.settings.key {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {}", key.expose())).map_err(|_| {
                    Fault::new(FaultClass::KeyAuth, "The key holds characters that no key has.")
                })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if self.0.settings.openrouter {
            let referer = HeaderName::from_static("http-referer");
            headers.insert(
                referer,
                HeaderValue::from_static("https://github.com/routedeck/routedeck"),
            );
            let title = HeaderName::from_static("x-openrouter-title");
            headers.insert(title, HeaderValue::from_static("routedeck"));
        }
        Ok(headers)
    }

    async fn http(&self) -> Result<&reqwest::Client, Fault> {
        let connect = self.0.settings.timeouts.connect;
        let (_, place) = self.0.target.as_ref().map_err(Fault::clone)?;
        let needs_roots = place.is_https || !place.is_loopback;
        let is_loopback = place.is_loopback;
        let built = self.0.http.get_or_try_init(|| async move {
            let build = move || build(connect, needs_roots, is_loopback);
            match tokio::task::spawn_blocking(build).await {
                Ok(built) => built.map_err(|why| format!("{why:?}")),
                Err(why) => Err(why.to_string()),
            }
        });
        let unusable = |why| transport::unusable(&format!("No HTTP client can be made: {why}"));
        built.await.map_err(unusable)
    }

    /// A success that does not hold what was asked for.
    fn unreadable(&self, what: &str) -> Fault {
        match &self.0.target {
            Ok((_, place)) => {
                let message = format!("{} sent no answer of ours: {what}.", place.host);
                place.seal(Fault::new(FaultClass::BadUpstream, message))
            }
            Err(fault) => fault.clone(),
        }
    }
}

/// Where calls go, or why there are none.
type Target = Result<(Url, Arc<Place>), Fault>;

fn target(settings: &Settings) -> Target {
    let broken = |why: &str| {
        let base = &settings.base_url;
        transport::unusable(&format!("The base URL `{base}` cannot be used: {why}."))
    };
    let url: Url = settings.base_url.parse().map_err(|_| broken("it is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(broken("it does not begin with http:// or https://"));
    }
    let place = Place::new(&url, settings.key.clone());
    Ok((url, Arc::new(place)))
}

fn fingerprint(key: &Secret) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, key.expose().as_bytes());
    digest.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// `needs_roots`: plain HTTP to this machine needs no certificates, and saves loading them.
fn build(
    connect: Duration,
    needs_roots: bool,
    is_loopback: bool,
) -> reqwest::Result<reqwest::Client> {
    // Fails when it is installed already, by us or by the program around us: both are fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("routedeck/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .referer(false)
        .redirect(redirect::Policy::custom(follow));
    if !needs_roots {
        builder = builder.tls_certs_only([]);
    }
    if is_loopback {
        // No proxy knows the way to this machine's own servers.
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Only within the same server, and only where the call stays the same call: the key goes to no
/// other place, and a question does not turn into a look-up.
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let keeps_method =
        matches!(attempt.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let from = attempt.previous().last().map(Url::origin);
    let is_same = from.is_some_and(|origin| origin == attempt.url().origin());
    if keeps_method && is_same && attempt.previous().len() <= 3 {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

async fn fetch(call: RequestBuilder, place: &Place) -> Result<Bytes, Fault> {
    let failed = |why: reqwest::Error, stage| transport::fault(&why, stage, false, place);
    let mut response = call.send().await.map_err(|why| failed(why, Stage::Asking))?;
    if !response.status().is_success() {
        return Err(refusal(response, LONGEST_ERROR, place).await);
    }
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await.map_err(|why| failed(why, Stage::Begun))? {
        body.extend_from_slice(&bytes);
        if body.len() > LARGEST_BODY {
            let message = format!("{} sent more than 64 MB.", place.host);
            return Err(Fault::new(FaultClass::BadUpstream, message));
        }
    }
    Ok(body.into())
}

/// Reads what an error says, as far as it comes in time.
async fn refusal(mut response: Response, patience: Duration, place: &Place) -> Fault {
    let mut body = Vec::new();
    let _ = timeout(patience, async {
        while let Ok(Some(bytes)) = response.chunk().await {
            body.extend_from_slice(&bytes);
            if body.len() > LARGEST_ERROR {
                break;
            }
        }
    })
    .await;
    diagnose::refused(response.status(), response.headers(), &body, place)
}
