//! What a frame costs while an answer comes into transcripts of 10 KB, 1 MB and 10 MB (all should
//! cost the same), and how long it takes to open a chat of 10,000 messages.
//!
//! `cargo bench --bench chat`

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench may fail loudly")]

use std::time::Instant;

use divan::Bencher;
use ratatui::layout::Size;
use routedeck::domain::conversation::{Chat, Message, MessageState, Role};
use routedeck::domain::id::{ChatId, MessageId, Millis, ModelId, TurnId};
use routedeck::domain::turn::{Params, TurnEvent};
use routedeck::domain::usage::Totals;
use routedeck::engine::UpstreamFacts;
use routedeck::term::{Caps, CapsOptions, Cursor, CursorShape, Screen, Scroll};
use routedeck::tui::app::{App, Setup};
use routedeck::tui::effect::Effect;
use routedeck::tui::keymap::Keymap;
use routedeck::tui::msg::{Msg, Now};
use routedeck::tui::theme::Theme;
use routedeck::tui::view::{self, Memory};

const ANSWER: &str = include_str!("../fixtures/markdown/typical.md");
const SIZES: [usize; 3] = [10_000, 1_000_000, 10_000_000];
const MESSAGES: i64 = 10_000;
/// Bytes that come between two frames at 200 deltas a second.
const FRAME: usize = 33;

fn main() {
    divan::main();
}

/// The workbench on a screen that nobody sees.
struct Stand {
    app: App,
    memory: Memory,
    screen: Screen,
}

impl Stand {
    fn new() -> Stand {
        let env = |name: &str| (name == "TERM").then(|| "xterm-256color".to_owned());
        let caps = Caps::detect(&env, &CapsOptions::default()).unwrap();
        let upstream = UpstreamFacts {
            name: "openrouter".into(),
            base_url: "https://openrouter.ai/api/v1".into(),
            simulated: false,
            has_key: true,
        };
        let app = App::new(Setup {
            model: Some(ModelId::new("acme/writer")),
            params: Params::default(),
            keymap: Keymap::resolve(&[]).0,
            theme: Theme::default(),
            upstream,
            utc_offset_minutes: 0,
            keeps_theme: false,
            size: (120, 40),
            offline: true,
        });
        Stand { app, memory: Memory::default(), screen: Screen::new(Size::new(120, 40), caps) }
    }

    /// As the loop does it; the bytes of the frame.
    fn draw(&mut self) -> usize {
        let frame = view::draw(&self.app, &mut self.memory, now(), self.screen.back());
        let cursor = Cursor { at: frame.cursor, shape: CursorShape::default() };
        let hint =
            frame.scrolled.map(|(area, up)| Scroll { top: area.y, bottom: area.bottom(), up });
        let mut bytes = Vec::new();
        self.screen.present(cursor, hint, &mut bytes);
        self.app.settle(frame.geometry);
        bytes.len()
    }

    fn text(&mut self, turn: TurnId, text: &str) {
        self.app.update(Msg::Turn(turn, TurnEvent::Text(text.to_owned())), now());
    }
}

fn now() -> Now {
    Now { instant: Instant::now(), wall: Millis(1_795_608_000_000) }
}

/// Seven deltas and the frame that shows them.
#[divan::bench(args = SIZES)]
fn frame_of_an_answer(bencher: Bencher<'_, '_>, size: usize) {
    let mut stand = Stand::new();
    stand.app.chats.open.draft.set("tell me more");
    let sent = stand.app.chats.send(now()).unwrap();
    let Some(Effect::StartTurn(turn, _)) = sent.first() else { panic!("nothing was sent") };
    let turn = *turn;
    for _ in 0..size.div_ceil(ANSWER.len()) {
        stand.text(turn, ANSWER);
    }
    stand.draw();
    let mut pieces = ANSWER.as_bytes().chunks(FRAME).cycle();
    bencher.bench_local(|| {
        let piece = String::from_utf8_lossy(pieces.next().unwrap_or_default()).into_owned();
        stand.text(turn, &piece);
        stand.draw()
    });
}

/// A frame in which nothing changed, below as much text.
#[divan::bench(args = SIZES)]
fn frame_of_nothing(bencher: Bencher<'_, '_>, size: usize) {
    let mut stand = Stand::new();
    let text = ANSWER.repeat(size.div_ceil(ANSWER.len()));
    stand.app.chats.open_stored(chat(), vec![message(1, text)], Totals::default());
    stand.draw();
    bencher.bench_local(|| stand.draw());
}

/// From the messages as the store gives them to the first frame.
#[divan::bench]
fn open_ten_thousand_messages(bencher: Bencher<'_, '_>) {
    let part = &ANSWER[..600];
    let messages: Vec<Message> = (1..=MESSAGES).map(|n| message(n, part.to_owned())).collect();
    bencher.with_inputs(|| (Stand::new(), messages.clone())).bench_local_values(
        |(mut stand, messages)| {
            stand.app.chats.open_stored(chat(), messages, Totals::default());
            stand.draw()
        },
    );
}

fn chat() -> Chat {
    Chat {
        id: ChatId(1),
        title: "a long talk".into(),
        upstream: "openrouter".into(),
        created: Millis(0),
        updated: Millis(0),
        model: None,
        params: Params::default(),
    }
}

fn message(n: i64, text: String) -> Message {
    Message {
        id: MessageId(n),
        parent: (n > 1).then(|| MessageId(n - 1)),
        role: if n % 2 == 1 { Role::User } else { Role::Assistant },
        state: MessageState::Done,
        text,
        reasoning: String::new(),
        created: Millis(n),
        model: None,
        receipt: None,
    }
}
