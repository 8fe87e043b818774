//! Keys: palette, help, remapping, quitting, the draft, the editor, copying and pasting.

use routedeck::term::{QuitBy, Signal};
use routedeck::tui::runtime::Exit;

use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_palette_finds_an_action_and_runs_it() {
    let desk = Desk::open((120, 40)).await;
    desk.press("ctrl+p").wait_for("actions").await;
    desk.type_("receipt").wait_for("Show how the selected answer came about").await;
    desk.press("enter").wait_for("no answer yet, so no receipt").await;
    desk.press("ctrl+p").wait_for("actions").await;
    desk.type_("next theme").wait_for("Change to the next theme.").await;
    desk.press("enter").wait_for("theme: ").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_theme_changes_the_colours_and_comes_back_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(120, 40).home(home.path()).keeps_theme().open().await;
    let before = desk.picture().style_of("routedeck").unwrap();
    desk.press("ctrl+p").wait_for("actions").await;
    desk.type_("next theme").wait_for("Change to the next theme.").await;
    desk.press("enter").wait_for("theme: ").await;
    let new = |s: &crate::desk::picture::Picture| s.style_of("routedeck").unwrap_or_default();
    let after = new(&desk.wait_until("other colours", |s| new(s) != before).await);
    desk.quit().await;
    let desk = Desk::at(120, 40).home(home.path()).keeps_theme().open().await;
    desk.wait_until("the colours chosen last", |s| new(s) == after).await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn help_shows_the_keys_of_the_place_one_is_in() {
    let desk = Desk::open((120, 50)).await;
    let screen = desk.press("f1").wait_for("Writing").await;
    assert!(screen.contains("Send the draft.") && !screen.contains("Reading the chat"));
    desk.press("esc").wait_gone("Writing").await;
    desk.press("esc ?");
    let screen = desk.wait_for("Reading the chat").await;
    assert!(screen.contains("Ask for another answer") && !screen.contains("Send the draft."));
    desk.press("esc 2").wait_for("[2 Models]").await;
    desk.press("?").wait_for("Use the selected model in the chat.").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_can_be_changed_and_every_place_shows_the_new_ones() {
    let desk = Desk::at(120, 50)
        .model("sandbox/echo")
        .keys("compose.send", &["ctrl+s"])
        .keys("compose.newline", &["enter"])
        .open()
        .await;
    let screen = desk.wait_for("Type and press Ctrl+S.").await;
    assert!(screen.contains("Ctrl+S send · Enter new line"), "{}", screen.text());
    desk.type_("one").press("enter").type_("two");
    desk.wait_for("  two").await;
    assert!(desk.chats_asked().is_empty());
    desk.press("ctrl+s").wait_answered().await;
    let body = desk.chats_asked()[0].json();
    assert_eq!(body["messages"][0]["content"], "one\ntwo");
    desk.press("f1").wait_for("Ctrl+S").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_key_in_the_configuration_is_named_and_the_rest_works() {
    let desk = Desk::at(120, 40).keys("chat.nonsense", &["x"]).open().await;
    desk.wait_for("chat.nonsense").await;
    desk.ask("hello").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_three_ways_out() {
    let desk = Desk::open((80, 24)).await;
    desk.press("ctrl+c").wait_for("Ctrl+C again within two seconds quits").await;
    desk.press("ctrl+c");
    assert_eq!(desk.ended().await.0, Exit::Quit);

    let desk = Desk::open((80, 24)).await;
    desk.type_("x").wait_for("> x").await;
    // With text in the draft it deletes, as in a shell.
    desk.press("ctrl+d").press("backspace").wait_for("> write a message").await;
    desk.press("ctrl+d");
    assert_eq!(desk.ended().await.0, Exit::Quit);

    let desk = Desk::open((80, 24)).await;
    desk.press("ctrl+p").wait_for("actions").await;
    desk.type_("quit").wait_for("Leave routedeck; everything is kept.").await;
    desk.press("enter");
    assert_eq!(desk.ended().await.0, Exit::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quitting_in_the_middle_of_an_answer_asks_first() {
    let desk = Desk::at(100, 30).model("sandbox/stalls").open().await;
    desk.say("go on").await.wait_for("tok").await;
    desk.press("ctrl+d").wait_for("An answer is still coming.").await;
    desk.press("n").wait_gone("An answer is still coming.").await;
    assert!(desk.picture().contains("stop, keep text"));
    desk.press("ctrl+d").wait_for("An answer is still coming.").await;
    desk.press("y");
    assert_eq!(desk.ended().await.0, Exit::Quit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_can_be_broken_in_every_terminal() {
    let desk = Desk::at(100, 30).model("sandbox/echo").open().await;
    desk.type_("a\\").press("enter").type_("b").press("ctrl+j").type_("c").press("alt+enter");
    desk.type_("d").wait_for("  d").await;
    desk.press("enter").wait_answered().await;
    assert_eq!(desk.chats_asked()[0].json()["messages"][0]["content"], "a\nb\nc\nd");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_draft_goes_to_the_editor_and_back() {
    let desk = Desk::at(100, 30).model("sandbox/echo").open().await;
    desk.editor_will_bring(Some("a better text\nof two lines\n")).editor_will_bring(None);
    desk.type_("a text").wait_for("> a text").await;
    desk.press("ctrl+g").wait_for("> a better text").await;
    assert_eq!(desk.wings(|wings| wings.edited.clone()), ["a text"]);
    desk.press("ctrl+g");
    desk.wait_while_not("the editor was opened twice", async || {
        desk.wings(|wings| wings.edited.len() == 2).then_some(())
    })
    .await;
    desk.wait_for("of two lines").await;
    desk.press("enter").wait_answered().await;
    let sent = desk.chats_asked()[0].json()["messages"][0]["content"].clone();
    assert_eq!(sent, "a better text\nof two lines");
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copying_offers_the_text_to_the_terminal_and_says_no_more_than_that() {
    let desk = Desk::at(100, 40).model("sandbox/echo").open().await;
    desk.paste("look:\n\n```sh\nls -l\n```\n").wait_for("ls -l").await;
    desk.press("enter").wait_answered().await;
    desk.press("esc y");
    desk.wait_for("offered to the terminal's clipboard (OSC 52)").await;
    desk.wait_while_not("one text copied", async || (desk.copied().len() == 1).then_some(())).await;
    assert_eq!(desk.copied(), ["ls -l"], "the code alone, without the line feed that would run it");
    desk.press("Y");
    desk.wait_while_not("two texts copied", async || (desk.copied().len() == 2).then_some(()))
        .await;
    assert!(desk.copied()[1].contains("look:"), "{:?}", desk.copied());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pasted_is_text_whatever_it_contains() {
    let desk = Desk::at(100, 30).model("sandbox/echo").open().await;
    desk.paste("tab\there\r\n\u{1b}[31mred\u{1b}[0m \u{202e}turned\u{7}\n");
    let screen = desk.wait_for("turned").await;
    assert!(screen.contains("red"), "{}", screen.text());
    assert!(desk.chats_asked().is_empty(), "a line feed in a paste sends nothing");
    desk.press("enter").wait_answered().await;
    let sent = desk.chats_asked()[0].json()["messages"][0]["content"].clone();
    let sent = sent.as_str().unwrap();
    assert!(!sent.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{sent:?}");
    assert_eq!(desk.glass.heard(|heard| heard.bells), 0);
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_there_again_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(100, 30).home(home.path()).open().await;
    desk.type_("half a thou").wait_for("> half a thou").await;
    desk.quit().await;
    let desk = Desk::at(100, 30).home(home.path()).open().await;
    desk.wait_for("> half a thou").await;
    desk.type_("ght").press("enter").wait_answered().await;
    desk.quit().await;
    let desk = Desk::at(100, 30).home(home.path()).open().await;
    desk.wait_for("> write a message").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_last_is_kept_when_the_program_is_told_to_end() {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(100, 30).home(home.path()).open().await;
    desk.type_("in mid-sent").wait_for("> in mid-sent").await;
    desk.type_("ence").signal(Signal::Quit(QuitBy::Terminate));
    assert_eq!(desk.ended().await.0, Exit::Signal(QuitBy::Terminate));
    let desk = Desk::at(100, 30).home(home.path()).open().await;
    desk.wait_for("> in mid-sentence").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_suspend_everything_is_drawn_again() {
    let desk = Desk::open((100, 30)).await;
    desk.type_("still here").wait_for("> still here").await;
    let before = desk.counts();
    desk.press("ctrl+z");
    desk.wait_while_not("a whole frame after waking", async || {
        let grown = desk.counts().bytes - before.bytes;
        (desk.wings(|wings| wings.suspended) == 1 && grown > 500).then_some(())
    })
    .await;
    desk.wait_for("> still here").await;
    desk.signal(Signal::Suspend);
    desk.wait_while_not("put to sleep from outside", async || {
        (desk.wings(|wings| wings.suspended) == 2).then_some(())
    })
    .await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_chat_has_a_draft_of_its_own() {
    let desk = Desk::at(100, 30).model("sandbox/echo").open().await;
    desk.ask("first chat").await;
    desk.type_("for the first").wait_for("> for the first").await;
    desk.press("ctrl+n").wait_for("Type and press Enter.").await;
    desk.wait_for("> write a message").await;
    desk.type_("for a new one").wait_for("> for a new one").await;
    // A second new chat is the same one.
    desk.press("ctrl+n").type_("!").wait_for("> for a new one!").await;
    desk.press("f8").wait_for("just now").await;
    desk.press("enter").wait_for("> for the first").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_typed_ahead_choose_and_send_but_lines_in_the_draft_are_a_paste() {
    let desk = Desk::at(100, 30).model("sandbox/guide").open().await;
    desk.press("ctrl+o").wait_for("model for this chat").await;
    desk.burst("echo\ntyped ahead\n").wait_answered().await;
    desk.wait_for("sandbox/echo").await;
    desk.burst("one line\nanother line\n").wait_for("another line").await;
    desk.press("x").wait_for("x").await;
    let screen = desk.picture();
    assert!(screen.contains("> one line"), "{screen:?}");
    desk.quit().await;
}
