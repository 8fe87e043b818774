//! The workbench among others in one terminal: the shell that started it, and the editor.

use std::time::Duration;

use rustix::process::Signal;

use crate::pty::{Pty, send_signal, wait_for_what};
use crate::pty_home::{Home, answered, ask, begin_answer, wait_for_word, wait_until_ready};

/// A shell with job control in which the workbench was started.
fn open_as_job(home: &Home) -> Pty {
    let mut shell = home.program(&["bash", "--norc", "--noprofile", "--noediting", "-im"]);
    shell.env("PS1", "shell> ");
    let mut pty = Pty::open(shell, 80, 16);
    pty.wait_for("shell>");
    pty.send("\"$ROUTEDECK\"\n");
    wait_until_ready(&pty);
    pty
}

#[track_caller]
fn wait_for_shell(pty: &Pty) {
    pty.wait_until("the stopped job", |screen| {
        !screen.alternate_screen() && screen.contents().contains("Stopped")
    });
}

/// The process that the shell started last.
fn job(pty: &Pty) -> u32 {
    let shell = pty.id();
    let children = format!("/proc/{shell}/task/{shell}/children");
    let children = std::fs::read_to_string(children).unwrap();
    children.split_whitespace().last().unwrap().parse().unwrap()
}

/// After `mark` everything was painted, not only what had changed.
#[track_caller]
fn assert_painted_anew(pty: &Pty, mark: usize) {
    pty.wait_for_rest(Duration::from_millis(150));
    assert_eq!(pty.shown_since(mark), pty.contents());
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = open_as_job(&home);
    begin_answer(&mut pty, 300, 20);
    let raw = pty.settings();
    pty.send("\u{1a}");
    wait_for_shell(&pty);
    assert_ne!(pty.settings(), raw, "the shell has its own settings back");
    pty.send("echo he''re\n");
    pty.wait_for("here");
    let mark = pty.mark();
    pty.send("fg\n");
    pty.wait_until("the full screen", vt100::Screen::alternate_screen);
    // The answer goes on where it was.
    wait_for_word(&pty, 300);
    pty.wait_for("✓ Sandbox");
    assert_eq!(pty.settings(), raw);
    assert_painted_anew(&pty, mark);
    pty.send("still typing");
    pty.wait_for("> still typing");
    assert_eq!(pty.wait_to_see("the answer", answered), 300);
}

#[test]
fn a_stop_from_outside_is_recovered_from() {
    let home = Home::new();
    let mut pty = open_as_job(&home);
    let raw = pty.settings();
    send_signal(job(&pty), Signal::STOP);
    pty.wait_for("Stopped");
    let mark = pty.mark();
    pty.send("fg\n");
    pty.wait_until("the workbench", |screen| !screen.contents().contains("Stopped"));
    assert_painted_anew(&pty, mark);
    assert_eq!(pty.settings(), raw);
    pty.send("typed");
    pty.wait_for("> typed");
}

#[test]
fn a_polite_stop_from_outside_is_taken_for_ctrl_z() {
    let home = Home::new();
    let mut pty = open_as_job(&home);
    send_signal(job(&pty), Signal::TSTP);
    wait_for_shell(&pty);
    pty.send("fg\n");
    wait_until_ready(&pty);
}

#[test]
fn without_a_shell_ctrl_z_says_so() {
    let home = Home::new();
    let mut pty = home.open();
    pty.send("\u{1a}");
    pty.wait_for("no shell that could wake us");
    pty.send("typed");
    pty.wait_for("> typed");
}

/// A workbench whose editor is a script that gets the file as `$1`.
fn open_with_editor(home: &Home, script: &str) -> Pty {
    let editor = home.write_script("editor", &format!("#!/bin/sh\n{script}\n"));
    let mut workbench = home.workbench(&[]);
    workbench.env("EDITOR", editor);
    let pty = Pty::open(workbench, 80, 16);
    wait_until_ready(&pty);
    pty
}

