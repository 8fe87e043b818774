//! What an answer costs while it streams, in counts: frames, bytes, rows. Nothing here looks at a
//! clock; time passes because the test says so.

use std::time::{Duration, Instant};

use ratatui::layout::Size;

use crate::domain::catalog::{Catalog, Model};
use crate::domain::id::{Millis, ModelId, TurnId};
use crate::domain::money::Price;
use crate::domain::pricing::{PriceKey, Pricing};
use crate::domain::turn::{Params, TurnEvent};
use crate::engine::{EngineEvent, UpstreamFacts};
use crate::term::{Caps, CapsOptions, Cursor, CursorShape, Presented, Screen, Scroll};

use super::app::{App, Setup};
use super::effect::Effect;
use super::frames::FrameClock;
use super::keymap::Keymap;
use super::msg::{Msg, Now};
use super::theme::Theme;
use super::view::{self, Memory};

const MODEL: &str = "acme/writer";
const PIECE: usize = 5;

/// The workbench on a screen that nobody sees.
struct Stand {
    app: App,
    memory: Memory,
    screen: Screen,
    clock: FrameClock,
    start: Instant,
    at: Duration,
    turn: TurnId,
    frames: u64,
    bytes: u64,
    scrolled: u64,
    full: u64,
}

impl Stand {
    /// A chat in which an answer has begun.
    fn answering() -> Stand {
        let env = |name: &str| (name == "TERM").then(|| "xterm-256color".to_owned());
        let caps = Caps::detect(&env, &CapsOptions::default()).unwrap();
        let setup = Setup {
            model: Some(ModelId::new(MODEL)),
            params: Params::default(),
            keymap: Keymap::resolve(&[]).0,
            theme: Theme::default(),
            upstream: UpstreamFacts {
                name: "openrouter".into(),
                base_url: "https://openrouter.ai/api/v1".into(),
                simulated: false,
                has_key: true,
            },
            utc_offset_minutes: 0,
            keeps_theme: false,
            size: (120, 40),
            offline: true,
        };
        let mut stand = Stand {
            app: App::new(setup),
            memory: Memory::default(),
            screen: Screen::new(Size::new(120, 40), caps),
            clock: FrameClock::default(),
            start: Instant::now(),
            at: Duration::ZERO,
            turn: TurnId(0),
            frames: 0,
            bytes: 0,
            scrolled: 0,
            full: 0,
        };
        stand.hear(Msg::Engine(Box::new(EngineEvent::Catalog(catalog().into()))));
        stand.app.chats.open.draft.set("tell me more");
        let sent = stand.app.chats.send(stand.now()).unwrap();
        let Some(Effect::StartTurn(turn, _)) = sent.first() else { panic!("{sent:?}") };
        stand.turn = *turn;
        let accepted = TurnEvent::Accepted { provider: None, ttft_ms: 300 };
        stand.hear(Msg::Turn(stand.turn, accepted));
        stand.draw();
        (stand.frames, stand.bytes, stand.scrolled, stand.full) = (0, 0, 0, 0);
        stand
    }

    fn now(&self) -> Now {
        let wall = Millis(1_795_608_000_000 + i64::try_from(self.at.as_millis()).unwrap());
        Now { instant: self.start + self.at, wall }
    }

    fn hear(&mut self, msg: Msg) {
        self.app.update(msg, self.now());
        self.clock.soon(self.now().instant, Duration::ZERO);
    }

    /// As the loop does it.
    fn draw(&mut self) -> Presented {
        let now = self.now();
        let frame = view::draw(&self.app, &mut self.memory, now, self.screen.back());
        let cursor = Cursor { at: frame.cursor, shape: CursorShape::default() };
        let hint =
            frame.scrolled.map(|(area, up)| Scroll { top: area.y, bottom: area.bottom(), up });
        let mut bytes = Vec::new();
        let presented = self.screen.present(cursor, hint, &mut bytes);
        self.app.settle(frame.geometry);
        self.clock.drawn(now.instant);
        self.frames += 1;
        self.bytes += presented.bytes as u64;
        self.scrolled += u64::from(presented.scrolled != 0);
        self.full += u64::from(presented.full);
        presented
    }

