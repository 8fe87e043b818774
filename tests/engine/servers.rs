//! Servers that are not OpenRouter: they bill nothing, leave fields out, and fail on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routedeck::domain::cost::Cost;
use routedeck::engine::{Engine, EngineEvent, Parts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::kit::{ask, ended, events, text, trace};
use crate::support::{Bench, client, now};

/// A server that gives its replies in turn, one connection each, and the last one for ever. An
/// empty reply is a closed connection.
pub(crate) struct Raw {
    port: u16,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Raw {
    pub(crate) async fn start(replies: Vec<String>) -> Raw {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let turn = count.fetch_add(1, Ordering::SeqCst);
                let reply = replies[turn.min(replies.len() - 1)].clone();
                let mut seen = Vec::new();
                while !is_complete(&seen) {
                    let mut bytes = [0; 4096];
                    match socket.read(&mut bytes).await {
                        Ok(n) if n > 0 => seen.extend_from_slice(&bytes[..n]),
                        _ => break,
                    }
                }
                // Whoever is gone gets no reply.
                let _ = socket.write_all(reply.as_bytes()).await;
                let _ = socket.shutdown().await;
            }
        });
        Raw { port, asked, task }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

pub(crate) fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn stream(events: &[&str]) -> String {
    let body: String = events.iter().map(|e| format!("data: {e}\n\n")).collect();
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
}

const WORD: &str = r#"{"id":"chatcmpl-1","model":"llama3:8b","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello."}}]}"#;
const STOP: &str =
    r#"{"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}"#;

async fn engine_on(bench: &Bench, server: &Raw) -> Engine {
    let client = client("local", &server.base_url(), false);
    Engine::start(Parts { client, store: bench.store.clone(), clock: now })
}

#[tokio::test]
async fn without_a_bill_the_cost_is_computed_from_known_prices() {
    let priced =
        r#"{"data":[{"id":"llama3:8b","pricing":{"prompt":"0.000001","completion":"0.000005"}}]}"#;
    let server = Raw::start(vec![json(priced), stream(&[WORD, STOP, USAGE, "[DONE]"])]).await;
    let bench = Bench::start().await;
    let engine = engine_on(&bench, &server).await;
    engine.refresh_catalog().await.unwrap();
    let all = events(engine.turn(ask("llama3:8b", "hi"))).await;
    assert_eq!(trace(&all), "saved try-1 accepted text metered done(stop)");
    let (_, receipt) = ended(&all);
    assert_eq!(receipt.cost.source(), "computed");
    assert_eq!(receipt.cost.usd().unwrap().exact(), "0.00003");
    assert!(!receipt.simulated && receipt.provider.is_none());
    let real = bench.store.usage(routedeck::domain::ask::UsageAsk::default()).await.unwrap();
    assert_eq!((real.total.sends, real.total.computed), (1, 1));
}

#[tokio::test]
async fn without_prices_or_without_counts_the_cost_is_unknown() {
    let replies = vec![
        stream(&[WORD, STOP, USAGE, "[DONE]"]),
        stream(&[WORD, STOP, "[DONE]"]),
        stream(&[WORD, STOP]),
    ];
    let server = Raw::start(replies).await;
    let bench = Bench::start().await;
    let engine = engine_on(&bench, &server).await;
    for counts in [true, false, false] {
        let all = events(engine.turn(ask("llama3:8b", "hi"))).await;
        let (_, receipt) = ended(&all);
        assert!(trace(&all).ends_with("done(stop)"), "{}", trace(&all));
        assert_eq!((receipt.cost, receipt.usage.is_some()), (Cost::Unknown, counts));
        assert_eq!(text(&all), "Hello.");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_made_again() {
    let server = Raw::start(vec![String::new(), stream(&[WORD, STOP, USAGE, "[DONE]"])]).await;
    let bench = Bench::start().await;
    let engine = engine_on(&bench, &server).await;
    let mut told = engine.observe();
    let all = events(engine.turn(ask("llama3:8b", "hi"))).await;
    assert_eq!(trace(&all), "saved try-1 wait(network) try-2 accepted text metered done(stop)");
    assert_eq!(server.asked.load(Ordering::SeqCst), 2);
    let mut outcomes = Vec::new();
    while let Ok(EngineEvent::Entry(entry)) = told.try_recv() {
        outcomes.push(entry.outcome.as_str());
    }
    assert_eq!(outcomes, ["absorbed", "served"]);
}

#[tokio::test]
async fn a_short_retry_after_is_waited_for() {
    let slow_down = "HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 600\r\n\
                     content-length: 0\r\nconnection: close\r\n\r\n";
    let server = Raw::start(vec![slow_down.into(), stream(&[WORD, STOP, "[DONE]"])]).await;
    let bench = Bench::start().await;
    let engine = engine_on(&bench, &server).await;
    let begin = std::time::Instant::now();
    let all = events(engine.turn(ask("llama3:8b", "hi"))).await;
    assert_eq!(trace(&all), "saved try-1 wait(rate_limit) try-2 accepted text done(stop)");
    assert!(begin.elapsed().as_millis() >= 600, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn nobody_there_is_a_sentence_after_three_tries() {
    let bench = Bench::start().await;
    let client = client("local", "http://127.0.0.1:9/v1", false);
    let engine = Engine::start(Parts { client, store: bench.store.clone(), clock: now });
    let all = events(engine.turn(ask("llama3:8b", "hi"))).await;
    assert_eq!(
        trace(&all),
        "saved try-1 wait(network) try-2 wait(network) try-3 failed(network NotBilled)"
    );
    let (_, receipt) = ended(&all);
    assert_eq!(receipt.cost.usd().unwrap().exact(), "0");
    assert!(receipt.attempts[2].fault.as_ref().unwrap().message.contains("127.0.0.1:9"));
}
