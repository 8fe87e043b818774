//! Chat answers down to the bytes, and what is refused before one begins.

use routedeck::sandbox::{KEY, Settings};
use serde_json::{Value, json};

use super::{Bench, NOON, ask, chunks, exact, streamed, told, until, with};

#[tokio::test]
async fn a_stream_is_byte_for_byte_what_the_service_sends() {
    let bench = Bench::start().await;
    let response = bench.chat(&streamed("sandbox/echo", "1 2")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let id = response.headers()["x-generation-id"].to_str().unwrap().to_owned();
    assert!(id.starts_with(&format!("gen-{NOON}-")) && id.len() == 4 + 10 + 1 + 20, "{id}");
    let text = response.text().await.unwrap();
    let provider = chunks(&text)[0]["provider"].as_str().unwrap().to_owned();
    let head = format!(
        r#"data: {{"id":"{id}","object":"chat.completion.chunk","created":{NOON},"model":"sandbox/echo","provider":"{provider}","#
    );
    let delta = |content: &str, finish: &str| {
        format!(
            r#""choices":[{{"index":0,"delta":{{"content":"{content}","role":"assistant"}},"finish_reason":{finish},"native_finish_reason":{finish}}}]"#
        )
    };
    let stop = delta("", "\"stop\"");
    let usage = r#""usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":0,"is_byok":false,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0,"video_tokens":0},"cost_details":{"upstream_inference_cost":0,"upstream_inference_prompt_cost":0,"upstream_inference_completions_cost":0},"completion_tokens_details":{"reasoning_tokens":0,"image_tokens":0,"audio_tokens":0}}"#;
    let content: String = chunks(&text)
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["content"].as_str())
        .filter(|content| !content.is_empty())
        .map(|content| format!("{head}{}}}\n\n", delta(content, "null")))
        .collect();
    let expected = format!(
        ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n{content}{head}{stop}}}\n\n\
         {head}\"service_tier\":null,{stop},{usage}}}\n\ndata: [DONE]\n\n"
    );
    assert_eq!(text, expected);
    assert_eq!(told(&text), "1 2");
}

#[tokio::test]
async fn an_answer_in_one_piece_begins_with_white_space() {
    let bench = Bench::start().await;
    let response = bench.chat(&ask("sandbox/echo", "hello there")).await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let id = response.headers()["x-generation-id"].to_str().unwrap().to_owned();
    let text = response.text().await.unwrap();
    let json = text.trim_start();
    let space = &text[..text.len() - json.len()];
    assert!(space.len() >= 22 && space == "\n         \n".repeat(space.len() / 11), "{space:?}");
    let provider: Value = serde_json::from_str(json).unwrap();
    let provider = provider["provider"].as_str().unwrap();
    let start = format!(
        r#"{{"id":"{id}","object":"chat.completion","created":{NOON},"model":"sandbox/echo","provider":"{provider}","system_fingerprint":null,"service_tier":null,"choices":[{{"index":0,"logprobs":null,"finish_reason":"stop","native_finish_reason":"stop","message":{{"role":"assistant","content":"hello there","refusal":null,"reasoning":null}}}}],"usage":{{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6,"cost":0,"is_byok":false,"#
    );
    assert!(json.starts_with(&start), "{json}");
}

#[tokio::test]
async fn stream_and_whole_say_and_cost_the_same_and_every_time() {
    let (one, two) = (Bench::start().await, Bench::start().await);
    let other = Bench::with(Settings { seed: 7, now: super::noon, ..Settings::quick() }).await;
    for model in ["openai/gpt-4o", "anthropic/claude-haiku-4.5", "sandbox/long", "sandbox/reasons"]
    {
        let question = "What is a lighthouse for?";
        let first = one.text(&streamed(model, question)).await;
        assert_eq!(first, two.text(&streamed(model, question)).await, "{model}");
        let different = other.text(&streamed(model, question)).await;
        assert_ne!(told(&first), told(&different), "{model}");
        let (_, whole) = one.answer(&ask(model, question)).await;
        assert_eq!(two.answer(&ask(model, question)).await.1, whole, "{model}");
        assert_eq!(whole["choices"][0]["message"]["content"], told(&first), "{model}");
        assert_eq!(&whole["usage"], &chunks(&first).last().unwrap()["usage"], "{model}");
        assert_eq!(whole["provider"], chunks(&first)[0]["provider"], "{model}");
    }
}

