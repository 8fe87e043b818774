//! Drawing is a function of the state: what it remembers changes no cell, and no size is too
//! strange for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use routedeck::domain::catalog::Catalog;
use routedeck::domain::cost::Cost;
use routedeck::domain::fault::{Fault, FaultClass};
use routedeck::domain::id::{ChatId, MessageId, Millis, TurnId};
use routedeck::domain::money::Usd;
use routedeck::domain::turn::{Ending, FinishReason, Params, Receipt, TurnEvent};
use routedeck::domain::usage::Usage;
use routedeck::engine::{EngineEvent, UpstreamFacts};
use routedeck::term::Input;
use routedeck::tui::app::{App, Setup};
use routedeck::tui::effect::Effect;
use routedeck::tui::keymap::{Chord, Keymap};
use routedeck::tui::msg::{Msg, Now};
use routedeck::tui::theme::Theme;
use routedeck::tui::view::{self, Memory};

const NOON: Millis = Millis(1_795_608_000_000);
const MODELS: &[u8] = include_bytes!("../fixtures/openrouter/models-trimmed.json");
const TEXTS: [&str; 9] = [
    "plain words and **bold** ones, ",
    "\n\n# A heading\n\n",
    "\n- one\n- two\n  - deeper\n",
    "\n\n```rust\nfn main() {\n    println!(\"hi\");\n",
    "\n```\n\n",
    "\n\n| a | b |\n|---|--:|\n| x | 1 |\n",
    "漢字 👩‍🔬 e\u{301} ",
    "\u{1b}[31mred\u{202e} ",
    "a very long line of words that has to be broken somewhere because no screen is that wide ",
];
const KEYS: [&str; 34] = [
    "enter",
    "esc",
    "tab",
    "ctrl+o",
    "ctrl+p",
    "f1",
    "f2",
    "f4",
    "f5",
    "f6",
    "f7",
    "f8",
    "ctrl+n",
    "pageup",
    "pagedown",
    "up",
    "down",
    "j",
    "k",
    "J",
    "K",
    "g",
    "G",
    "end",
    "home",
    "t",
    "r",
    "o",
    "y",
    "/",
    "a",
    "backspace",
    "ctrl+j",
    "ctrl+d",
];

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    Key(usize),
    Text(usize),
    Reasoning(usize),
    End(u8),
    Resize(u16, u16),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..KEYS.len()).prop_map(Step::Key),
        8 => (0..TEXTS.len()).prop_map(Step::Text),
        2 => (0..TEXTS.len()).prop_map(Step::Reasoning),
        2 => (0u8..3).prop_map(Step::End),
        2 => (1u16..140, 1u16..50).prop_map(|(w, h)| Step::Resize(w, h)),
        1 => (1u16..900).prop_map(Step::Wait),
    ]
}

/// An app that is drawn after every step.
struct Stand {
    app: App,
    warm: Memory,
    now: Now,
    turn: Option<TurnId>,
    ids: i64,
}

impl Stand {
    fn new() -> Stand {
        let upstream = UpstreamFacts {
            name: "openrouter".into(),
            base_url: "https://openrouter.ai/api/v1".into(),
            simulated: false,
            has_key: true,
        };
        let setup = Setup {
            model: Some("openai/gpt-4o".into()),
            params: Params::default(),
            keymap: Keymap::resolve(&[]).0,
            theme: Theme::load("dark", None).0,
            upstream,
            utc_offset_minutes: 0,
            keeps_theme: false,
            size: (80, 24),
            offline: false,
        };
        let now = Now { instant: Instant::now(), wall: NOON };
        let warm = Memory::default();
        let mut stand = Stand { app: App::new(setup), warm, now, turn: None, ids: 0 };
        let listing = routedeck::wire::models::decode_models(MODELS).unwrap();
        let catalog = Catalog::new("openrouter", Some(NOON), listing.models);
        stand.hear(Msg::Engine(Box::new(EngineEvent::Catalog(Arc::new(catalog)))));
        stand
    }

    fn hear(&mut self, msg: Msg) {
        for effect in self.app.update(msg, self.now) {
            if let Effect::StartTurn(turn, _) = effect {
                self.turn = Some(turn);
                self.ids += 2;
                let saved = TurnEvent::Saved {
                    chat: ChatId(1),
                    user: MessageId(self.ids),
                    answer: MessageId(self.ids + 1),
                };
                self.app.update(Msg::Turn(turn, saved), self.now);
            }
        }
    }

    fn turn(&mut self, event: TurnEvent) {
        if let Some(turn) = self.turn {
            self.hear(Msg::Turn(turn, event));
        }
    }

    fn type_(&mut self, text: &str) {
        self.hear(Msg::Input(Input::Paste(text.into())));
    }

