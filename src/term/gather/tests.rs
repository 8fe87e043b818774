use super::*;
use crossterm::event::{KeyEventState, MouseEvent};

fn key(c: char) -> Event {
    let code = match c {
        '\n' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        c => KeyCode::Char(c),
    };
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn keys(text: &str) -> Vec<Event> {
    text.chars().map(key).collect()
}

/// What came out, briefly: keys as themselves, pastes in brackets.
fn shown(out: &mut VecDeque<Input>) -> String {
    let brief = |input: Input| match input {
        Input::Key(key) => text_of(key).map_or_else(|| format!("<{key:?}>"), String::from),
        Input::Paste(text) => format!("[{text}]"),
        Input::Burst(keys) => {
            format!("[{}]", keys.into_iter().filter_map(text_of).collect::<String>())
        }
        Input::Resize(columns, rows) => format!("<{columns}x{rows}>"),
        Input::Focus(on) => format!("<focus {on}>"),
        Input::Wheel { up, .. } => format!("<wheel {up}>"),
    };
    out.drain(..).map(brief).collect()
}

struct Bench {
    gather: Gather,
    now: Instant,
    out: VecDeque<Input>,
}

impl Bench {
    fn new() -> Self {
        Self { gather: Gather::new(true), now: Instant::now(), out: VecDeque::new() }
    }

    fn take(&mut self, batch: Vec<Event>) -> String {
        self.gather.take(batch, self.now, &mut self.out);
        shown(&mut self.out)
    }

    fn after(&mut self, time: Duration) -> String {
        self.now += time;
        self.gather.flush(self.now, &mut self.out);
        shown(&mut self.out)
    }
}

#[test]
fn typing_is_typing() {
    let mut bench = Bench::new();
    for c in "hello\n".chars() {
        assert_eq!(bench.take(vec![key(c)]), c.to_string());
        bench.after(Duration::from_millis(80));
    }
    assert_eq!(bench.take(keys("ok\nyes")), "ok\nyes", "a few keys in one packet");
    assert_eq!(bench.take(keys("jjjjjjjjjjjj")), "jjjjjjjjjjjj", "a held key on a slow line");
}

#[test]
fn lines_in_one_piece_are_a_burst() {
    let mut bench = Bench::new();
    assert_eq!(bench.take(keys("first line\nsecond")), "");
    assert_eq!(bench.take(keys(" half\n")), "");
    assert_eq!(bench.after(QUIET), "[first line\nsecond half\n]");
    assert_eq!(bench.gather.due(), None);
}

#[test]
fn enter_after_a_burst_is_sent_once_nothing_follows() {
    let mut bench = Bench::new();
    assert_eq!(bench.take(keys("what is this?\n")), "what is this?");
    assert_eq!(bench.after(QUIET), "\n");
    assert_eq!(bench.take(keys("what is this?\n")), "what is this?");
    bench.now += QUIET / 2;
    assert_eq!(bench.take(keys("more")), "");
    assert_eq!(bench.after(QUIET), "[\nmore]");
}

#[test]
fn other_keys_end_a_burst() {
    let mut bench = Bench::new();
    let up = KeyEvent::new(KeyCode::Up, KeyModifiers::NONE);
    let mut batch = keys("first line\nsecond");
    batch.push(Event::Key(up));
    let out = bench.take(batch);
    assert!(out.starts_with("[first line\nsecond]<"), "{out}");
}

#[test]
fn the_heuristic_can_be_off() {
    let mut bench = Bench::new();
    bench.gather = Gather::new(false);
    assert_eq!(bench.take(keys("first line\nsecond")), "first line\nsecond");
}

#[test]
fn pastes_come_clean_and_releases_do_not_come() {
    let mut bench = Bench::new();
    let pasted = Event::Paste("a\r\nb\rc\u{1b}[31md\u{7}".to_owned());
    assert_eq!(bench.take(vec![pasted]), "[a\nb\ncd]");
    let released = KeyEvent {
        code: KeyCode::Char('x'),
        modifiers: KeyModifiers::NONE,
        kind: KeyEventKind::Release,
        state: KeyEventState::NONE,
    };
    assert_eq!(bench.take(vec![Event::Key(released)]), "");
    let repeated = KeyEvent { kind: KeyEventKind::Repeat, ..released };
    assert_eq!(bench.take(vec![Event::Key(repeated)]), "x");
}

#[test]
fn a_storm_of_sizes_becomes_one() {
    let mut bench = Bench::new();
    assert_eq!(bench.take(vec![Event::Resize(100, 30), Event::Resize(0, 0)]), "");
    bench.now += SETTLING / 2;
    assert_eq!(bench.take(vec![Event::Resize(101, 31), key('x')]), "x", "keys do not wait");
    assert_eq!(bench.after(SETTLING / 2), "<101x31>");
    assert_eq!(bench.gather.due(), None);
}

#[test]
fn focus_and_wheel_pass() {
    let mut bench = Bench::new();
    let wheel =
        |kind| Event::Mouse(MouseEvent { kind, column: 1, row: 2, modifiers: KeyModifiers::NONE });
    let batch = vec![
        Event::FocusLost,
        wheel(MouseEventKind::ScrollUp),
        wheel(MouseEventKind::Moved),
        Event::FocusGained,
    ];
    assert_eq!(bench.take(batch), "<focus false><wheel true><focus true>");
}
