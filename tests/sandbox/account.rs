//! Money, limits and records.

use routedeck::domain::money::Usd;
use routedeck::sandbox::{FreeTier, Settings};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Bench, NOON, ask, chunks, dollars, exact, streamed, with};

/// The cost that an answer reports, stream or not.
fn cost(text: &str) -> Decimal {
    let json = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .rfind(|data| data.contains("\"usage\""))
        .unwrap_or(text.trim());
    exact(json, &["usage", "cost"])
}

#[tokio::test]
async fn costs_are_exact_products_of_the_providers_prices() {
    let bench = Bench::start().await;
    for (model, provider, prompt, completion) in [
        ("anthropic/claude-haiku-4.5", "anthropic", "0.000001", "0.000005"),
        ("openai/gpt-4o-mini", "openai", "0.00000015", "0.0000006"),
        ("meta-llama/llama-3.3-70b-instruct", "nebius", "0.00000013", "0.0000004"),
        ("openai/gpt-5.1:floor", "openai/default/flex", "0.000000625", "0.000005"),
    ] {
        let body =
            with(ask(model, "what does it cost"), &json!({ "provider": { "only": [provider] } }));
        let text = bench.text(&body).await;
        let tokens = |name: &str| exact(text.trim(), &["usage", name]);
        let expected = tokens("prompt_tokens") * dollars(prompt)
            + tokens("completion_tokens") * dollars(completion);
        assert_eq!(cost(&text), expected, "{model}");
        let details = |name: &str| exact(text.trim(), &["usage", "cost_details", name]);
        let parts = details("upstream_inference_prompt_cost")
            + details("upstream_inference_completions_cost");
        assert_eq!(parts, expected, "{model}");
    }
}

#[tokio::test]
async fn above_a_threshold_the_dearer_price_applies() {
    let bench = Bench::start().await;
    let body = with(
        ask("anthropic/claude-sonnet-4.5", &"word ".repeat(200_000)),
        &json!({ "max_tokens": 20, "provider": { "only": ["anthropic"] } }),
    );
    let text = bench.text(&body).await;
    let prompt = exact(text.trim(), &["usage", "prompt_tokens"]);
    assert_eq!(prompt, Decimal::from(250_000));
    let expected = prompt * dollars("0.000006") + Decimal::from(20) * dollars("0.0000225");
    assert_eq!(cost(&text), expected);
}

#[tokio::test]
async fn the_key_shows_the_exact_sum_of_all_answers() {
    let bench = Bench::start().await;
    let models = [
        "openai/gpt-4o",
        "anthropic/claude-sonnet-4.6",
        "meta-llama/llama-3.3-70b-instruct",
        "google/gemini-2.5-flash",
        "sandbox/long",
        "sandbox/reasons",
        "z-ai/glm-5.2:free",
        "deepseek/deepseek-v4-pro",
        "openai/gpt-5.1:floor",
        "openrouter/auto",
        "meta-llama/llama-3.1-8b-instruct",
        "mistralai/mistral-nemo",
        "sandbox/echo",
    ];
    let mut sum = Decimal::ZERO;
    for round in 0..6 {
        for (at, model) in models.iter().enumerate() {
            let question = format!("question {round} about {model}");
            let body = with(ask(model, &question), &json!({ "stream": (round + at) % 2 == 0 }));
            sum += cost(&bench.text(&body).await);
        }
        bench.answer(&ask("sandbox/overloaded", "x")).await;
        bench.text(&streamed("sandbox/fails-midway", "x")).await;
    }
    let key = bench.get("/key").await.text().await.unwrap();
    for name in ["usage", "usage_daily", "usage_weekly", "usage_monthly"] {
        assert_eq!(exact(&key, &["data", name]), sum, "{name}");
    }
    assert!(sum > Decimal::ZERO);
    let credits = bench.get("/credits").await.text().await.unwrap();
    assert_eq!(exact(&credits, &["data", "total_usage"]), sum);
    assert_eq!(exact(&credits, &["data", "total_credits"]), Decimal::from(1000));
}

