//! The sandbox over real loopback HTTP: every endpoint, every behaviour, raw bytes.

use routedeck::sandbox::{KEY, Sandbox, Settings};
use serde_json::{Value, json};

async fn start(settings: Settings) -> Sandbox {
    Sandbox::start_anywhere(settings).await.unwrap()
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn first_look() {
    let sandbox = start(Settings::quick()).await;
    let client = client();
    let body: Value = serde_json::from_slice(
        &client.get(format!("{}/models", sandbox.base_url())).send().await.unwrap().bytes().await.unwrap(),
    )
    .unwrap();
    println!("{} models", body["data"].as_array().unwrap().len());
    println!("{}", body["data"][5]);
    for (model, stream) in [("openai/gpt-4o-mini", true), ("anthropic/claude-sonnet-4.6", false), ("sandbox/reasons", true), ("sandbox/guide", false)] {
        let text = client
            .post(format!("{}/chat/completions", sandbox.base_url()))
            .bearer_auth(KEY)
            .body(json!({"model": model, "stream": stream, "messages": [{"role":"user","content":"How do I compare rust and python? Which keys are there?"}], "max_tokens": 120}).to_string())
            .send().await.unwrap().text().await.unwrap();
        println!("{text}");
    }
    let key = client.get(format!("{}/key", sandbox.base_url())).bearer_auth(KEY).send().await.unwrap().text().await.unwrap();
    println!("{key}");
    sandbox.stop().await;
}
