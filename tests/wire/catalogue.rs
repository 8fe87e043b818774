//! Real catalogues, keys and records: every figure is the string or literal it came from.

use std::path::PathBuf;
use std::time::Instant;

use routedeck::domain::account::FreeRequests;
use routedeck::domain::catalog::{Catalog, Modality, Model};
use routedeck::domain::id::Millis;
use routedeck::domain::money::Usd;
use routedeck::domain::pricing::{PriceKey, Rates};
use routedeck::domain::turn::FinishReason;
use routedeck::wire::models::{decode_endpoints, decode_models};
use serde_json::Value;

use super::support::{client, fixture, fixture_json, respond, serve};

/// Every price of `json` is in `rates` with exactly its digits, and nothing else is.
fn check_rates(id: &str, json: &Value, rates: &Rates) {
    let mut count = 0;
    for (field, value) in json.as_object().unwrap() {
        let Some(key) = PriceKey::from_field(field) else {
            assert!(
                ["overrides", "discount", "min_prompt_tokens", "utc_start", "utc_end"]
                    .contains(&field.as_str()),
                "{id}: `{field}` is a price that is not read"
            );
            continue;
        };
        let text = value.as_str().unwrap();
        let want = if text == "-1" { "varies" } else { text };
        assert_eq!(
            rates.get(key).map(routedeck::domain::money::Price::label).as_deref(),
            Some(want),
            "{id}: {field}"
        );
        count += 1;
    }
    assert_eq!(rates.iter().count(), count, "{id}");
}

fn check_model(json: &Value, model: &Model) {
    let id = json["id"].as_str().unwrap();
    assert_eq!(model.id.as_str(), id);
    assert_eq!(&*model.name, json["name"].as_str().unwrap());
    assert_eq!(model.canonical_slug.as_deref(), json["canonical_slug"].as_str(), "{id}");
    assert_eq!(model.created, json["created"].as_i64(), "{id}");
    assert_eq!(model.context_length, json["context_length"].as_u64(), "{id}");
    let top = &json["top_provider"];
    assert_eq!(model.max_completion_tokens, top["max_completion_tokens"].as_u64(), "{id}");
    assert_eq!(model.is_moderated, top["is_moderated"].as_bool(), "{id}");
    let words = |v: &Value| -> Vec<String> {
        v.as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect()
    };
    let kinds = |v: &[Modality]| v.iter().map(|m| m.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(kinds(&model.inputs), words(&json["architecture"]["input_modalities"]), "{id}");
    assert_eq!(kinds(&model.outputs), words(&json["architecture"]["output_modalities"]), "{id}");
    let parameters: Vec<String> =
        model.supported_parameters.iter().map(std::string::ToString::to_string).collect();
    assert_eq!(parameters, words(&json["supported_parameters"]), "{id}");
    assert_eq!(model.alias_target.as_deref(), json["alias_target"]["slug"].as_str(), "{id}");
    assert_eq!(model.reasoning.is_some(), json["reasoning"].is_object(), "{id}");
    check_rates(id, &json["pricing"], &model.pricing.base);
    let overrides = json["pricing"]["overrides"].as_array().cloned().unwrap_or_default();
    assert_eq!(model.pricing.overrides.len(), overrides.len(), "{id}");
    for (want, found) in overrides.iter().zip(&model.pricing.overrides) {
        check_rates(id, want, &found.rates);
        assert_eq!(found.min_prompt_tokens, want["min_prompt_tokens"].as_u64(), "{id}");
        assert_eq!(found.utc_start.map(u64::from), want["utc_start"].as_u64(), "{id}");
        assert_eq!(found.utc_end.map(u64::from), want["utc_end"].as_u64(), "{id}");
    }
}

fn check_all(body: &[u8]) -> Vec<Model> {
    let listing = decode_models(body).unwrap();
    let json: Value = serde_json::from_slice(body).unwrap();
    let json = json["data"].as_array().unwrap();
    assert_eq!(listing.problems, Vec::<String>::new());
    assert_eq!(listing.models.len(), json.len());
    for (want, found) in json.iter().zip(&listing.models) {
        check_model(want, found);
    }
    listing.models
}

#[test]
fn real_models_keep_every_price_and_fact() {
    let models = check_all(&fixture("models-trimmed.json"));
    let find = |id: &str| models.iter().find(|m| m.id.as_str() == id).unwrap();
    let longest = find("google/gemini-3.7-flash").pricing.base.iter().map(|(_, p)| p.label());
    assert!(longest.into_iter().any(|price| price.len() == 24), "22 decimals");
    assert!(find("openrouter/free").pricing.is_free());
    assert_eq!(find("~z-ai/glm-latest").alias_target.as_deref(), Some("z-ai/glm-5.3"));
    assert!(find("google/gemini-3.7-flash:batch").is_batch());
}

#[test]
fn the_recorded_list_keeps_every_price() {
    let listing = decode_models(&fixture("models-subset.json")).unwrap();
    let json = fixture_json("models-subset.json");
    assert_eq!(listing.problems, Vec::<String>::new());
    for (want, found) in json["data"].as_array().unwrap().iter().zip(&listing.models) {
        check_rates(found.id.as_str(), &want["pricing"], &found.pricing.base);
        assert_eq!(found.context_length, want["context_length"].as_u64());
    }
}

#[test]
fn the_complete_catalogue_decodes_completely() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/openrouter-models.json");
    // The dump is too large to be kept here; elsewhere the trimmed one has to do.
    let Ok(body) = std::fs::read(path) else { return };
    let models = check_all(&body);
    assert_eq!(models.len(), 421);
    let catalog = Catalog::new("test", None, models);
    assert!(catalog.get("anthropic/claude-haiku-4.5").is_some());
}

