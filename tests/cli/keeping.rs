//! Chats and the ledger: what a run leaves behind.

use std::fs;

use crate::support::Home;

/// A home with one saved chat of two turns.
fn kept() -> Home {
    let home = Home::new();
    home.run(&["ask", "--save", "-m", "sandbox/echo", "the quick brown fox"]).exits(0);
    home.run(&["ask", "-c", "and the lazy dog"]).exits(0);
    home
}

#[test]
fn a_chat_is_saved_and_goes_on() {
    let home = kept();
    let list = home.run(&["chats", "list", "--json"]).exits(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["title"], "the quick brown fox");
    assert_eq!(list[0]["message_count"], 4);
    let chat = home.run(&["chats", "show", "last", "--json"]).exits(0).json();
    let messages = chat["messages"].as_array().unwrap();
    let roles: Vec<&str> = messages.iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    assert_eq!(messages[3]["parent"], messages[2]["id"]);
    assert_eq!(messages[3]["model"], "sandbox/echo", "a chat goes on with its own model");
    assert_eq!(messages[1]["receipt"]["simulated"], true);
    // An answer that is not saved leaves no chat.
    home.run(&["ask", "-m", "sandbox/echo", "forget me"]).exits(0);
    let list = home.run(&["chats", "list", "--json"]).exits(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn several_models_answer_one_stored_question() {
    let home = Home::new();
    home.run(&["ask", "--save", "-m", "sandbox/echo", "-m", "openai/gpt-4o-mini", "one question"])
        .exits(0);
    let chat = home.run(&["chats", "show", "last", "--json"]).exits(0).json();
    let messages = chat["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1]["parent"], messages[0]["id"]);
    assert_eq!(messages[2]["parent"], messages[0]["id"]);
}

#[test]
fn chats_are_found_by_their_words() {
    let home = kept();
    let found = home.run(&["chats", "search", "lazy", "--json"]).exits(0).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert!(found[0]["snippet"].as_str().unwrap().contains("lazy"));
    assert!(home.run(&["chats", "search", "lazy"]).exits(0).stdout.contains("quick brown"));
    home.run(&["chats", "search", "unicorn"]).exits(0).says("No chat has these words");
}

#[test]
fn a_chat_is_a_document() {
    let home = kept();
    let shown = home.run(&["chats", "show", "last"]).exits(0).stdout;
    assert!(shown.starts_with("# the quick brown fox\n"), "{shown}");
    assert!(shown.contains("## You\n\nand the lazy dog"), "{shown}");
    assert!(shown.contains("## sandbox/echo"), "{shown}");
    assert_eq!(home.run(&["chats", "export", "last"]).exits(0).stdout, shown);

    home.run(&["chats", "export", "last", "--format", "json", "-o", "chat.json"]).exits(0);
    let text = fs::read_to_string(home.path().join("chat.json")).unwrap();
    let chat: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(chat["messages"].as_array().unwrap().len(), 4);
    // What is there stays.
    home.run(&["chats", "export", "last", "-o", "chat.json"]).exits(1).says("chat.json");
    assert_eq!(fs::read_to_string(home.path().join("chat.json")).unwrap(), text);
}

#[test]
fn chats_are_removed_all_or_none_and_only_when_it_is_meant() {
    let home = kept();
    let id = home.run(&["chats", "list", "--json"]).json()[0]["id"].to_string();
    home.run(&["chats", "rm", &id]).exits(2).says("--yes");
    home.run(&["chats", "rm", "--yes", &id, "99"]).exits(1).says("no chat 99");
    home.run(&["chats", "rm", "--yes", "one"]).exits(2);
    home.run(&["chats", "show", &id]).exits(0);
    home.run(&["chats", "rm", "--yes", &id]).exits(0).says("1 chat removed");
    assert_eq!(home.run(&["chats", "list", "--json"]).exits(0).json(), serde_json::json!([]));
    home.run(&["chats", "list"]).exits(0).says("No chats are kept yet");
    home.run(&["chats", "show", "last"]).exits(1);
}

#[test]
fn usage_adds_up_exactly_in_every_shape() {
    let home = Home::new();
    home.run(&["usage"]).exits(0).says("Nothing was used");
    let mut billed = Vec::new();
    for _ in 0..3 {
        let run = home.run(&["ask", "--json", "-m", "openai/gpt-4o-mini", "hello"]).exits(0);
        billed.push(run.json()["cost_usd"].as_str().unwrap().to_owned());
    }
    home.run(&["ask", "-m", "sandbox/out-of-credit", "hello"]).exits(1);
    let sum: routedeck::domain::money::Usd =
        billed.iter().map(|usd| routedeck::domain::money::Usd::parse(usd).unwrap()).sum();

    let report = home.run(&["usage", "--json"]).exits(0).json();
    assert_eq!(report["by"], "model");
    assert_eq!(report["includes_simulated"], true);
    assert_eq!(report["total"]["sends"], 4);
    assert_eq!(report["total"]["failed"], 1);
    assert_eq!(report["total"]["cost_usd"], sum.exact());
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["model"] == "openai/gpt-4o-mini" && row["sends"] == 3));

    let csv = home.run(&["usage", "--by", "provider", "--csv"]).exits(0).stdout;
    assert!(csv.starts_with("provider,sends,failed,"), "{csv}");
    assert!(csv.contains(&sum.exact()), "{csv}");
    for by in ["day", "chat"] {
        let table = home.run(&["usage", "--by", by, "--since", "7d"]).exits(0).stdout;
        assert!(table.lines().last().unwrap().starts_with("total"), "{table}");
    }
    let none = home.run(&["usage", "--since", "2999-01-01", "--json"]).exits(0).json();
    assert_eq!(none["total"]["sends"], 0);
    home.run(&["usage", "--since", "yesterday"]).exits(2).says("2026-11-01");
}

#[test]
fn what_was_simulated_is_not_counted_as_money() {
    let home = Home::new();
    home.run(&["ask", "-m", "openai/gpt-4o-mini", "hello"]).exits(0);
    let real = Home::new().with("OPENROUTER_API_KEY", "sk-or-v1-some-key-of-mine");
    let dir = home.database();
    let dir = dir.parent().unwrap().to_str().unwrap();
    let report = real.run(&["--data-dir", dir, "usage", "--json"]).exits(0).json();
    assert_eq!(report["includes_simulated"], false);
    assert_eq!(report["total"]["sends"], 0);
}
