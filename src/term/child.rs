//! Short-lived helpers outside (`tmux`, `wl-copy`): with a time limit and a clean environment.

use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long to wait before looking again whether the child has ended.
const LOOK: Duration = Duration::from_millis(3);

/// All that a helper gets to see of our environment; keys are not among it.
const PASSED_ON: [&str; 16] = [
    "PATH",
    "HOME",
    "USER",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TMUX",
    "TMUX_PANE",
    "TMUX_TMPDIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
];

/// Runs a program with `input` on its standard input and returns what it printed. Blocks up to
/// `limit`, so call it on a worker; a program that takes longer is ended.
pub(super) fn run(
    program: &str,
    arguments: &[&str],
    input: &str,
    limit: Duration,
) -> io::Result<String> {
    let variables = PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let deadline = Instant::now() + limit;
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_owned();
        // On a thread: a child that does not read would block us without a limit.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let stdout = child.stdout.take();
    let status = wait(&mut child, deadline)?;
    if !status.success() {
        return Err(io::Error::other(format!("{program} failed ({status})")));
    }
    let mut printed = String::new();
    // A child may leave a daemon behind that holds the pipe open: read only what helpers print.
    if let Some(stdout) = stdout.filter(|_| input.is_empty()) {
        stdout.take(64 << 10).read_to_string(&mut printed)?;
    }
    Ok(printed)
}

fn wait(child: &mut Child, deadline: Instant) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::park_timeout(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_prints_reads_and_is_ended_in_time() {
        let second = Duration::from_secs(10);
        assert_eq!(run("echo", &["hello"], "", second).unwrap(), "hello\n");
        assert!(run("grep", &["-q", "needle"], "hay\nneedle\n", second).is_ok());
        assert!(run("false", &[], "", second).is_err());
        let late = run("sleep", &["60"], "", Duration::from_millis(30)).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_helper_sees_no_key() {
        let seen = run("env", &[], "", Duration::from_secs(10)).unwrap();
        let names: Vec<_> = seen.lines().filter_map(|line| line.split('=').next()).collect();
        assert!(names.contains(&"PATH"), "{names:?}");
        assert!(names.iter().all(|name| PASSED_ON.contains(name)), "{names:?}");
    }
}
