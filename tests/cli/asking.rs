//! `ask` when it goes well.

use std::io::{Read, Write};
use std::process::Stdio;

use crate::support::{Fake, Home, interrupt};

/// The fields that product and README promise.
const FIELDS: [&str; 13] = [
    "id",
    "model",
    "provider",
    "upstream",
    "text",
    "reasoning",
    "finish_reason",
    "usage",
    "cost_usd",
    "cost_source",
    "ttft_ms",
    "duration_ms",
    "attempts",
];

#[test]
fn piped_text_is_context_and_the_object_has_every_field() {
    let home = Home::new();
    let run = home
        .pipe("hello", &["--sandbox", "ask", "--json", "-m", "sandbox/echo", "Summarise"])
        .exits(0);
    assert_eq!(run.stdout.lines().count(), 1);
    let object = run.json();
    for field in FIELDS {
        assert!(object.get(field).is_some(), "{field} is missing in {object}");
    }
    let text = object["text"].as_str().unwrap();
    assert!(text.contains("Summarise\n\nhello"), "{text}");
    assert_eq!(object["upstream"], "sandbox");
    assert_eq!(object["model"], "sandbox/echo");
    assert_eq!(object["finish_reason"], "stop");
    assert_eq!(object["simulated"], true);
    assert!(object["cost_usd"].is_string() || object["cost_source"] == "unknown");
    let attempt = &object["attempts"][0];
    for field in ["model", "provider", "upstream", "outcome", "status", "ms", "cost_usd", "error"] {
        assert!(attempt.get(field).is_some(), "{field} is missing in {attempt}");
    }
    assert_eq!(attempt["outcome"], "served");
    assert!(object["usage"]["prompt_tokens"].as_u64().unwrap() > 0);
}

#[test]
fn without_a_key_the_sandbox_answers_and_stdin_alone_is_a_prompt() {
    let run = Home::new().pipe("just this\n", &["ask", "-m", "sandbox/echo"]).exits(0);
    assert!(run.stdout.contains("just this") && run.stdout.ends_with('\n'), "{}", run.stdout);
    // The footer is for a terminal.
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn the_whole_answer_at_once_is_the_same_text() {
    let home = Home::new();
    let ask = |more: &[&str]| {
        let mut args = vec!["ask", "--json", "-m", "sandbox/echo", "same"];
        args.extend(more);
        home.run(&args).exits(0).json()["text"].clone()
    };
    assert_eq!(ask(&[]), ask(&["--no-stream"]));
}

#[test]
fn several_models_answer_in_turn_each_under_its_head() {
    let home = Home::new();
    let both = ["ask", "-m", "sandbox/echo", "-m", "openai/gpt-4o-mini", "hello"];
    let run = home.run(&both).exits(0);
    assert!(run.stderr.contains("── sandbox/echo"), "{}", run.stderr);
    assert!(run.stderr.contains("── openai/gpt-4o-mini"), "{}", run.stderr);
    let mut json = both.to_vec();
    json.push("--json");
    let objects = home.run(&json).exits(0).json_lines();
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[0]["model"], "sandbox/echo");
    assert_eq!(objects[1]["cost_source"], "billed");
}

#[test]
fn reasoning_is_in_the_object_and_not_in_the_text() {
    let home = Home::new();
    let object = home.run(&["ask", "--json", "-m", "sandbox/reasons", "why"]).exits(0).json();
    let reasoning = object["reasoning"].as_str().unwrap();
    assert!(!reasoning.is_empty());
    assert!(!object["text"].as_str().unwrap().contains(reasoning));
}

#[test]
fn a_mode_is_a_model_of_the_settings() {
    let home = Home::new().with("LLM_FAST_MODEL", "sandbox/echo");
    let run = home.run(&["ask", "--mode", "fast", "--json", "hi"]).exits(0);
    assert_eq!(run.json()["model"], "sandbox/echo");
    home.run(&["ask", "--mode", "cheap", "hi"]).exits(2).says("LLM_CHEAP_MODEL");
    home.run(&["ask", "--mode", "fast", "-m", "a/b", "hi"]).exits(2);
}

#[test]
fn a_dry_run_shows_the_request_and_its_estimate_and_sends_nothing() {
    let fake = Fake::start("HTTP/1.1 500 no\r\ncontent-length: 0\r\n\r\n");
    let home = Home::new().with("OPENROUTER_BASE_URL", &fake.base_url);
    let dry = home.run(&["ask", "--dry-run", "-m", "a/b", "-t", "0.5", "-s", "Be brief", "hello"]);
    let body = dry.exits(0).says("Nothing was sent.").json();
    assert_eq!(body["model"], "a/b");
    assert_eq!(body["temperature"], 0.5);
    assert_eq!(body["messages"][0]["content"], "Be brief");
    assert_eq!(body["messages"][1]["content"], "hello");
    assert_eq!(body["max_tokens"], 4096);
    assert_eq!(fake.seen(), 0, "a dry run sends nothing");

    let priced = Home::new().run(&[
        "ask",
        "--dry-run",
        "--json",
        "-m",
        "openai/gpt-4o-mini",
        "--provider-order",
        "OpenAI,Azure",
        "--no-fallbacks",
        "--effort",
        "low",
        "--max-tokens",
        "100",
        "hello",
    ]);
    let object = priced.exits(0).json();
    assert_eq!(object["request"]["provider"]["order"][1], "Azure");
    assert_eq!(object["request"]["provider"]["allow_fallbacks"], false);
    assert_eq!(object["request"]["reasoning"]["effort"], "low");
    // 2 tokens in at 0.15, 100 out at 0.60 dollars a million.
    assert_eq!(object["estimate"]["cost_usd"], "0.0000603");
}

#[test]
fn the_system_prompt_may_be_a_file() {
    let home = Home::new();
    std::fs::write(home.path().join("role.txt"), "You are a pirate.\n").unwrap();
    let body = home.run(&["ask", "--dry-run", "-s", "@role.txt", "hi"]).exits(0).json();
    assert_eq!(body["messages"][0]["content"], "You are a pirate.");
    home.run(&["ask", "--dry-run", "-s", "@missing.txt", "hi"]).exits(2).says("missing.txt");
}

#[test]
fn ctrl_c_keeps_the_text_so_far_and_exits_with_130() {
    let home = Home::new();
    let args = ["ask", "--save", "-m", "sandbox/long", "write 20000 words"];
    let mut child = home.command(&args).spawn().unwrap();
    let mut first = [0; 64];
    let count = child.stdout.as_mut().unwrap().read(&mut first).unwrap();
    assert!(count > 0);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let mut seen = first[..count].to_vec();
    seen.extend(output.stdout);
    let seen = String::from_utf8(seen).unwrap();
    let kept = home.run(&["chats", "show", "last", "--json"]).exits(0).json();
    let answer = &kept["messages"][1];
    assert_eq!(answer["state"], "stopped");
    let text = answer["text"].as_str().unwrap();
    assert!(!text.is_empty() && text.trim_end() == seen.trim_end(), "all that was shown is kept");
}

#[test]
fn a_broken_pipe_is_a_quiet_success() {
    let home = Home::new();
    for args in [&["models", "--json"][..], &["ask", "-m", "sandbox/long", "5000 words"]] {
        let mut child = home.command(args).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut first = [0; 16];
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn input_that_is_no_text_is_replaced_and_said() {
    let home = Home::new();
    let mut child = home
        .command(&["ask", "-m", "sandbox/echo", "--json"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"caf\xe9").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not all UTF-8"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("caf�"));
}
