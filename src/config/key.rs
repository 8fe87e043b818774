//! Where the key comes from: the environment, a command, or a file that only its owner can read.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Source;
use super::problem::Problem;
use crate::domain::secret::Secret;

/// The variable that holds the key.
pub(super) const VARIABLE: &str = "OPENROUTER_API_KEY";
/// No key is longer than this many bytes; a file that is, is not a key file.
const LONGEST: u64 = 16 * 1024;

/// Where to look, in this order, the first hit wins.
pub(super) struct Places {
    pub(super) variable: Option<String>,
    /// A shell command whose output is the key, and the line that names it.
    pub(super) command: Option<(String, String)>,
    pub(super) file: PathBuf,
    /// Whether the file is named in the config: then it must exist.
    pub(super) file_named: bool,
}

/// Looks for a key. A place that is unusable is a problem, and the next one is tried.
pub(super) fn find(places: &Places, problems: &mut Vec<Problem>) -> (Option<Secret>, Source) {
    if let Some(key) = places.variable.as_deref().and_then(Secret::new) {
        match sound(key) {
            Ok(key) => return (Some(key), Source::Env(VARIABLE)),
            Err(why) => problems.push(Problem::new(VARIABLE, why, "Copy the key again.")),
        }
    }
    if let Some((command, place)) = &places.command {
        match run(command).and_then(sound) {
            Ok(key) => return (Some(key), Source::Command),
            Err(why) => problems.push(Problem::new(
                place,
                why,
                "Run the command by hand; it must print the key alone.",
            )),
        }
    }
    match read(&places.file, places.file_named) {
        Ok(None) => (None, Source::Default),
        Ok(Some(key)) => (Some(key), Source::KeyFile(places.file.clone())),
        Err(problem) => {
            problems.push(problem);
            (None, Source::Default)
        }
    }
}

/// A key goes into an HTTP header: visible ASCII in one piece. The key is never repeated here.
fn sound(key: Secret) -> Result<Secret, String> {
    if key.expose().bytes().all(|b| b.is_ascii_graphic()) {
        Ok(key)
    } else {
        Err("holds white space or characters that no key has; it is not used".into())
    }
}

/// Runs the command with the terminal for its questions, and without keys in its environment.
fn run(command: &str) -> Result<Secret, String> {
    let output = Command::new("sh")
        .args(["-c", command])
        .env_remove(VARIABLE)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("the command could not be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("the command failed ({})", output.status));
    }
    let text = String::from_utf8(output.stdout).unwrap_or_default();
    Secret::new(text).ok_or_else(|| "the command printed no key".into())
}

fn read(path: &Path, must_exist: bool) -> Result<Option<Secret>, Problem> {
    let problem = |what: String, hint: String| Problem::new(path.display().to_string(), what, hint);
    let unreadable = |error: std::io::Error| {
        problem(format!("cannot be read: {error}"), "Check the path and the owner.".into())
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    // Of the open file, so that it cannot be exchanged between the check and the reading.
    let facts = file.metadata().map_err(unreadable)?;
    if facts.mode() & 0o077 != 0 {
        return Err(problem(
            format!("can be read by others (mode {:04o}); it is not used", facts.mode() & 0o7777),
            format!("Run: chmod 600 {}", path.display()),
        ));
    }
    let own = rustix::process::geteuid().as_raw();
    if facts.uid() != own && own != 0 {
        return Err(problem("belongs to another user; it is not used".into(), "Copy it.".into()));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    match Secret::new(text).map(sound) {
        Some(Ok(key)) => Ok(Some(key)),
        Some(Err(why)) => Err(problem(why, "The file must hold the key alone.".into())),
        None => Err(problem("is empty".into(), "Put the key alone into it.".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    const KEY: &str = "sk-or-v1-0123456789abcdef0123456789abcdef";

    fn key_file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (dir, path)
    }

    fn found(places: &Places) -> (Option<String>, Source, Vec<Problem>) {
        let mut problems = Vec::new();
        let (key, source) = find(places, &mut problems);
        (key.map(|k| k.expose().to_owned()), source, problems)
    }

    fn only_file(file: PathBuf) -> Places {
        Places { variable: None, command: None, file, file_named: false }
    }

    #[test]
    fn a_private_file_is_read_and_an_open_one_refused_with_the_remedy() {
        let (_dir, path) = key_file(&format!("{KEY}\n"), 0o600);
        let (key, source, problems) = found(&only_file(path.clone()));
        assert_eq!(key.as_deref(), Some(KEY));
        assert_eq!(source, Source::KeyFile(path));
        assert!(problems.is_empty());

        let (_dir, path) = key_file(KEY, 0o640);
        let (key, _, problems) = found(&only_file(path.clone()));
        assert_eq!(key, None);
        assert_eq!(problems[0].hint, format!("Run: chmod 600 {}", path.display()));
        assert!(!problems[0].to_string().contains(KEY));
    }

    #[test]
    fn the_variable_beats_the_command_and_the_command_the_file() {
        let (_dir, file) = key_file("sk-file", 0o600);
        let mut places = Places {
            variable: Some("sk-variable".into()),
            command: Some(("printf sk-command".into(), "config.toml:3".into())),
            file,
            file_named: true,
        };
        assert_eq!(found(&places).0.as_deref(), Some("sk-variable"));
        places.variable = Some("  ".into());
        assert_eq!(found(&places).0.as_deref(), Some("sk-command"));
        places.command = Some(("exit 3".into(), "config.toml:3".into()));
        let (key, _, problems) = found(&places);
        assert_eq!(key.as_deref(), Some("sk-file"));
        assert!(problems[0].what.contains("failed"));
    }

    #[test]
    fn the_command_does_not_inherit_a_key() {
        let places = Places {
            command: Some((
                format!("test -z \"${VARIABLE}\" && printf sk-clean"),
                "config.toml:1".into(),
            )),
            ..only_file("/nonexistent/key".into())
        };
        assert_eq!(found(&places).0.as_deref(), Some("sk-clean"));
    }

    #[test]
    fn a_key_in_two_pieces_is_none_and_is_not_repeated() {
        let (_dir, path) = key_file("sk-one\nsk-two", 0o600);
        let (key, _, problems) = found(&only_file(path));
        assert_eq!(key, None);
        assert!(!problems[0].to_string().contains("sk-"));
    }

    #[test]
    fn a_missing_file_matters_only_when_it_was_named() {
        let mut places = only_file("/nonexistent/key".into());
        assert!(found(&places).2.is_empty());
        places.file_named = true;
        assert_eq!(found(&places).2.len(), 1);
    }
}
