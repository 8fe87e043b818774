//! A home directory of its own for each scene, with a data directory that was used before.

use std::path::Path;

use portable_pty::CommandBuilder;

use crate::pty::Terminal;
use crate::upstream::Upstream;

/// Where a scene lives.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    /// A home where the program has run before: the catalogue is in the store.
    pub(crate) fn used(upstream: &Upstream) -> Home {
        let home = Home::empty();
        let terminal = Terminal::open(home.command(Some(upstream)));
        terminal.wait("the catalogue", |screen| screen.contains("per million"));
        terminal.rest();
        terminal.quit();
        home
    }

    pub(crate) fn empty() -> Home {
        Home(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program as this home's person starts it; without an upstream it is the sandbox.
    pub(crate) fn command(&self, upstream: Option<&Upstream>) -> CommandBuilder {
        let binary = std::env::var("ROUTEDECK_BENCH_BIN");
        let mut command =
            CommandBuilder::new(binary.unwrap_or_else(|_| env!("CARGO_BIN_EXE_routedeck").into()));
        command.env_clear();
        command.env("HOME", self.path());
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        if let Some(upstream) = upstream {
            command.env("OPENROUTER_API_KEY", "sk-or-v1-nobody");
            command.env("OPENROUTER_BASE_URL", upstream.base_url());
        }
        command
    }
}
