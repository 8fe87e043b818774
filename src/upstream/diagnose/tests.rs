use super::*;
use FaultClass as C;
use reqwest::header::HeaderValue;

fn place() -> Place {
    Place::new(&"https://openrouter.ai/api/v1".parse().unwrap(), None)
}

fn fault(status: u16, body: &str) -> Fault {
    refused(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), &place())
}

fn said(status: u16, message: &str) -> FaultClass {
    fault(status, &format!(r#"{{"error":{{"code":{status},"message":"{message}"}}}}"#)).class
}

fn typed(status: u16, inside: &str) -> FaultClass {
    fault(status, &format!(r#"{{"error":{{"code":{status},"message":"m",{inside}}}}}"#)).class
}

#[test]
fn a_status_alone_gives_a_class() {
    for (status, class) in [
        (400, C::Request),
        (401, C::KeyAuth),
        (402, C::KeyBilling),
        (403, C::KeyAuth),
        (404, C::ModelGone),
        (408, C::ServerError),
        (409, C::Request),
        (410, C::ModelGone),
        (413, C::Request),
        (422, C::Request),
        (407, C::Network),
        (429, C::RateLimit),
        (451, C::ContentPolicy),
        (500, C::ServerError),
        (502, C::ServerError),
        (503, C::Overloaded),
        (504, C::ServerError),
        (524, C::ServerError),
        (529, C::Overloaded),
        (599, C::ServerError),
    ] {
        assert_eq!(said(status, "it went wrong"), class, "{status}");
    }
}

#[test]
fn words_refine_what_the_status_leaves_open() {
    for (status, message, class) in [
        (400, "This endpoint's maximum context length is 8 tokens.", C::ContextLength),
        (400, "prompt is too long: 9 > 8", C::ContextLength),
        (400, "the request exceeds the available context size", C::ContextLength),
        (500, "maximum context length", C::ServerError),
        (400, "x/y is not a valid model ID", C::ModelGone),
        (404, "The model `x` does not exist.", C::ModelGone),
        (404, "model 'x' not found", C::ModelGone),
        (404, "Not Found", C::BadUpstream),
        (404, "404 page not found", C::BadUpstream),
        (404, "No endpoints found that support tool use. Try another", C::Capability),
        (404, "No endpoints found that can handle the requested parameters", C::Capability),
        (404, "No endpoints found matching your data policy", C::ModelGone),
        (400, "Reasoning is mandatory for this endpoint and cannot be disabled.", C::Capability),
        (
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model",
            C::Capability,
        ),
        (403, "Your input was flagged", C::ContentPolicy),
        (403, "Request blocked: pii", C::ContentPolicy),
        (403, "Only management keys can perform this operation", C::KeyAuth),
        (400, "API key not valid. Please pass a valid API key.", C::KeyAuth),
        (400, "Your credit balance is too low", C::KeyBilling),
        (429, "You exceeded your current quota, please check your plan", C::KeyBilling),
    ] {
        assert_eq!(said(status, message), class, "{status} {message}");
    }
}

#[test]
fn a_typed_code_beats_the_status() {
    for (status, inside, class) in [
        (429, r#""type":"insufficient_quota""#, C::KeyBilling),
        (400, r#""metadata":{"error_type":"context_length_exceeded"}"#, C::ContextLength),
        (400, r#""metadata":{"error_type":"content_policy_violation"}"#, C::ContentPolicy),
        (503, r#""metadata":{"error_type":"provider_overloaded"}"#, C::Overloaded),
        (404, r#""availability":{"code":"privacy_restricted","retryable":false}"#, C::ModelGone),
        (403, r#""availability":{"code":"region_restricted"}"#, C::ModelGone),
        (400, r#""availability":{"code":"wrong_endpoint"}"#, C::Capability),
        (
            403,
            r#""metadata":{"reasons":["violence"],"flagged_input":"x","provider_name":"OpenAI"}"#,
            C::ContentPolicy,
        ),
        (400, r#""type":"invalid_request_error""#, C::Request),
    ] {
        assert_eq!(typed(status, inside), class, "{status} {inside}");
    }
}

#[test]
fn whose_money_and_whose_limit_it_is() {
    let limit = |status: u16, source: &str| {
        typed(status, &format!(r#""metadata":{{"limit_source":"{source}"}}"#))
    };
    assert_eq!(limit(402, "openrouter_credits"), C::KeyBilling);
    assert_eq!(limit(403, "openrouter_key_limit"), C::KeyBilling);
    assert_eq!(limit(403, "openrouter_guardrail_budget"), C::KeyBilling);
    assert_eq!(limit(402, "openrouter_in_flight_budget"), C::RateLimit);
    assert_eq!(limit(429, "openrouter_free_tier_daily"), C::RateLimit);
    assert_eq!(limit(429, "some_new_source"), C::RateLimit);
    // With a provider's name it is the router's account that is empty, not the user's.
    for status in [401, 402, 403] {
        assert_eq!(typed(status, r#""metadata":{"provider_name":"Minimax"}"#), C::ServerError);
    }
    assert_eq!(
        typed(402, r#""metadata":{"provider_name":"OpenAI","is_byok":true}"#),
        C::KeyBilling
    );
    assert_eq!(typed(400, r#""metadata":{"provider_name":"X","raw":"odd"}"#), C::ServerError);
}

#[test]
fn pages_and_plain_text_are_told_with_the_host() {
    let page = fault(502, "<html><title>Bad gateway</title>");
    assert_eq!(
        (page.class, page.status, page.billing),
        (C::ServerError, Some(502), Billing::NotBilled)
    );
    assert_eq!(&*page.message, "openrouter.ai answered 502 with a web page (`Bad gateway`).");
    assert_eq!(fault(403, "<html>").class, C::BadUpstream);
    assert_eq!(fault(401, "<html>").class, C::KeyAuth);
    let wrong = fault(404, "<html>");
    assert_eq!(wrong.advice(), "Check the base URL: openrouter.ai has nothing of ours there.");
    assert_eq!(
        &*fault(500, "upstream\n connect  error").message,
        "openrouter.ai answered 500: upstream connect error"
    );
    assert_eq!(&*fault(503, " ").message, "openrouter.ai answered 503 and said nothing.");
}

#[test]
fn time_outs_of_the_service_may_have_cost_money() {
    for (status, billing) in [
        (400, Billing::NotBilled),
        (502, Billing::NotBilled),
        (504, Billing::MayBeBilled),
        (524, Billing::MayBeBilled),
    ] {
        assert_eq!(fault(status, r#"{"error":{"message":"m"}}"#).billing, billing, "{status}");
    }
}

#[test]
fn the_services_own_hint_and_its_suggestions_are_passed_on() {
    let hinted = fault(
        402,
        r#"{"error":{"code":402,"message":"m","metadata":{"remedy_hint":"Add credits."}}}"#,
    );
    assert_eq!(hinted.advice(), "Add credits.");
    let gone = fault(
        404,
        r#"{"error":{"code":404,"message":"m","availability":{"code":"model_deprecated","fallback_models":["a/b","c/d"]}}}"#,
    );
    assert_eq!(gone.advice(), "The service suggests a/b, c/d.");
}

#[test]
fn a_redirect_is_told_and_its_query_is_not() {
    let mut headers = HeaderMap::new();
    headers.insert(LOCATION, HeaderValue::from_static("https://other.example/v1?token=x"));
    let fault = refused(StatusCode::MOVED_PERMANENTLY, &headers, b"", &place());
    assert_eq!(fault.class, C::BadUpstream);
    assert!(fault.message.contains("redirects to https://other.example/v1;"), "{}", fault.message);
}
