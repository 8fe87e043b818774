//! Each recorded error, served again with its status and headers, gives the right fault.

use std::collections::BTreeSet;

use routedeck::domain::fault::FaultClass as C;
use routedeck::domain::fault::{Billing, Fault};
use serde_json::Value;

use super::support::{ask, client, fixture, fixture_json, respond, serve};

/// What is expected of a recording. Empty means absent.
struct Want {
    file: &'static str,
    class: C,
    message: &'static str,
    provider: &'static str,
    code: &'static str,
    hint: &'static str,
    retry_after_ms: Option<u64>,
}

const fn want(file: &'static str, class: C, message: &'static str) -> Want {
    Want { file, class, message, provider: "", code: "", hint: "", retry_after_ms: None }
}

const POOL_HINT: &str = "Retry shortly, add your own provider key (https://openrouter.ai/settings/integrations), or route to another provider with provider routing: https://openrouter.ai/docs/features/provider-routing";

fn wants() -> Vec<Want> {
    let mut all = plain();
    all.extend(limits());
    all
}

/// Errors that say no more than their sentence.
fn plain() -> Vec<Want> {
    vec![
        want("chat-error-401-missing-auth.json", C::KeyAuth, "Missing Authentication header"),
        want(
            "chat-error-400-context-length.json",
            C::ContextLength,
            "This endpoint's maximum context length is 200000 tokens. However, you requested about 2500021 tokens (2500021 of text input). Please reduce the length of either one, or use the context-compression plugin to compress your prompt automatically.",
        ),
        want(
            "error-400-invalid-model.json",
            C::ModelGone,
            "nonexistent/not-a-model:free is not a valid model ID",
        ),
        want(
            "error-400-missing-messages.json",
            C::Request,
            "Input required: specify \"prompt\" or \"messages\"",
        ),
        want(
            "error-400-reasoning-mandatory.json",
            C::Capability,
            "Reasoning is mandatory for this endpoint and cannot be disabled.",
        ),
        want("error-400-unparseable-body.json", C::Request, "Input must have at least 1 token."),
        want("error-401-keyless.json", C::KeyAuth, "No cookie auth credentials found"),
        want(
            "error-404-data-policy.json",
            C::ModelGone,
            "No endpoints found matching your data policy (Free model training). Configure: https://openrouter.ai/settings/privacy",
        ),
        want(
            "error-404-generation-not-found.json",
            C::ModelGone,
            "Generation gen-1790981403-wrnRYGs8VBhCEKopNY1F not found",
        ),
        want("error-404-route.json", C::BadUpstream, "Not Found"),
        want(
            "error-400-zod.json",
            C::Request,
            "input: Invalid input: expected string, received undefined",
        ),
        want("error-400-auth-keys-invalid-code.json", C::Request, "Invalid code"),
    ]
}

/// Errors with metadata.
fn limits() -> Vec<Want> {
    vec![
        Want {
            provider: "Google",
            ..want(
                "chat-error-429-provider.json",
                C::RateLimit,
                "google/gemini-2.0-flash-exp:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations",
            )
        },
        Want {
            code: "openrouter_key_limit",
            hint: "Raise or remove this API key's usage limit at https://openrouter.ai/settings/keys, or use a key without a limit.",
            ..want(
                "error-402-key-limit.json",
                C::KeyBilling,
                "This request requires at least $1.00 in balance for image or video output",
            )
        },
        Want {
            provider: "Google AI Studio",
            code: "upstream_provider_shared_pool",
            hint: POOL_HINT,
            ..want(
                "error-429-upstream.json",
                C::RateLimit,
                "google/gemma-4-31b-it:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations",
            )
        },
        Want {
            provider: "Liquid",
            code: "upstream_provider_shared_pool",
            hint: POOL_HINT,
            retry_after_ms: Some(1000),
            ..want(
                "error-429-upstream-retry-after.json",
                C::RateLimit,
                "liquid/lfm-2.5-2.6b:free is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations",
            )
        },
    ]
}

async fn refused(recording: &Value) -> Fault {
    let body = fixture(recording["file"].as_str().unwrap());
    let status = u16::try_from(recording["status"].as_u64().unwrap()).unwrap();
    let headers: Vec<(String, String)> = recording["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let server = serve(move |_, stream| {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        respond(stream, status, &headers, &body);
    });
    ask(&client(&server.base_url), true).await.fault.expect("a fault")
}

#[tokio::test]
async fn every_recorded_error_is_understood() {
    let index = fixture_json("index.json");
    let wants = wants();
    let mut seen = BTreeSet::new();
    for recording in index.as_array().unwrap().iter().filter(|r| r["status"].as_u64() != Some(200))
    {
        let file = recording["file"].as_str().unwrap();
        let want = wants
            .iter()
            .find(|w| w.file == file)
            .unwrap_or_else(|| panic!("{file} is not asserted"));
        let fault = refused(recording).await;
        assert_eq!((fault.class, &*fault.message), (want.class, want.message), "{file}");
        assert_eq!(fault.billing, Billing::NotBilled, "{file}");
        assert_eq!(fault.status.map(u64::from), recording["status"].as_u64(), "{file}");
        assert_eq!(fault.provider.as_deref().unwrap_or_default(), want.provider, "{file}");
        assert_eq!(fault.code.as_deref().unwrap_or_default(), want.code, "{file}");
        if want.class != C::BadUpstream {
            assert_eq!(fault.hint.as_deref().unwrap_or_default(), want.hint, "{file}");
        }
        assert_eq!(fault.retry_after_ms, want.retry_after_ms, "{file}");
        assert_eq!(
            fault.generation_id.as_deref(),
            recording["headers"]["X-Generation-Id"].as_str(),
            "{file}"
        );
        seen.insert(file.to_owned());
    }
    assert_eq!(seen.len(), wants.len());
}

#[tokio::test]
async fn a_daily_limit_says_until_when() {
    let body = br#"{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
        "metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1795651200000"},
        "limit_source":"openrouter_free_tier_daily","provider_name":null}},"user_id":"user_x"}"#;
    let server = serve(move |_, stream| {
        respond(stream, 429, &[("Date", "Wed, 25 Nov 2026 18:00:00 GMT")], body);
    });
    let fault = ask(&client(&server.base_url), true).await.fault.unwrap();
    assert_eq!((fault.class, fault.provider), (C::RateLimit, None));
    assert_eq!(fault.code.as_deref(), Some("openrouter_free_tier_daily"));
    assert_eq!(fault.retry_after_ms, Some(6 * 3_600_000));
}

#[tokio::test]
async fn money_held_back_by_running_requests_is_worth_waiting_for() {
    let body = br#"{"error":{"code":402,"message":"This request would exceed your available credits given your current in-flight requests.",
        "metadata":{"reason":"in_flight_budget_exhausted","limit_source":"openrouter_in_flight_budget","remedy_hint":"Retry after your in-flight requests settle."}}}"#;
    let server = serve(move |_, stream| respond(stream, 402, &[("Retry-After", "3")], body));
    let fault = ask(&client(&server.base_url), true).await.fault.unwrap();
    assert_eq!((fault.class, fault.retry_after_ms), (C::RateLimit, Some(3000)));
    assert!(fault.class.may_pass());
    assert_eq!(fault.advice(), "Retry after your in-flight requests settle.");
}
