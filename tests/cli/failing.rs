//! What goes wrong says what happened, whether it was billed, and what to do; exit code 1.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Fake, Home, MARKED, SandboxProcess, refused_port};

const HTML: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html><body>Sign in to the hotel network</body></html>";
const ECHOES_KEY: &str = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"error\":{\"message\":\"bad {authorization}\",\"code\":401}}";

#[test]
fn every_documented_failure_ends_with_one_and_advice() {
    let home = Home::new();
    for (model, words) in [
        ("sandbox/out-of-credit", "out of credit (402)"),
        ("sandbox/rate-limited", "rate limited"),
        ("sandbox/moderated", "content policy"),
        ("sandbox/cuts-off", "cut off"),
        ("sandbox/garbage", "could not be read"),
    ] {
        let run = home.run(&["ask", "-m", model, "hello"]).exits(1).says(words);
        assert!(run.stderr.contains("billed"), "{model}: {}", run.stderr);
    }
}

#[test]
fn a_failure_is_an_object_too_and_keeps_the_partial_text() {
    let home = Home::new();
    let run = home.run(&["ask", "--json", "-m", "sandbox/cuts-off", "hello"]).exits(1);
    let object = run.json();
    assert!(!object["text"].as_str().unwrap().is_empty());
    assert_eq!(object["ending"], "failed");
    assert_eq!(object["error"]["class"], "cut_off");
    assert_eq!(object["attempts"][0]["error"]["class"], "cut_off");
    // One failure among several: the others still answer.
    let run = home
        .run(&["ask", "--json", "-m", "sandbox/out-of-credit", "-m", "sandbox/echo", "hello"])
        .exits(1);
    let objects = run.json_lines();
    assert_eq!(objects[0]["ending"], "failed");
    assert_eq!(objects[1]["ending"], "done");
}

#[test]
fn a_wrong_key_is_named_and_a_right_one_works() {
    let server = SandboxProcess::start(&Home::new());
    let home = Home::new()
        .with("OPENROUTER_BASE_URL", &server.base_url)
        .with("OPENROUTER_API_KEY", MARKED);
    home.run(&["ask", "-m", "sandbox/echo", "hi"])
        .exits(1)
        .says("the key was not accepted (401)")
        .says("Not billed.")
        .says("OPENROUTER_API_KEY");
    let home = Home::new()
        .with("OPENROUTER_BASE_URL", &server.base_url)
        .with("OPENROUTER_API_KEY", &server.key);
    home.run(&["ask", "-m", "sandbox/echo", "hi"]).exits(0);
    assert_eq!(server.interrupt(), 0);
}

#[test]
fn nobody_at_the_port_is_said_with_the_address() {
    let port = refused_port();
    let home = Home::new().with("OPENROUTER_BASE_URL", &format!("http://127.0.0.1:{port}/v1"));
    for args in [&["ask", "-m", "a/b", "hi"][..], &["models"]] {
        let run = home.run(args).exits(1).says("no connection").says("Not billed.");
        assert!(run.stderr.contains(&format!("127.0.0.1:{port}")), "{}", run.stderr);
        assert!(run.stdout.is_empty());
    }
}

#[test]
fn a_page_of_html_is_no_answer() {
    let fake = Fake::start(HTML);
    let home = Home::new().with("OPENROUTER_BASE_URL", &fake.base_url);
    home.run(&["ask", "-m", "a/b", "hi"]).exits(1).says("could not be read");
    home.run(&["models"]).exits(1).says("could not be read");
}

#[test]
fn an_unknown_model_gets_the_nearest_ones() {
    let home = Home::new();
    home.run(&["ask", "-m", "openai/gpt-4o-mni", "hi"])
        .exits(1)
        .says("Did you mean openai/gpt-4o-mini");
    home.run(&["models", "show", "claude-sonet-4.6"])
        .exits(1)
        .says("Did you mean anthropic/claude-sonnet-4.6");
}

#[test]
fn nothing_to_ask_is_wrong_usage() {
    let home = Home::new();
    home.run(&["ask"]).exits(2).says("nothing to ask");
    home.pipe(" \n", &["ask"]).exits(2);
    home.run(&["ask", "-t", "3", "hi"]).exits(2).says("0 to 2");
    home.run(&["ask", "--max-tokens", "0", "hi"]).exits(2);
    home.run(&["ask", "--continue", "hi"]).exits(1).says("no chat to go on with");
}

