//! A server made of a raw socket and a script, and what a client heard from it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use routedeck::domain::conversation::Role;
use routedeck::domain::fault::Fault;
use routedeck::domain::id::ModelId;
use routedeck::domain::secret::Secret;
use routedeck::domain::text::SafeText;
use routedeck::domain::turn::{
    FinishReason, Keep, Params, PromptMessage, ProviderRules, TurnRequest,
};
use routedeck::domain::usage::Usage;
use routedeck::upstream::{Answer, Client, Piece, Settings, Timeouts};

pub(crate) const KEY: &str = "sk-or-v1-0123456789abcdef0123456789abcdef";

/// Nothing here takes longer, unless it hangs.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/openrouter").join(name);
    std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

pub(crate) fn fixture_json(name: &str) -> serde_json::Value {
    serde_json::from_slice(&fixture(name)).unwrap()
}

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().skip(1).find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) base_url: String,
    seen: Receiver<Seen>,
}

impl Server {
    pub(crate) fn seen(&self) -> Seen {
        self.seen.recv_timeout(DEADLINE).expect("no request arrived")
    }

    pub(crate) fn saw_nothing(&self) -> bool {
        self.seen.try_recv().is_err()
    }
}

/// Serves connections on a free port; each request is read whole before the script answers it.
pub(crate) fn serve(script: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Server {
    raw(move |stream, seen_by| {
        let Some(seen) = read_request(stream) else { return };
        let _ = seen_by.send(seen.clone());
        script(&seen, stream);
    })
}

/// Serves connections without reading anything first.
pub(crate) fn raw(
    script: impl Fn(&mut TcpStream, &mpsc::Sender<Seen>) + Send + Sync + 'static,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, seen) = mpsc::channel();
    let script = Arc::new(script);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), script, tell) = (stream, Arc::clone(&script), tell.clone()) else {
                return;
            };
            std::thread::spawn(move || script(&mut stream, &tell));
        }
    });
    Server { base_url: format!("http://{address}/api/v1"), address, seen }
}

pub(crate) fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let split = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => bytes.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let mut seen = Seen { head, body: bytes[split + 4..].to_vec() };
    let length = seen.header("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
    while seen.body.len() < length {
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => seen.body.extend_from_slice(&buffer[..n]),
            _ => return None,
        }
    }
    Some(seen)
}

/// A whole response with a length.
pub(crate) fn respond(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let mut head =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    let _ = stream.write_all(body);
}

/// The start of a chunked response.
pub(crate) fn begin(stream: &mut TcpStream, content_type: &str) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\nX-Generation-Id: gen-test\r\n\r\n"
    );
    let _ = stream.write_all(head.as_bytes());
}

pub(crate) fn chunk(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes());
    let _ = stream.write_all(bytes);
    let _ = stream.write_all(b"\r\n");
    let _ = stream.flush();
}

pub(crate) fn finish(stream: &mut TcpStream) {
    let _ = stream.write_all(b"0\r\n\r\n");
}

/// Waits until the other side closes the connection.
pub(crate) fn hold(stream: &mut TcpStream) {
    let _ = stream.set_read_timeout(Some(DEADLINE));
    let mut buffer = [0; 1024];
    while matches!(stream.read(&mut buffer), Ok(n) if n > 0) {}
}

pub(crate) fn delta(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(
        "data: {{\"id\":\"gen-1\",\"model\":\"a/b-2026\",\"provider\":\"P\",\"choices\":[{{\"delta\":{{\"content\":{text}}}}}]}}\n\n"
    )
}

pub(crate) const STOP: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n";
pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// Patient where nothing is to be waited for.
pub(crate) fn patient() -> Timeouts {
    Timeouts { connect: DEADLINE, first: DEADLINE, idle: DEADLINE, call: DEADLINE }
}

pub(crate) fn settings(base_url: &str) -> Settings {
    Settings {
        name: "test".into(),
        base_url: base_url.into(),
        key: Secret::new(KEY),
        simulated: false,
        openrouter: true,
        timeouts: patient(),
    }
}

pub(crate) fn client(base_url: &str) -> Client {
    Client::new(settings(base_url))
}

pub(crate) fn turn(stream: bool) -> TurnRequest {
    TurnRequest {
        model: "a/b".into(),
        messages: vec![PromptMessage { role: Role::User, text: "hello".into() }],
        params: Params::default(),
        rules: ProviderRules::default(),
        keep: Keep::LedgerOnly,
        stream,
    }
}

/// Everything that came of a chat.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) alive: u32,
    pub(crate) id: Option<SafeText>,
    pub(crate) model: Option<ModelId>,
    pub(crate) provider: Option<SafeText>,
    pub(crate) reasoning: String,
    pub(crate) text: String,
    pub(crate) finishes: Vec<FinishReason>,
    pub(crate) usage: Option<Usage>,
    pub(crate) fault: Option<Fault>,
}

impl Heard {
    pub(crate) fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Alive => self.alive += 1,
            Piece::Head { id, model, provider } => {
                (self.id, self.model, self.provider) = (id, model, provider);
            }
            Piece::Reasoning(text) => self.reasoning.push_str(&text),
            Piece::Text(text) => self.text.push_str(&text),
            Piece::Finish(reason) => self.finishes.push(reason),
            Piece::Metered(usage) => self.usage = Some(usage),
        }
    }
}

pub(crate) async fn hear(answer: &mut Answer) -> Heard {
    let mut heard = Heard::default();
    let all = async {
        while let Some(item) = answer.next().await {
            assert!(heard.fault.is_none(), "something came after a fault");
            match item {
                Ok(piece) => heard.take(piece),
                Err(fault) => heard.fault = Some(fault),
            }
        }
        assert!(answer.next().await.is_none(), "something came after the end");
    };
    tokio::time::timeout(DEADLINE, all).await.expect("the answer hangs");
    heard
}

/// Asks and hears to the end; a refusal is a fault like any other.
pub(crate) async fn ask(client: &Client, stream: bool) -> Heard {
    match client.chat(&turn(stream)).await {
        Ok(mut answer) => hear(&mut answer).await,
        Err(fault) => Heard { fault: Some(fault), ..Heard::default() },
    }
}
