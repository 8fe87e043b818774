//! What the client sends, and where the key never goes.

use std::sync::{Mutex, mpsc};

use routedeck::domain::fault::{Billing, FaultClass};
use routedeck::domain::id::Millis;
use routedeck::domain::secret::Secret;
use routedeck::domain::turn::{Effort, Params, ProviderRules, TurnRequest};
use routedeck::upstream::Client;

use super::support::{
    DEADLINE, DONE, KEY, STOP, ask, begin, chunk, client, delta, finish, hold, respond, serve,
    settings, turn,
};

fn asked() -> TurnRequest {
    TurnRequest {
        params: Params {
            system: Some("Be brief.".into()),
            temperature: Some(0.5),
            max_tokens: Some(4096),
            effort: Some(Effort::Low),
        },
        rules: ProviderRules { order: vec!["deepinfra/fp8".into()], allow_fallbacks: Some(false) },
        ..turn(true)
    }
}

#[tokio::test]
async fn openrouter_gets_its_headers_and_fields() {
    let server = serve(|_, stream| {
        respond(stream, 200, &[], format!("{}{STOP}{DONE}", delta("x")).as_bytes());
    });
    let answer = client(&server.base_url).chat(&asked()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen = server.seen();
    assert!(seen.head.starts_with("POST /api/v1/chat/completions HTTP/1.1"), "{}", seen.head);
    for (name, want) in [
        ("authorization", format!("Bearer {KEY}").as_str()),
        ("http-referer", "https://github.com/routedeck/routedeck"),
        ("x-openrouter-title", "routedeck"),
        ("user-agent", concat!("routedeck/", env!("CARGO_PKG_VERSION"))),
        ("accept", "text/event-stream"),
        ("accept-encoding", "identity"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(seen.header(name).as_deref(), Some(want), "{name}");
    }
    let body = seen.json();
    assert_eq!(body["reasoning"]["effort"], "low");
    assert_eq!(body["provider"]["order"][0], "deepinfra/fp8");
    assert_eq!((&body["stream"], &body["max_tokens"]), (&true.into(), &4096.into()));
}

#[tokio::test]
async fn other_servers_get_nothing_of_openrouter() {
    let server = serve(|_, stream| {
        respond(stream, 200, &[], format!("{}{STOP}{DONE}", delta("x")).as_bytes());
    });
    let mut local = settings(&format!("{}/", server.base_url));
    (local.openrouter, local.key) = (false, None);
    let local = Client::new(local);
    local.chat(&asked()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.path(), "/api/v1/chat/completions", "the slash at the end is no matter");
    for name in ["authorization", "http-referer", "x-openrouter-title"] {
        assert_eq!(seen.header(name), None, "{name}");
    }
    let body = seen.json();
    assert!(body.get("provider").is_none() && body.get("reasoning").is_none());
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert_eq!(body["reasoning_effort"], "low");
    // Calls that only OpenRouter has are not tried.
    assert!(local.endpoints(&"a/b".into(), Millis(1)).await.unwrap().list.is_empty());
    assert_eq!(local.generation("x").await.unwrap(), None);
    assert_eq!(local.key_info(Millis(1)).await.unwrap_err().class, FaultClass::Capability);
    assert!(server.saw_nothing());
}

#[tokio::test]
async fn the_key_follows_no_redirect_to_another_place() {
    for status in [301, 302, 307, 308] {
        let other = serve(|_, stream| respond(stream, 200, &[], b"{}"));
        let target = format!("{}/chat/completions?secret=1", other.base_url);
        let server = serve(move |_, stream| respond(stream, status, &[("Location", &target)], b""));
        let fault = ask(&client(&server.base_url), true).await.fault.unwrap();
        assert_eq!((fault.class, fault.status), (FaultClass::BadUpstream, Some(status)));
        assert!(
            fault.message.contains(&format!(
                "{} redirects to {}/chat/completions;",
                server.address, other.base_url
            )),
            "{}",
            fault.message
        );
        assert_eq!(
            client(&server.base_url).models().await.unwrap_err().class,
            FaultClass::BadUpstream
        );
        assert!(other.saw_nothing(), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_with_the_same_question() {
    let server = serve(|seen, stream| match seen.path() {
        "/api/v1/chat/completions" => respond(stream, 307, &[("Location", "/v2/chat")], b""),
        _ => respond(stream, 200, &[], format!("{}{STOP}{DONE}", delta("moved")).as_bytes()),
    });
    let heard = ask(&client(&server.base_url), true).await;
    assert_eq!((heard.text.as_str(), heard.fault), ("moved", None));
    let (first, second) = (server.seen(), server.seen());
    assert_eq!(second.header("authorization").unwrap(), format!("Bearer {KEY}"));
    assert_eq!(first.body, second.body);
}

#[tokio::test]
async fn a_key_that_a_server_echoes_is_not_shown() {
    let body = format!(
        r#"{{"error":{{"code":401,"type":"{KEY}","message":"bad key {KEY}","metadata":{{"remedy_hint":"replace {KEY}"}}}}}}"#
    );
    let server =
        serve(move |_, stream| respond(stream, 401, &[("X-Generation-Id", KEY)], body.as_bytes()));
    let client = client(&server.base_url);
    let refused = ask(&client, true).await.fault.unwrap();
    assert_eq!(&*refused.message, "bad key sk-or-v1-012…def");
    let look_up = client.key_info(Millis(0)).await.unwrap_err();
    let inside = serve(move |_, stream| {
        begin(stream, "text/event-stream");
        chunk(stream, format!("data: {{\"error\":{{\"message\":\"{KEY}\"}}}}\n\n").as_bytes());
        finish(stream);
    });
    let inside = ask(&super::support::client(&inside.base_url), true).await.fault.unwrap();
    for fault in [refused, look_up, inside] {
        assert!(!format!("{fault:?}{fault}").contains(KEY), "{fault:?}");
    }
    assert!(!format!("{client:?}").contains(KEY));
}

#[tokio::test]
async fn dropping_an_answer_closes_the_connection() {
    let (closed, noticed) = mpsc::channel();
    let closed = Mutex::new(closed);
    let server = serve(move |_, stream| {
        begin(stream, "text/event-stream");
        chunk(stream, delta("first").as_bytes());
        hold(stream);
        closed.lock().unwrap().send(()).unwrap();
    });
    let mut answer = client(&server.base_url).chat(&turn(true)).await.unwrap();
    assert_eq!(answer.generation_id().as_deref(), Some("gen-test"));
    assert!(answer.next().await.is_some());
    assert!(noticed.try_recv().is_err());
    drop(answer);
    tokio::task::spawn_blocking(move || noticed.recv_timeout(DEADLINE).expect("it stays open"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_finished_answer_leaves_its_connection_for_the_next_one() {
    let server = super::support::raw(|stream, tell| {
        while let Some(seen) = super::support::read_request(stream) {
            begin(stream, "text/event-stream");
            chunk(stream, format!("{}{STOP}{DONE}", delta("x")).as_bytes());
            finish(stream);
            let peer = stream.peer_addr().unwrap().to_string();
            let _ = tell.send(super::support::Seen { head: peer, ..seen });
        }
    });
    let client = client(&server.base_url);
    for _ in 0..3 {
        assert_eq!(ask(&client, true).await.fault, None);
    }
    let (a, b, c) = (server.seen().head, server.seen().head, server.seen().head);
    assert!(a == b && b == c, "one connection serves all: {a} {b} {c}");
}

#[tokio::test]
async fn ids_with_odd_characters_stay_inside_their_path() {
    let server = serve(|_, stream| respond(stream, 404, &[], b"{}"));
    for (id, path) in [
        ("~author/family-latest", "/api/v1/models/~author/family-latest/endpoints"),
        ("a/b c?x=1#y", "/api/v1/models/a/b%20c%3Fx=1%23y/endpoints"),
        ("a/b:free", "/api/v1/models/a/b:free/endpoints"),
        ("../../key", "/api/v1/models/key/endpoints"),
    ] {
        let _ = client(&server.base_url).endpoints(&id.into(), Millis(0)).await;
        assert_eq!(server.seen().path(), path);
    }
}

#[tokio::test]
async fn a_success_that_holds_something_else_is_named_without_the_key() {
    let body = format!(r#"{{"error":{{"message":"echo {KEY}"}}}}"#);
    let server = serve(move |_, stream| respond(stream, 200, &[], body.as_bytes()));
    let client = client(&server.base_url);
    let endpoints = client.endpoints(&"a/b".into(), Millis(0)).await.unwrap_err();
    assert_eq!(
        &*endpoints.message,
        format!(
            "{} sent no answer of ours: the answer is an error: echo sk-or-v1-012…def.",
            server.address
        )
    );
    let key = client.key_info(Millis(0)).await.unwrap_err();
    assert_eq!(
        &*key.message,
        format!(
            "{} sent no answer of ours: the answer does not hold what it knows about the key.",
            server.address
        )
    );
    assert_eq!((endpoints.class, key.class), (FaultClass::BadUpstream, FaultClass::BadUpstream));
}

#[tokio::test]
async fn clients_and_answers_go_to_other_tasks() {
    let server = serve(|_, stream| {
        respond(stream, 200, &[], format!("{}{STOP}{DONE}", delta("x")).as_bytes());
    });
    let client = client(&server.base_url);
    let heard = tokio::spawn(async move { ask(&client, true).await }).await.unwrap();
    assert_eq!(heard.text, "x");
}

#[test]
fn making_a_client_needs_no_runtime_and_knows_its_key_by_a_fingerprint() {
    let client = client("http://127.0.0.1:1/v1/");
    assert_eq!((client.name(), client.base_url()), ("test", "http://127.0.0.1:1/v1"));
    assert!(client.has_key() && !client.is_simulated());
    // The beginning of SHA-256 of the key in `support`.
    assert_eq!(client.key_fingerprint(), "8cf819f4");
    let mut keyless = settings("http://x");
    keyless.key = None;
    assert_eq!(Client::new(keyless).key_fingerprint(), "");
}

#[tokio::test]
async fn a_base_url_or_key_that_cannot_be_used_is_said_so() {
    for (url, why) in [
        ("openrouter.ai/api", "it is no URL"),
        ("ftp://x/y", "it does not begin with http:// or https://"),
        ("", "it is no URL"),
    ] {
        let fault = ask(&client(url), true).await.fault.unwrap();
        assert_eq!(
            (fault.class, &*fault.message),
            (FaultClass::Network, &*format!("The base URL `{url}` cannot be used: {why}."))
        );
    }
    let mut odd = settings("http://127.0.0.1:1");
    odd.key = Secret::new("sk-or-v1-a\nb");
    let fault = ask(&Client::new(odd), true).await.fault.unwrap();
    assert_eq!(
        (fault.class, &*fault.message),
        (FaultClass::KeyAuth, "The key holds characters that no key has.")
    );
}

#[tokio::test]
async fn offline_nothing_leaves_and_the_way_out_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let offline = Client::offline(settings(&base_url));
    let refused = [
        offline.chat(&asked()).await.err(),
        offline.models().await.err(),
        offline.key_info(Millis(0)).await.err(),
        offline.endpoints(&"a/b".into(), Millis(0)).await.err(),
    ];
    for fault in refused {
        let fault = fault.unwrap();
        assert_eq!(fault.class, FaultClass::Network);
        assert_eq!(fault.billing, Billing::NotBilled);
        assert!(fault.advice().contains("--offline"), "{fault}");
    }
    assert!(listener.accept().is_err(), "nobody came");
}
