//! The real binary in a home of its own, with nothing of this machine in its environment: so it
//! talks to the sandbox.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_routedeck");

pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    /// A file in the folder that commands run in.
    pub(crate) fn file(self, name: &str, text: &str) -> Home {
        fs::write(self.0.path().join(name), text).unwrap();
        self
    }

    /// Runs a line of shell that must succeed; its stdout.
    #[track_caller]
    pub(crate) fn shell(&self, line: &str) -> String {
        let folder = Path::new(BINARY).parent().unwrap().display();
        let output = Command::new("sh")
            .args(["-c", line])
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .env("TZ", "UTC")
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let Output { status, stdout, stderr } = output;
        let (stdout, stderr) =
            (String::from_utf8(stdout).unwrap(), String::from_utf8_lossy(&stderr));
        assert!(
            status.success(),
            "`{line}` ends with {status}\nstdout: {stdout}\nstderr: {stderr}"
        );
        stdout
    }
}
