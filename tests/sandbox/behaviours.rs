//! Each of the sandbox's own models does what its description says.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, ask, chunks, streamed, told, until, with};

#[tokio::test]
async fn the_guide_the_echo_and_the_long_answer() {
    let bench = Bench::start().await;
    let guide = told(&bench.text(&streamed("sandbox/guide", "How do I set an API key?")).await);
    assert!(guide.contains("OPENROUTER_API_KEY"));
    let wide = "say 你好 and 👨‍👩‍👧 back\n\n- exactly\n";
    assert_eq!(told(&bench.text(&streamed("sandbox/echo", wide)).await), wide);
    let long = told(&bench.text(&streamed("sandbox/long", "go")).await);
    assert!(long.split_whitespace().count() > 3_000);
}

#[tokio::test]
async fn slow_sends_more_signs_of_life_before_its_first_word() {
    let bench = Bench::start().await;
    let waits = async |model: &str| {
        let text = bench.text(&streamed(model, "hello")).await;
        let before = text.split("data: ").next().unwrap();
        before.matches(": OPENROUTER PROCESSING\n\n").count()
    };
    assert_eq!(waits("sandbox/echo").await, 2);
    assert!(waits("sandbox/slow").await > 4);
}

#[tokio::test]
async fn flaky_fails_the_first_try_of_each_turn() {
    let bench = Bench::start().await;
    for question in ["one", "two"] {
        let (status, body) = bench.answer(&ask("sandbox/flaky", question)).await;
        assert_eq!((status, &body["error"]["code"]), (503, &json!(503)));
        assert!(body["error"]["metadata"]["provider_name"].is_string());
        for _ in 0..2 {
            assert_eq!(bench.answer(&ask("sandbox/flaky", question)).await.0, 200);
        }
    }
}

#[tokio::test]
async fn refusals_before_any_content() {
    let bench = Bench::start().await;
    for (model, status, retry_after) in [
        ("sandbox/rate-limited", 429, Some("3")),
        ("sandbox/rate-limited-bare", 429, None),
        ("sandbox/out-of-credit", 402, None),
        ("sandbox/moderated", 403, None),
        ("sandbox/overloaded", 529, None),
        ("sandbox/unavailable", 503, Some("5")),
        ("sandbox/internal-error", 500, None),
        ("sandbox/status-408", 408, None),
        ("sandbox/status-524", 524, None),
    ] {
        for body in [ask(model, "x"), streamed(model, "x")] {
            let response = bench.chat(&body).await;
            assert_eq!(response.status(), status, "{model}");
            assert_eq!(response.headers()["content-type"], "application/json", "{model}");
            assert!(response.headers().contains_key("x-generation-id"), "{model}");
            let header = response.headers().get("retry-after").map(|v| v.to_str().unwrap());
            assert_eq!(header, retry_after, "{model}");
            let text = response.text().await.unwrap();
            let json: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["error"]["code"], status, "{model}");
            assert!(!text.contains("\"choices\""), "{model}");
        }
    }
    assert_eq!(bench.sandbox.spent().exact(), "0");
}

#[tokio::test]
async fn refusals_carry_their_documented_details() {
    let bench = Bench::start().await;
    let error =
        async |model: &str, text: &str| bench.answer(&ask(model, text)).await.1["error"].clone();
    let limited = error("sandbox/rate-limited", "x").await;
    assert_eq!(limited["metadata"]["limit_source"], "upstream_provider_shared_pool");
    assert_eq!(limited["metadata"]["headers"]["Retry-After"], "3");
    assert_eq!(limited["metadata"]["retry_after_seconds"], 3);
    let bare = error("sandbox/rate-limited-bare", "x").await;
    assert!(bare["metadata"].get("headers").is_none());
    let broke = error("sandbox/out-of-credit", "x").await;
    assert_eq!(broke["metadata"]["limit_source"], "openrouter_credits");
    assert!(broke["metadata"]["remedy_hint"].is_string());
    let flagged = error("sandbox/moderated", &"a".repeat(300)).await;
    assert_eq!(flagged["metadata"]["model_slug"], "sandbox/moderated");
    assert_eq!(flagged["metadata"]["flagged_input"].as_str().unwrap().chars().count(), 100);
    assert!(flagged["metadata"]["reasons"].is_array());
    let gone = error("sandbox/unavailable", "x").await;
    assert_eq!(gone["availability"]["code"], "temporarily_unavailable");
    assert_eq!(gone["availability"]["retry_after"], 5);
    let masked = error("sandbox/internal-error", "x").await;
    assert_eq!(masked, json!({ "message": "Internal Server Error", "code": 500 }));
}

