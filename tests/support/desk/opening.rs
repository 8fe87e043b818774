//! How a desk is set up before it opens.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratatui::layout::Size;
use routedeck::domain::id::{Millis, ModelId};
use routedeck::domain::secret::Secret;
use routedeck::domain::turn::Params;
use routedeck::engine::{Engine, Parts};
use routedeck::sandbox::{self, Sandbox};
use routedeck::store::Store;
use routedeck::term::{Caps, CapsOptions, ColorDepth};
use routedeck::tui::app::{App, Setup};
use routedeck::tui::keymap::{Keymap, Wish};
use routedeck::tui::runtime::{Performance, now, run};
use routedeck::tui::theme::Theme;
use routedeck::upstream::{Client, Settings, Timeouts};
use tokio::sync::mpsc;

use super::Desk;
use super::glass::Glass;
use super::rehearsal::{Rehearsal, Wings};

/// A desk that is not open yet.
pub(crate) struct Opening {
    size: Size,
    model: Option<ModelId>,
    params: Params,
    wishes: Vec<Wish>,
    theme: String,
    keeps_theme: bool,
    sandbox: sandbox::Settings,
    upstream: Option<Settings>,
    timeouts: Timeouts,
    home: Option<PathBuf>,
    depth: ColorDepth,
    notices: Vec<String>,
    offline: bool,
}

impl Opening {
    pub(super) fn new(size: Size) -> Opening {
        Opening {
            size,
            model: None,
            params: Params { max_tokens: Some(4096), ..Params::default() },
            wishes: Vec::new(),
            theme: "terminal".into(),
            keeps_theme: false,
            sandbox: sandbox::Settings::quick(),
            upstream: None,
            timeouts: Timeouts::default(),
            home: None,
            depth: ColorDepth::True,
            notices: Vec::new(),
            offline: false,
        }
    }

    /// The model of the first chat.
    pub(crate) fn model(mut self, id: &str) -> Opening {
        self.model = Some(id.into());
        self
    }

    /// What new chats begin with.
    pub(crate) fn params(mut self, params: Params) -> Opening {
        self.params = params;
        self
    }

    /// Other keys for an action, as the configuration would set them.
    pub(crate) fn keys(mut self, action: &str, chords: &[&str]) -> Opening {
        self.wishes.push(Wish {
            action: action.into(),
            chords: chords.iter().map(|chord| (*chord).to_owned()).collect(),
            place: "config.toml:1".into(),
        });
        self
    }

    pub(crate) fn theme(mut self, name: &str) -> Opening {
        self.theme = name.into();
        self
    }

    /// The theme chosen last comes back, as when none is configured.
    pub(crate) fn keeps_theme(mut self) -> Opening {
        self.keeps_theme = true;
        self
    }

    /// Time between the pieces of an answer; zero unless asked for.
    pub(crate) fn pace(mut self, pace: Duration) -> Opening {
        self.sandbox.pace = pace;
        self
    }

    /// Anything else of the sandbox.
    pub(crate) fn sandbox(mut self, change: impl FnOnce(&mut sandbox::Settings)) -> Opening {
        change(&mut self.sandbox);
        self
    }

    /// Talks to this instead of the sandbox.
    pub(crate) fn upstream(mut self, settings: Settings) -> Opening {
        self.upstream = Some(settings);
        self
    }

    pub(crate) fn timeouts(mut self, timeouts: Timeouts) -> Opening {
        self.timeouts = timeouts;
        self
    }

    /// Keeps its database in this directory, where another desk finds it later.
    pub(crate) fn home(mut self, directory: &Path) -> Opening {
        self.home = Some(directory.to_owned());
        self
    }

    pub(crate) fn depth(mut self, depth: ColorDepth) -> Opening {
        self.depth = depth;
        self
    }

    /// What the person is told at the start.
    pub(crate) fn notice(mut self, words: &str) -> Opening {
        self.notices.push(words.into());
        self
    }

    pub(crate) fn offline(mut self) -> Opening {
        self.offline = true;
        self
    }

    /// Opens it and waits until the models are known and drawn.
    pub(crate) async fn open(self) -> Desk {
        let listed = self.model.clone();
        let roomy = self.size.width >= 60 && self.size.height >= 16;
        let lists = self.upstream.is_none() && !self.offline;
        let desk = self.open_at_once().await;
        if lists {
            desk.wait_while_not("the models are known", async || {
                (!desk.engine.catalog().is_empty()).then_some(())
            })
            .await;
            let known = listed.is_none_or(|id| desk.engine.catalog().get(id.as_str()).is_some());
            if roomy && known {
                let ready = |screen: &super::Picture| {
                    screen.contains("≈ ") && !screen.contains("fetching models")
                };
                desk.wait_until("the models are known on screen", ready).await;
            }
        }
        desk
    }

    /// Opens it without waiting for more than the first frame.
    pub(crate) async fn open_at_once(mut self) -> Desk {
        // A second installation is refused, which is fine: one provider is enough.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start_anywhere(self.sandbox.clone()).await.unwrap();
        let settings = self.upstream.take().unwrap_or_else(|| Settings {
            name: "sandbox".into(),
            base_url: sandbox.base_url(),
            key: Secret::new(sandbox::KEY),
            simulated: true,
            openrouter: true,
            timeouts: self.timeouts,
        });
        let opened = match &self.home {
            Some(home) => Store::open(&home.join("routedeck.db"), wall()).unwrap(),
            None => Store::open_in_memory(wall()).unwrap(),
        };
        self.notices.extend(opened.notices);
        let parts = Parts { client: Client::new(settings), store: opened.store, clock: wall };
        let engine = Engine::start(parts);
        let glass = Glass::new(self.size);
        let (cues, taken) = mpsc::unbounded_channel();
        let wings: Arc<Mutex<Wings>> = Arc::default();
        let stage = Rehearsal::new(taken, glass.clone(), Arc::clone(&wings));
        let performance = self.performance(engine.clone());
        let here = tokio::runtime::Handle::current();
        // As in the program: drawing has a thread of its own, the rest has the workers.
        let run = tokio::task::spawn_blocking(move || {
            let mut stage = stage;
            here.block_on(run(performance, &mut stage))
        });
        Desk { sandbox, engine, glass, cues, wings, run }
    }

    fn performance(self, engine: Engine) -> Performance {
        let (keymap, mut notices) = Keymap::resolve(&self.wishes);
        let (theme, problems) = Theme::load(&self.theme, None);
        notices.extend(problems);
        notices.extend(self.notices);
        let setup = Setup {
            model: self.model,
            params: self.params,
            keymap,
            theme,
            upstream: engine.upstream(),
            utc_offset_minutes: 0,
            keeps_theme: self.keeps_theme,
            size: (self.size.width, self.size.height),
            offline: self.offline,
        };
        // As over SSH: copying goes to the glass, never to the clipboard of whoever runs this.
        let caps = Caps { depth: self.depth, ssh: true, ..Caps::default() };
        Performance {
            app: App::new(setup),
            engine,
            caps,
            caps_options: CapsOptions::default(),
            themes: None,
            notices,
        }
    }
}

fn wall() -> Millis {
    now().wall
}
