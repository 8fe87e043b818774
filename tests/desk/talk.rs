//! Talking: sending, streaming, stopping, retrying, several chats at a time.

use std::time::Duration;

use routedeck::tui::runtime::Exit;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Role and content of the messages of a request.
fn messages(body: &Value) -> Vec<(String, String)> {
    let text = |m: &Value, key: &str| m[key].as_str().unwrap_or_default().to_owned();
    let list = body["messages"].as_array().unwrap();
    list.iter().map(|m| (text(m, "role"), text(m, "content"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_comes_with_model_provider_tokens_cost_and_pace() {
    let desk = Desk::at(120, 40).model("openai/gpt-4o-mini").open().await;
    let screen = desk.ask("what is a harbour?").await;
    assert!(screen.contains("you"), "{}", screen.text());
    assert!(screen.contains("openai/gpt-4o-mini"));
    let figures = screen.line_with("✓ ").unwrap();
    assert!(figures.contains("(simulated)"), "{figures}");
    assert!(figures.contains(" in, ") && figures.contains(" out"), "{figures}");
    assert!(figures.contains(" · $0.0"), "{figures}");
    let pace = screen.line_with("TTFT").unwrap();
    assert!(pace.contains(" s") && pace.contains(" tok/s"), "{pace}");
    // The chat's meter has what the answer cost.
    let cost = figures.split('$').nth(1).unwrap().split_whitespace().next().unwrap();
    assert!(screen.status().contains(&format!("chat ${cost}")), "{}", screen.status());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_goes_with_all_that_was_said_before() {
    let desk = Desk::at(120, 40).model("sandbox/echo").open().await;
    desk.ask("one").await;
    desk.ask("two").await;
    desk.wait_for("#4").await;
    desk.ask("three").await;
    let asked = desk.chats_asked();
    assert_eq!(asked.len(), 3);
    let said = messages(&asked[2].json());
    let roles: Vec<&str> = said.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user"]);
    assert_eq!(said[4].1, "three");
    assert!(said[1].1.contains("one") && said[3].1.contains("two"), "{said:?}");
    assert_eq!(asked[2].json()["stream"], json!(true));
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn esc_stops_an_answer_and_what_came_stays_after_the_next_start_too() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(120, 40).home(home.path()).model("sandbox/stalls").open().await;
    desk.say("go on").await;
    let screen = desk.wait_for("tok").await;
    assert!(screen.contains("Esc stop, keep text"), "{}", screen.text());
    let text =
        text_of_answer(&desk.wait_until("some words", |s| !text_of_answer(s).is_empty()).await);
    desk.press("esc");
    let screen = desk.wait_for("stopped by you; the text so far is kept").await;
    assert_eq!(text_of_answer(&screen), text);
    assert!(!screen.contains("stop, keep text"));
    assert_eq!(desk.sandbox.live(), 0, "the socket is closed");
    desk.quit().await;

    let desk = Desk::at(120, 40).home(home.path()).open().await;
    desk.press("f8").wait_for("just now").await;
    desk.press("enter");
    let screen = desk.wait_for("stopped by you").await;
    assert_eq!(text_of_answer(&screen), text);
    desk.quit().await;
}

/// The first row of text below the head of the first answer.
fn text_of_answer(screen: &crate::desk::picture::Picture) -> String {
    let lines = screen.lines();
    let head = lines.iter().position(|line| line.contains("#2"));
    let below = head.and_then(|at| lines.get(at + 1)).map(|line| line.trim().to_owned());
    below.filter(|line| !line.starts_with('◌') && !line.starts_with('◐')).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_an_answer_comes_the_draft_takes_text_but_does_not_send() {
    let desk = Desk::at(120, 40).model("sandbox/stalls").open().await;
    desk.say("first").await.wait_for("tok").await;
    desk.type_("second").press("enter");
    desk.wait_for("an answer is still coming; Esc stops it, the draft stays").await;
    desk.wait_for("> second").await;
    assert_eq!(desk.chats_asked().len(), 1);
    desk.press("esc").wait_for("stopped by you").await;
    desk.wait_for("> second").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_asks_again_without_the_answer_that_was() {
    let desk = Desk::at(120, 40).model("sandbox/echo").open().await;
    desk.ask("same again").await;
    desk.press("esc r");
    desk.wait_while_not("a second request", async || (desk.chats_asked().len() == 2).then_some(()))
        .await;
    let screen = desk.wait_answered().await;
    let said = messages(&desk.chats_asked()[1].json());
    assert_eq!(said, [("user".to_owned(), "same again".to_owned())]);
    assert!(screen.contains("#2") && !screen.contains("#3"), "{}", screen.text());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_chat_begins_empty_with_the_same_model() {
    let desk = Desk::at(120, 40).model("sandbox/echo").open().await;
    desk.ask("old words").await;
    desk.press("ctrl+n");
    let screen = desk.wait_for("Type and press Enter.").await;
    assert!(!screen.contains("old words"), "{}", screen.text());
    assert!(screen.status().contains("sandbox/echo"));
    desk.ask("new words").await;
    let said = messages(&desk.chats_asked()[1].json());
    assert_eq!(said.len(), 1, "{said:?}");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_left_while_it_answers_goes_on_and_tells_when_it_is_complete() {
    let pace = Duration::from_millis(10);
    let desk = Desk::at(120, 40).model("sandbox/slow").pace(pace).open().await;
    desk.say("take your time").await;
    desk.wait_for("waiting for the first word").await;
    desk.press("ctrl+n").wait_for("Type and press Enter.").await;
    desk.wait_for("1 more answering").await;
    // Another model answers in front meanwhile.
    desk.press("ctrl+o").type_("sandbox/echo").wait_for("│ sandbox/echo").await;
    desk.press("enter").wait_until("the model", |s| s.status().contains("sandbox/echo")).await;
    desk.say("quick one").await.wait_for("quick one").await;
    desk.wait_for("the answer in “take your time” is complete").await;
    desk.wait_gone("1 more answering").await;
    let screen = desk.picture();
    assert!(screen.contains("quick one"), "the chat in front stays: {}", screen.text());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reasoning_is_folded_until_asked_for() {
    let desk = Desk::at(120, 40).model("sandbox/reasons").open().await;
    let screen = desk.ask("why is the sky blue?").await;
    let fold = screen.line_with("▸ thought for ").unwrap();
    assert!(fold.contains(" tokens)") && fold.contains("t opens"), "{fold}");
    assert!(!screen.contains("These thoughts are simulated."));
    desk.press("esc t");
    let screen = desk.wait_for("▾ thought for ").await;
    assert!(screen.contains("These thoughts are simulated."), "{}", screen.text());
    desk.press("t").wait_for("▸ thought for ").await;
    assert!(!desk.screen().contains("These thoughts are simulated."));
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_fails_first_and_works_then_says_so() {
    let desk = Desk::at(120, 40).model("sandbox/flaky").open().await;
    let screen = desk.ask("try").await;
    let pace = screen.line_with("TTFT").unwrap();
    assert!(pace.contains("2 attempts"), "{pace}");
    desk.press("esc o");
    let screen = desk.wait_for("─ receipt ─").await;
    assert!(screen.contains("the provider is overloaded"), "{}", screen.text());
    let (exit, _) = desk.quit().await;
    assert_eq!(exit, Exit::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_answer_is_an_answer() {
    let desk = Desk::at(120, 40).model("sandbox/empty").open().await;
    let screen = desk.ask("say nothing").await;
    assert!(screen.contains(" 0 out"), "{}", screen.text());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stopped_answer_cost_is_learnt_and_shown_later() {
    let desk = Desk::at(120, 40).model("sandbox/stalls").open().await;
    desk.say("go on").await.wait_for("tok").await;
    desk.press("esc").wait_for("stopped by you").await;
    let screen = desk.wait_gone("cost unknown").await;
    let figures = screen.line_with("(simulated)").unwrap();
    assert!(figures.contains(" · $0.0"), "{figures}");
    assert!(!screen.status().contains("unknown"), "{}", screen.status());
    desk.quit().await;
}
