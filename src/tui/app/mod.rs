//! The whole state of the workbench and the one step that changes it.
//!
//! Routes what happens to the pane it concerns and holds the rules that involve two panes.
//! Not for: what a pane does by itself, IO, clocks, drawing.

mod act;
mod hear;
mod paste;
mod speak;
mod status;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;

use crate::domain::account::KeyInfo;
use crate::domain::catalog::Catalog;
use crate::domain::id::ModelId;
use crate::domain::turn::Params;
use crate::domain::usage::Totals;
use crate::engine::{Change, Query, RefreshState, UpstreamFacts};
use crate::term::Input;

use super::action::{Action, Context};
use super::chat::{Chats, Conversation, Part};
use super::cx::{Cx, NextSend, Shelf};
use super::effect::{Effect, Effects, Place, Ticket};
use super::focus::{Pending, View};
use super::history::History;
use super::keymap::{Chord, Keymap, Meaning};
use super::layout;
use super::models::Browser;
use super::msg::{Msg, Now};
use super::overlay::Overlay;
use super::theme::Theme;
use super::toast::{Toasts, Tone};
use super::usage::Board;

pub use status::{Status, status};

/// A second Ctrl+C within this time quits.
const TWICE: Duration = Duration::from_secs(2);
/// A draft is written down when it was left alone this long.
const DRAFT_REST: Duration = Duration::from_millis(300);
/// The hint of what can follow a prefix key appears after this pause.
const PREFIX_REST: Duration = Duration::from_millis(400);

/// What the app starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The model of a new chat, when one was set.
    pub model: Option<ModelId>,
    /// Defaults of new chats.
    pub params: Params,
    pub keymap: Keymap,
    pub theme: Theme,
    pub upstream: UpstreamFacts,
    pub utc_offset_minutes: i64,
    /// The theme chosen last comes back: none was set elsewhere.
    pub keeps_theme: bool,
    pub size: (u16, u16),
    /// Nothing is asked of the network by itself.
    pub offline: bool,
}

/// What the last frame looked like, as far as the next step needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Geometry {
    /// Rows of the pane's list or transcript.
    pub page: u16,
    /// The row at the top of the transcript and whether its end is in view.
    pub chat: Option<((usize, usize), bool)>,
}

/// All state of the workbench.
pub struct App {
    pub view: View,
    pub overlays: Vec<Overlay>,
    pub pending: Pending,
    pub chats: Chats,
    pub models: Browser,
    pub usage: Board,
    pub history: History,
    pub toasts: Toasts,
    pub catalog: Arc<Catalog>,
    pub shelf: Shelf,
    pub keymap: Keymap,
    pub theme: Theme,
    pub upstream: UpstreamFacts,
    pub key: Option<KeyInfo>,
    pub today: Totals,
    pub month: Totals,
    pub refresh: Option<RefreshState>,
    pub size: (u16, u16),
    pub utc_offset_minutes: i64,
    /// Nothing of this run can be kept, and the status line says so.
    pub forgets: bool,
    /// Enter came before the list of chats did: the first one opens when it is there.
    open_first: bool,
    /// The title of the chat used last, to offer it.
    pub last_chat: Option<String>,
    geometry: Geometry,
    defaults: Params,
    configured_model: Option<ModelId>,
    interrupted_at: Option<Instant>,
    draft_due: Option<Instant>,
    /// The question whose reply opens a chat.
    opening: Option<u64>,
    starting: Option<u64>,
    /// The question whose reply brings the meters up to date.
    recounting: Option<u64>,
    next_ticket: u64,
    offline: bool,
    keeps_theme: bool,
    quitting: bool,
}

impl App {
    pub fn new(setup: Setup) -> App {
        let mut conversation = Conversation::new(setup.model.clone(), setup.params.clone());
        conversation.draft.fit(layout::draft_width(setup.size.0));
        App {
            view: View::Chat,
            overlays: Vec::new(),
            pending: Pending::default(),
            chats: Chats::new(conversation),
            models: Browser::default(),
            usage: Board::default(),
            history: History::default(),
            toasts: Toasts::default(),
            catalog: Arc::default(),
            shelf: Shelf::default(),
            keymap: setup.keymap,
            theme: setup.theme,
            upstream: setup.upstream,
            key: None,
            today: Totals::default(),
            month: Totals::default(),
            refresh: None,
            size: setup.size,
            utc_offset_minutes: setup.utc_offset_minutes,
            forgets: false,
            open_first: false,
            last_chat: None,
            geometry: Geometry::default(),
            defaults: setup.params,
            configured_model: setup.model,
            interrupted_at: None,
            draft_due: None,
            opening: None,
            starting: None,
            recounting: None,
            next_ticket: 0,
            offline: setup.offline,
            keeps_theme: setup.keeps_theme,
            quitting: false,
        }
    }

