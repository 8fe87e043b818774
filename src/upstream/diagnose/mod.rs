//! What a failed answer means: status, headers and body in, a fault out.
//!
//! Evidence counts in this order: which limit was hit, a typed code, the words of the message,
//! the HTTP status. Words never turn a server's failure into the caller's.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

use crate::domain::fault::{Billing, Fault, FaultClass};
use crate::domain::text::SafeText;
use crate::upstream::place::Place;
use crate::upstream::retry_after;
use crate::wire::errors::ErrorBody;
use crate::wire::{as_text, is_web_page, web_page_title};

/// An answer that is an error by its status: nothing of it reached the user.
pub(super) fn refused(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    place: &Place,
) -> Fault {
    let code = status.as_u16();
    if status.is_redirection() {
        return redirected(code, headers, place);
    }
    let error = ErrorBody::decode(body);
    let mut fault = match &error {
        Some(error) => fault_of(error, code, headers),
        None => {
            let class = match is_web_page(body) && matches!(code, 403 | 404) {
                // A gateway's page, not the service's word about the key or the model.
                true => FaultClass::BadUpstream,
                false => by_status(code, false),
            };
            let mut fault = Fault::new(class, unreadable(code, body, place));
            fault.retry_after_ms = retry_after::wait(headers, None, class == FaultClass::RateLimit);
            fault
        }
    };
    fault.status = Some(code);
    fault.generation_id = generation_id(headers);
    // These give up waiting for work that may still be going on.
    if matches!(code, 408 | 504 | 522 | 524) {
        fault.billing = Billing::MayBeBilled;
    }
    if fault.class == FaultClass::BadUpstream && fault.hint.is_none() {
        let hint = format!("Check the base URL: {} has nothing of ours there.", place.host);
        fault.hint = Some(SafeText::new(hint));
    }
    fault
}

/// An error inside an answer that began as a success.
pub(super) fn inside(error: &ErrorBody, headers: &HeaderMap) -> Fault {
    let mut fault = fault_of(error, error.status.unwrap_or(200), headers);
    fault.status = Some(error.status.unwrap_or(200));
    fault.generation_id = generation_id(headers);
    fault
}

pub(super) fn generation_id(headers: &HeaderMap) -> Option<SafeText> {
    let value = headers.get("x-generation-id")?.to_str().ok()?;
    Some(SafeText::new(value)).filter(|id| !id.is_empty())
}

fn fault_of(error: &ErrorBody, status: u16, headers: &HeaderMap) -> Fault {
    let class = classify(status, error);
    let message =
        error.message.clone().unwrap_or_else(|| SafeText::new("an error without a message"));
    let mut fault = Fault::new(class, &*message);
    fault.code = [
        &error.limit_source,
        &error.error_type,
        &error.availability,
        &error.code,
        &error.provider_code,
    ]
    .into_iter()
    .find_map(Clone::clone);
    fault.provider.clone_from(&error.provider);
    fault.hint = error.remedy.clone().or_else(|| suggestions(&error.suggestions));
    fault.retry_after_ms = retry_after::wait(headers, Some(error), class == FaultClass::RateLimit);
    fault
}

fn suggestions(models: &[SafeText]) -> Option<SafeText> {
    let names: Vec<&str> = models.iter().take(3).map(|m| &**m).collect();
    (!names.is_empty())
        .then(|| SafeText::new(format!("The service suggests {}.", names.join(", "))))
}

fn redirected(code: u16, headers: &HeaderMap, place: &Place) -> Fault {
    let target = headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or("nowhere");
    // Without the query: it may hold anything.
    let target = target.split(['?', '#']).next().unwrap_or(target);
    let message = format!(
        "{} redirects to {target}; this was not followed, so that the key goes nowhere else.",
        place.host
    );
    let mut fault = Fault::new(FaultClass::BadUpstream, message);
    fault.status = Some(code);
    fault.hint = Some(SafeText::new("If that place is right, set it as the base URL."));
    fault
}

fn unreadable(code: u16, body: &[u8], place: &Place) -> String {
    let host = &place.host;
    if is_web_page(body) {
        let title = web_page_title(body).map_or(String::new(), |title| format!(" (`{title}`)"));
        return format!("{host} answered {code} with a web page{title}.");
    }
    let text = as_text(body);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return format!("{host} answered {code} and said nothing.");
    }
    let start: String = words.chars().take(200).collect();
    format!("{host} answered {code}: {start}")
}

/// The class of an error, from all the evidence.
pub(super) fn classify(status: u16, error: &ErrorBody) -> FaultClass {
    let message = error.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let class = by_limit(error)
        .or_else(|| error.is_moderation.then_some(FaultClass::ContentPolicy))
        .or_else(|| by_type(error, status))
        .or_else(|| by_words(status, &message))
        .unwrap_or_else(|| match status {
            400 if error.provider.is_some() => FaultClass::ServerError,
            404 => by_status(404, !is_bare_not_found(&message)),
            _ => by_status(status, true),
        });
    match class {
        // The router's own account with its supplier, not the user's.
        FaultClass::KeyAuth | FaultClass::KeyBilling
            if error.provider.is_some() && !error.is_byok =>
        {
            FaultClass::ServerError
        }
        class => class,
    }
}

