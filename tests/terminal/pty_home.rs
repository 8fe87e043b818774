//! The workbench itself in a terminal: a home of its own, and what can be read off its screen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use portable_pty::CommandBuilder;
use serde_json::Value;

use crate::pty::Pty;

const BINARY: &str = env!("CARGO_BIN_EXE_routedeck");
/// All that the program gets to see beside what a test adds.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("PATH", "/usr/bin:/bin"),
    ("TERM", "xterm-256color"),
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
    ("RUST_BACKTRACE", "0"),
];
/// What a program that was told to go may take, with room for a busy machine.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(1500);

/// A home in which the program finds nothing but what a test puts there.
pub(crate) struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// A home whose chats use this model of the sandbox.
    pub(crate) fn with_model(model: &str) -> Self {
        let home = Self::new();
        home.write_config(&format!("[chat]\nmodel = \"{model}\"\n"));
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join(".local/share/routedeck/routedeck.db")
    }

    pub(crate) fn write_config(&self, text: &str) {
        let directory = self.path().join(".config/routedeck");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("config.toml"), text).unwrap();
    }

    /// A program that the home's owner may run.
    pub(crate) fn write_script(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// Any program in this home.
    pub(crate) fn program(&self, words: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(words[0]);
        command.args(&words[1..]);
        command.env_clear();
        for (name, value) in ENVIRONMENT {
            command.env(name, value);
        }
        command.env("HOME", self.path());
        command.env("ROUTEDECK", BINARY);
        command.cwd(self.path());
        command
    }

    /// The workbench.
    pub(crate) fn workbench(&self, arguments: &[&str]) -> CommandBuilder {
        let mut command = self.program(&[BINARY]);
        command.args(arguments);
        command
    }

    /// The workbench in a terminal of 80 by 24, ready to type.
    #[track_caller]
    pub(crate) fn open(&self) -> Pty {
        self.open_sized(80, 24)
    }

    #[track_caller]
    pub(crate) fn open_sized(&self, columns: u16, rows: u16) -> Pty {
        let pty = Pty::open(self.workbench(&[]), columns, rows);
        wait_until_ready(&pty);
        pty
    }

    /// The program's own commands, without a terminal, as JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(BINARY);
        command.args(arguments).env_clear().envs(ENVIRONMENT).env("HOME", self.path());
        let output = command.current_dir(self.path()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// State and text of the answer that came last.
    #[track_caller]
    pub(crate) fn last_answer(&self) -> (String, String) {
        let chat = self.json(&["chats", "show", "last", "--json"]);
        let messages = chat["messages"].as_array().unwrap();
        let last = messages.last().unwrap();
        assert_eq!(last["role"], "assistant", "{chat}");
        (last["state"].as_str().unwrap().to_owned(), last["text"].as_str().unwrap().to_owned())
    }
}

/// Waits for the empty draft.
#[track_caller]
pub(crate) fn wait_until_ready(pty: &Pty) {
    pty.wait_until("the empty draft", |screen| {
        screen.alternate_screen() && screen.contents().contains("write a message")
    });
}

/// Writes into the draft and sends it.
#[track_caller]
pub(crate) fn ask(pty: &mut Pty, question: &str) {
    pty.send(question);
    pty.wait_for(question);
    pty.send("\r");
}

/// As many words as wanted, each with its number: of an answer of the echo model one can tell how
/// far it came.
pub(crate) fn numbered(words: u32) -> String {
    (1..=words).map(|number| format!("w{number:04}")).collect::<Vec<_>>().join(" ")
}

/// Pastes text as terminals do.
pub(crate) fn paste(pty: &mut Pty, text: &str) {
    pty.send("\u{1b}[200~");
    pty.send(text);
    pty.send("\u{1b}[201~");
}

/// Asks the echo model for that many numbered words and waits until `shown` of them have come.
#[track_caller]
pub(crate) fn begin_answer(pty: &mut Pty, words: u32, shown: u32) {
    paste(pty, &numbered(words));
    pty.wait_for(&format!("w{words:04}"));
    pty.send("\r");
    wait_for_word(pty, shown);
}

#[track_caller]
pub(crate) fn wait_for_word(pty: &Pty, number: u32) {
    pty.wait_until(&format!("word {number} of the answer"), |screen| {
        answered(screen).is_some_and(|shown| shown >= number)
    });
}

/// The number of the last word of the answer on the screen.
pub(crate) fn answered(screen: &vt100::Screen) -> Option<u32> {
    let contents = screen.contents();
    let lines: Vec<&str> = contents.lines().collect();
    // Above is the question, below are the draft and the status line.
    let end = lines.iter().rposition(|line| line.starts_with("──"))?;
    let start = lines[..end].iter().rposition(|line| line.trim_start().starts_with("sandbox/echo"));
    let question = lines[..end].iter().any(|line| line.trim_start().starts_with("you"));
    if start.is_none() && question {
        return None;
    }
    last_number(&lines[start.unwrap_or(0)..end].join(" "))
}

/// The highest number of the words in a text.
pub(crate) fn last_number(text: &str) -> Option<u32> {
    let numbers = text.split_whitespace().filter_map(|word| word.strip_prefix('w'));
    numbers.filter(|digits| digits.len() == 4).filter_map(|digits| digits.parse().ok()).max()
}

/// State (a letter) and clock ticks of CPU time of a process, also of one that waits to be
/// collected.
pub(crate) fn cpu(process: u32) -> Option<(char, u64)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some((fields.first()?.chars().next()?, ticks(11)? + ticks(12)?))
}
