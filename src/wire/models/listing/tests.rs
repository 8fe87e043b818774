use super::*;
use proptest::prelude::*;

fn listed(json: &str) -> Listing {
    decode_models(json.as_bytes()).unwrap_or_else(|why| panic!("{why}: {json}"))
}

fn ids(json: &str) -> Vec<String> {
    listed(json).models.iter().map(|m| m.id.to_string()).collect()
}

fn only(json: &str) -> Model {
    let mut listing = listed(json);
    assert_eq!(listing.problems, Vec::<String>::new());
    assert_eq!(listing.models.len(), 1);
    listing.models.remove(0)
}

#[test]
fn other_servers_lists_are_understood() {
    let ollama = only(
        r#"{"object":"list","data":[{"id":"llama3:8b","object":"model","created":1790000000,"owned_by":"library"}]}"#,
    );
    assert_eq!(
        (ollama.id.as_str(), &*ollama.name, ollama.created),
        ("llama3:8b", "llama3:8b", Some(1_790_000_000))
    );
    assert_eq!((ollama.context_length, ollama.pricing.base.is_empty()), (None, true));

    let tags = only(
        r#"{"models":[{"name":"llama3:8b","model":"llama3:8b","size":1,"details":{"family":"llama"}}]}"#,
    );
    assert_eq!(tags.id.as_str(), "llama3:8b");

    let llama_cpp = only(
        r#"{"models":[{"name":"x.gguf"}],"object":"list","data":[{"id":"x.gguf","meta":{"n_ctx_train":131072,"n_params":8}}]}"#,
    );
    assert_eq!(llama_cpp.context_length, Some(131_072));

    let vllm = only(
        r#"{"object":"list","data":[{"id":"org/m","max_model_len":32768,"root":"org/m","permission":[{}]}]}"#,
    );
    assert_eq!(vllm.context_length, Some(32_768));

    let litellm = only(
        r#"{"data":[{"model_name":"gpt","litellm_params":{},"model_info":{"id":"h","max_input_tokens":128000,"max_output_tokens":16384,
        "input_cost_per_token":1.5e-07,"output_cost_per_token":6e-07,"supports_vision":true}}]}"#,
    );
    assert_eq!(
        (litellm.context_length, litellm.max_completion_tokens),
        (Some(128_000), Some(16_384))
    );
    assert_eq!(litellm.pricing.base.get(PriceKey::Prompt).unwrap().label(), "0.00000015");
    assert_eq!(litellm.modality_letters(), "TI");

    assert_eq!(only(r#"{"data":[{"id":"g","context_window":8192}]}"#).context_length, Some(8192));
    assert_eq!(ids(r#"[{"id":"bare"},{"id":"array"}]"#), ["bare", "array"]);
}

#[test]
fn an_empty_list_is_a_list() {
    for json in [r#"{"data":[]}"#, r#"{"object":"list","data":null}"#, r#"{"models":[]}"#, "[]"] {
        assert_eq!(listed(json), Listing::default(), "{json}");
    }
}

#[test]
fn one_bad_model_hides_no_other() {
    let listing = listed(
        r#"{"data":[{"id":"a"},{"name":null},7,{"id":""},{"id":"b","pricing":{"prompt":"cheap"}},{"id":"a"},
        {"id":"c","id":"d"},{"id":"e","architecture":[],"pricing":"free","created":"soon","context_length":-1,"reasoning":true}]}"#,
    );
    let ids: Vec<&str> = listing.models.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "e"]);
    assert_eq!(
        listing.problems,
        [
            "model 2 has no id",
            "model 3 is no object",
            "model 4 has no id",
            "`b`: price `prompt` is no number",
            "`a` is listed twice, the first one counts",
            "model 7 cannot be read",
        ]
    );
    let odd = &listing.models[2];
    assert_eq!(
        (odd.created, odd.context_length, odd.inputs.as_slice()),
        (None, None, [Modality::Text].as_slice())
    );
}

#[test]
fn many_problems_are_counted_not_listed() {
    let listing = listed(&format!("[{}]", vec!["7"; 500].join(",")));
    assert_eq!(listing.problems.len(), MOST_PROBLEMS + 1);
    assert_eq!(listing.problems.last().unwrap(), "and 480 more");
}

#[test]
fn names_from_outside_are_harmless() {
    let model = only(
        "{\"data\":[{\"id\":\"a\\u001b[31m/b\\n\",\"name\":\"x\\u001b]0;t\\u0007y\",\"description\":\"a\\nb\"}]}",
    );
    assert_eq!((model.id.as_str(), &*model.name, &*model.description), ("a/b", "xy", "a b"));
}

#[test]
fn what_is_no_list_is_refused_with_a_sentence() {
    for (body, want) in [
        ("", "the answer is empty"),
        (r#"{"data":[{"id":"a"},{"id":"#, "the list of models stops half-way"),
        (r#"[{"id":"a"}"#, "the list of models stops half-way"),
        (r#"{"data":[}"#, "the list of models is damaged (line 1, column 10)"),
        (
            "<!doctype html><title>Log\n in</title>",
            "the answer is a web page (`Log in`), not a list of models",
        ),
        ("<html>", "the answer is a web page, not a list of models"),
        (r#"{"error":{"message":"No key","code":401}}"#, "the answer is an error: No key"),
        (r#"{"error":7}"#, "the answer is an error: an error without a message"),
        (r#"{"hello":1}"#, "there is no list of models in the answer"),
    ] {
        assert_eq!(decode_models(body.as_bytes()).unwrap_err(), want, "{body}");
    }
    assert!(decode_models(b"\"text\"").is_err() && decode_models(b"null").is_err());
}

#[test]
fn a_list_with_more_pages_says_so() {
    let listing = listed(
        r#"{"data":[{"id":"a"}],"total_count":900,"links":{"next":"/api/v1/models?offset=500"}}"#,
    );
    assert_eq!(listing.problems, ["the list has more pages, only the first was read"]);
    assert!(listed(r#"{"data":[],"links":{"next":null}}"#).problems.is_empty());
}

proptest! {
    #[test]
    fn no_body_makes_a_panic(body in prop::collection::vec(any::<u8>(), 0..80), json in "[\\[\\]{}\":,a-z0-9\\\\]{0,60}") {
        let _ = decode_models(&body);
        let _ = decode_models(json.as_bytes());
        let _ = decode_models(format!("{{\"data\":[{{\"id\":\"a\",{json}}}]}}").as_bytes());
    }
}
