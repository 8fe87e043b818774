//! The error envelope in all its shapes: OpenRouter's, OpenAI's, Anthropic's, Gemini's, vLLM's,
//! FastAPI's, validation errors, and an error inside an error.
//!
//! Not for: what an error means for a turn; that is `upstream::diagnose`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::loose::{Pairs, Raw, as_text, count, decimal, lines, list, object, text, truth, word};
use crate::domain::text::{SafeText, clean_line};

/// A sentence longer than this is cut: some services put the whole prompt into it.
const LONGEST_MESSAGE: usize = 600;

/// Everything an error body said, each field cleaned. Absent is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The most telling sentence: the provider's own where the outer one only says that a
    /// provider failed.
    pub message: Option<SafeText>,
    /// The status the body claims, which may differ from the HTTP status.
    pub status: Option<u16>,
    /// A code that is a word: `insufficient_quota`, `model_not_found`, `BadRequestError`.
    pub code: Option<SafeText>,
    /// The stable vocabulary: `context_length_exceeded`, `rate_limit_exceeded`.
    pub error_type: Option<SafeText>,
    /// Whose fault it is, when it is a provider's.
    pub provider: Option<SafeText>,
    pub provider_code: Option<SafeText>,
    /// Which limit was hit: `openrouter_credits`, `upstream_provider_shared_pool`.
    pub limit_source: Option<SafeText>,
    /// A sentence for the user on what to do.
    pub remedy: Option<SafeText>,
    /// The user's own provider key was in use.
    pub is_byok: bool,
    /// A moderator or guardrail gave reasons.
    pub is_moderation: bool,
    /// `error.availability.code`.
    pub availability: Option<SafeText>,
    /// Models the service suggests instead.
    pub suggestions: Vec<SafeText>,
    /// Milliseconds to wait, as the body says.
    pub retry_after_ms: Option<u64>,
    /// When a budget begins anew (RFC 3339).
    pub resets_at: Option<SafeText>,
    /// Response headers repeated in the body, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl ErrorBody {
    /// Reads a body that is known to be an error; `None` when it is no JSON or says nothing.
    pub fn decode(body: &[u8]) -> Option<ErrorBody> {
        envelope(as_text(body).trim(), 0)
    }

    /// Reads the value of an `error` field. Any value but null is an error.
    pub(super) fn from_field(raw: Raw<'_>) -> Option<ErrorBody> {
        raw.map(|raw| field(raw, 0))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    error: Raw<'a>,
    #[serde(borrow)]
    detail: Raw<'a>,
    #[serde(borrow)]
    errors: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    name: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    http_status: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow)]
    error_type: Raw<'a>,
    #[serde(borrow)]
    metadata: Raw<'a>,
    #[serde(borrow)]
    availability: Raw<'a>,
    #[serde(borrow)]
    retry_after: Raw<'a>,
    #[serde(borrow)]
    details: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    raw: Raw<'a>,
    #[serde(borrow)]
    error_type: Raw<'a>,
    #[serde(borrow)]
    provider_name: Raw<'a>,
    #[serde(borrow)]
    provider_error_code: Raw<'a>,
    #[serde(borrow)]
    provider_code: Raw<'a>,
    #[serde(borrow)]
    limit_source: Raw<'a>,
    #[serde(borrow)]
    remedy_hint: Raw<'a>,
    #[serde(borrow)]
    is_byok: Raw<'a>,
    #[serde(borrow)]
    reasons: Raw<'a>,
    #[serde(borrow)]
    flagged_input: Raw<'a>,
    #[serde(borrow)]
    patterns: Raw<'a>,
    #[serde(borrow)]
    retry_after_seconds: Raw<'a>,
    #[serde(borrow)]
    resets_at: Raw<'a>,
    #[serde(borrow)]
    headers: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Availability<'a> {
    #[serde(borrow)]
    code: Raw<'a>,
    #[serde(borrow)]
    retry_after: Raw<'a>,
    #[serde(borrow)]
    fallback_models: Raw<'a>,
}

