//! Every way to fail ends in a card that says what happened, whether it was billed, what to do.

use std::net::TcpListener;
use std::time::Duration;

use routedeck::domain::money::Usd;
use routedeck::domain::secret::Secret;
use routedeck::upstream::{Settings, Timeouts};

use crate::desk::Desk;
use crate::desk::picture::Picture;

const NOT_BILLED: &str = "Not billed.";
const MAY_BE: &str = "It may have been billed.";

/// The rows from the headline of the card to its end.
fn card(screen: &Picture) -> String {
    let lines = screen.lines();
    let from = lines.iter().position(|line| line.trim_start().starts_with('✗')).unwrap_or(0);
    lines[from..]
        .iter()
        .take_while(|line| !line.starts_with('─'))
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

async fn fails(model: &str, headline: &str, billing: &str, advice: &str) -> Picture {
    let quick = Timeouts { idle: Duration::from_millis(300), ..Timeouts::default() };
    let desk = Desk::at(100, 40).model(model).timeouts(quick).open().await;
    desk.say("please answer").await;
    let screen = desk.wait_for("✗ ").await;
    let card = card(&screen);
    assert!(card.contains(&format!("✗ {headline}")), "{model}: {headline}?\n{card}");
    assert!(card.contains(billing), "{model}: {billing}?\n{card}");
    assert!(card.contains(advice), "{model}: {advice}?\n{card}");
    assert!(card.contains("Esc r retry") && card.contains("Ctrl+O other model"), "{card}");
    // The desk goes on: the draft is free and the message is still there to be asked again.
    assert!(screen.contains("please answer") && screen.contains("> write a message"));
    desk.type_("next").wait_for("> next").await;
    desk.quit().await;
    screen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_before_any_work_are_not_billed() {
    let wait = "or choose another";
    let screen = fails("sandbox/rate-limited", "rate limited", NOT_BILLED, wait).await;
    assert!(screen.contains("May work again in 3 s."), "{}", screen.text());
    fails("sandbox/rate-limited-bare", "rate limited", NOT_BILLED, wait).await;
    fails("sandbox/out-of-credit", "out of credit", NOT_BILLED, "Add credit").await;
    let policy = "refused by a content policy";
    fails("sandbox/moderated", policy, NOT_BILLED, "Change the message").await;
    fails("sandbox/overloaded", "the provider is overloaded", NOT_BILLED, "Retry").await;
    fails("sandbox/unavailable", "the provider is overloaded", NOT_BILLED, "Retry").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_that_may_pass_are_tried_again_before_they_are_shown() {
    let screen = fails("sandbox/internal-error", "the service failed", NOT_BILLED, "Retry").await;
    assert!(screen.contains("3 attempts"), "{}", screen.text());
    let garbage = "the answer could not be read";
    let screen = fails("sandbox/garbage", garbage, NOT_BILLED, "check the base URL").await;
    assert!(screen.contains("2 attempts"), "{}", screen.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_before_a_break_is_kept_and_may_be_billed() {
    for (model, headline, billing, advice) in [
        ("sandbox/cuts-off", "cut off by the provider", MAY_BE, "The text so far is kept."),
        ("sandbox/resets", "", MAY_BE, "The text so far is kept."),
        ("sandbox/fails-midway", "the service failed", MAY_BE, "Retry"),
        ("sandbox/stalls", "no answer in time", MAY_BE, "Retry"),
    ] {
        let screen = fails(model, headline, billing, advice).await;
        assert!(screen.contains("Simulated reply"), "{model}: {}", screen.text());
        assert!(screen.contains("cut off here; the text so far is kept"), "{}", screen.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_after_a_failure_asks_again_and_the_card_goes() {
    let desk = Desk::at(100, 40).model("sandbox/out-of-credit").open().await;
    desk.say("please").await.wait_for("✗ out of credit").await;
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.type_("sandbox/echo").wait_for("│ sandbox/echo").await;
    desk.press("enter").wait_gone("model for this chat").await;
    desk.press("esc r");
    let screen = desk.wait_for("✓ ").await;
    assert!(!screen.contains("out of credit"), "{}", screen.text());
    desk.quit().await;
}

fn elsewhere(base_url: String, key: &str) -> Settings {
    Settings {
        name: "elsewhere".into(),
        base_url,
        key: Secret::new(key),
        simulated: false,
        openrouter: true,
        timeouts: Timeouts::default(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_and_no_connection_say_what_to_set() {
    let spare = Desk::open((80, 24)).await;
    let wrong = elsewhere(spare.sandbox.base_url(), "sk-or-v1-wrong");
    let desk = Desk::at(100, 40).model("openai/gpt-4o").upstream(wrong).open().await;
    assert!(!desk.screen().contains("SANDBOX"));
    let screen = desk.say("hello").await.wait_for("✗ the key was not accepted").await;
    assert!(card(&screen).contains("Set OPENROUTER_API_KEY"), "{}", screen.text());
    assert!(card(&screen).contains(NOT_BILLED));
    assert!(!screen.contains("sk-or-v1-wrong"));
    desk.quit().await;
    spare.quit().await;

    // A port that nobody listens on.
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let nobody = elsewhere(format!("http://127.0.0.1:{port}/api/v1"), "sk-or-v1-any");
    let desk = Desk::at(100, 40).model("openai/gpt-4o").upstream(nobody).open().await;
    desk.wait_for("the models could not be fetched").await;
    let screen = desk.say("hello").await.wait_for("✗ no connection").await;
    let card = card(&screen);
    assert!(card.contains("Check the network, the proxy and the base URL"), "{card}");
    assert!(card.contains(NOT_BILLED) && card.contains("127.0.0.1"), "{card}");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_at_its_limit_says_so() {
    let desk = Desk::at(100, 40)
        .model("openai/gpt-4o")
        .sandbox(|settings| settings.key_limit = Some(Usd::ZERO))
        .open()
        .await;
    let screen = desk.say("hello").await.wait_for("✗ out of credit").await;
    assert!(card(&screen).contains(NOT_BILLED), "{}", screen.text());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_can_be_read_in_a_narrow_window() {
    let desk = Desk::at(44, 30).model("sandbox/rate-limited").open().await;
    desk.say("please").await;
    let screen = desk.wait_for("✗ ").await;
    assert!(!screen.contains("accumul…"), "{}", screen.text());
    let words = screen.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Please retry shortly, or add your own key"), "{}", screen.text());
    assert!(words.contains("or choose another provider or model."), "{}", screen.text());
    desk.quit().await;
}
