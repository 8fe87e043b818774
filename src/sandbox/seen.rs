//! The log of requests, for tests and for a look at what a client really sends.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use bytes::Bytes;
use serde_json::Value;

use crate::domain::id::Millis;

/// Most requests remembered.
const MOST: usize = 256;
/// Most bytes of bodies remembered.
const MOST_BYTES: usize = 4 << 20;

/// One request as it came in, without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRequest {
    pub at: Millis,
    pub method: String,
    /// With the leading `/api/v1` or `/v1`.
    pub path: String,
    pub query: Option<String>,
    /// Names in lower case; `authorization` and `x-api-key` are left out.
    pub headers: Vec<(String, String)>,
    /// Whether the sandbox's own key came with it.
    pub keyed: bool,
    pub body: Bytes,
}

impl SeenRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<(VecDeque<SeenRequest>, usize)>);

impl Seen {
    pub(super) fn all(&self) -> Vec<SeenRequest> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.0.iter().cloned().collect()
    }

    pub(super) fn add(&self, request: SeenRequest) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.1 += request.body.len();
        log.0.push_back(request);
        while log.0.len() > MOST || (log.1 > MOST_BYTES && log.0.len() > 1) {
            if let Some(oldest) = log.0.pop_front() {
                log.1 -= oldest.body.len();
            }
        }
    }
}

/// Headers worth keeping: all but those that carry a key.
pub(super) fn plain_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| *name != AUTHORIZATION && name.as_str() != "x-api-key")
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}
