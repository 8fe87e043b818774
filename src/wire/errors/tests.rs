use super::*;
use proptest::prelude::*;

fn decoded(json: &str) -> ErrorBody {
    ErrorBody::decode(json.as_bytes()).unwrap_or_else(|| panic!("no error in {json}"))
}

fn message(json: &str) -> String {
    decoded(json).message.map(|m| m.to_string()).unwrap_or_default()
}

#[test]
fn every_envelope_gives_its_sentence() {
    for (json, want) in [
        (r#"{"error":{"message":"Missing","code":401}}"#, "Missing"),
        (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
        (r#"{"error":true,"message":"outside"}"#, "outside"),
        (r#"{"object":"error","message":"vllm","type":"BadRequestError","code":400}"#, "vllm"),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "Overloaded",
        ),
        (r#"[{"error":{"code":400,"message":"gemini","status":"INVALID_ARGUMENT"}}]"#, "gemini"),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        (
            r#"{"detail":[{"loc":["body","model"],"msg":"field required"}]}"#,
            "body.model: field required",
        ),
        (r#"{"error":"{\"error\":{\"message\":\"nested\"}}"}"#, "nested"),
        (r#""just words""#, "just words"),
    ] {
        assert_eq!(message(json), want, "{json}");
    }
}

#[test]
fn a_generic_sentence_gives_way_to_the_providers_own() {
    let outer = |raw: &str| {
        format!(
            r#"{{"error":{{"message":"Provider returned error","code":400,"metadata":{{"provider_name":"P","raw":{raw}}}}}}}"#
        )
    };
    assert_eq!(message(&outer(r#""too many requests""#)), "too many requests");
    assert_eq!(message(&outer(r#"{"error":{"message":"as an object"}}"#)), "as an object");
    assert_eq!(
        message(&outer(r#""{\"error\":{\"message\":\"as text\",\"code\":\"x_y\"}}""#)),
        "as text"
    );
    assert_eq!(
        decoded(&outer(r#""{\"error\":{\"message\":\"as text\",\"code\":\"x_y\"}}""#))
            .code
            .as_deref(),
        Some("x_y")
    );
    assert_eq!(message(&outer("null")), "Provider returned error");
    assert_eq!(decoded(&outer("7")).provider.as_deref(), Some("P"));
}

#[test]
fn codes_are_numbers_or_words() {
    let code = |json: &str| (decoded(json).status, decoded(json).code.map(String::from));
    assert_eq!(code(r#"{"error":{"code":"429","message":"m"}}"#), (Some(429), None));
    assert_eq!(
        code(r#"{"error":{"code":"server_error","message":"m"}}"#),
        (None, Some("server_error".into()))
    );
    assert_eq!(
        code(r#"{"error":{"http_status":503,"message":"m","error_type":"x"}}"#),
        (Some(503), None)
    );
    assert_eq!(
        code(r#"{"error":{"code":null,"type":"invalid_request_error","message":"m"}}"#),
        (None, Some("invalid_request_error".into()))
    );
}

#[test]
fn waits_are_found_wherever_they_are() {
    let wait = |inside: &str| {
        decoded(&format!(r#"{{"error":{{"message":"m",{inside}}}}}"#)).retry_after_ms
    };
    assert_eq!(wait(r#""metadata":{"retry_after_seconds":1.5}"#), Some(1500));
    assert_eq!(wait(r#""retry_after":2"#), Some(2000));
    assert_eq!(
        wait(r#""details":[{"x":1},{"@type":"t/RetryInfo","retryDelay":"33s"}]"#),
        Some(33_000)
    );
    assert_eq!(wait(r#""availability":{"code":"capacity_exhausted","retry_after":5}"#), Some(5000));
    assert_eq!(wait(r#""metadata":{"retry_after_seconds":-1}"#), None);
}

#[test]
fn an_error_is_one_harmless_line_of_bearable_length() {
    let body = decoded("{\"error\":{\"message\":\"a\\u001b[31mb\\nc\"}}");
    assert_eq!(body.message.as_deref(), Some("ab c"));
    let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "x".repeat(10_000));
    assert_eq!(message(&long).chars().count(), LONGEST_MESSAGE + 1);
}

#[test]
fn what_says_nothing_is_no_error() {
    for body in ["", "<html>", "{}", "[]", "7", "null", "{\"error\":null}", "{\"data\":[]}"] {
        assert_eq!(ErrorBody::decode(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn errors_nested_without_end_are_given_up() {
    let mut json = r#"{"error":{"message":"deep"}}"#.to_owned();
    for _ in 0..12 {
        let raw = serde_json::to_string(&json).unwrap();
        json = format!(
            r#"{{"error":{{"message":"Provider returned error","metadata":{{"raw":{raw}}}}}}}"#
        );
    }
    assert_eq!(message(&json), "Provider returned error");
}

proptest! {
    #[test]
    fn no_body_makes_a_panic(body in prop::collection::vec(any::<u8>(), 0..80), json in "[\\[\\]{}\":,a-z0-9\\\\]{0,60}") {
        let _ = ErrorBody::decode(&body);
        let _ = ErrorBody::decode(json.as_bytes());
    }
}
