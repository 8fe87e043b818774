//! What the loop plays on: a terminal, or a rehearsal of one in a test.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::term::{
    self, Caps, Input, Keyboard, KeyboardOptions, Multiplexer, Output, OutputState, Session,
    SessionOptions, Signal, Signals, Suspended, TmuxFacts, TtyWriter,
};

use super::editor;

/// Something the stage has to say.
#[derive(Debug)]
pub enum Cue {
    Input(Input),
    Signal(Signal),
    /// A frame is written: the next may be drawn.
    Written,
    /// What the tmux around us can do.
    Tmux(TmuxFacts),
    /// The editor is closed and the terminal ours again; `None` when the text came back unchanged.
    Edited(io::Result<Option<String>>),
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
    /// Opens `text` in the user's editor. The terminal belongs to it, and nothing may be written,
    /// until [`Cue::Edited`] comes. After an error nothing has happened.
    fn edit(&mut self, text: &str) -> io::Result<()>;
    /// Puts the program to sleep until a shell wakes it, an open editor with it; false when nobody
    /// could. Blocks.
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
    editor: Option<oneshot::Receiver<io::Result<Option<String>>>>,
    options: TtyOptions,
}

/// What is on its way may take this long before the terminal is lent.
const BEFORE_LENDING: Duration = Duration::from_secs(2);
/// The same before it is given back for good.
const BEFORE_LEAVING: Duration = Duration::from_millis(300);

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
        let editor = None;
        let tty =
            Tty { session, writer, written, keyboard, signals, tmux, ask_tmux, editor, options };
        tty.ask_tmux();
        Ok(tty)
    }

    /// On a worker: tmux is another process and may be slow.
    fn ask_tmux(&self) {
        const LIMIT: Duration = Duration::from_millis(500);
        let Some(answer) = self.ask_tmux.clone() else { return };
        tokio::task::spawn_blocking(move || {
            if let Ok(facts) = TmuxFacts::ask(LIMIT) {
                let _ = answer.blocking_send(facts);
            }
        });
    }

    /// Everything that was handed over is written, then the terminal is given back. One that takes
    /// nothing any more is not waited for.
    pub fn leave(&mut self) -> io::Result<()> {
        self.keyboard = None;
        if self.writer.drain(BEFORE_LEAVING) {
            self.session.leave()
        } else {
            self.session.abandon();
            Ok(())
        }
    }

    /// The terminal is ours again.
    fn take_back(&mut self) {
        self.keyboard = Some(Keyboard::new(self.options.keyboard));
        // What was switched on in tmux went off meanwhile.
        self.ask_tmux();
    }

    fn edited(&mut self, edited: io::Result<Option<String>>) -> Cue {
        self.editor = None;
        let taken = self.session.resume();
        self.take_back();
        match taken {
            Ok(()) => Cue::Edited(edited),
            Err(error) => Cue::Gone(format!("the terminal cannot be taken back: {error}")),
        }
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
        let editor = &mut self.editor;
        let edited = async {
            match editor {
                Some(editor) => editor.await,
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
                Some(input) => {
                    if matches!(input, Input::Resize(..)) {
                        self.ask_tmux();
                    }
                    Cue::Input(input)
                }
                None => Cue::Gone("the terminal can no longer be read".into()),
            },
            () = self.written.notified() => Cue::Written,
            Some(facts) = self.tmux.recv() => Cue::Tmux(facts),
            edited = edited => {
                let lost = || Err(io::Error::other("nobody waited for its end"));
                self.edited(edited.unwrap_or_else(|_| lost()))
            }
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

    fn edit(&mut self, text: &str) -> io::Result<()> {
        // The reader would take the keys meant for the editor.
        self.keyboard = None;
        self.writer.drain(BEFORE_LENDING);
        let opened = self.session.pause().and_then(|()| editor::open(text));
        match opened {
            Ok(editor) => {
                self.editor = Some(editor);
                Ok(())
            }
            Err(error) => {
                self.session.resume()?;
                self.take_back();
                Err(error)
            }
        }
    }

    fn suspend(&mut self) -> io::Result<bool> {
        self.keyboard = None;
        self.writer.drain(BEFORE_LENDING);
        let how = self.session.suspend();
        // An open editor was put to sleep by its user, and has the terminal again.
        if self.editor.is_none() {
            self.take_back();
        }
        how.map(|how| how == Suspended::Resumed)
    }

    fn reassert(&mut self) -> io::Result<()> {
        self.session.reassert()
    }

    fn size(&self) -> Option<Size> {
        term::size()
    }
}
