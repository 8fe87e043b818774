//! The workbench from its start to its end, whoever ends it.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::pty::{Pty, wait_for_what};
use crate::pty_home::{
    AT_ONCE, Home, answered, ask, begin_answer, cpu, last_number, wait_for_word, wait_until_ready,
};

/// Words that are not yet in the database when the process is killed: checkpoints are 100 ms
/// apart, a word comes every 12 ms, and the machine may be busy.
const UNSAVED: u32 = 60;

/// A shell with settings of its own runs the workbench between two lines of input.
fn open_in_shell(home: &Home) -> (Pty, String) {
    let script =
        "stty -ixon intr ^X; echo BEFORE; read line; \"$ROUTEDECK\"; echo code $?; read line";
    let mut pty = Pty::open(home.program(&["sh", "-c", script]), 80, 24);
    pty.wait_for("BEFORE");
    let settings = pty.settings();
    pty.send("\n");
    wait_until_ready(&pty);
    assert_ne!(pty.settings(), settings, "the workbench reads keys, not lines");
    (pty, settings)
}

/// The last of these two is `off`, or `on` never came.
fn is_undone(bytes: &[u8], on: &str, off: &str) -> bool {
    let text = String::from_utf8_lossy(bytes);
    match (text.rfind(on), text.rfind(off)) {
        (Some(on), Some(off)) => on < off,
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[track_caller]
fn assert_given_back(pty: &Pty) {
    pty.wait_until("the terminal as it was", |screen| {
        !screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor()
    });
    let bytes = pty.bytes();
    for (on, off) in [
        ("\u{1b}[?1049h", "\u{1b}[?1049l"),
        ("\u{1b}[?2004h", "\u{1b}[?2004l"),
        ("\u{1b}[?1004h", "\u{1b}[?1004l"),
        ("\u{1b}[>1u", "\u{1b}[<u"),
        ("\u{1b}[?2026h", "\u{1b}[?2026l"),
        ("\u{1b}[?25l", "\u{1b}[?25h"),
    ] {
        assert!(is_undone(&bytes, on, off), "{on:?} is left on");
    }
}

#[test]
fn the_first_frame_is_complete() {
    let home = Home::new();
    let pty = home.open();
    let bytes = String::from_utf8(pty.bytes()).unwrap();
    let first = bytes.find("\u{1b}[?2026l").unwrap();
    let mut emulator = vt100::Parser::new(24, 80, 0);
    emulator.process(&bytes.as_bytes()[..first]);
    let contents = emulator.screen().contents();
    for part in ["[1 Chat]", "6 History", "> write a message", "Enter send", "SANDBOX simulated"] {
        assert!(contents.contains(part), "{part} is missing:\n{contents}");
    }
    assert_eq!(emulator.screen().cursor_position(), (21, 2), "in the draft:\n{contents}");
}

#[test]
fn a_chat_is_had_and_kept_and_the_terminal_given_back() {
    let home = Home::new();
    let (mut pty, settings) = open_in_shell(&home);
    pty.wait_for("sandbox/guide");
    ask(&mut pty, "how is the key set?");
    pty.wait_for("From the manual built into routedeck");
    pty.wait_for("✓ Sandbox");
    pty.send("\u{4}");
    pty.wait_for("code 0");
    assert_given_back(&pty);
    assert_eq!(pty.settings(), settings);
    assert_eq!(home.last_answer().0, "done");

    // Another start finds it.
    let mut pty = home.open();
    pty.send("\u{1b}[19~");
    pty.wait_for("1 chat ");
    pty.wait_for("how is the key set?");
    pty.send("\r");
    pty.wait_for("From the manual built into routedeck");
    pty.send("\u{4}");
    assert_eq!(pty.wait_for_end().0.exit_code(), 0);
}

#[test]
fn escape_stops_the_answer_and_keeps_its_text() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = home.open_sized(80, 16);
    begin_answer(&mut pty, 900, 30);
    pty.send("\u{1b}");
    pty.wait_for("stopped");
    pty.wait_for_rest(Duration::from_millis(200));
    let shown = pty.wait_to_see("the partial answer", answered);
    assert!(shown < 900, "it was stopped");
    let (state, text) = home.last_answer();
    assert_eq!((state.as_str(), last_number(&text)), ("stopped", Some(shown)));
    // The next question goes out as if nothing had been.
    ask(&mut pty, "and now a short one");
    pty.wait_for("✓ Sandbox");
}

#[test]
fn signals_end_it_in_order_in_mid_answer() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let home = Home::with_model("sandbox/echo");
        let mut pty = home.open_sized(80, 16);
        begin_answer(&mut pty, 900, 20);
        let shown = pty.wait_to_see("the answer", answered);
        pty.signal(signal);
        let (status, time) = pty.wait_for_end();
        assert!(time < AT_ONCE, "{signal:?} took {time:?}");
        assert_eq!(status.exit_code(), 128 + signal.as_raw().cast_unsigned());
        assert_given_back(&pty);
        let (state, text) = home.last_answer();
        assert_eq!(state, "stopped", "{signal:?}");
        assert!(last_number(&text) >= Some(shown), "{signal:?}: {shown} was shown, kept: {text}");
    }
}