fn by_limit(error: &ErrorBody) -> Option<FaultClass> {
    match error.limit_source.as_deref()? {
        "openrouter_credits"
        | "openrouter_key_limit"
        | "openrouter_guardrail_budget"
        | "openrouter_workspace_budget" => Some(FaultClass::KeyBilling),
        // Waiting helps: requests that are running hold the money back.
        "openrouter_in_flight_budget"
        | "openrouter_free_tier_per_minute"
        | "openrouter_free_tier_daily"
        | "openrouter_shared_capacity"
        | "upstream_provider_shared_pool" => Some(FaultClass::RateLimit),
        _ => None,
    }
}

fn by_type(error: &ErrorBody, status: u16) -> Option<FaultClass> {
    let words = [&error.error_type, &error.availability, &error.code, &error.provider_code];
    words.into_iter().flatten().find_map(|word| type_class(&word.to_ascii_lowercase(), status))
}

/// Words that leave the case open, such as `invalid_request_error`, are not here.
fn type_class(word: &str, status: u16) -> Option<FaultClass> {
    Some(match word {
        "context_length_exceeded"
        | "max_tokens_exceeded"
        | "token_limit_exceeded"
        | "string_too_long"
        | "exceed_context_size_error"
            if status < 500 =>
        {
            FaultClass::ContextLength
        }
        "authentication"
        | "authentication_error"
        | "invalid_api_key"
        | "api_key_invalid"
        | "permission_denied"
        | "permission_error" => FaultClass::KeyAuth,
        "payment_required"
        | "billing_error"
        | "insufficient_quota"
        | "insufficient_credits"
        | "billing_hard_limit_reached"
        | "budget_exceeded" => FaultClass::KeyBilling,
        "rate_limit_exceeded"
        | "rate_limit_error"
        | "capacity_exhausted"
        | "resource_exhausted" => FaultClass::RateLimit,
        "provider_overloaded" | "overloaded_error" | "temporarily_unavailable" => {
            FaultClass::Overloaded
        }
        "provider_unavailable"
        | "server"
        | "server_error"
        | "timeout"
        | "timeout_error"
        | "unmapped" => FaultClass::ServerError,
        "not_found_error"
        | "model_not_found"
        | "no_endpoints"
        | "model_deprecated"
        | "model_unavailable_upstream"
        | "privacy_restricted"
        | "constraint_filtered"
        | "free_variant_ended"
        | "region_restricted" => FaultClass::ModelGone,
        "content_policy_violation" | "content_filter" | "refusal" => FaultClass::ContentPolicy,
        "unsupported_parameter"
        | "unsupported_value"
        | "wrong_endpoint"
        | "unsupported_image_format" => FaultClass::Capability,
        _ => return None,
    })
}

const TOO_LONG: &[&str] = &[
    "context length",
    "context_length",
    "context window",
    "context size",
    "prompt is too long",
    "token limit",
    "maximum number of tokens",
    "too many tokens",
];
const POLICY: &[&str] = &[
    "content policy",
    "content_policy",
    "content filter",
    "content_filter",
    "moderation",
    "flagged",
    "usage polic",
    "request blocked",
    "safety system",
];
const UNABLE: &[&str] = &[
    "does not support",
    "doesn't support",
    "not supported",
    "unsupported",
    "found that support",
    "requested parameters",
    "reasoning is mandatory",
];
const GONE: &[&str] = &[
    "not a valid model",
    "no endpoints found",
    "no allowed providers",
    "model not found",
    "invalid model",
    "unknown model",
    "no such model",
    "no models match",
];
const BROKE: &[&str] = &[
    "credit balance",
    "insufficient balance",
    "insufficient credit",
    "insufficient_quota",
    "exceeded your current quota",
];

fn by_words(status: u16, message: &str) -> Option<FaultClass> {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    // 200 stands for an error inside an answer that names no status.
    match status {
        200 | 400 | 413 | 422 if says(TOO_LONG) => Some(FaultClass::ContextLength),
        200 | 400 | 403 | 451 if says(POLICY) => Some(FaultClass::ContentPolicy),
        200 | 400 | 403 | 429 if says(BROKE) => Some(FaultClass::KeyBilling),
        400 | 401 | 403 if says(&["api key not valid", "invalid api key", "api_key_invalid"]) => {
            Some(FaultClass::KeyAuth)
        }
        200 | 400 | 404 | 422 if says(UNABLE) => Some(FaultClass::Capability),
        200 | 400 | 404 if says(GONE) || is_missing_model(message) => Some(FaultClass::ModelGone),
        _ => None,
    }
}

fn is_missing_model(message: &str) -> bool {
    message.contains("model")
        && ["not found", "does not exist", "doesn't exist"].iter().any(|w| message.contains(w))
}

/// A route that is not there, as opposed to a model.
fn is_bare_not_found(message: &str) -> bool {
    let message = message.trim_end_matches('.');
    ["", "not found", "404 page not found", "404 not found", "resource not found", "file not found"]
        .contains(&message)
}

/// `names_something`: the body said what was not found.
fn by_status(status: u16, names_something: bool) -> FaultClass {
    match status {
        401 | 403 => FaultClass::KeyAuth,
        402 => FaultClass::KeyBilling,
        404 if !names_something => FaultClass::BadUpstream,
        404 | 410 => FaultClass::ModelGone,
        407 => FaultClass::Network,
        451 => FaultClass::ContentPolicy,
        429 => FaultClass::RateLimit,
        503 | 529 => FaultClass::Overloaded,
        408 => FaultClass::ServerError,
        400..=499 => FaultClass::Request,
        _ => FaultClass::ServerError,
    }
}

#[cfg(test)]
mod tests;
