//! What the desk looks like, at three sizes: text and styles. Reviewed by eye.

use std::time::Duration;

use crate::desk::Desk;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn keep(name: &str, (columns, rows): (u16, u16), desk: &Desk) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let shot = desk.picture().snapshot();
    settings.bind(|| insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), shot));
}

/// A question whose simulated answer has a table and code.
const QUESTION: &str = "Compare a few queues in a table, and show code for one.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_screen() {
    for size in SIZES {
        let desk = Desk::open(size).await;
        keep("first", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_answer() {
    for size in SIZES {
        let desk = Desk::at(size.0, size.1).model("anthropic/claude-sonnet-4.6").open().await;
        desk.ask(QUESTION).await;
        desk.type_("Which of them").wait_for("> Which of them").await;
        keep("answer", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selected_answer_with_its_reasoning() {
    for size in SIZES {
        let desk = Desk::at(size.0, size.1).model("sandbox/reasons").open().await;
        desk.ask("Why is the sky blue?").await;
        desk.press("esc k t").wait_for("▾ thought for ").await;
        keep("reasoning", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_answer() {
    for size in SIZES {
        let desk = Desk::at(size.0, size.1).model("sandbox/rate-limited").open().await;
        desk.say("Anyone there?").await.wait_for("✗ ").await;
        desk.wait_gone("stop, keep text").await;
        keep("failed", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_off() {
    let desk = Desk::at(120, 40).model("sandbox/cuts-off").open().await;
    desk.say(QUESTION).await.wait_for("✗ ").await;
    desk.wait_gone("stop, keep text").await;
    // What it cost is learnt a moment later.
    desk.wait_gone("cost unknown").await;
    keep("broken", (120, 40), &desk);
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_coming() {
    for size in SIZES {
        let desk = Desk::at(size.0, size.1).model("sandbox/stalls").open().await;
        desk.say(QUESTION).await.wait_until("tok/s is known", |s| s.contains("tok/s")).await;
        desk.wait_for("so far").await;
        keep("coming", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_the_first_word() {
    let desk = Desk::at(120, 40).model("sandbox/slow").pace(Duration::from_secs(5)).open().await;
    desk.say("Take your time").await.wait_for("waiting for the first word").await;
    keep("waiting", (120, 40), &desk);
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switcher() {
    for size in SIZES {
        let desk = Desk::at(size.0, size.1).model("openai/gpt-4o").open().await;
        desk.press("ctrl+o").wait_for("model for this chat").await;
        desk.type_("haiku-4.5").wait_for("│ haiku-4.5   ").await;
        desk.press("ctrl+f").wait_for("1★").await;
        desk.press("ctrl+u").wait_for("a few letters").await;
        keep("switcher", size, &desk);
        desk.type_("sonnet").wait_for("│ sonnet   ").await;
        keep("switcher_found", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_palette() {
    for size in SIZES {
        let desk = Desk::open(size).await;
        desk.press("ctrl+p").wait_for("actions").await;
        keep("palette", size, &desk);
        desk.type_("copy").wait_for("│ copy   ").await;
        keep("palette_found", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help() {
    for size in SIZES {
        let desk = Desk::open(size).await;
        desk.press("f1").wait_for("Writing").await;
        keep("help", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_a_chat() {
    for size in SIZES {
        let desk = Desk::open(size).await;
        desk.press("f4").wait_for("chat settings").await;
        keep("settings_empty", size, &desk);
        desk.type_("You are a careful reviewer. Name what is wrong before what is right.");
        desk.press("tab").type_("7").press("enter").wait_for("from 0 to 2").await;
        keep("settings", size, &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_receipt() {
    let desk = Desk::at(120, 40).model("sandbox/fails-over").open().await;
    desk.ask("Hello").await;
    desk.press("esc o").wait_for("whole answer").await;
    keep("receipt", (120, 40), &desk);
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_while_an_answer_comes() {
    let desk = Desk::at(80, 24).model("sandbox/stalls").open().await;
    desk.say("Go on").await.wait_for("tok/s").await;
    desk.press("ctrl+d").wait_for("An answer is still coming.").await;
    keep("leaving", (80, 24), &desk);
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_theme() {
    for theme in ["terminal", "dark", "light", "high-contrast"] {
        let desk = Desk::at(80, 24).theme(theme).model("sandbox/guide").open().await;
        desk.ask("How do I change the theme?").await;
        desk.press("esc pageup ctrl+o").wait_for("model for this chat").await;
        keep(&format!("theme_{theme}"), (80, 24), &desk);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_colours_nothing_is_lost() {
    let depth = routedeck::term::ColorDepth::None;
    let desk = Desk::at(80, 24).theme("dark").depth(depth).open().await;
    let shot = desk.picture().snapshot();
    assert!(!shot.contains("fg=") && !shot.contains("bg="), "{shot}");
    desk.press("ctrl+o").wait_for("model for this chat").await;
    // The selected line has to be told apart all the same.
    assert!(desk.picture().snapshot().contains("reverse"));
    desk.quit().await;
}
