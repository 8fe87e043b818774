//! The log of `-v`: a file, never the screen, and never a key in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tracing::{Level, Metadata};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter::filter_fn, fmt};

use crate::domain::secret::Secret;

/// A log larger than this is begun anew.
const LARGEST: u64 = 5 * 1024 * 1024;

/// Begins to log our own events to `path`. Libraries are left out: some log whole requests.
pub(super) fn begin(path: &Path, key: Option<&Secret>) -> anyhow::Result<()> {
    let file =
        open(path).with_context(|| format!("the log {} cannot be written", path.display()))?;
    let secrets = key.map(forms).unwrap_or_default();
    let layer = fmt::layer()
        .with_ansi(false)
        .with_writer(Mutex::new(Redacting { file, secrets }))
        .with_filter(filter_fn(is_ours));
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "start");
    Ok(())
}

fn is_ours(event: &Metadata<'_>) -> bool {
    event.target().starts_with("routedeck") && *event.level() <= Level::DEBUG
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    if fs::metadata(path).is_ok_and(|facts| facts.len() > LARGEST) {
        fs::remove_file(path)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// The key as it may turn up in a text.
fn forms(key: &Secret) -> Vec<String> {
    vec![key.expose().to_owned(), BASE64_STANDARD.encode(key.expose())]
}

/// Takes secrets out of what is written. Each event comes as one write.
struct Redacting {
    file: File,
    secrets: Vec<String>,
}

impl Write for Redacting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for secret in &self.secrets {
            text = text.replace(secret, "[key]");
        }
        self.file.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_does_not_reach_the_file_and_the_file_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/log");
        let key = Secret::new("sk-or-v1-0123456789abcdef").unwrap();
        let mut log = Redacting { file: open(&path).unwrap(), secrets: forms(&key) };
        writeln!(log, "sent {} and {}", key.expose(), BASE64_STANDARD.encode(key.expose()))
            .unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "sent [key] and [key]\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
