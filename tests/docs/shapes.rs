//! The objects that `--json` prints have the fields that the README shows, in the same order.

use serde_json::Value;

use crate::home::Home;
use crate::page;

/// The part of the README, and the command that prints such an object.
const OBJECTS: &[(&str, &str)] = &[
    ("json ask", "printf hello | routedeck --sandbox ask --json -m sandbox/echo Summarise"),
    ("json ask failed", "routedeck --sandbox ask --json -m sandbox/out-of-credit hello || true"),
    ("json dry run", "routedeck --sandbox ask --dry-run --json -m openai/gpt-4o-mini hello"),
    ("json models", "routedeck --sandbox models --json claude-sonnet-4.6"),
    ("json endpoints", "routedeck --sandbox models show anthropic/claude-sonnet-4.6 --json"),
    ("json usage", "routedeck --sandbox usage --json"),
    ("json chats", "routedeck --sandbox chats list --json"),
    ("json chat", "routedeck --sandbox chats show last --json"),
    ("json config", "routedeck --sandbox config show --json"),
];

/// Long lists are shown by their last object or their first words.
fn shortened(value: Value) -> Value {
    const WORDS: usize = 3;
    match value {
        Value::Array(mut list) if list.last().is_some_and(Value::is_object) => {
            Value::Array(list.pop().map(shortened).into_iter().collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().take(WORDS).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(k, v)| (k, shortened(v))).collect())
        }
        other => other,
    }
}

/// What the page shows of it: of a model with its endpoints only these, of all settings two.
fn told(name: &str, mut value: Value) -> Value {
    if name == "json endpoints" {
        return serde_json::json!({ "endpoints": value["endpoints"] });
    }
    if let Some(settings) = value.get_mut("settings").and_then(Value::as_object_mut) {
        settings.retain(|name, _| name == "chat.max_tokens" || name == "upstream.base_url");
    }
    value
}

/// Paths of all fields and the kinds of their values. A null may be anything.
fn shape(value: &Value, at: &str, into: &mut Vec<(String, &'static str)>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(list) => {
            if let Some(first) = list.first() {
                shape(first, &format!("{at}[]"), into);
            }
            "list"
        }
        Value::Object(map) => {
            for (key, inner) in map {
                shape(inner, &format!("{at}.{key}"), into);
            }
            "object"
        }
    };
    into.push((at.to_owned(), kind));
}

fn same_shape(stands: &str, made: &str) -> bool {
    let shape_of = |text: &str| {
        let text = text.replace("```json", "").replace("```", "");
        let value: Value = serde_json::from_str(&text).ok()?;
        let mut found = Vec::new();
        shape(&value, "", &mut found);
        Some(found)
    };
    let (Some(stands), Some(made)) = (shape_of(stands), shape_of(made)) else { return false };
    stands.len() == made.len()
        && stands.iter().zip(&made).all(|((a, is), (b, should))| {
            a == b && (is == should || *is == "null" || *should == "null")
        })
}

#[test]
fn json_is_as_the_readme_shows_it() {
    let home = Home::new();
    home.shell("routedeck --sandbox ask --save -m sandbox/echo hello");
    for (name, line) in OBJECTS {
        let printed = home.shell(line);
        let value: Value = serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("`{line}` prints no JSON: {error}"));
        let text = serde_json::to_string_pretty(&told(name, shortened(value))).unwrap();
        page::keep_if(page::README, name, &format!("```json\n{text}\n```"), same_shape);
    }
}

#[test]
fn a_missing_or_additional_field_is_noticed() {
    assert!(same_shape("```json\n{\"a\": 1, \"b\": null}\n```", "{\"a\": 2, \"b\": \"x\"}"));
    assert!(!same_shape("{\"a\": 1}", "{\"a\": 1, \"b\": 2}"));
    assert!(!same_shape("{\"a\": 1, \"b\": 2}", "{\"b\": 1, \"a\": 2}"));
    assert!(!same_shape("{\"a\": [{\"b\": 1}]}", "{\"a\": [{\"c\": 1}]}"));
    assert!(!same_shape("{\"a\": \"1\"}", "{\"a\": 1}"));
}
