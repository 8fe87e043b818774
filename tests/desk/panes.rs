//! The other views: models, usage, history, and going between them.

use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_reached_by_keys_and_esc_leads_back_to_the_chat() {
    let desk = Desk::open((120, 40)).await;
    for (key, tab) in
        [("f6", "[2 Models]"), ("f7", "[5 Usage]"), ("f8", "[6 History]"), ("f5", "[1 Chat]")]
    {
        desk.press(key).wait_for(tab).await;
    }
    desk.press("esc 2").wait_for("[2 Models]").await;
    desk.press("]").wait_for("[5 Usage]").await;
    desk.press("]").wait_for("[6 History]").await;
    desk.press("[").wait_for("[5 Usage]").await;
    desk.press("esc").wait_for("[1 Chat]").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_searched_looked_at_and_used() {
    let desk = Desk::open((160, 45)).await;
    desk.press("f6").wait_for("[2 Models]").await;
    desk.press("/").type_("sonnet-4.6");
    let screen = desk.wait_for("1 of ").await;
    assert!(screen.contains("anthropic/claude-sonnet-4.6"), "{}", screen.text());
    // Who serves it comes from the upstream while the selection rests.
    let screen = desk.wait_for("4 endpoints").await;
    assert!(screen.contains("3.00/M  0.000003"), "{}", screen.text());
    desk.press("enter").wait_until("out of the field", |s| s.cursor.is_none()).await;
    desk.press("s").wait_for("★").await;
    desk.press("enter");
    let screen = desk.wait_for("[1 Chat]").await;
    assert!(screen.status().contains("anthropic/claude-sonnet-4.6"), "{}", screen.status());
    desk.press("ctrl+o").wait_for("1★").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn models_can_be_put_in_order() {
    let desk = Desk::open((120, 40)).await;
    desk.press("f6").wait_for("as listed").await;
    desk.press("o").wait_for("sorted by ").await;
    desk.press("O").wait_for("reversed").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chats_are_found_by_their_words_opened_renamed_deleted_and_brought_back() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(120, 40).home(home.path()).model("sandbox/echo").open().await;
    desk.ask("the lighthouse keeper").await;
    desk.press("ctrl+n").wait_for("Type and press Enter.").await;
    desk.ask("a bakery at dawn").await;
    desk.press("f8").wait_for("2 chats").await;
    desk.press("/").type_("lighthouse").wait_gone("a bakery at dawn").await;
    desk.press("enter enter");
    let screen = desk.wait_for("[1 Chat]").await;
    assert!(screen.contains("the lighthouse keeper"), "never another chat: {}", screen.text());
    // Going on in it goes on in it.
    desk.say("and her dog").await.wait_for("#4").await;

    desk.press("f8").wait_for("[6 History]").await;
    desk.press("/").wait_until("in the field", |s| s.cursor.is_some()).await;
    desk.press("esc").wait_for("2 chats").await;
    desk.wait_for("a bakery at dawn").await;
    desk.press("esc").wait_until("in the list", |s| s.cursor.is_none()).await;
    desk.press("g g e").wait_for("title").await;
    desk.press("ctrl+u").type_("Lighthouse").press("enter").wait_for("Lighthouse").await;
    desk.press("d d").wait_until("one chat less", |s| !s.contains("Lighthouse")).await;
    desk.press("u").wait_for("Lighthouse").await;
    desk.quit().await;

    let desk = Desk::at(120, 40).home(home.path()).open().await;
    desk.press("f8").wait_for("2 chats").await;
    desk.wait_for("Lighthouse").await;
    desk.wait_for("a bakery at dawn").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn usage_says_that_what_is_simulated_is_no_money() {
    let desk = Desk::at(120, 40).model("openai/gpt-4o").open().await;
    desk.ask("hello").await;
    desk.press("f7").wait_for("simulated: nothing is charged").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_money_is_counted_by_model_and_in_the_status_line() {
    // An upstream that speaks the protocol and is not called the sandbox.
    let service = Desk::open((80, 24)).await;
    let settings = routedeck::upstream::Settings {
        name: "openrouter".into(),
        base_url: service.sandbox.base_url(),
        key: routedeck::domain::secret::Secret::new(routedeck::sandbox::KEY),
        simulated: false,
        openrouter: true,
        timeouts: routedeck::upstream::Timeouts::default(),
    };
    let desk = Desk::at(140, 40).model("openai/gpt-4o").upstream(settings).open().await;
    desk.wait_for("≈ 0 of 128k").await;
    let screen = desk.ask("hello there").await;
    let figures = screen.line_with("✓ ").unwrap();
    let cost = figures.split('$').nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let status = screen.status();
    assert!(status.contains(&format!("chat ${cost}")), "{status}");
    assert!(status.contains("left") && !status.contains("SANDBOX"), "{status}");
    let today = format!("day ${cost}");
    desk.wait_until("the day's sum", |screen| screen.status().contains(&today)).await;
    desk.press("f7");
    let screen = desk.wait_for("gpt-4o").await;
    assert!(screen.contains(&cost), "{cost}: {}", screen.text());
    desk.quit().await;
    service.quit().await;
}
