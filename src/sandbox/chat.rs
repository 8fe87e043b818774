//! `POST /chat/completions`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use serde_json::Value;

use super::answer::{Answer, Asker};
use super::ask::Ask;
use super::behaviour::Behaviour;
use super::chance::Chance;
use super::refusal::Refusal;
use super::server::{Shared, header_value, json_response, need_key};
use super::{plan, teller, whole};

/// What an edge in front of the service sends when something is wrong with it.
const WEB_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>openrouter.ai | 520: Web \
server is returning an unknown error</title></head>\n<body><h1>Web server is returning an unknown \
error</h1><p>Simulated by routedeck's sandbox.</p></body>\n</html>\n";

/// Answers a chat request.
pub(super) async fn completions(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if let Err(refusal) = need_key(&headers) {
        return refusal.response();
    }
    let id = generation_id(&shared, &body);
    let mut response = match serve(&shared, &headers, &body, &id) {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    };
    // Errors carry the id too, once the key was accepted.
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-generation-id"), value);
    }
    response
}

fn serve(
    shared: &Arc<Shared>,
    headers: &HeaderMap,
    body: &Bytes,
    id: &str,
) -> Result<Response<Body>, Refusal> {
    let ask = Ask::read(body)?;
    let plan = plan::make(shared, &ask, (shared.settings.now)())?;
    if plan.behaviour == Behaviour::Garbage {
        return Ok(web_page());
    }
    let wants = |name: &str| {
        headers.get(name).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"enabled"))
    };
    let asker = Asker {
        user_agent: header_value(headers, "user-agent"),
        referer: header_value(headers, "http-referer"),
        wants_metadata: wants("x-openrouter-metadata")
            || wants("x-openrouter-experimental-metadata"),
        streamed: ask.stream,
        hides_reasoning: ask.thinking.exclude,
        echo: ask.echo_upstream.then(|| upstream_body(body)),
    };
    let answer = Answer::begin(Arc::clone(shared), plan, id.to_owned(), asker);
    if !ask.stream {
        return Ok(json_response(whole::body(answer)));
    }
    let mut response = Response::new(teller::body(answer));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// `gen-<seconds>-<20 letters>`, unique by the number of the request.
fn generation_id(shared: &Shared, body: &Bytes) -> String {
    let number = {
        let mut account = shared.account();
        account.counter += 1;
        account.counter
    };
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let mut chance = Chance::new(shared.settings.seed, &[&number.to_string(), &text]);
    let seconds = (shared.settings.now)().0.div_euclid(1000);
    format!("gen-{seconds}-{}", chance.letters(20))
}

/// The request as a provider would get it: without what is for the service itself.
fn upstream_body(body: &Bytes) -> Value {
    let mut value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    if let Some(map) = value.as_object_mut() {
        for name in ["provider", "models", "route", "debug", "plugins", "usage", "transforms"] {
            map.shift_remove(name);
        }
    }
    value
}

fn web_page() -> Response<Body> {
    let mut response = Response::new(Body::from(WEB_PAGE));
    let html = HeaderValue::from_static("text/html; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}