#[test]
fn the_terminal_itself_is_given_back_to_the_shell_on_a_signal() {
    let home = Home::with_model("sandbox/long");
    let (mut pty, settings) = open_in_shell(&home);
    ask(&mut pty, "tell me a lot");
    pty.wait_for("The sandbox made this up");
    let shell = pty.id();
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
    crate::pty::send_signal(children.trim().parse().unwrap(), Signal::TERM);
    pty.wait_for("code 143");
    assert_given_back(&pty);
    assert_eq!(pty.settings(), settings);
}

#[test]
fn a_lost_terminal_ends_it_and_loses_nothing() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = home.open_sized(80, 16);
    begin_answer(&mut pty, 900, 20);
    let shown = pty.wait_to_see("the answer", answered);
    let process = pty.id();
    let before = cpu(process).unwrap().1;
    pty.hang_up("");
    let start = Instant::now();
    let ticks = wait_for_what("the end of the process", || {
        cpu(process).filter(|(state, _)| *state == 'Z').map(|(_, ticks)| ticks)
    });
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert!(ticks - before < 30, "{} ticks for an end", ticks - before);
    pty.wait_for_end();
    let (state, text) = home.last_answer();
    assert_eq!(state, "stopped", "it ended in order");
    assert!(last_number(&text) >= Some(shown), "{shown} was shown, kept: {text}");
}

#[test]
fn a_killed_one_leaves_its_text_and_the_next_start_says_so() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = home.open_sized(80, 16);
    begin_answer(&mut pty, 900, UNSAVED + 20);
    let shown = pty.wait_to_see("the answer", answered);
    pty.signal(Signal::KILL);
    pty.wait_for_end();

    let mut pty = home.open_sized(100, 24);
    pty.wait_for("interrupted");
    let (state, text) = home.last_answer();
    assert_eq!(state, "interrupted");
    let kept = last_number(&text).unwrap();
    assert!(kept + UNSAVED >= shown, "{shown} was shown, {kept} kept");
    pty.send("\u{1b}[19~");
    pty.wait_for("1 chat ");
    pty.send("\r");
    pty.wait_until("the partial answer", |screen| answered(screen) == Some(kept));
}

#[test]
fn a_terminal_that_takes_nothing_holds_nobody_up() {
    let home = Home::with_model("sandbox/long");
    let mut pty = home.open();
    ask(&mut pty, "tell me a lot");
    pty.wait_for("The sandbox made this up");
    pty.set_stuck(true);
    // Redrawn again and again, the screen fills whatever is between the program and us.
    for _ in 0..200 {
        pty.send("\u{c}");
        std::thread::park_timeout(Duration::from_millis(3));
    }
    pty.signal(Signal::TERM);
    let (_, time) = pty.wait_for_end();
    assert!(time < AT_ONCE, "{time:?}");
    let (state, text) = home.last_answer();
    assert!(state == "stopped" || state == "interrupted", "{state}");
    assert!(text.contains("The sandbox made this up"), "{text}");
}

#[test]
fn two_at_once_share_a_home() {
    let home = Home::with_model("sandbox/echo");
    let mut one = home.open_sized(80, 16);
    let mut two = home.open_sized(80, 16);
    begin_answer(&mut one, 60, 1);
    begin_answer(&mut two, 70, 1);
    wait_for_word(&one, 60);
    wait_for_word(&two, 70);
    for pty in [&mut one, &mut two] {
        pty.wait_for("✓ Sandbox");
        pty.send("\u{4}");
        assert_eq!(pty.wait_for_end().0.exit_code(), 0);
    }
    let chats = home.json(&["chats", "list", "--json"]);
    assert_eq!(chats.as_array().unwrap().len(), 2);
    for chat in chats.as_array().unwrap() {
        let chat = home.json(&["chats", "show", &chat["id"].to_string(), "--json"]);
        assert_eq!(chat["messages"][1]["state"], "done");
    }
}