#[tokio::test]
async fn the_answer_carries_the_dated_slug() {
    let bench = Bench::start().await;
    let (_, body) = bench.answer(&ask("anthropic/claude-haiku-4.5", "hi")).await;
    assert_eq!(body["model"], "anthropic/claude-4.5-haiku-20251001");
    assert_eq!(body["choices"][0]["native_finish_reason"], "end_turn");
    let (_, body) = bench.answer(&ask("z-ai/glm-5.2:free", "hi")).await;
    assert_eq!(body["model"], "z-ai/glm-5.2-20260616:free");
}

#[tokio::test]
async fn who_has_no_key_gets_401() {
    let bench = Bench::start().await;
    let send = async |path: &str, key: Option<&str>| {
        let body = ask("sandbox/echo", "hi").to_string();
        let request = match path {
            "/chat/completions" => bench.client.post(bench.url(path)).body(body),
            _ => bench.client.get(bench.url(path)),
        };
        let request = match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    for path in
        ["/chat/completions", "/key", "/auth/key", "/credits", "/generation?id=x", "/models/user"]
    {
        let missing = r#"{"error":{"message":"Missing Authentication header","code":401}}"#;
        assert_eq!(send(path, None).await, (401, missing.to_owned()), "{path}");
        let wrong = r#"{"error":{"message":"User not found.","code":401}}"#;
        assert_eq!(send(path, Some("sk-or-v1-other")).await, (401, wrong.to_owned()), "{path}");
        assert_ne!(send(path, Some(KEY)).await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn bad_requests_are_refused_in_the_services_words() {
    let bench = Bench::start().await;
    for (body, message) in [
        (json!({}), r#"Input required: specify "prompt" or "messages""#),
        (ask("nobody/nothing", "x"), "nobody/nothing is not a valid model ID"),
        (
            with(ask("sandbox/echo", "x"), &json!({ "models": ["a/a", "b/b", "c/c", "d/d"] })),
            "'models' array must have 3 items or fewer.",
        ),
        (
            with(ask("sandbox/echo", "x"), &json!({ "temperature": 3 })),
            "temperature: must be a number from 0 to 2",
        ),
        (
            with(ask("sandbox/echo", "x"), &json!({ "provider": { "order": 1 } })),
            "provider.order: must be a list of texts",
        ),
        (
            with(ask("google/gemini-2.5-pro", "x"), &json!({ "reasoning": { "effort": "none" } })),
            "Reasoning is mandatory for this endpoint and cannot be disabled.",
        ),
        (ask("openai/gpt-5:batch", "x"), "openai/gpt-5:batch is only available in batches"),
    ] {
        let response = bench.chat(&body).await;
        assert_eq!(response.status(), 400, "{message}");
        assert!(response.headers().contains_key("x-generation-id"), "{message}");
        let answer = super::json_of(response).await;
        assert_eq!(answer["error"]["message"], message);
        assert_eq!(answer["error"]["code"], 400);
        assert!(answer["user_id"].is_string());
    }
    let raw = bench.client.post(bench.url("/chat/completions")).bearer_auth(KEY).body("no json");
    let answer = super::json_of(raw.send().await.unwrap()).await;
    assert_eq!(answer["error"]["message"], "Input must have at least 1 token.");
}

#[tokio::test]
async fn too_long_a_prompt_is_refused_with_the_numbers() {
    let bench = Bench::start().await;
    let (status, body) = bench.answer(&ask("openai/gpt-3.5-turbo", &"word ".repeat(20_000))).await;
    assert_eq!(status, 400);
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("This endpoint's maximum context length is 16385 tokens. However, you requested about 25000 tokens (25000 of text input)."), "{message}");
    assert!(body["error"]["metadata"]["previous_errors"].is_array());
    let (status, _) = bench
        .answer(&with(ask("openai/gpt-3.5-turbo", "x"), &json!({ "max_tokens": 17_000 })))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn what_nobody_knows_is_ignored() {
    let bench = Bench::start().await;
    let extra = json!({ "safe_prompt": true, "usage": { "include": true }, "transforms": ["middle-out"],
        "stream_options": { "include_usage": true }, "x": { "y": [1] }, "temperature": null });
    let (status, _) = bench.answer(&with(ask("sandbox/echo", "x"), &extra)).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn those_who_ask_see_the_route_and_the_upstream_request() {
    let bench = Bench::start().await;
    let body = with(
        streamed("sandbox/fails-over", "x"),
        &json!({ "debug": { "echo_upstream_body": true }, "provider": { "order": ["sandbox-one"] } }),
    );
    let response =
        bench.post(&body).header("X-OpenRouter-Metadata", "Enabled").send().await.unwrap();
    let chunks = chunks(&response.text().await.unwrap());
    assert_eq!(chunks[0]["choices"], json!([]));
    let echo = &chunks[0]["debug"]["echo_upstream_body"];
    assert_eq!(echo["messages"], body["messages"]);
    assert!(echo.get("provider").is_none());
    let meta = &chunks.last().unwrap()["openrouter_metadata"];
    assert_eq!(
        (&meta["requested"], &meta["strategy"]),
        (&json!("sandbox/fails-over"), &json!("direct"))
    );
    assert_eq!(meta["attempt"], 2);
    assert_eq!(meta["attempts"][0]["status"], 502);
    assert_eq!(meta["attempts"][1]["provider"], "Sandbox Two");
    let plain = bench.text(&streamed("sandbox/echo", "x")).await;
    assert!(!plain.contains("openrouter_metadata"));
}

#[tokio::test]
async fn a_client_that_leaves_stops_the_work_and_pays_for_what_it_got() {
    let settings = Settings {
        pace: std::time::Duration::from_millis(1),
        generation_delay: std::time::Duration::ZERO,
        ..Settings::default()
    };
    let bench = Bench::with(settings).await;
    let body = |provider: &str| {
        with(streamed("sandbox/long", "50000"), &json!({ "provider": { "only": [provider] } }))
    };
    let mut tokens = Vec::new();
    for provider in ["sandbox-one", "sandbox-two"] {
        let mut response = bench.chat(&body(provider)).await;
        let id = response.headers()["x-generation-id"].to_str().unwrap().to_owned();
        let mut got = Vec::new();
        while !String::from_utf8_lossy(&got).contains("\"content\":") {
            got.extend(response.chunk().await.unwrap().unwrap());
        }
        assert_eq!(bench.sandbox.live(), 1);
        drop(response);
        until("the answer stops", || bench.sandbox.live() == 0).await;
        let text = bench.get(&format!("/generation?id={id}")).await.text().await.unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(record["data"]["cancelled"], true);
        assert_eq!(record["data"]["finish_reason"], Value::Null);
        tokens.push(record["data"]["native_tokens_completion"].as_u64().unwrap());
        assert!(exact(&text, &["data", "total_cost"]) > rust_decimal::Decimal::ZERO);
    }
    // The first provider stops counting at once, the second bills the whole answer.
    assert!(tokens[0] < 5_000 && tokens[1] > 50_000, "{tokens:?}");
    let key = bench.get("/key").await.text().await.unwrap();
    assert_eq!(exact(&key, &["data", "usage"]), bench.sandbox.spent().0);
}

#[tokio::test]
async fn stopping_ends_everything_quickly() {
    let bench = Bench::start().await;
    let mut response = bench.chat(&streamed("sandbox/stalls", "x")).await;
    response.chunk().await.unwrap();
    let addr = bench.sandbox.addr();
    let stop = tokio::time::timeout(std::time::Duration::from_secs(2), bench.sandbox.stop());
    assert!(stop.await.is_ok());
    while let Ok(Some(_)) = response.chunk().await {}
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn requests_are_remembered_without_the_key() {
    let bench = Bench::start().await;
    bench.post(&ask("sandbox/echo", "remember")).header("x-title", "tests").send().await.unwrap();
    let seen = bench.sandbox.requests();
    let last = seen.last().unwrap();
    assert_eq!((last.method.as_str(), last.path.as_str()), ("POST", "/api/v1/chat/completions"));
    assert_eq!(last.json()["messages"][0]["content"], "remember");
    assert_eq!(last.header("x-title"), Some("tests"));
    assert!(last.keyed && last.header("authorization").is_none());
    assert!(!format!("{seen:?}").contains(KEY));
    for _ in 0..300 {
        bench.get("/credits").await;
    }
    assert!(bench.sandbox.requests().len() <= 256);
}
