//! The whole workbench in this process: the real loop, engine, store and sandbox, played to a
//! terminal that a test can read and type on.
//!
//! ```ignore
//! let desk = Desk::at(80, 24).model("sandbox/echo").open().await;
//! desk.type_("hello").press("enter");
//! desk.wait_for("hello").await;
//! println!("{}", desk.screen());
//! desk.quit().await;
//! ```
//!
//! Nothing sleeps: a test waits until something named can be seen, and fails with the screen in
//! its message when it cannot. The real environment, home and clipboard stay untouched.

pub(crate) mod glass;
pub(crate) mod opening;
pub(crate) mod picture;
pub(crate) mod rehearsal;
mod steady;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use routedeck::engine::Engine;
use routedeck::sandbox::{Sandbox, SeenRequest};
use routedeck::term::{Input, Signal};
use routedeck::tui::keymap::Chord;
use routedeck::tui::runtime::{Counts, Exit};
use routedeck::tui::stage::Cue;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use glass::Glass;
use opening::Opening;
use picture::Picture;
use rehearsal::Wings;

/// How long anything that has to happen may take. Long, because machines are sometimes busy.
const DEADLINE: Duration = Duration::from_secs(20);

/// A running workbench.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    pub(crate) engine: Engine,
    pub(crate) glass: Glass,
    cues: mpsc::UnboundedSender<Cue>,
    wings: Arc<Mutex<Wings>>,
    run: JoinHandle<(Exit, Counts)>,
}

/// What was written and how often the loop turned, up to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) turns: u64,
}

impl Desk {
    /// A desk to be set up: `.model(…)`, `.params(…)`, `.pace(…)`, then `.open().await`.
    pub(crate) fn at(columns: u16, rows: u16) -> Opening {
        Opening::new(Size::new(columns, rows))
    }

    /// A desk as a newcomer finds it.
    pub(crate) async fn open(size: (u16, u16)) -> Desk {
        Desk::at(size.0, size.1).open().await
    }

    /// Presses keys, as the configuration writes them; several are separated by blanks:
    /// `esc g g`, `ctrl+p`.
    pub(crate) fn press(&self, chords: &str) -> &Desk {
        for chord in chords.split_whitespace() {
            let chord = Chord::parse(chord).unwrap();
            self.input(Input::Key(KeyEvent::new(chord.code, chord.modifiers)));
        }
        self
    }