    /// Plays deltas at this distance, and every frame that falls due meanwhile.
    fn play(&mut self, text: &str, distance: Duration) {
        for piece in text.as_bytes().chunks(PIECE) {
            let next = self.at + distance;
            while let Some(due) = self.clock.due().filter(|due| *due <= self.start + next) {
                self.at = self.at.max(due - self.start);
                self.draw();
            }
            self.at = next;
            let text = TurnEvent::Text(String::from_utf8(piece.to_vec()).unwrap());
            self.hear(Msg::Turn(self.turn, text));
        }
    }
}

fn catalog() -> Catalog {
    let mut model = Model::bare(ModelId::new(MODEL));
    model.context_length = Some(200_000);
    model.pricing = Pricing {
        base: [(PriceKey::Prompt, "0.000003"), (PriceKey::Completion, "0.000015")]
            .into_iter()
            .map(|(key, price)| (key, Price::parse(price).unwrap()))
            .collect(),
        ..Pricing::default()
    };
    Catalog::new("openrouter", Some(Millis(0)), vec![model])
}

/// A usual answer over and over, this many bytes of it.
fn answer(bytes: usize) -> String {
    const USUAL: &str = include_str!("../../tests/fixtures/markdown/typical.md");
    assert!(USUAL.is_ascii(), "it is cut into pieces anywhere");
    USUAL.chars().cycle().take(bytes).collect()
}

#[test]
fn a_thousand_deltas_cost_thirty_frames_a_second_and_few_bytes() {
    let mut stand = Stand::answering();
    let text = answer(20_000);
    stand.play(&text, Duration::from_millis(5));
    let seconds = 20;
    assert!(stand.frames <= 31 * seconds, "{} frames in {seconds} s", stand.frames);
    let share = stand.bytes as f64 / text.len() as f64;
    assert!(share <= 2.3, "{share:.2} bytes to the terminal per byte of text");
    assert_eq!(stand.full, 0, "nothing was written anew");
    assert!(stand.scrolled > 100, "{} frames used a scroll region", stand.scrolled);
}

#[test]
fn a_frame_costs_the_same_below_a_megabyte_as_below_ten_kilobytes() {
    let costs = [10_000, 1_000_000].map(|size| {
        let mut stand = Stand::answering();
        let before = answer(size);
        stand.hear(Msg::Turn(stand.turn, TurnEvent::Text(before)));
        stand.draw();
        let (cuts, parsed, wrapped) = stand.memory.transcript.work_done();
        stand.frames = 0;
        stand.play(&answer(5000), Duration::from_millis(5));
        let done = stand.memory.transcript.work_done();
        let each = |now: u64, then: u64| (now - then).div_ceil(stand.frames);
        (each(done.0, cuts), each(done.1, parsed), each(done.2, wrapped))
    });
    for (cuts, parsed, wrapped) in costs {
        assert!(cuts <= 2, "{cuts} items were cut into parts for a frame");
        assert!(parsed <= 1000, "{parsed} bytes were parsed for a frame that brought 34");
        assert!(wrapped <= 10, "{wrapped} rows were wrapped for a frame");
    }
    let spread = costs[0].1.abs_diff(costs[1].1);
    assert!(spread <= 100, "the length above must not matter: {costs:?}");
}

#[test]
fn nothing_new_is_nothing_written() {
    let mut stand = Stand::answering();
    stand.play(&answer(3000), Duration::from_millis(5));
    stand.draw();
    let bytes = stand.bytes;
    for _ in 0..3 {
        stand.draw();
    }
    assert_eq!(stand.bytes, bytes);
}