    /// What to ask for when the program starts.
    pub fn begin(&mut self, notices: &[String], now: Now) -> Effects {
        for notice in notices {
            self.toasts.say(Tone::Warn, notice, now.instant);
        }
        let start = self.ticket();
        self.starting = Some(start.number);
        let mut effects = vec![Effect::Ask(start, Query::Start), Effect::LoadCatalog];
        if !self.offline {
            effects.push(Effect::RefreshCatalog);
            effects.push(Effect::RefreshKey);
        }
        effects
    }

    fn ticket(&mut self) -> Ticket {
        self.next_ticket += 1;
        Ticket { place: Place::App, number: self.next_ticket }
    }

    /// The one step: something happened; what is to be done about it.
    pub fn update(&mut self, msg: Msg, now: Now) -> Effects {
        match msg {
            Msg::Input(input) => self.input(input, now),
            Msg::Turn(turn, event) => self.hear_turn(turn, event, now),
            Msg::Engine(event) => self.hear_engine(*event, now),
            Msg::Missed => {
                let again = self.ticket();
                self.recounting = Some(again.number);
                vec![Effect::Ask(again, Query::Start)]
            }
            Msg::Reply(ticket, reply) => self.hear_reply(ticket, reply, now),
            Msg::Trouble(trouble) => {
                let words = format!("{}: {} {}", trouble.what, trouble.why, trouble.hint);
                self.toasts.say(Tone::Bad, words, now.instant);
                Effects::new()
            }
            Msg::Notice(text) => {
                self.toasts.say(Tone::Plain, text, now.instant);
                Effects::new()
            }
            Msg::Edited(text) => self.edited(text, now),
            Msg::Tick => self.tick(now),
        }
    }

    fn input(&mut self, input: Input, now: Now) -> Effects {
        match input {
            Input::Key(key) => self.key(key, now),
            Input::Paste(text) => self.paste(&text, now),
            Input::Burst(keys) => self.burst(&keys, now),
            Input::Resize(width, height) => {
                self.size = (width, height);
                self.fit_draft();
                Effects::new()
            }
            Input::Wheel { up, .. } => {
                self.chats.open.pending_scroll += if up { -3 } else { 3 };
                Effects::new()
            }
            Input::Focus(_) => Effects::new(),
        }
    }

    fn key(&mut self, key: KeyEvent, now: Now) -> Effects {
        self.toasts.expire(now.instant);
        self.open_first = false;
        let path = self.path();
        match self.keymap.meaning(&path, &self.pending.chords, key) {
            Meaning::Act(action) => {
                self.pending.clear();
                self.act(action, now)
            }
            Meaning::Pending => {
                self.pending.push(Chord::of(key), now.instant);
                Effects::new()
            }
            Meaning::Text(key) => {
                self.pending.clear();
                self.text(key, now)
            }
            Meaning::Nothing => {
                self.pending.clear();
                Effects::new()
            }
        }
    }

    /// The places a key is looked up in, nearest first.
    pub fn path(&self) -> Vec<Context> {
        if let Some(overlay) = self.overlays.last() {
            let context = overlay.context();
            // The form's long field takes the draft's keys for a new line and the editor.
            return match context {
                Context::Form => vec![context, Context::Compose, Context::Global],
                _ => vec![context, Context::Global],
            };
        }
        let pane = match self.view {
            View::Chat if self.chats.part == Part::Compose => {
                return vec![Context::Compose, Context::Global];
            }
            View::Chat => return vec![Context::Browse, Context::Global],
            View::Models => self.models.context(),
            View::Usage => self.usage.context(),
            View::History => self.history.context(),
        };
        // The digits and brackets that change the view work in every list.
        vec![pane, Context::Browse, Context::Global]
    }

    fn text(&mut self, key: KeyEvent, now: Now) -> Effects {
        if let Some(mut overlay) = self.overlays.pop() {
            overlay.text(key, &self.cx(now));
            self.overlays.push(overlay);
            return Effects::new();
        }
        match self.view {
            View::Chat => {
                if self.chats.open.draft.key(key) {
                    self.draft_due = Some(now.instant + DRAFT_REST);
                }
                Effects::new()
            }
            View::Models => self.with_models(now, |models, cx| models.text(key, cx)),
            View::History => self.with_history(now, |history, cx| history.text(key, cx)),
            View::Usage => Effects::new(),
        }
    }

