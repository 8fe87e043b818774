//! The loop: wait, update, perform, draw. The only place that asks a clock.
//!
//! Input goes before frames and frames before the inbox, and the inbox is drained in bounded
//! batches, so that a key never waits behind a stream.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ratatui::layout::Size;
use tokio::sync::mpsc;

use crate::domain::id::Millis;
use crate::engine::Engine;
use crate::term::{
    Caps, CapsOptions, ColorDepth, Cursor, CursorShape, Input, QuitBy, Screen, Scroll, Signal,
    take_background_panics,
};

use super::app::App;
use super::effect::Effects;
use super::frames::FrameClock;
use super::msg::{Msg, Now};
use super::perform::{INBOX, Own, Performer};
use super::stage::{Cue, Stage};
use super::theme::Theme;
use super::toast::Tone;
use super::view::{self, Memory};

/// Changes that were wished for before the end may take this long.
const LAST_CHANGES: Duration = Duration::from_millis(500);
/// Inputs taken in one go before anything else gets its turn.
const INPUTS: usize = 32;
/// Messages taken in one go: all that can wait.
const MESSAGES: usize = INBOX;

/// Why the loop ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Quit,
    Signal(QuitBy),
    /// The terminal is gone: why.
    Gone(String),
}

/// Counts that tests guard instead of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Times the screen was drawn.
    pub draws: u64,
    /// Frames that had something to write.
    pub frames: u64,
    /// Bytes written to the terminal.
    pub bytes: u64,
    /// Messages heard: ticks, and what the engine and the turns said.
    pub messages: u64,
}

/// What the loop is started with.
pub struct Performance {
    pub app: App,
    pub engine: Engine,
    pub caps: Caps,
    pub caps_options: CapsOptions,
    /// Where the user's own themes are.
    pub themes: Option<PathBuf>,
    pub notices: Vec<String>,
}

struct Runtime<'s, S: Stage> {
    app: App,
    performer: Performer,
    stage: &'s mut S,
    screen: Screen,
    memory: Memory,
    clock: FrameClock,
    counts: Counts,
    /// The terminal is lent to the editor: nothing may be written.
    editing: bool,
    caps_options: CapsOptions,
    themes: Option<PathBuf>,
    exit: Option<Exit>,
}

/// Runs the workbench until it ends. The engine is still open afterwards.
pub async fn run<S: Stage>(performance: Performance, stage: &mut S) -> (Exit, Counts) {
    let Performance { app, engine, caps, caps_options, themes, notices } = performance;
    let (inbox, mut arrived) = mpsc::channel(INBOX);
    let size = Size::new(app.size.0, app.size.1);
    let mut runtime = Runtime {
        app,
        performer: Performer::start(engine, inbox),
        stage,
        screen: Screen::new(size, caps),
        memory: Memory::default(),
        clock: FrameClock::default(),
        counts: Counts::default(),
        editing: false,
        caps_options,
        themes,
        exit: None,
    };
    if runtime.screen.caps().depth == ColorDepth::None {
        runtime.app.theme = runtime.app.theme.without_colours();
    }
    runtime.draw();
    let effects = runtime.app.begin(&notices, now());
    runtime.perform(effects);
    let mut batch = Vec::with_capacity(MESSAGES);
    loop {
        if let Some(exit) = runtime.exit.take() {
            // A draft, a star or a title of the last moment: the store closes behind us.
            let _ = tokio::time::timeout(LAST_CHANGES, runtime.performer.made()).await;
            return (exit, runtime.counts);
        }
        let free = !runtime.editing && runtime.stage.output().is_free();
        let due = runtime.clock.due().filter(|_| free);
        let wake = runtime.app.wakes_at(Instant::now());
        tokio::select! {
            biased;
            cue = runtime.stage.cue() => runtime.hear_cue(cue),
            () = until(due), if due.is_some() => {
                while batch.len() < MESSAGES
                    && let Ok(msg) = arrived.try_recv()
                {
                    batch.push(msg);
                }
                runtime.hear(batch.drain(..));
                runtime.draw();
            }
            // While a frame is due anyway, what arrives waits for it: waking up for each word of
            // an answer would cost more than showing it.
            _ = arrived.recv_many(&mut batch, MESSAGES), if due.is_none() => {
                runtime.hear(batch.drain(..));
            }
            () = until(wake), if wake.is_some() => runtime.hear(std::iter::once(Msg::Tick)),
        }
    }
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at.into()).await;
    }
}

/// This moment on both clocks.
pub fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall = Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Now { instant: Instant::now(), wall }
}

/// Minutes to add to UTC for the time of day here.
pub fn utc_offset_minutes() -> i64 {
    i64::from(jiff::Zoned::now().offset().seconds() / 60)
}