    /// Types text, one key for each character.
    pub(crate) fn type_(&self, text: &str) -> &Desk {
        for c in text.chars() {
            self.input(Input::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
        self
    }

    /// Types a message, sends it, and waits until the draft has let go of it.
    pub(crate) async fn say(&self, text: &str) -> &Desk {
        let start: String = text.chars().take(12).collect();
        self.type_(text).wait_for(&format!("> {start}")).await;
        self.press("enter").wait_for("> write a message").await;
        self
    }

    /// Sends a message and waits for the whole answer.
    pub(crate) async fn ask(&self, text: &str) -> Picture {
        self.say(text).await.wait_answered().await
    }

    /// Keys that come in one piece, as typed ahead on a slow line; `\n` is Enter.
    pub(crate) fn burst(&self, text: &str) -> &Desk {
        let code = |c| if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
        let key = |c| KeyEvent::new(code(c), KeyModifiers::NONE);
        self.input(Input::Burst(text.chars().map(key).collect()));
        self
    }

    pub(crate) fn paste(&self, text: &str) -> &Desk {
        self.input(Input::Paste(text.to_owned()));
        self
    }

    /// The window gets another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) -> &Desk {
        self.glass.resize(Size::new(columns, rows));
        self.input(Input::Resize(columns, rows));
        self
    }

    pub(crate) fn wheel(&self, up: bool) -> &Desk {
        self.input(Input::Wheel { up, column: 1, row: 1 });
        self
    }

    pub(crate) fn signal(&self, signal: Signal) -> &Desk {
        let _ = self.cues.send(Cue::Signal(signal));
        self
    }

    fn input(&self, input: Input) {
        let _ = self.cues.send(Cue::Input(input));
    }

    /// What the editor brings back when it is opened next; `None`: unchanged.
    pub(crate) fn editor_will_bring(&self, text: Option<&str>) -> &Desk {
        self.wings.lock().unwrap().edits.push_back(Ok(text.map(str::to_owned)));
        self
    }

    /// Looks at what happened off stage: editor and suspend.
    pub(crate) fn wings<T>(&self, look: impl FnOnce(&Wings) -> T) -> T {
        look(&self.wings.lock().unwrap())
    }

    /// Waits until the screen is as `is_so` wants it and gives it back. When that does not come
    /// about the test fails with `what` and the screen.
    pub(crate) async fn wait_until(&self, what: &str, is_so: impl Fn(&Picture) -> bool) -> Picture {
        let mut changes = self.glass.changes();
        let wait = async {
            loop {
                changes.mark_unchanged();
                let picture = self.glass.picture();
                if is_so(&picture) {
                    return picture;
                }
                if changes.changed().await.is_err() {
                    return picture;
                }
            }
        };
        match tokio::time::timeout(DEADLINE, wait).await {
            Ok(picture) => picture,
            Err(_) => panic!("not within {DEADLINE:?}: {what}; the screen:\n{}", self.dump()),
        }
    }

    /// Waits until a row contains this.
    pub(crate) async fn wait_for(&self, words: &str) -> Picture {
        self.wait_until(&format!("`{words}` on the screen"), |screen| screen.contains(words)).await
    }

    /// Waits until no row contains this.
    pub(crate) async fn wait_gone(&self, words: &str) -> Picture {
        self.wait_until(&format!("`{words}` gone"), |screen| !screen.contains(words)).await
    }

    /// Waits for the figures below an answer, which come when its turn has ended.
    pub(crate) async fn wait_answered(&self) -> Picture {
        self.wait_until("the answer is complete", |screen| {
            !screen.contains("stop, keep text")
                && ["✓ ", "✗ ", "◦ "].iter().any(|sign| screen.contains(sign))
        })
        .await
    }

    /// Waits until `is_so`, which is not about the screen, and fails with `what` when it stays
    /// untrue. Asks again whenever something is drawn and every few milliseconds.
    pub(crate) async fn wait_while_not<T>(
        &self,
        what: &str,
        is_so: impl AsyncFn() -> Option<T>,
    ) -> T {
        let wait = async {
            loop {
                if let Some(found) = is_so().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(DEADLINE, wait).await {
            Ok(found) => found,
            Err(_) => panic!("not within {DEADLINE:?}: {what}; the screen:\n{}", self.dump()),
        }
    }

    /// The screen as text, its rows trimmed.
    pub(crate) fn screen(&self) -> String {
        self.glass.picture().text()
    }

    /// The screen with styles and cursor.
    pub(crate) fn picture(&self) -> Picture {
        self.glass.picture()
    }

    /// Frames, bytes and turns of the loop so far.
    pub(crate) fn counts(&self) -> Figures {
        let (frames, bytes, turns) = self.glass.figures();
        Figures { frames, bytes, turns }
    }

    /// Texts that were offered to the terminal's clipboard.
    pub(crate) fn copied(&self) -> Vec<String> {
        self.glass.heard(|heard| heard.copied.clone())
    }

    /// The chat requests that reached the sandbox, oldest first.
    pub(crate) fn chats_asked(&self) -> Vec<SeenRequest> {
        let chats = |request: &SeenRequest| request.path.ends_with("/chat/completions");
        self.sandbox.requests().into_iter().filter(chats).collect()
    }

    /// Presses nothing, waits for the end that is already on its way.
    pub(crate) async fn ended(self) -> (Exit, Counts) {
        let dump = self.dump();
        let Ok(ended) = tokio::time::timeout(DEADLINE, self.run).await else {
            panic!("the workbench does not end; the screen was:\n{dump}");
        };
        self.engine.close().await;
        self.sandbox.stop().await;
        ended.unwrap()
    }

    /// Quits the way a person does who is in a hurry.
    pub(crate) async fn quit(self) -> (Exit, Counts) {
        self.press("ctrl+c ctrl+c");
        self.ended().await
    }

    fn dump(&self) -> String {
        let lines = self.glass.picture().lines();
        lines.iter().map(|line| format!("  │{line}\n")).collect()
    }
}
