//! The first screen: what a newcomer sees before typing anything.

use crate::desk::Desk;

const LAMP: &str = "SANDBOX simulated replies, no charge";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_is_in_the_draft_on_the_sandbox_and_is_told_so() {
    for size in [(80, 24), (120, 40), (200, 50)] {
        let desk = Desk::open(size).await;
        let screen = desk.picture();
        let status = screen.status();
        assert!(status.trim_start().starts_with(LAMP), "{status}");
        assert!(status.contains("sandbox/guide"), "{status}");
        assert!(screen.contains("[1 Chat]"));
        assert!(screen.contains("> write a message"), "{}", screen.text());
        let (x, y) = screen.cursor.unwrap();
        assert!(screen.lines()[usize::from(y)].starts_with("> "));
        assert_eq!(x, 2);
        desk.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lamp_stays_when_the_window_is_narrow() {
    let desk = Desk::at(60, 20).open().await;
    let status = desk.picture().status();
    assert!(status.contains(LAMP), "{status}");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_can_type_before_anything_was_loaded() {
    let desk = Desk::at(80, 24).open_at_once().await;
    desk.type_("early bird");
    desk.wait_for("> early bird").await;
    desk.press("enter");
    // Whether the model was known yet or not, the text is never lost.
    desk.wait_until("the text is in the draft or sent", |screen| screen.contains("early bird"))
        .await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_told_at_the_start_is_told_and_esc_takes_it_away() {
    let notice = "config.toml:3 screen.theme: there is no theme `nigth`";
    let desk = Desk::at(120, 40).notice(notice).open().await;
    desk.wait_for("there is no theme").await;
    desk.press("esc").wait_gone("there is no theme").await;
    desk.wait_for("> write a message").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_model_and_the_last_chat_are_offered_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(120, 40).home(home.path()).model("sandbox/echo").open().await;
    desk.ask("remember the harbour").await;
    desk.quit().await;
    let desk = Desk::at(120, 40).home(home.path()).open().await;
    let screen = desk.wait_for("goes on with “remember the harbour”").await;
    assert!(screen.status().contains("sandbox/echo"), "{}", screen.status());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_nothing_is_asked_by_itself() {
    let desk = Desk::at(120, 40).model("sandbox/echo").offline().open().await;
    desk.wait_until("it says so", |screen| screen.status().contains("offline")).await;
    assert!(desk.sandbox.requests().is_empty(), "{:?}", desk.sandbox.requests());
    desk.quit().await;
}
