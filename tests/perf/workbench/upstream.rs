//! A small upstream: a catalogue of 500 models, a key, and answers by script.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::script::{Script, greatest_mark};

/// Models in the catalogue.
pub(crate) const MODELS: usize = 500;
/// The one that the scenes talk to: the first that the program chooses by itself.
const MODEL: &str = "openai/gpt-4o-mini";

/// When each numbered word was sent: its number and the moment.
type Sent = Arc<Mutex<Vec<(usize, Instant)>>>;

/// A server that runs until the program ends.
pub(crate) struct Upstream {
    port: u16,
    sent: Sent,
}

impl Upstream {
    pub(crate) fn start() -> Upstream {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let catalogue = Arc::new(catalogue());
        let sent = Sent::default();
        let theirs = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (catalogue, sent) = (Arc::clone(&catalogue), Arc::clone(&theirs));
                // A program that is gone breaks its connection: nothing to do about it.
                std::thread::spawn(move || serve(stream, &catalogue, &sent).is_ok());
            }
        });
        Upstream { port, sent }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/api/v1", self.port)
    }

    /// What was sent since the last call.
    pub(crate) fn take_sent(&self) -> Vec<(usize, Instant)> {
        std::mem::take(&mut *self.sent.lock().expect("nobody panicked"))
    }
}

/// The real models of the fixtures, repeated until there are as many as on a large day.
fn catalogue() -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/openrouter/models-trimmed.json");
    let real: Value = serde_json::from_slice(&std::fs::read(path).expect("the fixture")).unwrap();
    let real = real["data"].as_array().expect("a list");
    let models: Vec<Value> = (0..MODELS)
        .map(|n| {
            let mut model = real[n % real.len()].clone();
            let id = if n == 7 { MODEL.to_owned() } else { format!("author-{}/model-{n}", n % 60) };
            model["canonical_slug"] = Value::String(format!("{id}-20260101"));
            model["name"] = Value::String(format!("Author {}: Model {n}", n % 60));
            model["id"] = Value::String(id);
            if n == 7 {
                model["pricing"] = json!({ "prompt": "0.00000015", "completion": "0.0000006" });
                model["expiration_date"] = Value::Null;
            }
            model
        })
        .collect();
    serde_json::to_vec_pretty(&json!({ "data": models })).expect("JSON")
}

fn serve(stream: TcpStream, catalogue: &[u8], sent: &Sent) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let Some((path, body)) = request(&mut reader)? else { return Ok(()) };
        match path.as_str() {
            "/api/v1/models" => whole(&mut out, catalogue)?,
            "/api/v1/chat/completions" => answer(&mut out, &body, sent)?,
            _ => {
                let data = json!({ "data": {
                    "label": "bench", "limit": 10.0, "limit_remaining": 7.5, "usage": 2.5,
                    "is_free_tier": false, "total_credits": 10.0, "total_usage": 2.5
                }});
                whole(&mut out, data.to_string().as_bytes())?;
            }
        }
    }
}

/// The path and the body of the next request; `None` when there is none.
fn request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((path, body)))
}

fn whole(out: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    out.write_all(&[head.as_bytes(), body].concat())
}

/// A stream as OpenRouter sends it, at the pace of the script.
fn answer(out: &mut TcpStream, body: &[u8], sent: &Sent) -> std::io::Result<()> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let messages = body["messages"].as_array();
    let asked = messages.and_then(|all| all.last()?["content"].as_str()).unwrap_or_default();
    let script = Script::of(asked);
    out.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    )?;
    let begin = Instant::now();
    let mut seen = String::new();
    for (number, piece) in (0u64..).zip(script.pieces()) {
        if let Some(due) = (number * 1_000_000).checked_div(script.rate) {
            wait_until(begin + Duration::from_micros(due));
        }
        seen.push_str(&piece);
        event(out, &delta(&piece))?;
        if let Some(mark) = greatest_mark(&seen) {
            sent.lock().expect("nobody panicked").push((mark, Instant::now()));
            seen.clear();
        }
        if seen.len() > 64 {
            seen.drain(..seen.len() - 10);
        }
    }
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": script.deltas, "cost": 0.0005 });
    event(
        out,
        &chunk(
            &json!([{ "index": 0, "delta": { "content": "" }, "finish_reason": "stop" }]),
            &usage,
        ),
    )?;
    write_chunk(out, b"data: [DONE]\n\n")?;
    out.write_all(b"0\r\n\r\n")
}

fn delta(text: &str) -> Value {
    let choice = json!({ "index": 0, "finish_reason": null, "native_finish_reason": null,
        "delta": { "role": "assistant", "content": text } });
    chunk(&json!([choice]), &Value::Null)
}

fn chunk(choices: &Value, usage: &Value) -> Value {
    json!({ "id": "gen-1790000000-Ab3dEf6hIj9kLm2nOp5q", "object": "chat.completion.chunk",
        "created": 1_790_000_000, "model": MODEL, "provider": "OpenAI",
        "choices": choices, "usage": usage })
}

fn event(out: &mut TcpStream, data: &Value) -> std::io::Result<()> {
    write_chunk(out, format!("data: {data}\n\n").as_bytes())
}

fn write_chunk(out: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let head = format!("{:x}\r\n", bytes.len());
    out.write_all(&[head.as_bytes(), bytes, b"\r\n"].concat())
}

fn wait_until(at: Instant) {
    while let Some(left) = at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    {
        std::thread::park_timeout(left);
    }
}