#[test]
fn the_editor_gets_the_draft_and_the_keys_and_its_text_comes_back() {
    let home = Home::new();
    let script = "echo EDITOR OPEN; read line; printf '%s\\n' \"$line\" >> \"$1\"";
    let mut pty = open_with_editor(&home, script);
    let raw = pty.settings();
    pty.send("begun here, ");
    pty.wait_for("begun here,");
    pty.send("\u{7}");
    pty.wait_until("the editor", |screen| {
        !screen.alternate_screen() && screen.contents().contains("EDITOR OPEN")
    });
    assert_ne!(pty.settings(), raw, "the editor reads lines");
    let mark = pty.mark();
    pty.send("ended there\n");
    pty.wait_for("> begun here, ended there");
    assert_eq!(pty.settings(), raw);
    assert_painted_anew(&pty, mark);
    pty.send(" and on");
    pty.wait_for("> begun here, ended there and on");
}

#[test]
fn an_answer_goes_on_while_the_editor_is_open() {
    let home = Home::with_model("sandbox/echo");
    let mut pty = open_with_editor(&home, "echo EDITOR OPEN; read line");
    begin_answer(&mut pty, 300, 10);
    pty.send("\u{7}");
    pty.wait_for("EDITOR OPEN");
    let mark = pty.mark();
    wait_for_what("the end of the answer", || (home.last_answer().0 == "done").then_some(()));
    assert_eq!(pty.mark(), mark, "nothing was drawn over it");
    pty.send("\n");
    wait_for_word(&pty, 300);
    pty.wait_for("✓ Sandbox");
}

#[test]
fn what_interrupts_the_editor_is_not_for_the_workbench() {
    let home = Home::new();
    let work = "for n in 0 1 2 3 4 5 6 7 8 9; do sleep 0.5; done";
    let mut pty = open_with_editor(&home, &format!("trap 'exit 7' INT; echo EDITOR OPEN; {work}"));
    pty.send("as it was");
    pty.wait_for("> as it was");
    pty.send("\u{7}");
    pty.wait_for("EDITOR OPEN");
    pty.send("\u{3}");
    pty.wait_for("exit status: 7");
    pty.send(", and on");
    pty.wait_for("> as it was, and on");
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let home = Home::new();
    let mut pty = open_with_editor(&home, "echo spoilt > \"$1\"; exit 3");
    pty.send("as it was");
    pty.wait_for("> as it was");
    pty.send("\u{7}");
    pty.wait_for("exit status: 3");
    pty.wait_for("> as it was");
}

#[test]
fn an_editor_that_is_not_there_is_named() {
    let home = Home::new();
    let mut workbench = home.workbench(&[]);
    workbench.env("EDITOR", "no-such-editor -w");
    let mut pty = Pty::open(workbench, 80, 16);
    wait_until_ready(&pty);
    pty.send("\u{7}");
    pty.wait_for("no-such-editor did not start");
    ask(&mut pty, "still here");
}

#[test]
fn the_editor_can_be_put_to_sleep() {
    let home = Home::new();
    let script = "echo EDITOR OPEN; kill -TSTP 0; echo AWAKE; read line; echo edited >> \"$1\"";
    let editor = home.write_script("editor", &format!("#!/bin/sh\n{script}\n"));
    let mut shell = home.program(&["bash", "--norc", "--noprofile", "--noediting", "-im"]);
    shell.env("PS1", "shell> ");
    shell.env("EDITOR", editor);
    let mut pty = Pty::open(shell, 80, 16);
    pty.wait_for("shell>");
    pty.send("\"$ROUTEDECK\"\n");
    wait_until_ready(&pty);
    pty.send("\u{7}");
    wait_for_shell(&pty);
    pty.send("fg\n");
    pty.wait_for("AWAKE");
    pty.send("\n");
    pty.wait_until("the edited draft", |screen| {
        screen.alternate_screen() && screen.contents().contains("> edited")
    });
}
