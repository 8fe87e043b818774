//! Each recorded answer, served again over a socket, gives what it says.

use routedeck::domain::fault::{Billing, FaultClass};
use routedeck::domain::money::Usd;
use routedeck::domain::turn::FinishReason;
use routedeck::wire::chat::{ChatRequest, Content, decode_chunk};
use routedeck::wire::sse::{SseItem, SseParser};
use serde_json::Value;

use super::support::{Heard, ask, begin, chunk, client, finish, fixture, fixture_json, serve};

async fn replay(file: &str, size: usize) -> Heard {
    let is_stream = file.ends_with(".sse");
    let body = fixture(file);
    let server = serve(move |_, stream| {
        begin(stream, if is_stream { "text/event-stream" } else { "application/json" });
        for piece in body.chunks(size) {
            chunk(stream, piece);
        }
        finish(stream);
    });
    ask(&client(&server.base_url), is_stream).await
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn check(file: &str, want: &Value, heard: &Heard) {
    assert_eq!(heard.text, text_of(&want["text"]), "{file}: text");
    assert_eq!(heard.reasoning, text_of(&want["reasoning"]), "{file}: reasoning");
    assert_eq!(heard.finishes, [FinishReason::parse(text_of(&want["finish"]))], "{file}: finish");
    assert_eq!(heard.id.as_deref(), want["id"].as_str(), "{file}: id");
    assert_eq!(
        heard.model.as_ref().map(routedeck::domain::id::ModelId::as_str),
        want["model"].as_str(),
        "{file}: model"
    );
    assert_eq!(heard.provider.as_deref(), want["provider"].as_str(), "{file}: provider");
    let usage = heard.usage.as_ref().unwrap_or_else(|| panic!("{file}: no usage"));
    for (name, found) in [
        ("prompt_tokens", usage.prompt_tokens),
        ("completion_tokens", usage.completion_tokens),
        ("total_tokens", usage.total_tokens),
        ("cached_tokens", usage.cached_tokens),
        ("cache_write_tokens", usage.cache_write_tokens),
        ("reasoning_tokens", usage.reasoning_tokens),
        ("web_searches", usage.web_searches),
    ] {
        assert_eq!(Some(found), want[name].as_u64(), "{file}: {name}");
    }
    assert_eq!(usage.billed.map(Usd::exact).as_deref(), want["cost"].as_str(), "{file}: cost");
    assert_eq!(
        usage.upstream_cost.map(Usd::exact).as_deref(),
        want["upstream_cost"].as_str(),
        "{file}: upstream cost"
    );
}

#[tokio::test]
async fn every_recorded_answer_says_what_it_said() {
    let expected = fixture_json("expected.json");
    let expected = expected.as_object().unwrap();
    let recorded = fixture_json("index.json");
    let chats: Vec<&str> = recorded
        .as_array()
        .unwrap()
        .iter()
        .filter(|r| r["status"] == 200)
        .filter_map(|r| r["file"].as_str())
        .filter(|f| f.starts_with("chat-"))
        .collect();
    assert_eq!(chats.len(), 28);
    for file in chats {
        let want = &expected[file];
        // Pieces of 61 bytes cut lines, numbers and characters in all places.
        let heard = replay(file, 61).await;
        check(file, want, &heard);
        assert_eq!(
            heard.fault.is_some(),
            want["error"].as_bool().unwrap(),
            "{file}: {:?}",
            heard.fault
        );
    }
}

#[tokio::test]
async fn the_plain_stream_is_what_a_person_sees() {
    let heard = replay("chat-stream-text.sse", 1).await;
    assert_eq!(heard.text, "1\n2\n3");
    assert_eq!(heard.finishes, [FinishReason::Stop], "the wire says it twice");
    assert_eq!(heard.usage.unwrap().billed.unwrap().exact(), "0.00006");
    assert_eq!(heard.model.unwrap().as_str(), "anthropic/claude-4.5-haiku-20251001");
    assert!(heard.alive > 0, "keep-alives are signs of life");
}

#[tokio::test]
async fn a_cost_with_more_digits_than_a_float_prints_is_kept() {
    let heard = replay("chat-stream-web-search-annotations.sse", 4096).await;
    assert_eq!(heard.usage.unwrap().billed.unwrap().exact(), "0.0076509169000000005");
}

#[tokio::test]
async fn an_answer_without_a_cost_has_none() {
    for file in ["chat-json-preset.json", "chat-json-tool-call.json"] {
        let usage = replay(file, 4096).await.usage.unwrap();
        assert_eq!((usage.billed, usage.upstream_cost), (None, None), "{file}");
        assert!(usage.prompt_tokens > 0);
    }
}

#[tokio::test]
async fn an_error_in_mid_stream_keeps_what_came() {
    let heard = replay("chat-stream-mid-error.sse", 61).await;
    let fault = heard.fault.unwrap();
    assert_eq!(heard.reasoning, "We need to respond to a greeting. The user");
    assert_eq!((fault.class, &*fault.message), (FaultClass::ContextLength, "Token limit reached"));
    assert_eq!((fault.billing, fault.status), (Billing::MayBeBilled, Some(400)));
    assert_eq!(fault.provider.as_deref(), Some("Minimax"));
    assert_eq!(fault.generation_id.as_deref(), Some("gen-test"));
    assert_eq!(heard.usage.unwrap().billed.unwrap().exact(), "0");
}

#[test]
fn no_event_of_any_recording_is_passed_over() {
    for file in
        fixture_json("expected.json").as_object().unwrap().keys().filter(|f| f.ends_with(".sse"))
    {
        let mut parser = SseParser::default();
        let mut items = Vec::new();
        parser.push(&fixture(file), &mut items).unwrap();
        parser.finish(&mut items);
        let text = String::from_utf8(fixture(file)).unwrap();
        let data = items.iter().filter(|i| matches!(i, SseItem::Data(_))).count();
        assert_eq!(data, text.matches("data: {").count(), "{file}");
        assert_eq!(items.last(), Some(&SseItem::Done), "{file}");
        for item in items {
            if let SseItem::Data(json) = item {
                decode_chunk(&json).unwrap_or_else(|why| panic!("{file}: {why}: {json}"));
            }
        }
    }
}

#[test]
fn recorded_requests_read_as_requests() {
    let read = |file: &str| -> ChatRequest { serde_json::from_slice(&fixture(file)).unwrap() };
    let plain = read("chat-stream-text.request.json");
    assert!(plain.stream && plain.messages[0].role == "user");
    let tools = read("chat-stream-reasoning-tools-turn2.request.json");
    assert_eq!(tools.messages[1].content, Content::Text(String::new()));
    assert_eq!(tools.messages[2].role, "tool");
    assert!(!read("chat-json-web-search.request.json").stream);
}
