//! The real binary in a home of its own, with nothing of this machine in its environment.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_routedeck");
/// A key that must turn up nowhere.
pub(crate) const MARKED: &str = "sk-or-v1-marked0123456789abcdef0123456789abcdef0123456789abcdef";

/// A temporary home and the variables of its runs.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    vars: Vec<(String, String)>,
}

/// How a run came out.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap(), vars: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Home {
        self.vars.push((name.into(), value.into()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join(".local/share/routedeck/routedeck.db")
    }

    pub(crate) fn write_config(&self, text: &str) {
        let dir = self.path().join(".config/routedeck");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("config.toml"), text).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .args(args)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC")
            .envs(self.vars.iter().cloned())
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let output = self.command(args).output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same with text on stdin.
    pub(crate) fn pipe(&self, input: &str, args: &[&str]) -> Run {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All bytes of all files below the home.
    pub(crate) fn all_bytes(&self) -> Vec<u8> {
        fn collect(dir: &Path, into: &mut Vec<u8>) {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, into);
                } else {
                    into.extend(fs::read(&path).unwrap());
                }
            }
        }
        let mut bytes = Vec::new();
        collect(self.path(), &mut bytes);
        bytes
    }
}

impl Run {
    /// Asserts the exit code and gives the run back.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// One value per line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Run {
        assert!(self.stderr.contains(words), "`{words}` is not said in: {}", self.stderr);
        self
    }
}

/// `routedeck sandbox` as a process of its own; ended when dropped.
pub(crate) struct SandboxProcess {
    child: Child,
    pub(crate) base_url: String,
    pub(crate) key: String,
}

impl SandboxProcess {
    pub(crate) fn start(home: &Home) -> SandboxProcess {
        let mut child = home.command(&["sandbox", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(name).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let base_url = value("OPENROUTER_BASE_URL=");
        let key = value("OPENROUTER_API_KEY=");
        SandboxProcess { child, base_url, key }
    }

    /// Interrupts it and gives its exit code.
    pub(crate) fn interrupt(mut self) -> i32 {
        interrupt(&self.child);
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGINT.
pub(crate) fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

/// A server that answers everything with the same bytes and counts the requests. In `answer` the
/// word `{authorization}` stands for that header of the request.
pub(crate) struct Fake {
    pub(crate) base_url: String,
    seen: Arc<AtomicUsize>,
}

impl Fake {
    pub(crate) fn start(answer: &'static str) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        // Ends with the process: the listener is never closed before.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let head = read_request(&mut stream);
                let is_it = |line: &&str| line.to_lowercase().starts_with("authorization:");
                let authorization = head.lines().find(is_it).unwrap_or_default();
                let _ =
                    stream.write_all(answer.replace("{authorization}", authorization).as_bytes());
            }
        });
        Fake { base_url, seen }
    }

    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

/// Reads head and body, so that closing the connection does not reset it.
fn read_request(stream: &mut std::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length: usize = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                return head.to_owned();
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend(&buffer[..count]),
        }
    }
}

/// A loopback port on which nobody listens.
pub(crate) fn refused_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