#[test]
fn fifty_thousand_models_are_no_trouble() {
    let many: Vec<String> = (0..50_000)
        .map(|n| format!(r#"{{"id":"author/model-{n}","name":"Model {n}","context_length":8192,"pricing":{{"prompt":"0.000001","completion":"0.000002"}}}}"#))
        .collect();
    let body = format!("{{\"data\":[{}]}}", many.join(",")).into_bytes();
    let began = Instant::now();
    let listing = decode_models(&body).unwrap();
    assert_eq!((listing.models.len(), listing.problems.len()), (50_000, 0));
    // A debug build needs a few seconds; anything quadratic needs minutes.
    assert!(began.elapsed().as_secs() < 60);
}

#[tokio::test]
async fn the_recorded_endpoints_are_read() {
    let server =
        serve(|_, stream| respond(stream, 200, &[], &fixture("model-endpoints-lyria-3-pro.json")));
    let endpoints = client(&server.base_url)
        .endpoints(&"google/lyria-3-pro-preview:nitro".into(), Millis(7))
        .await
        .unwrap();
    assert_eq!(server.seen().path(), "/api/v1/models/google/lyria-3-pro-preview/endpoints");
    assert_eq!(
        (endpoints.model.as_str(), endpoints.fetched),
        ("google/lyria-3-pro-preview:nitro", Millis(7))
    );
    let only = &endpoints.list[0];
    assert_eq!(
        (endpoints.list.len(), &*only.provider, &*only.tag),
        (1, "Google AI Studio", "google-ai-studio")
    );
    assert_eq!((only.context_length, only.max_completion_tokens), (Some(1_048_576), Some(65_536)));
    assert_eq!(
        (only.status, only.uptime_30m, only.uptime_1d),
        (Some(0), None, Some(99.911_641_263_529_93))
    );
    assert_eq!(
        (only.latency_ms, only.throughput, only.implicit_caching),
        (None, None, Some(false))
    );
    assert!(only.pricing.is_free());
    assert!(decode_endpoints(b"{}", Millis(0)).is_err());
}

#[tokio::test]
async fn the_recorded_key_is_read_and_the_balance_where_it_may_be() {
    for (credits, want) in [
        (
            (
                403,
                "{\"error\":{\"message\":\"Only management keys can perform this operation\",\"code\":403}}",
            ),
            None,
        ),
        ((200, "{\"data\":{\"total_credits\":100.5,\"total_usage\":25.75}}"), Some("74.75")),
    ] {
        let server = serve(move |seen, stream| match seen.path() {
            "/api/v1/key" => respond(stream, 200, &[], &fixture("key.json")),
            "/api/v1/credits" => respond(stream, credits.0, &[], credits.1.as_bytes()),
            _ => respond(stream, 404, &[], b""),
        });
        let info = client(&server.base_url).key_info(Millis(7)).await.unwrap();
        assert_eq!(&*info.label, "sk-or-v1-abc...123");
        assert_eq!((info.limit, info.limit_remaining), (Usd::parse("1"), Usd::parse("1")));
        assert_eq!((info.limit_reset, info.is_free_tier), (None, Some(false)));
        assert_eq!(
            (info.usage, info.usage_daily, info.usage_weekly, info.usage_monthly),
            (Some(Usd::ZERO), Some(Usd::ZERO), Some(Usd::ZERO), Some(Usd::ZERO))
        );
        assert_eq!(info.free_requests, Some(FreeRequests { used: 2, limit: 1000, remaining: 998 }));
        assert_eq!((info.credit_left.map(Usd::exact).as_deref(), info.fetched), (want, Millis(7)));
    }
}

#[tokio::test]
async fn the_recorded_generation_is_read() {
    let id = "gen-1790983685-vELIl0vh5b8ltNURLhyU";
    let server = serve(|_, stream| respond(stream, 200, &[], &fixture("generation-chat.json")));
    let record = client(&server.base_url).generation(id).await.unwrap().unwrap();
    assert_eq!(server.seen().path(), format!("/api/v1/generation?id={id}"));
    assert_eq!(record.cost.unwrap().exact(), "0.04");
    assert_eq!(record.usage.billed, record.cost);
    assert_eq!(
        (record.usage.prompt_tokens, record.usage.completion_tokens, record.usage.total_tokens),
        (49, 71, 120)
    );
    assert_eq!(
        (record.provider.as_deref(), record.finish_reason),
        (Some("Google AI Studio"), Some(FinishReason::Stop))
    );
    assert_eq!(
        (record.cancelled, record.latency_ms, record.generation_ms),
        (false, Some(3080), Some(10_550))
    );
    assert_eq!(record.model.unwrap().as_str(), "google/lyria-3-clip-preview-20260330");
}

#[tokio::test]
async fn a_generation_that_is_not_there_yet_is_none_and_other_failures_are_faults() {
    let server = serve(|_, stream| {
        respond(stream, 404, &[], &fixture("error-404-generation-not-found.json"));
    });
    assert_eq!(client(&server.base_url).generation("gen-1").await.unwrap(), None);
    let server = serve(|_, stream| respond(stream, 500, &[], b"{}"));
    assert_eq!(client(&server.base_url).generation("gen-1").await.unwrap_err().status, Some(500));
}
