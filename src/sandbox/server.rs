//! Routes, keys, headers: the HTTP around the answers.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName,
    HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use bytes::Bytes;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::account::Account;
use super::catalog::{Entry, catalog};
use super::refusal::{Refusal, standard_text};
use super::seen::{Seen, SeenRequest, plain_headers};
use super::{KEY, Settings, chat, listing, shapes};

/// Largest body taken, in bytes.
const LARGEST_BODY: usize = 32 << 20;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    account: Mutex<Account>,
    pub(super) seen: Seen,
    /// Answers being written.
    pub(super) live: AtomicUsize,
    pub(super) stop: CancellationToken,
}

impl Shared {
    pub(super) fn new(settings: Settings, stop: CancellationToken) -> Shared {
        Shared {
            settings,
            account: Mutex::default(),
            seen: Seen::default(),
            live: AtomicUsize::new(0),
            stop,
        }
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Reply = Result<Response<Body>, Refusal>;

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        self.response()
    }
}

/// Serves until `shared.stop` is cancelled.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let stop = shared.stop.clone();
    // Small writes must leave at once, or a stream would arrive in lumps.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    // An error of `serve` is impossible: accepting goes on after failures.
    let _ = axum::serve(listener, app(shared)).with_graceful_shutdown(stop.cancelled_owned()).await;
}

fn app(shared: Arc<Shared>) -> Router {
    let v1 = Router::new()
        .route("/models", get(models))
        .route("/models/user", get(user_models))
        .route("/models/count", get(count))
        .route("/model/{author}/{slug}", get(model))
        .route("/models/{author}/{slug}/endpoints", get(endpoints))
        .route("/providers", get(providers))
        .route("/key", get(key))
        .route("/auth/key", get(key))
        .route("/credits", get(credits))
        .route("/generation", get(generation))
        .route("/chat/completions", post(chat::completions))
        .method_not_allowed_fallback(not_allowed);
    Router::new()
        .nest("/api/v1", v1.clone())
        .nest("/v1", v1)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&shared), around))
        .with_state(shared)
}

/// Around every request: reads and logs it, and adds the headers every answer has.
async fn around(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response<Body> {
    if request.method() == Method::OPTIONS {
        return dressed(preflight());
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return dressed(Refusal::anonymous(413, standard_text(413)).response());
    };
    shared.seen.add(SeenRequest {
        at: (shared.settings.now)(),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: plain_headers(&parts.headers),
        keyed: has_key(&parts.headers),
        body: body.clone(),
    });
    dressed(next.run(Request::from_parts(parts, Body::from(body))).await)
}

fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET,OPTIONS,PATCH,DELETE,POST,PUT"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "Authorization,User-Agent,X-Api-Key,Accept,Content-Type,HTTP-Referer,\
             X-Openrouter-Title,X-Title,X-Openrouter-Categories,X-Openrouter-App-Visibility,\
             X-Session-Id,Idempotency-Key,traceparent,tracestate,b3",
        ),
    );
    headers.insert(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    response
}

fn dressed(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("X-Generation-Id,X-Provider-Name,request-id,cf-ray"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The key of a request: `Authorization: Bearer`, or `X-Api-Key`.
fn sent_key(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    });
    bearer.or_else(|| headers.get("x-api-key")?.to_str().ok()).filter(|key| !key.is_empty())
}

fn has_key(headers: &HeaderMap) -> bool {
    sent_key(headers) == Some(KEY)
}

/// 401 unless the sandbox's key came along.
pub(super) fn need_key(headers: &HeaderMap) -> Result<(), Refusal> {
    match sent_key(headers) {
        Some(key) if key == KEY => Ok(()),
        Some(_) => Err(Refusal::anonymous(401, "User not found.")),
        None => Err(Refusal::anonymous(401, "Missing Authentication header")),
    }
}

/// A 200 with JSON.
pub(super) fn json_response(body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn with_header(
    mut response: Response<Body>,
    name: HeaderName,
    value: &'static str,
) -> Response<Body> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn query(uri: &Uri) -> Result<listing::Query, Refusal> {
    Query::<listing::Query>::try_from_uri(uri)
        .map(|query| query.0)
        .map_err(|_| Refusal::anonymous(400, "The query string cannot be read"))
}

async fn models(uri: Uri) -> Reply {
    static WHOLE: OnceLock<Bytes> = OnceLock::new();
    let query = query(&uri)?;
    let body = if query.is_empty() {
        // Everybody asks for the whole list: it is written once.
        match WHOLE.get() {
            Some(body) => body.clone(),
            None => {
                let body = Bytes::from(listing::models(catalog(), &query)?.to_string());
                WHOLE.get_or_init(|| body).clone()
            }
        }
    } else {
        Bytes::from(listing::models(catalog(), &query)?.to_string())
    };
    let response = json_response(body);
    let age = "public, max-age=120, stale-while-revalidate=3600, stale-if-error=3600";
    Ok(with_header(with_header(response, CACHE_CONTROL, age), VARY, "Host"))
}

async fn user_models(uri: Uri, headers: HeaderMap) -> Reply {
    need_key(&headers)?;
    Ok(json_response(listing::models(catalog(), &query(&uri)?)?.to_string()))
}

async fn count(uri: Uri) -> Reply {
    let found = listing::select(catalog(), &query(&uri)?)?.len();
    Ok(json_response(json!({ "data": { "count": found } }).to_string()))
}

fn find(author: &str, slug: &str) -> Result<&'static Entry, Refusal> {
    let id = format!("{author}/{slug}");
    catalog().resolve(&id).ok_or_else(|| Refusal::anonymous(404, format!("Model {id} not found")))
}

async fn model(Path((author, slug)): Path<(String, String)>) -> Reply {
    let model = shapes::model(find(&author, &slug)?);
    Ok(json_response(json!({ "data": model }).to_string()))
}

async fn endpoints(Path((author, slug)): Path<(String, String)>, headers: HeaderMap) -> Reply {
    let entry = find(&author, &slug)?;
    Ok(json_response(shapes::endpoints(entry, has_key(&headers)).to_string()))
}

async fn providers() -> Reply {
    Ok(json_response(shapes::providers(catalog()).to_string()))
}

async fn key(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Reply {
    need_key(&headers)?;
    let now = (shared.settings.now)();
    let response = json_response(shared.account().key(&shared.settings, now));
    Ok(with_header(response, CACHE_CONTROL, "private, no-store"))
}

async fn credits(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Reply {
    need_key(&headers)?;
    Ok(json_response(shared.account().credits(&shared.settings)))
}

async fn generation(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Reply {
    need_key(&headers)?;
    let query = query(&uri)?;
    let Some(id) = query.get("id") else {
        return Err(Refusal::anonymous(400, "id: is required"));
    };
    let found = shared.account().generation(id);
    let age = |ended: i64| (shared.settings.now)().0 - ended;
    let delay = i64::try_from(shared.settings.generation_delay.as_millis()).unwrap_or(i64::MAX);
    match found {
        Some(generation) if age(generation.ended.0) >= delay => {
            Ok(json_response(generation.body()))
        }
        _ => Err(Refusal::anonymous(404, format!("Generation {id} not found"))),
    }
}

async fn not_found() -> Reply {
    Err(Refusal::anonymous(404, "Not Found"))
}

async fn not_allowed() -> Reply {
    Err(Refusal::anonymous(405, "Method Not Allowed"))
}

/// A header as text, where it is one.
pub(super) fn header_value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
}
