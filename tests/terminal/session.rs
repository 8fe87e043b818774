//! Taking a real pseudo-terminal over and giving it back, whatever happens meanwhile.
//!
//! The program in the terminal is this test binary again, running the test `child`, which
//! does nothing elsewhere.

use std::time::Duration;

use crossterm::event::KeyCode;
use portable_pty::CommandBuilder;
use routedeck::term::{
    Caps, Input, Keyboard, KeyboardOptions, Output as _, Session, SessionOptions, Signal, Signals,
    Suspended, TtyWriter, size, take_background_panics,
};
use rustix::process::{Signal as Kill, getpid, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

use crate::pty::Pty;

/// What the child should do; without it `child` does nothing.
const PLAN: &str = "ROUTEDECK_TEST_CHILD";
/// Ended at once, with room for a busy machine.
const AT_ONCE: Duration = Duration::from_millis(1500);

fn quoted_child() -> String {
    let binary = std::env::current_exe().expect("this binary");
    format!("'{}' --exact session::child --nocapture", binary.display())
}

/// Runs the child and afterwards `stty -a` in the same terminal.
fn start(plan: &str) -> Pty {
    let mut shell = CommandBuilder::new("sh");
    shell.args(["-c", &format!("exec 2>&1; {}; echo code $?; stty -a; echo END", quoted_child())]);
    shell.env(PLAN, plan);
    Pty::spawn(shell, 100, 30)
}

/// Runs the child alone, to be signalled or left without a terminal.
fn start_alone(plan: &str) -> Pty {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "session::child", "--nocapture"]);
    command.env(PLAN, plan);
    Pty::spawn(command, 100, 30)
}

fn wait_until_taken_over(pty: &Pty) {
    pty.wait_until("the full screen", |screen| {
        screen.alternate_screen() && screen.contents().contains("READY")
    });
}

fn wait_until_given_back(pty: &Pty) {
    pty.wait_for("END");
    pty.wait_until("the terminal as it was", |screen| {
        let settings = screen.contents().replace('\n', " ");
        let cooked = [" icanon ", " echo ", " isig ", " opost "];
        !screen.alternate_screen()
            && !screen.bracketed_paste()
            && !screen.hide_cursor()
            && cooked.iter().all(|setting| settings.contains(setting))
    });
}

