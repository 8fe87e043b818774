//! `models`: the catalogue, its order, its exact prices.

use serde_json::Value;

use crate::support::{Fake, Home};

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect()
}

#[test]
fn models_are_listed_with_exact_prices() {
    let home = Home::new();
    let list = home.run(&["--sandbox", "models", "claude", "--json"]).exits(0).json();
    assert!(list.as_array().unwrap().len() >= 3);
    for model in list.as_array().unwrap() {
        let name = format!("{} {}", model["id"], model["name"]).to_lowercase();
        assert!(name.contains("claude"), "{name}");
        for field in ["context_length", "created", "input_modalities", "supported_parameters"] {
            assert!(!model[field].is_null(), "{field} of {name}");
        }
    }
    let sonnet = list
        .as_array()
        .unwrap()
        .iter()
        .find(|model| model["id"] == "anthropic/claude-sonnet-4.6")
        .unwrap();
    assert_eq!(sonnet["pricing"]["prompt"], "0.000003");
    assert_eq!(sonnet["pricing"]["completion"], "0.000015");
}

#[test]
fn the_table_has_a_line_a_model_and_orders_as_asked() {
    let home = Home::new();
    let table = home.run(&["models", "claude", "haiku"]).exits(0).stdout;
    let head: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["id", "$/M", "in", "$/M", "out", "context", "modalities", "age"]);
    assert!(table.lines().skip(1).all(|line| line.contains("haiku")), "{table}");

    let newest = home.run(&["models", "--sort", "newest", "--json"]).exits(0).json();
    let created: Vec<i64> =
        newest.as_array().unwrap().iter().filter_map(|model| model["created"].as_i64()).collect();
    assert!(created.is_sorted_by(|a, b| a >= b));
    let context = home.run(&["models", "--sort", "context", "--json"]).exits(0).json();
    let context: Vec<u64> = context
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|model| model["context_length"].as_u64())
        .collect();
    assert!(context.is_sorted_by(|a, b| a >= b));
    let cheap = home.run(&["models", "--sort", "price", "--json"]).exits(0).json();
    assert_eq!(cheap[0]["pricing"]["prompt"], "0", "what is free comes first");
    let names = home.run(&["models", "--json"]).exits(0).json();
    assert!(ids(&names).is_sorted() && ids(&names).len() >= 60);
}

#[test]
fn one_model_has_all_prices_and_endpoints() {
    let home = Home::new();
    let page = home.run(&["models", "show", "anthropic/claude-sonnet-4.6"]).exits(0).stdout;
    for words in ["cache read", "0.0000003", "provider", "tok/s", "anthropic"] {
        assert!(page.contains(words), "{words} is missing in:\n{page}");
    }
    let one =
        home.run(&["models", "show", "anthropic/claude-sonnet-4.6", "--json"]).exits(0).json();
    let endpoints = one["endpoints"]["list"].as_array().unwrap();
    assert!(!endpoints.is_empty());
    assert!(endpoints[0]["pricing"]["prompt"].is_string());
}

#[test]
fn a_search_without_a_hit_is_not_a_failure() {
    let home = Home::new();
    home.run(&["models", "qqqqxyz"]).exits(0).says("matches `qqqqxyz`");
    assert_eq!(home.run(&["models", "qqqqxyz", "--json"]).exits(0).stdout, "[]\n");
}

const OLLAMA: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"object\":\"list\",\"data\":[{\"id\":\"llama3:8b\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"library\"},{\"id\":\"evil\\u001b]0;title\\u0007\",\"object\":\"model\"}]}";

#[test]
fn a_plain_list_of_ids_is_a_catalogue_too_and_is_kept() {
    let fake = Fake::start(OLLAMA);
    let home = Home::new().with("OPENROUTER_BASE_URL", &fake.base_url);
    let list = home.run(&["models", "--json"]).exits(0).json();
    assert_eq!(ids(&list), ["evil", "llama3:8b"]);
    assert!(list[1]["pricing"].get("prompt").is_none(), "unknown is not zero");
    let table = home.run(&["models", "llama"]).exits(0).stdout;
    assert!(table.contains('?') && !table.contains("free"), "{table}");
    assert_eq!(fake.seen(), 1, "a young list is not asked for again");
    home.run(&["models", "--refresh"]).exits(0);
    assert_eq!(fake.seen(), 2);
    assert!(!home.run(&["models"]).exits(0).stdout.contains('\u{1b}'));
}
