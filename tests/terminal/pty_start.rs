//! Starts that go wrong: terminals that are none, and data that cannot be used.

use std::fs;

use crate::pty::Pty;
use crate::pty_home::{Home, ask, wait_until_ready};

/// Runs to its end and gives exit code and what was written.
fn run(command: portable_pty::CommandBuilder) -> (u32, String) {
    let mut pty = Pty::open(command, 120, 24);
    let (status, _) = pty.wait_for_end();
    pty.wait_until("the message", |screen| screen.contents().contains("routedeck"));
    (status.exit_code(), String::from_utf8(pty.bytes()).unwrap())
}

#[test]
fn a_terminal_that_cannot_do_it_gets_a_sentence() {
    let home = Home::new();
    let mut dumb = home.workbench(&[]);
    dumb.env("TERM", "dumb");
    let (code, said) = run(dumb);
    assert_eq!(code, 1);
    assert!(said.contains("TERM=dumb cannot show a full screen"), "{said}");
    assert!(said.contains("routedeck ask") && !said.contains('\u{1b}'), "{said}");

    let mut unset = home.workbench(&[]);
    unset.env_remove("TERM");
    let (code, said) = run(unset);
    assert_eq!(code, 1);
    assert!(said.contains("TERM is not set") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn what_is_no_terminal_gets_a_sentence() {
    let home = Home::new();
    for (redirect, name) in [("> out", "standard output is"), ("< /dev/null", "standard input is")]
    {
        let (code, said) = run(home.program(&["sh", "-c", &format!("\"$ROUTEDECK\" {redirect}")]));
        assert_eq!(code, 1, "{redirect}");
        assert!(said.contains(&format!("{name} not a terminal")), "{said}");
        assert!(said.contains("`routedeck ask`") && !said.contains('\u{1b}'), "{said}");
    }
    assert_eq!(fs::read(home.path().join("out")).unwrap(), b"");
}

#[test]
fn data_that_cannot_be_kept_is_said_and_the_chat_goes_on() {
    let home = Home::with_model("sandbox/echo");
    // Not even root can make a directory below a file.
    fs::write(home.path().join("file"), "").unwrap();
    let mut pty = Pty::open(home.workbench(&["--data-dir", "file/data"]), 120, 24);
    wait_until_ready(&pty);
    pty.wait_until("the notice", |screen| {
        let words: Vec<String> = screen.contents().split_whitespace().map(str::to_owned).collect();
        words.join(" ").contains("Nothing is kept this time.")
    });
    ask(&mut pty, "are you there");
    pty.wait_for("✓ Sandbox");
    pty.send("\u{4}");
    assert_eq!(pty.wait_for_end().0.exit_code(), 0);
}

#[test]
fn a_newer_database_is_refused_before_the_screen_is_touched() {
    let home = Home::new();
    home.json(&["chats", "list", "--json"]);
    let database = rusqlite::Connection::open(home.database()).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let (code, said) = run(home.workbench(&[]));
    assert_eq!(code, 1);
    assert!(said.contains("newer") && !said.contains('\u{1b}'), "{said}");
    let database = rusqlite::Connection::open(home.database()).unwrap();
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 999, "and it is left alone");
}

#[test]
fn a_damaged_database_is_set_aside_and_said() {
    let home = Home::with_model("sandbox/echo");
    home.json(&["chats", "list", "--json"]);
    fs::write(home.database(), "this is no database at all, ".repeat(400)).unwrap();
    let mut pty = home.open_sized(120, 24);
    pty.wait_for("the database was damaged");
    ask(&mut pty, "does it work again");
    pty.wait_for("✓ Sandbox");
    pty.send("\u{4}");
    pty.wait_for_end();
    assert_eq!(home.last_answer().1, "does it work again");
    let names = fs::read_dir(home.database().parent().unwrap()).unwrap();
    let aside: Vec<String> = names
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .filter(|path| fs::read(path).unwrap().starts_with(b"this is no database"))
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(aside.len(), 1, "the old file is still there");
}
