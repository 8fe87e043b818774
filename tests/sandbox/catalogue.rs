//! `/models` and its relatives.

use routedeck::sandbox::KEY;
use serde_json::{Value, json};

use super::Bench;

fn ids(body: &Value) -> Vec<&str> {
    body["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everything_people_expect_is_listed_at_its_price() {
    let bench = Bench::start().await;
    let body = bench.get_json("/models").await;
    assert!(ids(&body).len() >= 150);
    assert_eq!(body["total_count"], json!(ids(&body).len()));
    assert_eq!(body["links"]["next"], Value::Null);
    for (id, prompt, completion) in [
        ("openai/gpt-4.1", "0.000002", "0.000008"),
        ("openai/gpt-4o", "0.0000025", "0.00001"),
        ("openai/gpt-4o-mini", "0.00000015", "0.0000006"),
        ("openai/o3", "0.000002", "0.000008"),
        ("openai/o4-mini", "0.0000011", "0.0000044"),
        ("openai/gpt-5", "0.00000125", "0.00001"),
        ("openai/gpt-5.2", "0.00000175", "0.000014"),
        ("anthropic/claude-opus-4.6", "0.000005", "0.000025"),
        ("anthropic/claude-sonnet-4.6", "0.000003", "0.000015"),
        ("anthropic/claude-haiku-4.5", "0.000001", "0.000005"),
        ("google/gemini-2.5-pro", "0.00000125", "0.00001"),
        ("google/gemini-2.5-flash", "0.0000003", "0.0000025"),
        ("google/gemini-3-flash-preview", "0.0000005", "0.000003"),
        ("meta-llama/llama-4-scout", "0.0000001", "0.0000003"),
        ("meta-llama/llama-4-maverick", "0.0000002", "0.0000008"),
        ("meta-llama/llama-3.3-70b-instruct", "0.0000001", "0.00000032"),
        ("meta-llama/llama-3.3-70b-instruct:free", "0", "0"),
        ("mistralai/mistral-large-2411", "0.000002", "0.000006"),
        ("mistralai/codestral-2508", "0.0000003", "0.0000009"),
        ("mistralai/mistral-small-3.2-24b-instruct", "0.000000075", "0.0000002"),
        ("deepseek/deepseek-v3.2", "", ""),
        ("qwen/qwen3-coder", "", ""),
        ("x-ai/grok-4.6", "", ""),
        ("moonshotai/kimi-k3", "", ""),
        ("z-ai/glm-5.3", "", ""),
        ("openrouter/auto", "-1", "-1"),
        ("openai/gpt-4o-mini:batch", "0.000000075", "0.0000003"),
        ("sandbox/guide", "0", "0"),
    ] {
        let listed = body["data"].as_array().unwrap().iter().find(|m| m["id"] == id);
        let model = listed.unwrap_or_else(|| panic!("{id} is not listed"));
        if !prompt.is_empty() {
            assert_eq!(model["pricing"]["prompt"], json!(prompt), "{id}");
            assert_eq!(model["pricing"]["completion"], json!(completion), "{id}");
        }
    }
}

#[tokio::test]
async fn every_model_has_all_fields_in_their_types() {
    let bench = Bench::start().await;
    let body = bench.get_json("/models?output_modalities=all").await;
    for model in body["data"].as_array().unwrap() {
        let id = model["id"].as_str().unwrap();
        for (name, fits) in [
            ("canonical_slug", model["canonical_slug"].is_string()),
            ("name", model["name"].as_str().is_some_and(|n| !n.is_empty())),
            ("created", model["created"].as_i64().is_some_and(|c| c > 1_600_000_000)),
            ("description", model["description"].as_str().is_some_and(|d| d.len() > 15)),
            ("context_length", model["context_length"].is_u64()),
            ("architecture", model["architecture"]["input_modalities"].is_array()),
            (
                "pricing",
                model["pricing"]
                    .as_object()
                    .unwrap()
                    .values()
                    .all(|p| p.is_string() || p.is_array() || p.is_number()),
            ),
            ("top_provider", model["top_provider"]["is_moderated"].is_boolean()),
            ("supported_parameters", model["supported_parameters"].is_array()),
            ("default_parameters", model["default_parameters"].is_object()),
            ("links", model["links"]["details"].as_str().unwrap().ends_with("/endpoints")),
        ] {
            assert!(fits, "{id}: {name}");
        }
        let endpoints = bench.get_json(&format!("/models/{id}/endpoints")).await;
        let list = endpoints["data"]["endpoints"].as_array().unwrap();
        assert!(list.len() <= 5, "{id}");
        assert_eq!(list.is_empty(), id.starts_with("openrouter/"), "{id}");
    }
}

#[tokio::test]
async fn filters_orders_and_pages() {
    let bench = Bench::start().await;
    let found = async |query: &str| bench.get_json(&format!("/models?{query}")).await;
    let claude = found("q=claude").await;
    assert!(ids(&claude).len() > 8 && ids(&claude).iter().all(|id| id.contains("claude")));
    let two = found("model_authors=anthropic,x-ai").await;
    assert!(
        ids(&two)
            .iter()
            .all(|id| id.trim_start_matches('~').starts_with("anthropic/")
                || id.starts_with("x-ai/"))
    );
    let tools = found("supported_parameters=tools,logprobs").await;
    for model in tools["data"].as_array().unwrap() {
        let parameters = model["supported_parameters"].as_array().unwrap();
        assert!(parameters.contains(&json!("tools")) && parameters.contains(&json!("logprobs")));
    }
    let wide = found("context=1000000&max_price=0.5&sort=context-high-to-low").await;
    let contexts: Vec<u64> = wide["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["context_length"].as_u64().unwrap())
        .collect();
    assert!(
        !contexts.is_empty()
            && contexts.is_sorted_by(|a, b| a >= b)
            && *contexts.last().unwrap() >= 1_000_000
    );
    let images = found("output_modalities=image").await;
    assert!(ids(&images).contains(&"google/gemini-3-pro-image"));
    assert!(!ids(&found("input_modalities=image").await).contains(&"openai/gpt-3.5-turbo"));
    let cheap = found("sort=pricing-low-to-high").await;
    assert_eq!(cheap["data"][0]["pricing"]["prompt"], "0");
    assert_eq!(cheap["data"].as_array().unwrap().last().unwrap()["pricing"]["prompt"], "-1");
    let newest = found("sort=newest&limit=2").await;
    assert_eq!(ids(&newest).len(), 2);
    assert_eq!(newest["links"]["next"], "/api/v1/models?offset=2&limit=2");
    let next = found("sort=newest&limit=2&offset=2").await;
    assert!(ids(&next).iter().all(|id| !ids(&newest).contains(id)));
    for bad in ["sort=prettiest", "limit=0", "limit=x", "max_price=-1", "output_modalities=smell"] {
        assert_eq!(bench.get(&format!("/models?{bad}")).await.status(), 400, "{bad}");
    }
    let count = bench.get_json("/models/count").await;
    assert_eq!(count["data"]["count"], bench.get_json("/models").await["total_count"]);
}

#[tokio::test]
async fn one_model_by_id_slug_alias_or_variant() {
    let bench = Bench::start().await;
    for (asked, id) in [
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("openai/gpt-4o:nitro", "openai/gpt-4o"),
        ("anthropic/claude-4.5-haiku-20251001", "anthropic/claude-haiku-4.5"),
        ("~anthropic/claude-sonnet-latest", "anthropic/claude-sonnet-5"),
        ("meta-llama/llama-3.3-70b-instruct:free", "meta-llama/llama-3.3-70b-instruct:free"),
    ] {
        assert_eq!(bench.get_json(&format!("/model/{asked}")).await["data"]["id"], id);
        assert_eq!(bench.get_json(&format!("/models/{asked}/endpoints")).await["data"]["id"], id);
    }
    let missing = bench.get("/model/nobody/nothing").await;
    assert_eq!(missing.status(), 404);
    assert_eq!(super::json_of(missing).await["error"]["code"], 404);
}

#[tokio::test]
async fn speeds_are_for_those_with_a_key() {
    let bench = Bench::start().await;
    let path = "/models/meta-llama/llama-3.3-70b-instruct/endpoints";
    let anonymous = bench.client.get(bench.url(path)).send().await.unwrap();
    let anonymous = super::json_of(anonymous).await;
    let keyed = bench.get_json(path).await;
    let list = keyed["data"]["endpoints"].as_array().unwrap();
    assert!(list.len() >= 4);
    for (at, endpoint) in list.iter().enumerate() {
        let without = &anonymous["data"]["endpoints"][at];
        assert_eq!(without["latency_last_30m"], Value::Null);
        assert_eq!(without["throughput_last_30m"], Value::Null);
        assert_eq!(without["uptime_last_30m"], endpoint["uptime_last_30m"]);
        for name in ["latency_last_30m", "throughput_last_30m"] {
            let p = |at: &str| endpoint[name][at].as_f64().unwrap();
            assert!(p("p50") < p("p75") && p("p75") < p("p90") && p("p90") < p("p99"), "{name}");
        }
        assert!(endpoint["tag"].is_string() && endpoint["quantization"].is_string());
        assert!(endpoint["pricing"]["discount"].is_number());
    }
    assert_eq!(list[0]["provider_name"], "DeepInfra");
    assert_eq!(list[0]["tag"], "deepinfra/turbo");
}

#[tokio::test]
async fn prices_by_length_and_hour_are_kept() {
    let bench = Bench::start().await;
    let pro = bench.get_json("/model/google/gemini-2.5-pro").await;
    let tier = &pro["data"]["pricing"]["overrides"][0];
    assert_eq!(
        (&tier["min_prompt_tokens"], &tier["prompt"]),
        (&json!(200_000), &json!("0.0000025"))
    );
    let deepseek = bench.get_json("/model/deepseek/deepseek-v4-flash-vision-exp").await;
    assert_eq!(deepseek["data"]["pricing"]["overrides"][0]["utc_start"], 1000);
}

#[tokio::test]
async fn providers_are_listed_once() {
    let bench = Bench::start().await;
    let body = bench.get_json("/providers").await;
    let slugs: Vec<&str> =
        body["data"].as_array().unwrap().iter().map(|p| p["slug"].as_str().unwrap()).collect();
    assert!(slugs.is_sorted_by(|a, b| a < b) && slugs.len() > 40);
    let google = body["data"].as_array().unwrap().iter().find(|p| p["slug"] == "google-vertex");
    assert_eq!(google.unwrap()["name"], "Google");
}

#[tokio::test]
async fn both_roots_and_the_headers_of_the_service() {
    let bench = Bench::start().await;
    let root = bench.sandbox.base_url().replace("/api/v1", "/v1");
    let response = bench.client.get(format!("{root}/models")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("access-control-allow-origin"), "*");
    assert!(header("cache-control").starts_with("public, max-age=120"));
    let preflight = bench
        .client
        .request(reqwest::Method::OPTIONS, bench.url("/chat/completions"))
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 204);
    let lost = bench.get("/no/such/route").await;
    assert_eq!(lost.status(), 404);
    assert_eq!(lost.text().await.unwrap(), r#"{"error":{"message":"Not Found","code":404}}"#);
    let wrong = bench.client.post(bench.url("/models")).bearer_auth(KEY).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
}
