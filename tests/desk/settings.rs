//! The form with what a chat is sent with.

use routedeck::domain::turn::{Effort, Params};
use serde_json::json;

use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_form_says_is_what_the_model_is_asked() {
    let desk = Desk::at(120, 40).model("sandbox/reasons").open().await;
    desk.press("f4").wait_for("chat settings").await;
    desk.type_("Be brief.").press("ctrl+j").type_("Say why.");
    desk.press("tab").type_("0.7");
    // The default stands in the field.
    desk.press("tab").wait_for("4096").await;
    desk.press("backspace backspace backspace backspace").type_("900");
    desk.press("tab right right");
    desk.wait_for("‹ ").await;
    desk.press("enter").wait_gone("chat settings ").await;
    desk.ask("hello").await;
    let body = desk.chats_asked()[0].json();
    assert_eq!(body["messages"][0], json!({"role": "system", "content": "Be brief.\nSay why."}));
    assert_eq!(body["temperature"], json!(0.7));
    assert!(body.to_string().contains(":900"), "{body}");
    let effort = body["reasoning"]["effort"].as_str().unwrap().to_owned();
    assert_eq!(Some(effort.as_str()), Effort::ALL.get(1).map(|e| e.as_str()));
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_values_are_named_and_the_form_stays() {
    let desk = Desk::at(120, 40).open().await;
    desk.press("f4").wait_for("system prompt").await;
    desk.press("tab").type_("hot").press("enter");
    desk.wait_for("`hot`: temperature is a number from 0 to 2, or nothing").await;
    desk.press("backspace backspace backspace").type_("2").press("tab").type_("x").press("enter");
    desk.wait_for("max tokens is a whole number from 1, or nothing").await;
    desk.press("esc").wait_gone("max tokens is a whole number").await;
    desk.ask("as before").await;
    assert!(desk.chats_asked()[0].json()["temperature"].is_null());
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_belong_to_the_chat_and_come_back_with_it() {
    let home = tempfile::tempdir().unwrap();
    let defaults = Params { system: Some("Be kind.".into()), ..Params::default() };
    let open =
        || Desk::at(120, 40).home(home.path()).model("sandbox/echo").params(defaults.clone());
    let desk = open().open().await;
    desk.press("f4").wait_for("Be kind.").await;
    desk.press("tab").type_("1.5").press("enter").wait_gone("Be kind.").await;
    desk.ask("warm words").await;
    desk.press("ctrl+n").wait_for("Type and press Enter.").await;
    desk.ask("cool words").await;
    let asked = desk.chats_asked();
    assert_eq!(asked[0].json()["temperature"], json!(1.5));
    assert!(asked[1].json()["temperature"].is_null(), "a new chat has the defaults");
    assert_eq!(asked[1].json()["messages"][0]["content"], json!("Be kind."));
    desk.quit().await;

    let desk = open().open().await;
    desk.press("f8").wait_for("warm words").await;
    desk.press("down enter").wait_for("#2").await;
    desk.press("f4").wait_for("1.5").await;
    desk.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_system_prompt_can_be_written_in_the_editor() {
    let desk = Desk::at(120, 40).open().await;
    desk.press("f4").wait_for("system prompt").await;
    desk.editor_will_bring(Some("A long prompt\nof two lines\n"));
    desk.press("ctrl+g").wait_for("of two lines").await;
    desk.press("enter").wait_gone("of two lines").await;
    desk.ask("hello").await;
    let system = desk.chats_asked()[0].json()["messages"][0]["content"].clone();
    assert_eq!(system, json!("A long prompt\nof two lines"));
    desk.quit().await;
}
