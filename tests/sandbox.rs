//! The sandbox over real loopback HTTP: every endpoint and every behaviour, down to the bytes.
//!
//! JSON is read as it is, never through the program's own types: shared types would hide shared
//! mistakes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "sandbox/account.rs"]
mod account;
#[path = "sandbox/behaviours.rs"]
mod behaviours;
#[path = "sandbox/catalogue.rs"]
mod catalogue;
#[path = "sandbox/chat.rs"]
mod chat;
#[path = "sandbox/routing.rs"]
mod routing;

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use routedeck::domain::id::Millis;
use routedeck::sandbox::{KEY, Sandbox, Settings};
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// 2026-11-25, 16:00 UTC.
const NOON: i64 = 1_795_622_400;

fn noon() -> Millis {
    Millis(NOON * 1000)
}

/// A sandbox with a clock that stands still, and a client.
struct Bench {
    sandbox: Sandbox,
    client: Client,
}

impl Bench {
    async fn start() -> Bench {
        Bench::with(Settings { now: noon, ..Settings::quick() }).await
    }

    async fn with(settings: Settings) -> Bench {
        // A second installation is refused, which is fine: one provider is enough.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Bench { sandbox: Sandbox::start_anywhere(settings).await.unwrap(), client }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).bearer_auth(KEY).send().await.unwrap()
    }

    async fn get_json(&self, path: &str) -> Value {
        json_of(self.get(path).await).await
    }

    fn post(&self, body: &Value) -> RequestBuilder {
        self.client
            .post(self.url("/chat/completions"))
            .bearer_auth(KEY)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    async fn chat(&self, body: &Value) -> Response {
        self.post(body).send().await.unwrap()
    }

    /// Status and JSON of a chat request.
    async fn answer(&self, body: &Value) -> (u16, Value) {
        let response = self.chat(body).await;
        (response.status().as_u16(), json_of(response).await)
    }

    async fn text(&self, body: &Value) -> String {
        self.chat(body).await.text().await.unwrap()
    }
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn ask(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn streamed(model: &str, text: &str) -> Value {
    with(ask(model, text), &json!({ "stream": true }))
}

/// The data lines of a stream as JSON, without `[DONE]`.
fn chunks(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// The text of a stream.
fn told(text: &str) -> String {
    let pieces = chunks(text);
    pieces.iter().filter_map(|c| c["choices"][0]["delta"]["content"].as_str()).collect()
}

/// A number of a JSON text, digit for digit.
fn exact(json: &str, path: &[&str]) -> Decimal {
    let mut raw: Box<RawValue> = serde_json::from_str(json).unwrap();
    for name in path {
        let mut map: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(raw.get()).unwrap();
        raw = map.remove(*name).unwrap();
    }
    let text = raw.get();
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).unwrap()
}

fn dollars(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// Waits for a condition, at most ten seconds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut tick = tokio::time::interval(Duration::from_millis(1));
    let wait = async {
        while !holds() {
            tick.tick().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), wait).await.is_ok(), "never: {what}");
}