/// How deep an error within an error is followed.
const DEEPEST: u8 = 3;

fn envelope(json: &str, depth: u8) -> Option<ErrorBody> {
    if depth > DEEPEST {
        return None;
    }
    if json.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        return envelope(items.first()?.get(), depth + 1);
    }
    if json.starts_with('"') {
        return said(&serde_json::from_str::<String>(json).ok()?, depth);
    }
    if !json.starts_with('{') {
        return None;
    }
    let outer: Envelope<'_> = serde_json::from_str(json).ok()?;
    if let Some(error) = outer.error {
        let mut body = field(error, depth);
        if body.message.is_none() {
            // `{"error":true,"message":"…"}`
            body.message = flat(json, depth).and_then(|b| b.message);
        }
        return Some(body);
    }
    let body = flat(json, depth).filter(|b| b.message.is_some());
    body.or_else(|| validation(outer.detail.or(outer.errors)))
}

/// The value behind `error`: an object, a sentence, or something else.
fn field(raw: &RawValue, depth: u8) -> ErrorBody {
    let json = raw.get();
    let read = match json.as_bytes().first() {
        Some(b'{') => flat(json, depth),
        Some(b'"') => text(Some(raw)).and_then(|sentence| said(&sentence, depth)),
        Some(b'[') => envelope(json, depth + 1),
        _ => None,
    };
    read.unwrap_or_default()
}

/// A sentence, or the JSON text of another error.
fn said(sentence: &str, depth: u8) -> Option<ErrorBody> {
    let sentence = sentence.trim();
    if sentence.starts_with(['{', '[']) {
        if depth >= DEEPEST {
            return None;
        }
        if let Some(inner) = envelope(sentence, depth + 1) {
            return Some(inner);
        }
    }
    Some(ErrorBody { message: sentence_of(sentence), ..ErrorBody::default() })
}

/// The fields of the innermost error object.
fn flat(json: &str, depth: u8) -> Option<ErrorBody> {
    let fields: Fields<'_> = serde_json::from_str(json).ok()?;
    let metadata: Metadata<'_> = object(fields.metadata).unwrap_or_default();
    let availability: Availability<'_> = object(fields.availability).unwrap_or_default();
    let kind = word(fields.kind).filter(|k| &**k != "error");
    let code = word(fields.code);
    let inner = metadata.raw.and_then(|raw| provider_error(raw, depth)).unwrap_or_default();
    let own = match text(fields.name).as_deref() {
        Some("ZodError") => text(fields.message).and_then(|m| zod(&m)),
        _ => text(fields.message).and_then(|m| sentence_of(&m)),
    };
    let message = match own {
        Some(own) if is_generic(&own) => inner.message.clone().or(Some(own)),
        Some(own) => Some(own),
        None => inner.message.clone(),
    };
    let status = [fields.code, fields.http_status, fields.status];
    Some(ErrorBody {
        message,
        status: status.into_iter().find_map(http_status),
        code: code.filter(|c| c.parse::<i64>().is_err()).or(kind).or(inner.code),
        error_type: word(metadata.error_type).or(word(fields.error_type)).or(inner.error_type),
        provider: word(metadata.provider_name),
        provider_code: word(metadata.provider_error_code).or(word(metadata.provider_code)),
        limit_source: word(metadata.limit_source),
        remedy: word(metadata.remedy_hint),
        is_byok: truth(metadata.is_byok).unwrap_or(false),
        is_moderation: [metadata.reasons, metadata.flagged_input, metadata.patterns]
            .iter()
            .any(Option::is_some),
        availability: word(availability.code),
        suggestions: lines(availability.fallback_models),
        retry_after_ms: seconds(metadata.retry_after_seconds)
            .or_else(|| seconds(fields.retry_after))
            .or_else(|| retry_info(fields.details))
            .or(inner.retry_after_ms)
            .or_else(|| seconds(availability.retry_after)),
        resets_at: word(metadata.resets_at),
        headers: repeated_headers(metadata.headers),
    })
}