#[tokio::test]
async fn the_key_has_the_fields_of_the_service() {
    let bench = Bench::start().await;
    let key = bench.get_json("/key").await;
    assert_eq!(key, bench.get_json("/auth/key").await);
    let names: Vec<&String> = key["data"].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "label",
            "is_management_key",
            "is_provisioning_key",
            "limit",
            "limit_reset",
            "limit_remaining",
            "include_byok_in_limit",
            "usage",
            "usage_daily",
            "usage_weekly",
            "usage_monthly",
            "byok_usage",
            "byok_usage_daily",
            "byok_usage_weekly",
            "byok_usage_monthly",
            "is_free_tier",
            "expires_at",
            "creator_user_id",
            "organization_id",
            "workspace_id",
            "allowed_data_regions",
            "free_model_daily_requests",
            "rate_limit",
        ]
    );
    assert_eq!(key["data"]["limit"], Value::Null);
    bench.answer(&ask("z-ai/glm-5.2:free", "hi")).await;
    let free = bench.get_json("/key").await["data"]["free_model_daily_requests"].clone();
    assert_eq!(free, json!({ "used": 1, "limit": 1000, "remaining": 999 }));
}

#[tokio::test]
async fn a_key_limit_counts_the_whole_possible_answer() {
    let settings =
        Settings { now: super::noon, key_limit: Usd::parse("0.01"), ..Settings::quick() };
    let bench = Bench::with(settings).await;
    let body = with(ask("openai/gpt-4o", "hi"), &json!({ "max_tokens": 2000 }));
    let (status, answer) = bench.answer(&body).await;
    assert_eq!(status, 402);
    assert_eq!(answer["error"]["metadata"]["limit_source"], "openrouter_key_limit");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("You requested up to 2000 tokens, but can only afford 999."),
        "{message}"
    );
    let (status, _) = bench.answer(&with(body, &json!({ "max_tokens": 900 }))).await;
    assert_eq!(status, 200);
    assert_eq!(bench.answer(&ask("sandbox/guide", "free answers go on")).await.0, 200);
    let key = bench.get("/key").await.text().await.unwrap();
    let left = exact(&key, &["data", "limit_remaining"]);
    assert_eq!(left, dollars("0.01") - bench.sandbox.spent().0);
}

#[tokio::test]
async fn an_empty_account_gets_402() {
    let bench = Bench::with(Settings { credits: Usd::ZERO, ..Settings::quick() }).await;
    let (status, answer) = bench.answer(&ask("openai/gpt-4o", "hi")).await;
    assert_eq!(status, 402);
    assert_eq!(answer["error"]["metadata"]["limit_source"], "openrouter_credits");
}

#[tokio::test]
async fn free_limits_are_per_minute_and_per_day() {
    for (tier, source, reset) in [
        (FreeTier { per_minute: 2, per_day: 50 }, "openrouter_free_tier_per_minute", NOON + 60),
        // Midnight, UTC, after 16:00.
        (FreeTier { per_minute: 20, per_day: 2 }, "openrouter_free_tier_daily", NOON + 8 * 3600),
    ] {
        let settings = Settings { now: super::noon, free_tier: Some(tier), ..Settings::quick() };
        let bench = Bench::with(settings).await;
        for _ in 0..2 {
            assert_eq!(bench.answer(&ask("z-ai/glm-5.2:free", "hi")).await.0, 200);
        }
        let response = bench.chat(&ask("openrouter/free", "hi")).await;
        assert_eq!(response.status(), 429);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("x-ratelimit-remaining"), "0");
        assert_eq!(header("x-ratelimit-reset"), (reset * 1000).to_string());
        assert!(response.headers().get("retry-after").is_none());
        let body = super::json_of(response).await;
        assert_eq!(body["error"]["metadata"]["limit_source"], source);
        assert!(
            body["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with("Rate limit exceeded: free-models-per-")
        );
        assert_eq!(bench.answer(&ask("openai/gpt-4o-mini", "hi")).await.0, 200);
    }
}

