//! Choosing a model: switcher, favourites, the model before.

use crate::desk::Desk;

/// Chooses a model by typing its id.
async fn choose(desk: &Desk, id: &str) {
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.type_(id).wait_for(&format!("│ {id}")).await;
    desk.press("enter");
    uses(desk, id).await;
}

async fn uses(desk: &Desk, id: &str) {
    desk.wait_until(&format!("{id} in the status line"), |screen| {
        screen.status().contains(&format!("│ {id}")) && !screen.contains("model for this chat")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_letters_and_enter_choose_a_model_with_its_price_in_sight() {
    let desk = Desk::open((120, 40)).await;
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.type_("sonnet 4.6");
    let found = "anthropic/claude-sonnet-4.6";
    let screen = desk
        .wait_until("one model found", |s| s.contains(found) && !s.contains("sandbox/long"))
        .await;
    let line = screen.line_with(found).unwrap();
    assert!(line.contains("$3.00/15.00") && line.contains("$0.0"), "{line}");
    desk.press("enter");
    uses(&desk, "anthropic/claude-sonnet-4.6").await;
    desk.ask("hello").await;
    assert_eq!(desk.chats_asked()[0].json()["model"], "anthropic/claude-sonnet-4.6");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enter_on_the_empty_switcher_and_f2_go_back_to_the_model_before() {
    let desk = Desk::at(120, 40).model("sandbox/echo").open().await;
    desk.press("f2").wait_for("no other model was used yet").await;
    choose(&desk, "openai/gpt-4o").await;
    choose(&desk, "sandbox/guide").await;
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.press("enter");
    uses(&desk, "openai/gpt-4o").await;
    desk.press("f2");
    uses(&desk, "sandbox/guide").await;
    desk.press("f2");
    uses(&desk, "openai/gpt-4o").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn favourites_are_starred_in_the_switcher_kept_and_chosen_by_number() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(120, 40).home(home.path()).model("sandbox/echo").open().await;
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.type_("gemini-2.5-pro").wait_for("google/gemini-2.5-pro").await;
    desk.press("ctrl+f").wait_for("1★").await;
    desk.press("esc").wait_gone("model for this chat").await;
    desk.quit().await;

    let desk = Desk::at(120, 40).home(home.path()).model("sandbox/echo").open().await;
    desk.press("ctrl+o").wait_for("1★").await;
    desk.press("alt+1");
    uses(&desk, "google/gemini-2.5-pro").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_the_list_does_not_know_can_be_asked_all_the_same() {
    let desk = Desk::open((120, 40)).await;
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.type_("nobody/has-this").wait_for("unknown").await;
    desk.press("enter");
    uses(&desk, "nobody/has-this").await;
    desk.say("anyone?").await;
    let screen = desk.wait_for("✗ ").await;
    assert!(screen.contains("Choose another model (Ctrl+O)."), "{}", screen.text());
    assert!(screen.contains("Not billed."), "{}", screen.text());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn models_that_cannot_take_the_chat_say_why() {
    let desk = Desk::open((120, 40)).await;
    desk.paste(&"word ".repeat(200_000));
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.type_("gpt").wait_for("too small").await;
    desk.quit().await;
}
