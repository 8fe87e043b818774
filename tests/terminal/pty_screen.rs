//! What the workbench writes to its terminal: sizes, colours, foreign text, and nothing at rest.

use std::time::Duration;

use crate::hostile::foreign;
use crate::pty::{Pty, wait_for_what};
use crate::pty_home::{
    Home, answered, ask, begin_answer, cpu, numbered, paste, wait_for_word, wait_until_ready,
};

/// Everything that the program may switch on and off beside what a frame holds.
const MODES: [&str; 22] = [
    "\u{1b}[22;0t",
    "\u{1b}[23;0t",
    "\u{1b}[?1049h",
    "\u{1b}[?1049l",
    "\u{1b}[?2004h",
    "\u{1b}[?2004l",
    "\u{1b}[?1004h",
    "\u{1b}[?1004l",
    "\u{1b}[>1u",
    "\u{1b}[<u",
    "\u{1b}[>4;0m",
    "\u{1b}[?1000l",
    "\u{1b}[?1002l",
    "\u{1b}[?1003l",
    "\u{1b}[?1006l",
    "\u{1b}[r",
    "\u{1b}[m",
    "\u{1b}[0 q",
    "\u{1b}[?25h",
    "\u{1b}[?25l",
    "\u{18}",
    "\u{1b}[?2026l",
];

#[test]
fn a_storm_of_sizes_in_mid_answer_ends_with_the_right_screen() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = home.open_sized(80, 16);
    begin_answer(&mut pty, 2000, 10);
    let sizes = [(1, 1), (2, 2), (300, 3), (3, 200), (20, 4), (20, 5), (19, 40), (500, 100)];
    for round in 0..8 {
        for (columns, rows) in sizes {
            pty.resize(columns + round, rows);
            std::thread::park_timeout(Duration::from_millis(3));
        }
    }
    pty.resize(1, 1);
    pty.resize(100, 30);
    let status = |screen: &vt100::Screen| {
        screen.rows(0, 100).nth(29).is_some_and(|row| row.contains("SANDBOX simulated"))
    };
    pty.wait_until("the status line at the bottom", status);
    let shown = pty.wait_to_see("the answer", answered);
    wait_for_word(&pty, shown + 10);
    pty.send("\u{1b}");
    pty.wait_for("stopped");
    pty.wait_for_rest(Duration::from_millis(150));
    // A redraw gives the same: nothing of the storm is left.
    let (before, mark) = (pty.contents(), pty.mark());
    pty.send("\u{c}");
    wait_for_what("a redraw", || (pty.shown_since(mark) == before).then_some(()));
}

#[test]
fn what_is_too_small_is_said_in_a_line() {
    let home = Home::new();
    let mut pty = home.open();
    pty.send("kept");
    pty.wait_for("> kept");
    pty.resize(20, 4);
    pty.wait_until("one line", |screen| {
        let contents = screen.contents();
        contents.starts_with("too small") && contents.trim_end().lines().count() == 1
    });
    pty.resize(1, 1);
    pty.resize(80, 24);
    pty.wait_for("> kept");
}

#[test]
fn nothing_is_written_or_computed_at_rest() {
    let home = Home::new();
    let mut pty = home.open();
    pty.wait_for("sandbox/guide");
    ask(&mut pty, "a question, so that there is something on the screen");
    pty.wait_for("✓ Sandbox");
    pty.wait_for_rest(Duration::from_millis(300));
    let process = pty.id();
    let (before, woken) = (cpu(process).unwrap().1, wakes(process));
    assert_eq!(pty.written_within(Duration::from_secs(1)), 0);
    let ticks = cpu(process).unwrap().1 - before;
    assert!(ticks < 2, "{ticks} ticks in a second of rest");
    let woken = wakes(process) - woken;
    assert!(woken < 20, "woken {woken} times in a second of rest");
}

/// How often the threads of a process gave the processor away so far: each time they were woken.
fn wakes(process: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let of_task = |task: std::fs::DirEntry| {
        let status = std::fs::read_to_string(task.path().join("status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"))?;
        line.split_whitespace().last()?.parse::<u64>().ok()
    };
    tasks.filter_map(|task| of_task(task.ok()?)).sum()
}