/// `metadata.raw`: a sentence, an object, or the JSON text of one.
fn provider_error(raw: &RawValue, depth: u8) -> Option<ErrorBody> {
    match raw.get().as_bytes().first()? {
        b'"' => said(&text(Some(raw))?, depth),
        b'{' | b'[' => envelope(raw.get(), depth + 1),
        _ => None,
    }
}

fn http_status(raw: Raw<'_>) -> Option<u16> {
    count(raw).and_then(|n| u16::try_from(n).ok()).filter(|n| (100..1000).contains(n))
}

fn seconds(raw: Raw<'_>) -> Option<u64> {
    let ms = decimal(raw)?.checked_mul(1000.into())?;
    rust_decimal::prelude::ToPrimitive::to_u64(&ms.ceil())
}

/// Gemini's `RetryInfo`: `{"@type":"…RetryInfo","retryDelay":"33s"}`.
fn retry_info(details: Raw<'_>) -> Option<u64> {
    #[derive(Deserialize)]
    struct RetryInfo {
        #[serde(rename = "retryDelay")]
        delay: String,
    }
    list(details).into_iter().find_map(|item| {
        let info: RetryInfo = object(Some(item))?;
        let delay = info.delay.trim().strip_suffix('s')?.parse::<f64>().ok()?;
        (delay.is_finite() && (0.0..1e9).contains(&delay)).then(|| (delay * 1000.0).ceil() as u64)
    })
}

fn repeated_headers(raw: Raw<'_>) -> Vec<(String, String)> {
    let pairs: Pairs<'_> = object(raw).unwrap_or_default();
    let value = |raw| word(Some(raw)).map(|v| v.to_string());
    pairs.0.into_iter().filter_map(|(k, v)| Some((k.to_ascii_lowercase(), value(v)?))).collect()
}

/// Whether a sentence only says that somebody else failed.
fn is_generic(sentence: &str) -> bool {
    let sentence = sentence.trim_end_matches('.').to_ascii_lowercase();
    ["provider returned error", "error", "upstream error"].contains(&&*sentence)
}

fn sentence_of(text: &str) -> Option<SafeText> {
    let clean = clean_line(text.trim());
    let mut cut: String = clean.chars().take(LONGEST_MESSAGE).collect();
    if cut.len() < clean.len() {
        cut.push('…');
    }
    (!cut.is_empty()).then(|| SafeText::new(cut))
}

/// A validation library's list, as JSON text inside the message.
fn zod(message: &str) -> Option<SafeText> {
    let issues: Option<Vec<&RawValue>> = serde_json::from_str(message).ok();
    issues.and_then(|i| issues_of(&i)).or_else(|| sentence_of(message))
}

/// FastAPI's `detail`: a sentence or a list of issues.
fn validation(detail: Raw<'_>) -> Option<ErrorBody> {
    let message = match text(detail) {
        Some(sentence) => sentence_of(&sentence),
        None => issues_of(&list(detail)),
    };
    message.map(|m| ErrorBody { message: Some(m), ..ErrorBody::default() })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Issue<'a> {
    #[serde(borrow)]
    path: Raw<'a>,
    #[serde(borrow)]
    loc: Raw<'a>,
    #[serde(borrow)]
    message: Raw<'a>,
    #[serde(borrow)]
    msg: Raw<'a>,
}

fn issues_of(issues: &[&RawValue]) -> Option<SafeText> {
    let sentences: Vec<String> = issues
        .iter()
        .filter_map(|raw| {
            let issue: Issue<'_> = object(Some(raw))?;
            let what = text(issue.message.or(issue.msg))?;
            let place: Vec<String> = list(issue.path.or(issue.loc))
                .into_iter()
                .filter_map(|step| word(Some(step)).map(|s| s.to_string()))
                .collect();
            Some(if place.is_empty() { what } else { format!("{}: {what}", place.join(".")) })
        })
        .collect();
    sentence_of(&sentences.join("; "))
}

#[cfg(test)]
mod tests;