#[test]
fn offline_asks_nobody() {
    let fake = Fake::start(HTML);
    // Only the name of the host decides, and this one is not of this machine.
    let home = Home::new().with("OPENROUTER_BASE_URL", "https://upstream.invalid/v1");
    home.run(&["--offline", "ask", "-m", "a/b", "hi"]).exits(2).says("--offline");
    home.run(&["--offline", "models"]).exits(1).says("--offline");
    let home = Home::new().with("OPENROUTER_BASE_URL", &fake.base_url);
    home.run(&["--offline", "ask", "-m", "a/b", "hi"]).exits(1);
    assert!(fake.seen() > 0, "this machine may be asked");
}

#[test]
fn a_marked_key_is_in_no_output_and_no_file() {
    let fake = Fake::start(ECHOES_KEY);
    let home =
        Home::new().with("OPENROUTER_BASE_URL", &fake.base_url).with("OPENROUTER_API_KEY", MARKED);
    for args in [
        &["-v", "ask", "--save", "-m", "a/b", "hi"][..],
        &["-v", "ask", "--json", "-m", "a/b", "hi"],
        &["-v", "models"],
        &["-v", "models", "show", "a/b"],
        &["-v", "ask", "--dry-run", "--json", "hi"],
        &["-v", "chats", "show", "last", "--json"],
        &["-v", "chats", "export", "last", "-o", "chat.md"],
        &["-v", "usage", "--json"],
        &["-v", "config", "show", "--json"],
        &["-v", "config", "check"],
    ] {
        let run = home.run(args);
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains(MARKED) && !text.contains(&MARKED[20..40]), "{args:?}: {text}");
        }
    }
    assert!(fake.seen() > 0);
    let bytes = home.all_bytes();
    let secret = MARKED.as_bytes();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    assert!(home.path().join(".local/state/routedeck/log").exists(), "the log was looked at too");
}

#[test]
fn a_malformed_config_does_not_stop_a_command() {
    let home = Home::new();
    home.write_config("[[[ what\n[chat]\nmodel = \"sandbox/echo\"\n");
    let run = home.run(&["ask", "--json", "hi"]).exits(0).says("config.toml:1");
    assert_eq!(run.json()["model"], "sandbox/echo");
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let home = Home::new();
    home.run(&["ask", "--save", "-m", "sandbox/echo", "hi"]).exits(0);
    let db = rusqlite::Connection::open(home.database()).unwrap();
    db.pragma_update(None, "user_version", 9999).unwrap();
    drop(db);
    for args in [&["chats", "list"][..], &["ask", "-m", "sandbox/echo", "hi"], &["usage"]] {
        home.run(args).exits(1).says("newer routedeck");
    }
    let db = rusqlite::Connection::open(home.database()).unwrap();
    let chats: i64 = db.query_row("SELECT count(*) FROM chat", [], |row| row.get(0)).unwrap();
    assert_eq!(chats, 1, "it is left as it is");
}

#[test]
fn a_corrupt_database_is_set_aside_and_said() {
    let home = Home::new();
    fs::create_dir_all(home.database().parent().unwrap()).unwrap();
    fs::write(home.database(), "this is no database at all, whatever its name says".repeat(200))
        .unwrap();
    home.run(&["ask", "-m", "sandbox/echo", "hi"]).exits(0).says("set aside");
    let files = fs::read_dir(home.database().parent().unwrap()).unwrap();
    let aside = files.filter(|f| {
        let path = f.as_ref().unwrap().path();
        fs::read(&path).is_ok_and(|bytes| bytes.starts_with(b"this is no database"))
    });
    assert_eq!(aside.count(), 1, "the damaged file is still there");
    home.run(&["chats", "list"]).exits(0);
}

#[test]
fn without_a_place_to_keep_things_asking_works_and_keeping_fails() {
    let home = Home::new();
    let file = home.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let dir = file.join("data");
    let dir = dir.to_str().unwrap();
    home.run(&["--data-dir", dir, "ask", "-m", "sandbox/echo", "hi"])
        .exits(0)
        .says("Nothing is kept");
    home.run(&["--data-dir", dir, "ask", "--save", "-m", "sandbox/echo", "hi"]).exits(1);
    home.run(&["--data-dir", dir, "chats", "list"]).exits(1).says("--data-dir");
}

#[test]
fn files_are_private() {
    let home = Home::new();
    home.run(&["-v", "ask", "--save", "-m", "sandbox/echo", "hi"]).exits(0);
    let log = home.path().join(".local/state/routedeck/log");
    for path in [home.database(), log] {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", path.display());
    }
}
