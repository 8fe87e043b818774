//! Each rule of the protocol, and the field that a breach names.

use super::*;

fn read(extra: &Value) -> Result<Ask, Refusal> {
    let mut body = json!({ "messages": [{ "role": "user", "content": "hi" }] });
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    Ask::read(body.to_string().as_bytes())
}

#[test]
fn a_breach_names_its_field() {
    for (field, value) in [
        ("temperature", json!(2.1)),
        ("temperature", json!("1")),
        ("top_p", json!(-0.1)),
        ("top_k", json!(1.5)),
        ("frequency_penalty", json!(3)),
        ("repetition_penalty", json!(2.5)),
        ("seed", json!(1.5)),
        ("max_tokens", json!(0)),
        ("max_completion_tokens", json!(-1)),
        ("stream", json!("yes")),
        ("model", json!(7)),
        ("models", json!("a/b")),
        ("stop", json!(["a", "b", "c", "d", "e"])),
        ("stop", json!([1])),
        ("logit_bias.50256", json!({ "50256": 101 })),
        ("top_logprobs", json!(3)),
        ("reasoning_effort", json!("extreme")),
        ("reasoning.effort", json!({ "effort": "huge" })),
        ("reasoning.enabled", json!({ "enabled": "on" })),
        ("reasoning", json!({ "effort": "low", "max_tokens": 100 })),
        ("verbosity", json!("loud")),
        ("service_tier", json!("gold")),
        ("route", json!("random")),
        ("session_id", json!("x".repeat(257))),
        ("metadata", json!({ "k": "v".repeat(513) })),
        ("modalities", json!(["smell"])),
        ("max_tool_calls", json!(31)),
        ("tool_choice", json!("required")),
        ("tools[0].type", json!([{ "function": { "name": "f" } }])),
        ("tools[0].function.name", json!([{ "type": "function", "function": { "name": "a b" } }])),
        ("tools[0].type", json!([{ "type": "openrouter:web_search" }])),
        ("response_format.type", json!({ "type": "xml" })),
        ("response_format.json_schema", json!({ "type": "json_schema" })),
        ("provider", json!("openai")),
        ("provider.order", json!({ "order": "openai" })),
        ("provider.allow_fallbacks", json!({ "allow_fallbacks": 0 })),
        ("provider.data_collection", json!({ "data_collection": "maybe" })),
        ("provider.quantizations", json!({ "quantizations": ["fp7"] })),
        ("provider.sort", json!({ "sort": "beauty" })),
        ("provider.sort.by", json!({ "sort": { "by": "beauty" } })),
        ("provider.max_price.prompt", json!({ "max_price": { "prompt": "cheap" } })),
        ("provider.preferred_max_latency", json!({ "preferred_max_latency": "low" })),
        ("plugins[0].id", json!([{}])),
    ] {
        let top = field.split(['.', '[']).next().unwrap();
        let refusal = read(&json!({ top: value })).expect_err(field);
        assert_eq!(refusal.status, 400, "{field}");
        assert_eq!(refusal.metadata["field"], json!(field), "{}", refusal.message);
        assert!(refusal.message.starts_with(field), "{}", refusal.message);
    }
}

#[test]
fn messages_are_checked_one_by_one() {
    for (field, message) in [
        ("messages[0].role", json!({ "content": "x" })),
        ("messages[0].role", json!({ "role": "robot", "content": "x" })),
        ("messages[0].content", json!({ "role": "user" })),
        ("messages[0].content", json!({ "role": "user", "content": 7 })),
        ("messages[0].content[0].type", json!({ "role": "user", "content": [{ "text": "x" }] })),
        (
            "messages[0].content[0].image_url.url",
            json!({ "role": "user", "content": [{ "type": "image_url", "image_url": {} }] }),
        ),
        ("messages[0].tool_call_id", json!({ "role": "tool", "content": "x" })),
        (
            "messages[0].tool_calls[0].function.arguments",
            json!({ "role": "assistant",
                "tool_calls": [{ "id": "1", "function": { "name": "f" } }] }),
        ),
    ] {
        let body = json!({ "messages": [message] }).to_string();
        let refusal = Ask::read(body.as_bytes()).expect_err(field);
        assert_eq!(refusal.metadata["field"], json!(field), "{}", refusal.message);
    }
}

#[test]
fn what_is_allowed_is_taken() {
    let ask = read(&json!({
        "model": "a/b", "models": ["a/b", "c/d"], "route": "fallback", "stream": true,
        "temperature": 2, "max_tokens": 1, "stop": "x", "seed": -1, "top_logprobs": 20,
        "logprobs": true, "reasoning": { "effort": "low", "exclude": true }, "transforms": [],
        "usage": { "include": true }, "stream_options": { "include_usage": true },
        "nobody_knows_this": { "at": "all" }, "top_p": null, "service_tier": "fast",
        "provider": { "sort": { "by": "price", "partition": "none" },
            "max_price": { "prompt": "1.5", "completion": 2 },
            "preferred_min_throughput": { "p90": 50 } },
    }))
    .unwrap();
    assert_eq!(ask.models, ["a/b", "c/d"]);
    assert!(ask.stream && ask.thinking.exclude);
    assert_eq!(ask.rules.sort, Some(Sort::Price));
    assert_eq!(ask.rules.max_prompt, Some(rust_decimal::Decimal::new(15, 1)));
    assert_eq!(
        ask.parameters,
        ["temperature", "seed", "stop", "logprobs", "top_logprobs", "reasoning"]
    );
}

#[test]
fn four_fallbacks_are_one_too_many() {
    let refusal = read(&json!({ "models": ["a/a", "b/b", "c/c", "d/d"] })).unwrap_err();
    assert_eq!(refusal.message, "'models' array must have 3 items or fewer.");
    assert_eq!(
        read(&json!({ "model": "e/e", "models": ["a/a", "b/b", "c/c"] })).unwrap().models.len(),
        4
    );
}

#[test]
fn nothing_to_answer_is_said_in_the_services_words() {
    let message = |body: &str| Ask::read(body.as_bytes()).unwrap_err().message.clone();
    let missing = "Input required: specify \"prompt\" or \"messages\"";
    assert_eq!(message("{}"), missing);
    assert_eq!(message(r#"{"messages":[]}"#), missing);
    assert_eq!(message("no json"), "Input must have at least 1 token.");
    let old = Ask::read(br#"{"prompt":"once upon"}"#).unwrap();
    assert_eq!(old.question(), "once upon");
}

#[test]
fn four_characters_make_a_token() {
    let ask = read(&json!({ "messages": [
        { "role": "system", "content": "12345678" },
        { "role": "user", "content": [{ "type": "text", "text": "123" },
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA" } }] },
    ] }))
    .unwrap();
    assert_eq!(ask.prompt_tokens(), 3 + 256);
}
