//! What the loop plays on: a terminal, or a rehearsal of one in a test.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use ratatui::layout::Size;
use tokio::sync::{Notify, mpsc};

use crate::term::{
    self, Caps, Input, Keyboard, KeyboardOptions, Multiplexer, Output, OutputState, Session,
    SessionOptions, Signal, Signals, Suspended, TmuxFacts, TtyWriter,
};

/// Something the stage has to say.
#[derive(Debug)]
pub enum Cue {
    Input(Input),
    Signal(Signal),
    /// A frame is written: the next may be drawn.
    Written,
    /// What the tmux around us can do.
    Tmux(TmuxFacts),
    /// The terminal is gone.
    Gone(String),
}

/// A terminal as the loop needs it.
pub trait Stage {
    /// The next cue. May be dropped and called again at any point without losing one.
    fn cue(&mut self) -> impl Future<Output = Cue>;
    /// An input that arrived together with the last one.
    fn more(&mut self) -> Option<Input>;
    fn output(&mut self) -> &mut dyn Output;
    /// Opens `text` in the user's editor; `None` when it came back unchanged. Blocks.
    fn edit(&mut self, text: &str) -> io::Result<Option<String>>;
    /// Puts the program to sleep until a shell wakes it; false when nobody could. Blocks.
    fn suspend(&mut self) -> io::Result<bool>;
    /// Sets all modes again: somebody else had the terminal.
    fn reassert(&mut self) -> io::Result<()>;
    fn size(&self) -> Option<Size>;
}

/// How the terminal is used.
#[derive(Clone, Copy, Debug, Default)]
pub struct TtyOptions {
    pub session: SessionOptions,
    pub keyboard: KeyboardOptions,
}

/// The real terminal.
pub struct Tty {
    session: Session,
    writer: TtyWriter,
    written: Arc<Notify>,
    keyboard: Option<Keyboard>,
    signals: Signals,
    tmux: mpsc::Receiver<TmuxFacts>,
    ask_tmux: Option<mpsc::Sender<TmuxFacts>>,
    options: TtyOptions,
}

impl Tty {
    /// Takes the terminal over; dropping it gives it back. Needs a tokio runtime.
    pub fn enter(caps: &Caps, options: TtyOptions) -> io::Result<Tty> {
        let signals = Signals::start()?;
        let session = Session::enter(caps, options.session)?;
        let written = Arc::new(Notify::new());
        let wake = Arc::clone(&written);
        let writer = TtyWriter::open(move || wake.notify_one())?;
        let (ask, tmux) = mpsc::channel(4);
        let ask_tmux = (caps.multiplexer == Multiplexer::Tmux).then_some(ask);
        let keyboard = Some(Keyboard::new(options.keyboard));
        let tty = Tty { session, writer, written, keyboard, signals, tmux, ask_tmux, options };
        tty.ask_tmux();
        Ok(tty)
    }

    /// On a worker: tmux is another process and may be slow.
    fn ask_tmux(&self) {
        const LIMIT: std::time::Duration = std::time::Duration::from_millis(500);
        let Some(answer) = self.ask_tmux.clone() else { return };
        tokio::task::spawn_blocking(move || {
            if let Ok(facts) = TmuxFacts::ask(LIMIT) {
                let _ = answer.blocking_send(facts);
            }
        });
    }

    /// Everything that was handed over is written, then the terminal is given back.
    pub fn leave(&mut self) -> io::Result<()> {
        self.writer.drain(std::time::Duration::from_millis(300));
        self.keyboard = None;
        self.session.leave()
    }

    fn with_terminal_given_back<T>(
        &mut self,
        act: impl FnOnce(&mut Session) -> io::Result<T>,
    ) -> io::Result<T> {
        // The reader would take the keys meant for the editor or the shell.
        self.keyboard = None;
        self.writer.drain(std::time::Duration::from_secs(2));
        let result = act(&mut self.session);
        self.keyboard = Some(Keyboard::new(self.options.keyboard));
        result
    }
}

impl Stage for Tty {
    async fn cue(&mut self) -> Cue {
        if let OutputState::Dead(why) = self.writer.state() {
            return Cue::Gone(why);
        }
        let keyboard = &mut self.keyboard;
        let input = async {
            match keyboard {
                Some(keyboard) => keyboard.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.signals.next() => match signal {
                Some(signal) => Cue::Signal(signal),
                None => std::future::pending().await,
            },
            input = input => match input {
                Some(input) => Cue::Input(input),
                None => Cue::Gone("the terminal can no longer be read".into()),
            },
            () = self.written.notified() => Cue::Written,
            Some(facts) = self.tmux.recv() => Cue::Tmux(facts),
        }
    }

    fn more(&mut self) -> Option<Input> {
        let input = self.keyboard.as_mut()?.try_next();
        if matches!(input, Some(Input::Resize(..))) {
            self.ask_tmux();
        }
        input
    }

    fn output(&mut self) -> &mut dyn Output {
        &mut self.writer
    }

    fn edit(&mut self, text: &str) -> io::Result<Option<String>> {
        self.with_terminal_given_back(|session| {
            session.pause()?;
            let edited = edit_in_editor(text);
            session.resume()?;
            edited
        })
    }

    fn suspend(&mut self) -> io::Result<bool> {
        self.with_terminal_given_back(|session| {
            session.suspend().map(|how| how == Suspended::Resumed)
        })
    }

    fn reassert(&mut self) -> io::Result<()> {
        self.session.reassert()
    }

    fn size(&self) -> Option<Size> {
        term::size()
    }
}

fn edit_in_editor(text: &str) -> io::Result<Option<String>> {
    let directory = scratch_directory()?;
    let file = directory.join("draft.md");
    let result = run_editor(&file, text);
    let _ = std::fs::remove_dir_all(&directory);
    result
}

/// A directory that nobody else may look into.
fn scratch_directory() -> io::Result<std::path::PathBuf> {
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

fn run_editor(file: &Path, text: &str) -> io::Result<Option<String>> {
    std::fs::write(file, text)?;
    let variable = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = variable("VISUAL").or_else(|| variable("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    // The editor has no use for the key.
    let status = Command::new(program)
        .args(words)
        .arg(file)
        .env_remove("OPENROUTER_API_KEY")
        .status()
        .map_err(|error| io::Error::other(format!("{program} did not start: {error}")))?;
    if !status.success() {
        return Err(io::Error::other(format!(
            "{program} ended with {status}; nothing was changed"
        )));
    }
    let edited = std::fs::read_to_string(file)?;
    Ok((edited != text).then_some(edited))
}