#[tokio::test]
async fn every_answer_has_a_record() {
    let bench = Bench::start().await;
    for body in [
        streamed("openai/gpt-4o", "hi"),
        ask("sandbox/reasons", "hi"),
        streamed("sandbox/empty", "x"),
    ] {
        let text = bench.post(&body).header("user-agent", "test/1").send().await.unwrap();
        let id = text.headers()["x-generation-id"].to_str().unwrap().to_owned();
        let text = text.text().await.unwrap();
        let record = bench.get(&format!("/generation?id={id}")).await.text().await.unwrap();
        assert_eq!(exact(&record, &["data", "total_cost"]), cost(&text));
        assert_eq!(exact(&record, &["data", "usage"]), cost(&text));
        let record: Value = serde_json::from_str(&record).unwrap();
        let usage = match chunks(&text).pop() {
            Some(last) => last["usage"].clone(),
            None => serde_json::from_str::<Value>(&text).unwrap()["usage"].clone(),
        };
        let data = &record["data"];
        assert_eq!(data["id"], json!(id));
        assert_eq!(data["native_tokens_prompt"], usage["prompt_tokens"]);
        assert_eq!(data["native_tokens_completion"], usage["completion_tokens"]);
        assert_eq!(data["streamed"], body["stream"].as_bool().unwrap_or(false));
        assert_eq!((&data["cancelled"], &data["finish_reason"]), (&json!(false), &json!("stop")));
        assert_eq!(data["user_agent"], "test/1");
        assert_eq!(data["created_at"], "2026-11-25T16:00:00.000Z");
        assert_eq!(data["provider_responses"].as_array().unwrap().len(), 1);
    }
    let missing = bench.get("/generation?id=gen-1-nothing").await;
    assert_eq!(missing.status(), 404);
    let text = missing.text().await.unwrap();
    assert_eq!(text, r#"{"error":{"message":"Generation gen-1-nothing not found","code":404}}"#);
    assert_eq!(bench.get("/generation").await.status(), 400);
}

#[tokio::test]
async fn a_record_appears_only_after_a_while() {
    let delay = std::time::Duration::from_secs(3600);
    let bench = Bench::with(Settings { generation_delay: delay, ..Settings::quick() }).await;
    let (_, answer) = bench.answer(&ask("sandbox/echo", "hi")).await;
    let path = format!("/generation?id={}", answer["id"].as_str().unwrap());
    assert_eq!(bench.get(&path).await.status(), 404);
}

#[tokio::test]
async fn a_long_conversation_is_read_from_the_cache() {
    let bench = Bench::start().await;
    let user = |text: &str| json!({ "role": "user", "content": text });
    let long = user(&"context ".repeat(1000));
    let more = |model: &str, provider: &str, messages: Value, mark: bool| {
        let mut body = json!({ "model": model, "messages": messages,
            "provider": { "only": [provider] }, "max_tokens": 4 });
        if mark {
            body["cache_control"] = json!({ "type": "ephemeral" });
        }
        body
    };
    let details = |text: &str| {
        let body: Value = serde_json::from_str(text).unwrap();
        let details = &body["usage"]["prompt_tokens_details"];
        (
            details["cached_tokens"].as_u64().unwrap(),
            details["cache_write_tokens"].as_u64().unwrap(),
        )
    };
    let first = bench.text(&more("openai/gpt-4o", "openai", json!([long]), false)).await;
    assert_eq!(details(&first), (0, 0));
    let next = json!([long, user("and?")]);
    let second = bench.text(&more("openai/gpt-4o", "openai", next, false)).await;
    let (read, _) = details(&second);
    assert_eq!(read, 1920);
    // 2001 tokens, 1920 of them at half the price, and 4 of output.
    assert_eq!(
        cost(&second),
        dollars("0.0000025") * Decimal::from(81)
            + dollars("0.00000125") * Decimal::from(1920)
            + dollars("0.00004")
    );
    let claude = "anthropic/claude-haiku-4.5";
    let plain = bench.text(&more(claude, "anthropic", json!([long]), false)).await;
    assert_eq!(details(&plain), (0, 0));
    let marked = bench.text(&more(claude, "anthropic", json!([long]), true)).await;
    assert_eq!(details(&marked), (0, 2000));
    assert_eq!(cost(&marked), dollars("0.00000125") * Decimal::from(2000) + dollars("0.00002"));
    let again = bench.text(&more(claude, "anthropic", json!([long, user("and?")]), true)).await;
    assert_eq!(details(&again).0, 1920);
}