#[tokio::test]
async fn cut_off_means_no_finish_and_no_end_mark() {
    let bench = Bench::start().await;
    let text = bench.text(&streamed("sandbox/cuts-off", "x")).await;
    assert!(!text.contains("[DONE]") && !text.contains("\"usage\""));
    let chunks = chunks(&text);
    assert!(chunks.len() > 3);
    assert!(chunks.iter().all(|c| c["choices"][0]["finish_reason"].is_null()));
    let whole = bench.text(&ask("sandbox/cuts-off", "x")).await;
    assert!(whole.trim_start().starts_with('{') && serde_json::from_str::<Value>(&whole).is_err());
    assert!(bench.sandbox.spent().0 > rust_decimal::Decimal::ZERO);
}

#[tokio::test]
async fn a_reset_is_an_error_of_the_connection() {
    let bench = Bench::start().await;
    for body in [streamed("sandbox/resets", "x"), ask("sandbox/resets", "x")] {
        let mut response = bench.chat(&body).await;
        let mut got = Vec::new();
        let end = loop {
            match response.chunk().await {
                Ok(Some(piece)) => got.extend(piece),
                other => break other,
            }
        };
        assert!(end.is_err());
        assert!(String::from_utf8_lossy(&got).contains("content"));
    }
}

#[tokio::test]
async fn an_error_may_come_inside_a_200_and_is_not_charged() {
    let bench = Bench::start().await;
    let text = bench.text(&streamed("sandbox/fails-midway", "x")).await;
    let chunks = chunks(&text);
    let last = chunks.last().unwrap();
    assert_eq!(last["error"]["code"], 502);
    assert_eq!(last["error"]["metadata"]["error_type"], "provider_unavailable");
    assert_eq!(last["choices"][0]["finish_reason"], "error");
    assert!(told(&text).len() > 20 && text.ends_with("data: [DONE]\n\n"));
    let (status, whole) = bench.answer(&ask("sandbox/fails-midway", "x")).await;
    assert_eq!((status, &whole["choices"][0]["finish_reason"]), (200, &json!("error")));
    assert_eq!(whole["choices"][0]["error"]["code"], 502);
    assert!(!whole["choices"][0]["message"]["content"].as_str().unwrap().is_empty());
    assert_eq!(bench.sandbox.spent().exact(), "0");
}

#[tokio::test]
async fn a_stall_keeps_the_line_open_until_the_client_leaves() {
    let bench = Bench::start().await;
    let mut response = bench.chat(&streamed("sandbox/stalls", "hello")).await;
    let mut got = String::new();
    while let Ok(piece) = tokio::time::timeout(Duration::from_millis(100), response.chunk()).await {
        got.push_str(&String::from_utf8_lossy(&piece.unwrap().unwrap()));
    }
    assert!(!told(&got).is_empty() && !got.contains("[DONE]"));
    assert_eq!(bench.sandbox.live(), 1);
    drop(response);
    until("the stalled answer goes", || bench.sandbox.live() == 0).await;
}

