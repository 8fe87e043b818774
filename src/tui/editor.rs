//! The user's own editor on a text: another program that has the terminal for a while.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use tokio::sync::oneshot;

/// Starts the editor on `text`; what is received is its end. `None` when nothing was changed.
///
/// # Errors
/// When it does not start; the message names it.
pub(super) fn open(text: &str) -> io::Result<oneshot::Receiver<io::Result<Option<String>>>> {
    let directory = scratch_directory()?;
    let file = directory.join("draft.md");
    let started = start(&file, text);
    let (program, mut child) = match started {
        Ok(started) => started,
        Err(error) => {
            let _ = std::fs::remove_dir_all(&directory);
            return Err(error);
        }
    };
    let (tell, told) = oneshot::channel();
    let before = text.to_owned();
    // A thread of its own: it may take an hour, and the end of the process must not wait for it.
    std::thread::Builder::new().name("editor".into()).spawn(move || {
        let result = wait(&program, &mut child, &file, &before);
        let _ = std::fs::remove_dir_all(&directory);
        let _ = tell.send(result);
    })?;
    Ok(told)
}

fn start(file: &Path, text: &str) -> io::Result<(String, Child)> {
    std::fs::write(file, text)?;
    let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = variable("VISUAL").or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi").to_owned();
    // The editor has no use for the key.
    let child = Command::new(&program)
        .args(words)
        .arg(file)
        .env_remove("OPENROUTER_API_KEY")
        .spawn()
        .map_err(|error| io::Error::other(format!("{program} did not start: {error}")))?;
    Ok((program, child))
}

fn wait(program: &str, child: &mut Child, file: &Path, before: &str) -> io::Result<Option<String>> {
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!(
            "{program} ended with {status}; nothing was changed"
        )));
    }
    let after = std::fs::read_to_string(file)?;
    Ok((after != before).then_some(after))
}

/// A directory that nobody else may look into.
fn scratch_directory() -> io::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    for attempt in 0..100u32 {
        let name = format!("routedeck-{}-{attempt}", std::process::id());
        let path = std::env::temp_dir().join(name);
        match std::fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no room for a scratch file"))
}
