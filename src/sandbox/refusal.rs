//! Errors in the service's own envelope: `{"error":{"message","code","metadata"},"user_id"}`.

use std::fmt::Display;
use std::ops::{Deref, DerefMut};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use serde_json::{Map, Value, json};

/// The account that every error names, once the key was accepted.
pub(super) const USER: &str = "user_sandbox";

/// An answer that is an error, before it is written. Boxed, because it travels in `Result`s.
#[derive(Clone, Debug)]
pub(super) struct Refusal(Box<Facts>);

/// What an error says.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) status: u16,
    pub(super) message: String,
    pub(super) metadata: Map<String, Value>,
    pub(super) availability: Option<Value>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Whether the account is named beside the error.
    pub(super) names_user: bool,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Refusal {
        Refusal(Box::new(Facts {
            status,
            message: message.into(),
            metadata: Map::new(),
            availability: None,
            headers: Vec::new(),
            names_user: true,
        }))
    }

    /// 400 for a field that breaks the protocol.
    pub(super) fn field(field: &str, rule: &str) -> Refusal {
        Refusal::new(400, format!("{field}: {rule}"))
            .with("error_type", json!("invalid_request"))
            .with("field", json!(field))
    }

    /// An error without an account: the key was not accepted, or none was needed.
    pub(super) fn anonymous(status: u16, message: impl Into<String>) -> Refusal {
        let mut refusal = Refusal::new(status, message);
        refusal.names_user = false;
        refusal
    }

    pub(super) fn with(mut self, name: &str, value: Value) -> Refusal {
        self.metadata.insert(name.to_owned(), value);
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Display) -> Refusal {
        self.headers.push((name, format!("{value}")));
        self
    }

    /// The `availability` object of 4.9: the machine-readable reason why nobody can serve.
    pub(super) fn because(mut self, code: &str, retryable: bool, models: &[&str]) -> Refusal {
        self.availability = Some(json!({
            "code": code,
            "retryable": retryable,
            "requested_models": models,
            "docs_url": "https://openrouter.ai/docs/api/reference/errors-and-debugging",
        }));
        self
    }

    /// The `error` object.
    pub(super) fn error(&self) -> Value {
        let mut error = json!({ "message": self.message, "code": self.status });
        if !self.metadata.is_empty() {
            error["metadata"] = Value::Object(self.metadata.clone());
        }
        if let Some(availability) = &self.availability {
            error["availability"] = availability.clone();
        }
        error
    }

    pub(super) fn body(&self) -> Value {
        let mut body = json!({ "error": self.error() });
        if self.names_user {
            body["user_id"] = json!(USER);
        }
        body
    }

    pub(super) fn response(&self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body().to_string()));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl Deref for Refusal {
    type Target = Facts;
    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Refusal {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

/// The standard text for a status, as the specification gives it.
pub(super) fn standard_text(status: u16) -> &'static str {
    match status {
        400 => "Invalid request parameters",
        401 => "User not found.",
        402 => "Insufficient credits. Add more using https://openrouter.ai/credits",
        403 => "Only management keys can perform this operation",
        404 => "Resource not found",
        408 => "Operation timed out. Please try again later.",
        413 => "Request payload too large",
        422 => "Invalid argument",
        429 => "Rate limit exceeded",
        500 => "Internal Server Error",
        502 | 529 => "Provider returned error",
        503 => "Service temporarily unavailable",
        524 => "Request timed out. Please try again later.",
        _ => "Error",
    }
}
