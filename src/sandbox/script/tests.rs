//! What answers say.

use super::*;
use crate::sandbox::catalog::catalog;

fn script(model: &str, body: &Value) -> Script {
    let entry = catalog().find(model).unwrap();
    let ask = Ask::read(body.to_string().as_bytes()).unwrap();
    Script::write(super::super::behaviour::behaviour_of(model), entry, &ask, 1)
}

fn asked(model: &str, question: &str) -> Script {
    script(model, &json!({ "messages": [{ "role": "user", "content": question }] }))
}

#[test]
fn an_answer_says_that_it_is_simulated_and_speaks_of_the_prompt() {
    for entry in catalog().entries.iter().filter(|e| !e.id.starts_with("sandbox/")) {
        let text = asked(&entry.id, "Explain lighthouses to a gardener").text;
        assert!(text.starts_with("**Simulated reply**"), "{}: {text}", entry.id);
        assert!(text.contains("lighthouses") && text.contains("gardener"), "{text}");
    }
}

#[test]
fn the_guide_finds_the_chapter() {
    for (question, part) in [
        ("How do I set my API key?", "OPENROUTER_API_KEY"),
        ("how can I switch the model", "Ctrl+O"),
        ("What does it cost? prices?", "per million"),
        ("where is my usage", "routedeck usage"),
        ("search in old chats", "chats search"),
        ("which keyboard shortcuts are there", "Ctrl+P"),
        ("a dark theme please", "--theme"),
        ("configuration file", "config path"),
        ("use it in a shell script with json", "routedeck ask"),
        ("why do I get 429", "429"),
    ] {
        let text = asked("sandbox/guide", question).text;
        assert!(text.contains(part), "{question}: {text}");
    }
    let text = asked("sandbox/guide", "xyzzy").text;
    assert!(text.contains("This is the sandbox") && text.contains("I know about"), "{text}");
}

#[test]
fn the_long_answer_is_as_long_as_one_likes_and_has_everything() {
    let text = asked("sandbox/long", "go").text;
    assert!((3_500..6_000).contains(&text.split_whitespace().count()));
    for part in
        ["\n## ", "\n- ", "\n1. ", "|---|", "```rust", "中文", "👨‍👩‍👧‍👦", "\n> ", "[^1]", "- [x]"]
    {
        assert!(text.contains(part), "{part}");
    }
    let short = asked("sandbox/long", "write 200 words").text;
    assert!((150..600).contains(&short.split_whitespace().count()));
    assert!(asked("sandbox/long", "100000").text.split_whitespace().count() > 99_000);
}

#[test]
fn limits_and_stops_are_kept() {
    let body = |extra: Value| {
        let mut body = json!({ "messages": [{ "role": "user", "content": "tell me all" }] });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let cut = script("openai/gpt-4o", &body(json!({ "max_tokens": 10 })));
    assert_eq!((cut.finish, cut.text.chars().count()), (Finish::Length, 40));
    let thought = script("sandbox/reasons", &body(json!({ "max_tokens": 5 })));
    assert_eq!((thought.text.as_str(), thought.finish), ("", Finish::Length));
    let stopped = script("openai/gpt-4o", &body(json!({ "stop": ["reply"] })));
    assert_eq!((stopped.text.as_str(), stopped.finish), ("**Simulated ", Finish::Stop));
}

#[test]
fn more_effort_means_more_thought() {
    let thought = |effort: &str| {
        let body = json!({ "messages": [{ "role": "user", "content": "why" }],
            "reasoning": { "effort": effort } });
        tokens(&script("sandbox/reasons", &body).reasoning)
    };
    let thoughts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"].map(thought);
    assert_eq!(thoughts[0], 0);
    assert!(thoughts.is_sorted_by(|a, b| a < b), "{thoughts:?}");
    assert!(asked("openai/gpt-4o", "why").reasoning.is_empty());
}

#[test]
fn a_tool_is_called_with_arguments_that_fit_and_then_quoted() {
    let tools = json!([{ "type": "function", "function": { "name": "weather", "parameters": {
        "type": "object", "properties": { "city": { "type": "string" },
            "unit": { "enum": ["C", "F"] }, "days": { "type": "integer", "maximum": 3 } } } } }]);
    let user = json!({ "role": "user", "content": "weather in Lisbon" });
    let first = script("sandbox/calls-tools", &json!({ "messages": [user], "tools": tools }));
    assert_eq!((first.finish, first.text.as_str()), (Finish::ToolCalls, ""));
    let arguments: Value = serde_json::from_str(&first.calls[0].arguments).unwrap();
    assert!(arguments["city"].is_string() && arguments["days"].as_i64().unwrap() <= 3);
    assert!(["C", "F"].contains(&arguments["unit"].as_str().unwrap()));
    let result = json!({ "role": "tool", "tool_call_id": "1", "content": "sunny" });
    let second =
        script("sandbox/calls-tools", &json!({ "messages": [user, result], "tools": tools }));
    assert!(second.calls.is_empty() && second.text.contains("sunny"));
    let plain = script("openai/gpt-4o", &json!({ "messages": [user], "tools": tools }));
    assert!(plain.calls.is_empty());
    let forced = json!({ "messages": [user], "tools": tools, "tool_choice": "required" });
    assert_eq!(script("openai/gpt-4o", &forced).calls.len(), 1);
}

#[test]
fn a_schema_gets_json_that_fits() {
    let schema = json!({ "type": "object", "properties": {
        "name": { "type": "string" }, "tags": { "type": "array", "minItems": 2,
            "items": { "type": "string" } }, "ok": { "type": "boolean" } } });
    let body = json!({ "messages": [{ "role": "user", "content": "a harbour" }],
        "response_format": { "type": "json_schema",
            "json_schema": { "name": "x", "schema": schema } } });
    let value: Value = serde_json::from_str(&script("openai/gpt-4o", &body).text).unwrap();
    assert!(value["name"].is_string() && value["ok"].is_boolean());
    assert_eq!(value["tags"].as_array().unwrap().len(), 2);
}

#[test]
fn slow_rests_longer_before_and_between_words() {
    let (slow, usual) = (asked("sandbox/slow", "hi"), asked("openai/gpt-4o", "hi"));
    assert!(slow.first > 4 * usual.first && slow.stretch >= 10 * usual.stretch);
}