    fn press(&mut self, chord: &str) {
        let chord = Chord::parse(chord).unwrap();
        let key = crossterm::event::KeyEvent::new(chord.code, chord.modifiers);
        self.hear(Msg::Input(Input::Key(key)));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Key(at) => self.press(KEYS[at]),
            Step::Text(at) => self.turn(TurnEvent::Text(TEXTS[at].into())),
            Step::Reasoning(at) => self.turn(TurnEvent::Reasoning(TEXTS[at].into())),
            Step::End(how) => {
                let event = self.ended(how);
                self.turn(event);
                self.turn = None;
            }
            Step::Resize(width, height) => self.resize(width, height),
            Step::Wait(ms) => {
                self.now.instant += Duration::from_millis(ms.into());
                self.now.wall.0 += i64::from(ms);
                self.hear(Msg::Tick);
            }
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.hear(Msg::Input(Input::Resize(width, height)));
    }

    fn ended(&self, how: u8) -> TurnEvent {
        let ending = match how {
            0 => Ending::Done(FinishReason::Stop),
            1 => Ending::Stopped,
            _ => Ending::Failed(Fault::new(FaultClass::Overloaded, "The provider is busy.")),
        };
        let usage = Usage { prompt_tokens: 12_900, completion_tokens: 890, ..Usage::default() };
        let receipt = Receipt {
            started: NOON,
            upstream: "openrouter".into(),
            model_asked: "openai/gpt-4o".into(),
            model_served: Some("openai/gpt-4o-2024-11-20".into()),
            provider: None,
            generation_id: None,
            finish_reason: Some(FinishReason::Stop),
            usage: Some(usage),
            cost: Cost::Billed(Usd::parse("0.0211").unwrap()),
            ttft_ms: Some(812),
            duration_ms: 12_345,
            reasoning_ms: Some(400),
            simulated: false,
            attempts: Vec::new(),
        };
        TurnEvent::Ended { ending, receipt: Box::new(receipt) }
    }

    fn buffer(&self) -> Buffer {
        Buffer::empty(Rect::new(0, 0, self.app.size.0, self.app.size.1))
    }

    /// Draws with what is remembered and with nothing, and lets the app know what was seen.
    fn draw(&mut self) -> [(Buffer, view::Frame); 2] {
        let (mut warm, mut cold) = (self.buffer(), self.buffer());
        let seen = view::draw(&self.app, &mut self.warm, self.now, &mut warm);
        let fresh = view::draw(&self.app, &mut Memory::default(), self.now, &mut cold);
        self.app.settle(seen.geometry);
        [(warm, seen), (cold, fresh)]
    }

    /// With a few things on the screen.
    fn busy() -> Stand {
        let mut stand = Stand::new();
        stand.type_("what is a harbour?");
        stand.press("enter");
        stand.turn(TurnEvent::Reasoning("Let me think about harbours. ".repeat(5)));
        for text in TEXTS {
            stand.turn(TurnEvent::Text(text.into()));
        }
        stand
    }
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let columns = usize::from(buffer.area.width.max(1));
    let row = |cells: &[ratatui::buffer::Cell]| cells.iter().map(|c| c.symbol()).collect();
    buffer.content.chunks(columns).map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_cold_memory_draws_what_a_warm_one_does(steps in prop::collection::vec(step(), 1..60)) {
        let mut stand = Stand::busy();
        for step in steps {
            stand.take(step);
            let [(warm, seen), (cold, fresh)] = stand.draw();
            prop_assert_eq!(rows(&warm), rows(&cold), "after {:?}", step);
            prop_assert!(warm == cold, "the styles differ after {:?}", step);
            prop_assert_eq!(seen.cursor, fresh.cursor);
            prop_assert_eq!(seen.geometry, fresh.geometry);
        }
    }
}

#[test]
fn no_size_is_too_strange() {
    let mut stand = Stand::busy();
    let end = stand.ended(0);
    stand.turn(end);
    stand.type_("and\nsome\nmore\nlines\nin the draft");
    // Every overlay and view, each over the one before it.
    for key in ["f5", "f4", "ctrl+o", "ctrl+p", "f1", "f6", "f7", "f8"] {
        stand.press("esc");
        stand.press("esc");
        stand.press(key);
        for width in (1..=34).chain((35..=220).step_by(23)) {
            for height in (1..=16).chain((17..=70).step_by(13)) {
                stand.resize(width, height);
                stand.draw();
            }
        }
    }
}

#[test]
fn a_cursor_is_always_on_the_screen() {
    let mut stand = Stand::busy();
    stand.type_(&"words that fill the draft ".repeat(40));
    for key in ["f5", "ctrl+o", "esc", "f4", "esc", "f6"] {
        stand.press(key);
        for (width, height) in [(20, 5), (24, 8), (60, 12), (80, 24), (200, 50)] {
            stand.resize(width, height);
            let [(_, seen), _] = stand.draw();
            if let Some(at) = seen.cursor {
                assert!(at.x < width && at.y < height, "{key} {width}x{height}: {at:?}");
            }
        }
    }
}