impl<S: Stage> Runtime<'_, S> {
    fn hear_cue(&mut self, cue: Cue) {
        match cue {
            Cue::Input(input) => {
                self.input(input);
                for _ in 1..INPUTS {
                    let Some(input) = self.stage.more() else { break };
                    self.input(input);
                }
                self.clock.now(Instant::now());
            }
            Cue::Signal(Signal::Quit(by)) => self.end(Exit::Signal(by)),
            Cue::Signal(Signal::Suspend) => self.suspend(),
            Cue::Signal(Signal::Continue) => {
                // Whoever stopped us from outside left the terminal in another mode.
                let _ = self.stage.reassert();
                self.repaint();
            }
            Cue::Written => {}
            Cue::Tmux(facts) => {
                let mut caps = self.screen.caps().clone();
                facts.apply(&mut caps, &self.caps_options);
                if let Some(bytes) = facts.keys(&caps) {
                    self.post(bytes);
                }
                self.screen.set_caps(caps);
                self.clock.now(Instant::now());
            }
            Cue::Edited(edited) => self.edited(edited),
            Cue::Gone(why) => self.end(Exit::Gone(why)),
        }
    }

    fn edited(&mut self, edited: io::Result<Option<String>>) {
        self.editing = false;
        self.repaint();
        let msg = match edited {
            Ok(text) => Msg::Edited(text),
            Err(error) => Msg::Notice(format!("the editor: {error}")),
        };
        let effects = self.app.update(msg, now());
        self.perform(effects);
    }

    fn post(&mut self, bytes: &[u8]) {
        // It would land in the middle of the editor's screen.
        if !self.editing {
            self.stage.output().post(bytes);
        }
    }

    /// The end comes from outside: what was typed last is kept all the same.
    fn end(&mut self, exit: Exit) {
        let effects = self.app.last_wishes();
        self.perform(effects);
        self.exit = Some(exit);
    }

    fn input(&mut self, input: Input) {
        if let Input::Resize(width, height) = input {
            self.screen.resize(Size::new(width, height));
        }
        let effects = self.app.update(Msg::Input(input), now());
        self.perform(effects);
    }

    fn hear(&mut self, messages: impl Iterator<Item = Msg>) {
        let mut awaited = false;
        for msg in messages {
            self.counts.messages += 1;
            // Somebody waits for a reply; words and ticks follow each other in any case.
            awaited |= !matches!(msg, Msg::Turn(..) | Msg::Tick);
            let effects = self.app.update(msg, now());
            self.perform(effects);
        }
        let write_time = self.stage.output().average_write();
        match awaited {
            true => self.clock.now(Instant::now()),
            false => self.clock.soon(Instant::now(), write_time),
        }
    }

    fn perform(&mut self, effects: Effects) {
        for effect in effects {
            if let Some(own) = self.performer.perform(effect, self.screen.caps()) {
                self.perform_own(own);
            }
        }
    }

    fn perform_own(&mut self, own: Own) {
        match own {
            Own::Post(bytes) => self.post(&bytes),
            Own::Edit(text) => match self.stage.edit(&text) {
                Ok(()) => self.editing = true,
                Err(error) => self.edited(Err(error)),
            },
            Own::UseTheme(name) => {
                for problem in self.wear(&name) {
                    self.app.toasts.say(Tone::Warn, problem, Instant::now());
                }
            }
            Own::NextColors => self.next_colors(),
            Own::Redraw => self.repaint(),
            Own::Suspend => self.suspend(),
            Own::Quit => self.exit = Some(Exit::Quit),
        }
    }

    /// Draws with this theme from now on; what is wrong with it comes back.
    fn wear(&mut self, name: &str) -> Vec<String> {
        let (theme, problems) = Theme::load(name, self.themes.as_deref());
        self.app.theme = match self.screen.caps().depth {
            ColorDepth::None => theme.without_colours(),
            ColorDepth::Sixteen | ColorDepth::Indexed | ColorDepth::True => theme,
        };
        problems
    }

    fn next_colors(&mut self) {
        let mut caps = self.screen.caps().clone();
        let (depth, name) = match caps.depth {
            ColorDepth::True => (ColorDepth::Indexed, "256 colours"),
            ColorDepth::Indexed => (ColorDepth::Sixteen, "16 colours"),
            ColorDepth::Sixteen => (ColorDepth::None, "no colours"),
            ColorDepth::None => (ColorDepth::True, "true colour"),
        };
        caps.depth = depth;
        self.screen.set_caps(caps);
        // What is wrong with the theme was said when it was chosen.
        let theme = self.app.theme.name().to_owned();
        let _ = self.wear(&theme);
        self.app.toasts.say(Tone::Plain, name, Instant::now());
    }

    fn suspend(&mut self) {
        let told = match self.stage.suspend() {
            Ok(true) => None,
            Ok(false) => Some("there is no shell that could wake us again".to_owned()),
            Err(error) => Some(format!("could not go to sleep: {error}")),
        };
        if let Some(words) = told {
            self.app.toasts.say(Tone::Warn, words, Instant::now());
        }
        self.repaint();
    }

    /// Nothing of what the terminal shows is trusted any more; its size may be another one.
    fn repaint(&mut self) {
        if let Some(size) = self.stage.size()
            && size != self.screen.size()
        {
            self.screen.resize(size);
            self.app.update(Msg::Input(Input::Resize(size.width, size.height)), now());
        }
        self.screen.invalidate();
        self.clock.now(Instant::now());
    }

    fn draw(&mut self) {
        for panic in take_background_panics() {
            self.app.toasts.say(Tone::Bad, format!("a part failed: {panic}"), Instant::now());
        }
        let now = now();
        let frame = view::draw(&self.app, &mut self.memory, now, self.screen.back());
        let cursor = Cursor { at: frame.cursor, shape: CursorShape::default() };
        let hint =
            frame.scrolled.map(|(area, up)| Scroll { top: area.y, bottom: area.bottom(), up });
        let mut bytes = Vec::new();
        let presented = self.screen.present(cursor, hint, &mut bytes);
        self.counts.draws += 1;
        if !bytes.is_empty() {
            self.counts.frames += 1;
            self.counts.bytes += u64::try_from(presented.bytes).unwrap_or(0);
            self.stage.output().send(bytes);
        }
        self.app.settle(frame.geometry);
        self.clock.drawn(Instant::now());
    }
}
