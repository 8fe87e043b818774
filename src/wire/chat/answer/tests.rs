use super::*;
use proptest::prelude::*;

fn delta(inside: &str) -> Chunk {
    decode_chunk(&format!(r#"{{"choices":[{{"index":0,"delta":{inside}}}]}}"#)).unwrap()
}

fn said(inside: &str) -> (Option<String>, Option<String>) {
    let chunk = delta(inside);
    (chunk.reasoning, chunk.text)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn content_is_null_a_string_or_parts() {
    assert_eq!(said(r#"{"role":"assistant","content":"hi"}"#), (None, some("hi")));
    assert_eq!(said(r#"{"content":null}"#), (None, None));
    assert_eq!(said(r#"{"content":""}"#), (None, None));
    assert_eq!(
        said(r#"{"content":[{"type":"text","text":"a"},"b",{"type":"image"},7]}"#),
        (None, some("ab"))
    );
    assert_eq!(
        said(
            r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"a"}]}"#
        ),
        (some("t"), some("a"))
    );
    assert_eq!(said(r#"{"content":{"not":"ours"}}"#), (None, None));
    assert_eq!(said(r#"{"content":null,"refusal":"No."}"#), (None, some("No.")));
}

#[test]
fn reasoning_is_shown_once_under_any_name() {
    assert_eq!(
        said(r#"{"reasoning":"r","reasoning_content":"r","reasoning_details":[{"text":"r"}]}"#).0,
        some("r")
    );
    assert_eq!(said(r#"{"reasoning_content":"deepseek"}"#).0, some("deepseek"));
    assert_eq!(said(r#"{"thinking":"ollama"}"#).0, some("ollama"));
    assert_eq!(
        said(r#"{"reasoning":null,"reasoning_details":[{"type":"reasoning.encrypted","data":"x"},{"type":"reasoning.summary","summary":"s"}]}"#).0,
        some("s")
    );
}

#[test]
fn the_debug_chunk_and_the_usage_chunk_need_no_choices() {
    let debug = decode_chunk(
        r#"{"id":"g","provider":"P","model":"m","choices":[],"debug":{"echo_upstream_body":{}}}"#,
    )
    .unwrap();
    assert_eq!((debug.has_choice, debug.provider.as_deref()), (false, Some("P")));
    let usage =
        decode_chunk(r#"{"choices":[],"usage":{"prompt_tokens":1,"cost":3.4e-7}}"#).unwrap();
    assert_eq!(usage.usage.unwrap().billed.unwrap().exact(), "0.00000034");
    for (place, json) in [
        ("choice", r#"{"choices":[{"delta":{},"usage":{"prompt_tokens":5}}]}"#),
        ("groq", r#"{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":5}}}"#),
    ] {
        assert_eq!(decode_chunk(json).unwrap().usage.map(|u| u.prompt_tokens), Some(5), "{place}");
    }
}

#[test]
fn errors_inside_a_200_are_found_in_all_three_places() {
    for (json, status) in [
        (
            r#"{"error":{"code":429,"message":"m"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#,
            Some(429),
        ),
        (
            r#"{"choices":[{"message":{"content":"half"},"finish_reason":"error","error":{"code":502,"message":"m"}}]}"#,
            Some(502),
        ),
        (r#"{"error":{"code":"server_error","message":"m"}}"#, None),
    ] {
        let error = decode_chunk(json).unwrap().error.unwrap();
        assert_eq!((error.status, error.message.as_deref()), (status, Some("m")), "{json}");
    }
    assert_eq!(decode_chunk(r#"{"error":null,"choices":[]}"#).unwrap().error, None);
}

#[test]
fn odd_fields_spoil_nothing() {
    let chunk = decode_chunk(
        r#"{"id":7,"model":{"a":1},"provider":null,"created":"x","object":[],
        "choices":[{"index":"0","delta":{"content":"ok","role":5,"tool_calls":null,"annotations":[{"type":"url_citation"}],"new":{}},
        "finish_reason":"eos","logprobs":{}},{"delta":{"content":"second choice"}}],"usage":"none"}"#,
    )
    .unwrap();
    assert_eq!(chunk.text, some("ok"));
    assert_eq!(chunk.finish, Some(FinishReason::Other("eos".into())));
    assert_eq!((chunk.id, chunk.model, chunk.usage), (None, None, None));
    assert_eq!(decode_chunk(r#"{"choices":[7]}"#).unwrap().text, None);
    assert_eq!(
        decode_chunk(r#"{"choices":[{"delta":{},"finish_reason":""}]}"#).unwrap().finish,
        None
    );
}

#[test]
fn tool_calls_are_tolerated() {
    let chunk = delta(
        r#"{"content":null,"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]}"#,
    );
    assert!(chunk.calls_tool && chunk.text.is_none());
    assert!(delta(r#"{"function_call":{"name":"f"}}"#).calls_tool);
}

#[test]
fn what_is_no_answer_is_said_so() {
    for json in ["", "null", "[]", "7", "\"x\"", "{\"choices\":[", "<html>", "{} {}"] {
        assert!(decode_chunk(json).is_err(), "{json}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_panic(json in "\\PC{0,80}|[\\[\\]{}\":,a-z0-9\\\\]{0,80}") {
        let _ = decode_chunk(&json);
    }
}