#[test]
fn pasted_lines_are_not_sent() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = home.open();
    paste(&mut pty, "first line\rsecond line\rthird line\r");
    pty.wait_for("third line");
    pty.wait_for_rest(Duration::from_millis(150));
    assert!(pty.contents().contains("first line"), "{}", pty.contents());
    assert!(home.json(&["chats", "list", "--json"]).as_array().unwrap().is_empty());
    // Without brackets, all at once.
    pty.send("fourth line\rfifth line\rsixth line");
    pty.wait_for("sixth line");
    pty.wait_for_rest(Duration::from_millis(150));
    assert!(home.json(&["chats", "list", "--json"]).as_array().unwrap().is_empty());
    pty.send("\r");
    pty.wait_for("✓ Sandbox");
    let (_, text) = home.last_answer();
    assert!(text.starts_with("first line\nsecond line\nthird line\n"), "{text:?}");
    assert!(text.ends_with("fifth line\nsixth line"), "{text:?}");
}

#[test]
fn a_megabyte_is_pasted_and_keys_still_echo() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = home.open();
    let line = format!("{}\r", numbered(16));
    let text = line.repeat((1 << 20) / line.len());
    paste(&mut pty, &text);
    pty.send("the end");
    pty.wait_for("the end");
    for key in ["x", "y", "z"] {
        pty.send(key);
    }
    pty.wait_for("the endxyz");
}

#[test]
fn no_color_means_none_and_truecolor_means_all() {
    let home = Home::new();
    let coloured = |pty: &Pty| {
        let text = String::from_utf8(pty.bytes()).unwrap();
        text.split("\u{1b}[")
            .filter_map(|rest| rest.split_once('m'))
            .filter(|(inside, _)| inside.chars().all(|c| c.is_ascii_digit() || c == ';'))
            .flat_map(|(inside, _)| inside.split(';').map(str::to_owned).collect::<Vec<_>>())
            .filter_map(|number| number.parse::<u32>().ok())
            .filter(|number| matches!(number, 30..=38 | 40..=48 | 90..=107))
            .count()
    };
    let mut plain = home.workbench(&["--theme", "dark"]);
    plain.env("NO_COLOR", "1");
    plain.env("COLORTERM", "truecolor");
    let mut pty = Pty::open(plain, 80, 24);
    wait_until_ready(&pty);
    pty.wait_for("sandbox/guide");
    ask(&mut pty, "show me some code, please");
    pty.wait_for("✓ Sandbox");
    assert_eq!(coloured(&pty), 0);

    let mut full = home.workbench(&["--theme", "dark"]);
    full.env("COLORTERM", "truecolor");
    let pty = Pty::open(full, 80, 24);
    wait_until_ready(&pty);
    assert!(coloured(&pty) > 0);
    assert!(String::from_utf8(pty.bytes()).unwrap().contains("38;2;"));

    // 256 colours are what the terminal says it has.
    let pty = Pty::open(home.workbench(&["--theme", "dark"]), 80, 24);
    wait_until_ready(&pty);
    let text = String::from_utf8(pty.bytes()).unwrap();
    assert!(text.contains("38;5;") && !text.contains("38;2;"));
}

#[test]
fn of_a_hostile_answer_only_its_words_arrive() {
    let home = Home::with_model("sandbox/hostile");
    let mut pty = home.open_sized(100, 40);
    paste(&mut pty, "try \u{1b}]0;owned\u{7}\u{1b}[2Jsomething\u{9b}31m");
    pty.wait_for("something");
    pty.send("\r");
    pty.wait_for("✓ Sandbox");
    for part in ["red", "the window title must not change", "click", "the screen must stay"] {
        assert!(pty.contents().contains(part), "{part} is missing:\n{}", pty.contents());
    }
    // Other places where the text turns up: the list of chats, the receipt, the palette.
    for keys in ["\u{1b}[19~", "\u{1b}[15~", "\u{1b}[18~", "\u{1b}[17~", "\u{10}", "\u{1b}"] {
        pty.send(keys);
        pty.wait_for_rest(Duration::from_millis(100));
    }
    pty.send("\u{3}");
    pty.send("\u{3}");
    let (status, _) = pty.wait_for_end();
    assert_eq!(status.exit_code(), 0);
    pty.wait_until("the normal screen", |screen| !screen.alternate_screen());
    let bytes = pty.bytes();
    // The modes are taken out first: they are no part of a frame.
    let mut text = String::from_utf8(bytes).unwrap();
    for mode in MODES {
        text = text.replace(mode, "");
    }
    assert_eq!(foreign(text.as_bytes()), None);
}

#[test]
fn a_slow_line_gets_the_key_that_was_pressed_last() {
    let home = Home::with_model("sandbox/long");
    let mut pty = home.open();
    ask(&mut pty, "tell me a lot");
    pty.wait_for("The sandbox made this up");
    pty.set_stuck(true);
    for _ in 0..60 {
        pty.send("\u{c}");
        std::thread::park_timeout(Duration::from_millis(3));
    }
    pty.send("pressed");
    pty.set_stuck(false);
    pty.wait_for("> pressed");
}