    // A pane changes while it reads the rest of the app: it is taken out for that moment.

    fn with_models(&mut self, now: Now, act: impl FnOnce(&mut Browser, &Cx) -> Effects) -> Effects {
        let mut models = std::mem::take(&mut self.models);
        let effects = act(&mut models, &self.cx(now));
        self.models = models;
        effects
    }

    /// The browser looks at the catalogue anew. Out of view it asks nothing of the upstream; it is
    /// brought up to date when it comes into view.
    fn refresh_models(&mut self, now: Now) -> Effects {
        match self.view {
            View::Models => self.with_models(now, Browser::refresh),
            View::Chat | View::Usage | View::History => Effects::new(),
        }
    }

    fn with_history(
        &mut self,
        now: Now,
        act: impl FnOnce(&mut History, &Cx) -> Effects,
    ) -> Effects {
        let mut history = std::mem::take(&mut self.history);
        let effects = act(&mut history, &self.cx(now));
        self.history = history;
        effects
    }

    fn with_usage(&mut self, now: Now, act: impl FnOnce(&mut Board, &Cx) -> Effects) -> Effects {
        let mut usage = std::mem::take(&mut self.usage);
        let effects = act(&mut usage, &self.cx(now));
        self.usage = usage;
        effects
    }

    fn edited(&mut self, text: Option<String>, now: Now) -> Effects {
        let Some(text) = text else { return Effects::new() };
        if let Some(Overlay::Settings(settings)) = self.overlays.last_mut() {
            settings.edited(&text);
            return Effects::new();
        }
        self.chats.open.draft.set(text.trim_end_matches('\n'));
        self.fit_draft();
        self.draft_due = Some(now.instant);
        Effects::new()
    }

    fn tick(&mut self, now: Now) -> Effects {
        self.chats.tick(now);
        self.toasts.expire(now.instant);
        let mut effects = Effects::new();
        if self.draft_due.is_some_and(|due| due <= now.instant) {
            effects.extend(self.save_draft());
        }
        if self.view == View::Models {
            effects.extend(self.with_models(now, Browser::tick));
        }
        effects
    }

    fn save_draft(&mut self) -> Effects {
        self.draft_due = None;
        let open = &self.chats.open;
        vec![Effect::Apply(Change::Draft { chat: open.chat, text: open.draft.text() })]
    }

    /// What has to be kept when the program is told to end at once.
    pub fn last_wishes(&mut self) -> Effects {
        match self.draft_due {
            Some(_) => self.save_draft(),
            None => Effects::new(),
        }
    }

    fn fit_draft(&mut self) {
        self.chats.open.draft.fit(layout::draft_width(self.size.0));
    }

    /// When a tick is wanted, if nothing else happens before.
    pub fn wakes_at(&self, now: Instant) -> Option<Instant> {
        let moving = !self.chats.live_turns().is_empty();
        let prefix = self.pending.since.map(|since| since + PREFIX_REST).filter(|at| *at > now);
        [
            moving.then_some(now + super::frames::TICK),
            self.toasts.next_expiry(),
            self.draft_due,
            prefix,
            self.models.wakes_at().filter(|_| self.view == View::Models),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What the last frame looked like.
    pub fn settle(&mut self, geometry: Geometry) {
        self.geometry = geometry;
        if let Some((top, at_end)) = geometry.chat {
            self.chats.open.settle_scroll(top, at_end);
        }
    }

    /// Whether the program is to end.
    pub fn is_quitting(&self) -> bool {
        self.quitting
    }

    /// What can follow the half-typed keys, once they have rested for a moment.
    pub fn prefix_hint(&self, now: Instant) -> Option<Vec<(String, Action)>> {
        let since = self.pending.since?;
        let rested = now.saturating_duration_since(since) >= PREFIX_REST;
        rested.then(|| self.keymap.continuations(&self.path(), &self.pending.chords))
    }

    /// The next send of the open chat.
    pub fn next_send(&self) -> NextSend {
        let open = &self.chats.open;
        NextSend { prompt_tokens: open.prompt_tokens(), max_tokens: open.params.max_tokens }
    }

    /// What panes may read.
    pub fn cx(&self, now: Now) -> Cx<'_> {
        Cx {
            catalog: &self.catalog,
            shelf: &self.shelf,
            keymap: &self.keymap,
            theme: &self.theme,
            upstream: &self.upstream,
            model: self.chats.open.model.as_ref(),
            next: self.next_send(),
            now,
            utc_offset_minutes: self.utc_offset_minutes,
            page: self.geometry.page,
        }
    }
}