#[test]
fn an_orderly_end_gives_the_terminal_back() {
    let mut pty = start("keys");
    wait_until_taken_over(&pty);
    pty.wait_until("bracketed paste", vt100::Screen::bracketed_paste);
    pty.send("\u{1b}[200~two\rlines\u{1b}[201~");
    pty.wait_for(r#"Paste("two\nlines")"#);
    pty.resize(90, 25);
    pty.wait_for("Resize(90, 25)");
    pty.send("q");
    wait_until_given_back(&pty);
    pty.wait_for("code 0");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_speaks() {
    let pty = start("panic");
    wait_until_given_back(&pty);
    pty.wait_for("the drawing thread fell over");
    let bytes = String::from_utf8_lossy(&pty.bytes()).into_owned();
    let (reset, message) = (bytes.find("\u{1b}[?1049l"), bytes.find("fell over"));
    assert!(reset.is_some() && reset < message, "{bytes:?}");
}

#[test]
fn a_panic_in_the_background_leaves_the_screen_alone() {
    let pty = start("background panic");
    pty.wait_until("the note on the full screen", |screen| {
        screen.alternate_screen() && screen.contents().contains("noted: 1 a task fell over")
    });
    drop(pty);
}

#[test]
fn who_is_told_to_go_is_gone_even_if_the_loop_hangs() {
    for (signal, code) in [(Kill::TERM, 143), (Kill::HUP, 129), (Kill::INT, 130)] {
        let mut pty = start_alone("hang");
        wait_until_taken_over(&pty);
        pty.signal(signal);
        let (status, time) = pty.wait_for_end();
        assert_eq!(status.exit_code(), code);
        assert!(time < AT_ONCE, "{signal:?} took {time:?}");
        pty.wait_until("the normal screen", |screen| !screen.alternate_screen());
    }
}

#[test]
fn a_signal_reaches_the_loop_and_a_second_one_does_not_cut_its_end_short() {
    let mut pty = start_alone("signals");
    wait_until_taken_over(&pty);
    pty.signal(Kill::TERM);
    pty.signal(Kill::HUP);
    let (status, _) = pty.wait_for_end();
    assert_eq!(status.exit_code(), 0, "the loop ended by itself");
    pty.wait_for("ended by Some(Quit(");
}

#[test]
fn a_terminal_that_vanishes_takes_the_program_with_it() {
    let mut pty = start_alone("keys");
    wait_until_taken_over(&pty);
    pty.hang_up("x");
    let (_, time) = pty.wait_for_end();
    assert!(time < AT_ONCE, "{time:?}");
}

/// A shell with job control in which the child was started and has taken over.
fn start_as_job(plan: &str) -> Pty {
    let mut shell = CommandBuilder::new("bash");
    shell.args(["--norc", "--noprofile", "--noediting", "-im"]);
    shell.env(PLAN, plan);
    shell.env("PS1", "shell> ");
    let mut pty = Pty::spawn(shell, 100, 30);
    pty.wait_for("shell>");
    pty.send(&format!("{}\n", quoted_child()));
    wait_until_taken_over(&pty);
    pty
}

#[test]
fn a_stop_from_outside_is_recovered_from() {
    let mut pty = start_as_job("stopped");
    pty.wait_for("Stopped");
    // The shell has set the terminal to its own liking; the full screen is still on.
    pty.send("fg\n");
    pty.wait_for("Continue, raw again");
}

#[test]
fn suspending_gives_the_terminal_to_the_shell_and_takes_it_back() {
    let mut pty = start_as_job("keys");
    pty.send("z");
    pty.wait_until("the shell", |screen| {
        !screen.alternate_screen() && screen.contents().contains("Stopped")
    });
    // In the background it must not touch the terminal, but stop again.
    pty.send("clear; bg\n");
    pty.wait_for("&");
    pty.send("while jobs | grep -q Run''ning; do :; done; clear; jobs\n");
    pty.wait_until("stopped again", |screen| {
        !screen.alternate_screen() && screen.contents().contains("Stopped")
    });
    pty.send("fg\n");
    pty.wait_until("the full screen again", |screen| {
        screen.alternate_screen() && screen.contents().contains("Resumed")
    });
    pty.send("q");
    // Keys typed before its very end are thrown away with late replies.
    pty.wait_until("the shell again", |screen| {
        !screen.alternate_screen() && screen.contents().contains("test result: ok")
    });
    pty.send("stty -a; echo EN''D\n");
    pty.wait_for("END");
    pty.send("exit\n");
    pty.wait_for_end();
}

#[test]
fn without_a_shell_suspending_is_refused() {
    let mut pty = start_alone("keys");
    wait_until_taken_over(&pty);
    pty.send("z");
    pty.wait_for("NotPossible");
    pty.send("q");
    pty.wait_for_end();
}

#[test]
fn child() {
    let Ok(plan) = std::env::var(PLAN) else { return };
    let signals = Signals::start().expect("signals");
    let mut session = Session::enter(&Caps::default(), SessionOptions::default()).expect("a tty");
    let mut writer = TtyWriter::open(|| {}).expect("a writer");
    writer.post(b"\x1b[2J\x1b[HREADY\r\n");
    assert!(writer.drain(Duration::from_secs(5)));
    match plan.as_str() {
        "keys" => read_keys(&mut session, &mut writer, signals),
        "panic" => panic!("the drawing thread fell over"),
        "background panic" => {
            let task = std::thread::spawn(|| panic!("a task\nfell over"));
            assert!(task.join().is_err());
            let panics = take_background_panics();
            let told = panics[0].contains("a task fell over");
            let note =
                format!("noted: {} {}", panics.len(), if told { "a task fell over" } else { "" });
            writer.post(note.as_bytes());
            loop {
                std::thread::park();
            }
        }
        "stopped" => be_stopped(&mut session, &mut writer, signals),
        "hang" => loop {
            std::thread::park();
        },
        "signals" => {
            let ended = end_by_signal(signals);
            writer.drain(Duration::from_secs(5));
            session.leave().expect("the terminal is given back");
            println!("ended by {ended:?}");
        }
        other => panic!("no such plan: {other}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn end_by_signal(mut signals: Signals) -> Option<Signal> {
    runtime().block_on(signals.next())
}

/// Has itself stopped as somebody else would, and sets everything right once it goes on.
fn be_stopped(session: &mut Session, writer: &mut TtyWriter, mut signals: Signals) {
    kill_process(getpid(), Kill::STOP).expect("a stop");
    let signal = runtime().block_on(signals.next());
    session.reassert().expect("the terminal is taken");
    let modes = tcgetattr(std::io::stdin()).expect("the modes").local_modes;
    let raw = !modes.intersects(LocalModes::ICANON | LocalModes::ECHO);
    let raw = if raw { "raw again" } else { "still cooked" };
    let signal = signal.expect("a signal");
    writer.post(format!("{signal:?}, {raw}\r\n").as_bytes());
    writer.drain(Duration::from_secs(5));
    std::thread::park();
}

/// Shows each input, suspends on `z`, ends on `q`. Never looks at signals: the watchdog has to.
fn read_keys(session: &mut Session, writer: &mut TtyWriter, signals: Signals) {
    let _listening = signals;
    runtime().block_on(async {
        let mut keyboard = Keyboard::new(KeyboardOptions::default());
        loop {
            // A vanished terminal: hang on, as a loop in trouble would.
            let Some(input) = keyboard.next().await else { std::future::pending().await };
            let code = match &input {
                Input::Key(key) => Some(key.code),
                _ => None,
            };
            match code {
                Some(KeyCode::Char('q')) => break,
                Some(KeyCode::Char('z')) => {
                    drop(keyboard);
                    let how = session.suspend().expect("a stop");
                    keyboard = Keyboard::new(KeyboardOptions::default());
                    let again = if how == Suspended::Resumed { "\x1b[2J\x1b[H" } else { "" };
                    writer.post(format!("{again}{how:?} {:?}\r\n", size()).as_bytes());
                }
                _ => {
                    writer.post(format!("{input:?}\r\n").as_bytes());
                }
            }
        }
    });
    writer.drain(Duration::from_secs(5));
}
