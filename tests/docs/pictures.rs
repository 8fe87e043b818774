//! The README's pictures are screens of the program.

use std::time::Duration;

use crate::desk::Desk;
use crate::page;

const COLUMNS: u16 = 100;
const ROWS: u16 = 32;

/// Whether two screens differ only in what differs from run to run: times, speeds, dates, the
/// port, and the blanks and lines that make room for them.
fn same_screen(a: &str, b: &str) -> bool {
    let steady = |text: &str| -> Vec<Vec<String>> { text.lines().map(steady_words).collect() };
    steady(a) == steady(b)
}

fn steady_words(line: &str) -> Vec<String> {
    let plain = line.replace('─', " ");
    let words: Vec<&str> = plain.split_whitespace().collect();
    let mut steady: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let unit = words.get(at + 1).copied().unwrap_or_default();
        let digits = word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let is_age = ["s", "min", "h", "d", "mo", "y"].contains(word) && at > 0;
        let is_after_figure =
            is_age && words[at - 1].bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if word.contains("127.0.0.1:") {
            steady.push("PLACE".into());
        } else if is_after_figure {
            steady.push("TIME".into());
        } else if digits && ["s", "min", "h", "d", "mo", "y", "tok/s"].contains(&unit) {
            steady.push("N".into());
        } else if is_clock(word) || is_date(word) {
            steady.push("WHEN".into());
        } else {
            steady.push((*word).to_owned());
        }
    }
    steady
}

fn is_clock(word: &str) -> bool {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    word.split_once(':').is_some_and(|(hours, minutes)| digits(hours) && digits(minutes))
}

fn is_date(word: &str) -> bool {
    word.len() == 10 && word.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

fn keep(name: &str, desk: &Desk) {
    let text = format!("```text\n{}\n```", desk.screen());
    page::keep_if(page::README, name, &text, same_screen);
}

/// Asks and waits for the figures below the answer.
async fn ask(desk: &Desk, question: &str) {
    desk.say(question).await;
    let is_answered =
        |text: &str| text.split_once(question).is_some_and(|(_, answer)| answer.contains("✓ "));
    desk.wait_until("the answer is complete", |screen| is_answered(&screen.text())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chat_models_and_usage_look_like_this() {
    let desk = Desk::at(COLUMNS, ROWS)
        .model("anthropic/claude-sonnet-4.6")
        .pace(Duration::from_millis(12))
        .open()
        .await;
    ask(&desk, "Why does SQLite need one writer?").await;
    keep("screen chat", &desk);

    desk.press("f6").type_("/sonnet").press("enter j j");
    desk.wait_for("TTFT and tok/s are medians").await;
    desk.press("J J J J J");
    desk.wait_for("Amazon Bedr").await;
    keep("screen models", &desk);

    desk.press("enter");
    desk.wait_for("> write a message").await;
    ask(&desk, "Explain backpressure").await;
    desk.press("ctrl+o").type_("gpt-4o-mini").press("enter");
    desk.wait_for("│ openai/gpt-4o-mini │").await;
    ask(&desk, "Is Rust hard?").await;
    desk.press("f7");
    desk.wait_for("gpt-4o-mini    ").await;
    desk.press("ctrl+r");
    desk.wait_until("what the key spent", |screen| {
        screen.line_with("spent    today").is_some_and(|line| !line.contains("today $0 "))
    })
    .await;
    desk.wait_until("all figures", |screen| !screen.contains("asking …")).await;
    keep("screen usage", &desk);
    desk.quit().await;
}

#[test]
fn only_what_varies_may_vary() {
    let at = |time: &str, port: &str, cost: &str| {
        format!("you {time} ─── http://127.0.0.1:{port}/api/v1\n✓ {cost} · 0.8{port} s · 9 tok/s")
    };
    assert!(same_screen(&at("14:02", "1", "$0.003"), &at("09:15", "4411", "$0.003")));
    assert!(!same_screen(&at("14:02", "1", "$0.003"), &at("14:02", "1", "$0.004")));
    assert!(!same_screen("a b", "a c"));
}