#[tokio::test]
async fn thoughts_come_first_and_in_both_fields() {
    let bench = Bench::start().await;
    for (model, format) in [
        ("sandbox/reasons", Value::Null),
        ("anthropic/claude-opus-5", json!("anthropic-claude-v1")),
        ("openai/gpt-5", json!("openai-responses-v1")),
        ("google/gemini-2.5-pro", json!("google-gemini-v1")),
    ] {
        let body = with(streamed(model, "why"), &json!({ "reasoning": { "effort": "high" } }));
        let text = bench.text(&body).await;
        let chunks = chunks(&text);
        let deltas: Vec<&Value> = chunks.iter().map(|c| &c["choices"][0]["delta"]).collect();
        let thought = |d: &&Value| d["reasoning"].is_string();
        let last_thought = deltas.iter().rposition(thought).unwrap();
        let first_word = deltas
            .iter()
            .position(|d| d["content"].as_str().is_some_and(|c| !c.is_empty()))
            .unwrap();
        assert!(last_thought < first_word, "{model}");
        for delta in deltas.iter().copied().filter(thought) {
            let detail = &delta["reasoning_details"][0];
            assert_eq!(detail["format"], format, "{model}");
            let same = detail.get("text").or(detail.get("summary")).unwrap();
            assert_eq!(same, &delta["reasoning"], "{model}");
        }
        let usage = &chunks.last().unwrap()["usage"];
        let thinking = usage["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap();
        assert!(thinking > 0 && thinking < usage["completion_tokens"].as_u64().unwrap());
        let hidden = with(ask(model, "why"), &json!({ "reasoning": { "exclude": true } }));
        let (_, whole) = bench.answer(&hidden).await;
        assert_eq!(whole["choices"][0]["message"]["reasoning"], Value::Null, "{model}");
        assert!(whole["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64() > Some(0));
    }
}

#[tokio::test]
async fn a_tool_call_comes_in_pieces() {
    let bench = Bench::start().await;
    let tools = json!({ "tools": [{ "type": "function", "function": { "name": "get_weather",
        "parameters": { "type": "object", "properties": { "city": { "type": "string" } } } } }] });
    let text = bench.text(&with(streamed("sandbox/calls-tools", "Lisbon"), &tools)).await;
    let chunks = chunks(&text);
    let calls: Vec<&Value> = chunks
        .iter()
        .map(|c| &c["choices"][0]["delta"]["tool_calls"][0])
        .filter(|c| !c.is_null())
        .collect();
    assert_eq!(calls[0]["function"]["name"], "get_weather");
    assert!(calls[0]["id"].is_string() && calls[1].get("id").is_none());
    let arguments: String =
        calls.iter().filter_map(|c| c["function"]["arguments"].as_str()).collect();
    assert!(serde_json::from_str::<Value>(&arguments).unwrap()["city"].is_string());
    let finishes: Vec<&Value> = chunks
        .iter()
        .map(|c| &c["choices"][0]["finish_reason"])
        .filter(|finish| !finish.is_null())
        .collect();
    assert_eq!(finishes, ["tool_calls", "tool_calls"]);
    let (_, whole) = bench.answer(&with(ask("sandbox/calls-tools", "Lisbon"), &tools)).await;
    let message = &whole["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["tool_calls"][0]["type"]),
        (&Value::Null, &json!("function"))
    );
}

#[tokio::test]
async fn garbage_hostile_and_empty_answers() {
    let bench = Bench::start().await;
    let page = bench.chat(&streamed("sandbox/garbage", "x")).await;
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    let hostile = told(&bench.text(&streamed("sandbox/hostile", "x")).await);
    for sequence in [
        "\u{1b}[2J",
        "\u{1b}]52;c;",
        "\u{1b}]0;",
        "\u{9b}",
        "\u{202e}",
        "\u{1b}c",
        "\r",
        "\u{8}",
        "\u{0}",
    ] {
        assert!(hostile.contains(sequence), "{sequence:?}");
    }
    let empty = bench.text(&streamed("sandbox/empty", "x")).await;
    assert_eq!(told(&empty), "");
    assert!(empty.ends_with("data: [DONE]\n\n"));
    assert_eq!(chunks(&empty).last().unwrap()["usage"]["completion_tokens"], 0);
}

#[tokio::test]
async fn every_own_model_describes_itself() {
    let bench = Bench::start().await;
    let list = bench.get_json("/models?model_authors=sandbox").await;
    let names: Vec<&str> =
        list["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    for name in [
        "guide",
        "echo",
        "long",
        "slow",
        "flaky",
        "rate-limited",
        "rate-limited-bare",
        "cuts-off",
        "fails-midway",
        "stalls",
        "out-of-credit",
        "moderated",
        "reasons",
        "calls-tools",
        "garbage",
        "overloaded",
        "internal-error",
        "hostile",
        "empty",
    ] {
        assert!(names.contains(&format!("sandbox/{name}").as_str()), "{name}");
    }
}
