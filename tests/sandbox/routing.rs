//! Which model and which provider answers.

use serde_json::{Value, json};

use super::{Bench, ask, chunks, streamed, with};

const LLAMA: &str = "meta-llama/llama-3.3-70b-instruct";

async fn served(bench: &Bench, model: &str, more: &Value) -> String {
    let (status, body) = bench.answer(&with(ask(model, "hi"), more)).await;
    assert_eq!(status, 200, "{body}");
    body["provider"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn provider_rules_are_honoured() {
    let bench = Bench::start().await;
    for (rules, provider) in [
        (json!({ "order": ["groq", "nebius"] }), "Nebius"),
        (json!({ "order": ["novita/bf16"] }), "Novita"),
        (json!({ "only": ["akashml"] }), "AkashML"),
        (json!({ "only": ["Parasail", "akashml"], "ignore": ["akashml"] }), "Parasail"),
        (json!({ "sort": "price" }), "DeepInfra"),
        (
            json!({ "sort": { "by": "price", "partition": "model" }, "ignore": ["deepinfra"] }),
            "Nebius",
        ),
        (json!({ "quantizations": ["bf16"] }), "Novita"),
        (json!({ "max_price": { "prompt": 0.1 } }), "DeepInfra"),
    ] {
        let found = served(&bench, LLAMA, &json!({ "provider": rules })).await;
        assert_eq!(found, provider, "{rules}");
    }
}

#[tokio::test]
async fn nothing_left_is_a_404_that_says_why() {
    let bench = Bench::start().await;
    for (model, more, part) in [
        (
            LLAMA,
            json!({ "provider": { "only": ["openai"] } }),
            "No allowed providers are available",
        ),
        (
            LLAMA,
            json!({ "provider": { "ignore": ["deepinfra", "nebius", "akashml", "novita", "parasail"] } }),
            "ignored",
        ),
        (LLAMA, json!({ "provider": { "quantizations": ["fp4"] } }), "quantizations"),
        (LLAMA, json!({ "provider": { "max_price": { "prompt": "0.01" } } }), "max_price"),
        (
            LLAMA,
            json!({ "provider": { "order": ["openai"], "allow_fallbacks": false } }),
            "No endpoints found for",
        ),
        (
            "sandbox/echo",
            json!({ "min_p": 0.1, "provider": { "require_parameters": true } }),
            "that can handle the requested parameters",
        ),
        (
            "z-ai/glm-5.2:free",
            json!({ "provider": { "data_collection": "deny" } }),
            "matching your data policy (Free model training)",
        ),
        (
            "sandbox/echo",
            json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] }),
            "support tool use",
        ),
    ] {
        let (status, body) = bench.answer(&with(ask(model, "hi"), &more)).await;
        assert_eq!(status, 404, "{more}");
        assert!(body["error"]["message"].as_str().unwrap().contains(part), "{body}");
    }
    let only = json!({ "provider": { "only": ["openai"] } });
    let (_, body) = bench.answer(&with(ask(LLAMA, "hi"), &only)).await;
    assert_eq!(body["error"]["metadata"]["requested_providers"], json!(["openai"]));
    let available = body["error"]["metadata"]["available_providers"].as_array().unwrap();
    assert!(available.contains(&json!("deepinfra")));
}

#[tokio::test]
async fn tiers_serve_only_who_asks() {
    let bench = Bench::start().await;
    let tier = async |model: &str, more: Value| {
        let (status, body) = bench.answer(&with(ask(model, "hi"), &more)).await;
        assert_eq!(status, 200, "{body}");
        body["service_tier"].clone()
    };
    assert_eq!(tier("openai/gpt-5.1", json!({})).await, Value::Null);
    assert_eq!(tier("openai/gpt-5.1:floor", json!({})).await, "flex");
    assert_eq!(tier("openai/gpt-5.1", json!({ "service_tier": "flex" })).await, "flex");
    assert_eq!(tier("openai/gpt-5.1", json!({ "service_tier": "fast" })).await, "priority");
    let base = json!({ "provider": { "only": ["openai"] } });
    assert_eq!(tier("openai/gpt-5.1", base).await, Value::Null);
    let named = json!({ "provider": { "only": ["openai/default/priority"] } });
    assert_eq!(tier("openai/gpt-5.1", named).await, "priority");
}

#[tokio::test]
async fn the_draw_prefers_cheap_stable_providers() {
    let bench = Bench::start().await;
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for n in 0..120 {
        let (_, body) = bench.answer(&ask(LLAMA, &format!("question {n}"))).await;
        *counts.entry(body["provider"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let of = |name: &str| counts.get(name).copied().unwrap_or(0);
    assert!(counts.len() >= 3, "{counts:?}");
    assert!(of("DeepInfra") > of("Nebius") && of("Nebius") > 0, "{counts:?}");
    assert_eq!(of("Parasail"), 0, "an unstable provider is only a fallback");
}

#[tokio::test]
async fn a_failing_model_falls_back_to_the_next() {
    let bench = Bench::start().await;
    let body = json!({ "models": ["sandbox/overloaded", "nobody/nothing", "openai/gpt-4o-mini"],
        "messages": [{ "role": "user", "content": "hi" }] });
    let (status, answer) = bench.answer(&body).await;
    assert_eq!((status, &answer["model"]), (200, &json!("openai/gpt-4o-mini")));
    let id = answer["id"].as_str().unwrap();
    let record = bench.get_json(&format!("/generation?id={id}")).await;
    let tries: Vec<&Value> = record["data"]["provider_responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["status"])
        .collect();
    assert_eq!(tries, [529, 400, 200]);
    let all = json!({ "models": ["sandbox/overloaded", "sandbox/rate-limited"],
        "messages": [{ "role": "user", "content": "hi" }] });
    let (status, answer) = bench.answer(&all).await;
    assert_eq!(status, 429);
    assert_eq!(answer["error"]["metadata"]["previous_errors"][0]["code"], 529);
}

#[tokio::test]
async fn a_provider_that_is_down_is_passed_over_unless_that_is_forbidden() {
    let bench = Bench::start().await;
    assert_eq!(served(&bench, "sandbox/fails-over", &json!({})).await, "Sandbox Two");
    let strict = json!({ "provider": { "order": ["sandbox-one"], "allow_fallbacks": false } });
    let (status, body) = bench.answer(&with(ask("sandbox/fails-over", "hi"), &strict)).await;
    assert_eq!((status, &body["error"]["metadata"]["provider_name"]), (502, &json!("Sandbox One")));
}

#[tokio::test]
async fn routers_answer_as_the_model_they_chose() {
    let bench = Bench::start().await;
    let text = bench.text(&streamed("openrouter/auto", "hi")).await;
    let last = chunks(&text).pop().unwrap();
    assert_ne!(last["model"], "openrouter/auto");
    assert!(last["usage"]["cost"].as_f64().unwrap() > 0.0);
    let record = bench.get_json(&format!("/generation?id={}", last["id"].as_str().unwrap())).await;
    assert_eq!(record["data"]["router"], "openrouter/auto");
    let (_, free) = bench.answer(&ask("openrouter/free", "hi")).await;
    assert!(free["model"].as_str().unwrap().ends_with(":free"));
    assert_eq!(free["usage"]["cost"], 0);
    let (_, latest) = bench.answer(&ask("~anthropic/claude-sonnet-latest", "hi")).await;
    assert_eq!(latest["model"], "anthropic/claude-sonnet-5-20260630");
}
