//! A value that fits a JSON Schema, for tool arguments and structured answers.

use serde_json::{Map, Value, json};

use super::words::key_words;
use crate::sandbox::chance::Chance;

/// Deeper schemas than this get nulls.
const DEEPEST: usize = 6;

/// Makes up a value for `schema`; a null schema asks for any object.
pub(super) fn value(schema: &Value, question: &str, chance: &mut Chance, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    if schema.is_null() {
        return json!({ "simulated": true, "about": key_words(question, 3) });
    }
    if let Some(fixed) = schema.get("const") {
        return fixed.clone();
    }
    if let Some(options) = schema.get("enum").and_then(Value::as_array)
        && !options.is_empty()
    {
        return options[chance.below(options.len())].clone();
    }
    for name in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema.get(name).and_then(|list| list.get(0)) {
            return value(first, question, chance, depth + 1);
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match kind {
        Some("string") => json!(text(schema, question, chance)),
        Some("integer") => json!(number(schema, chance)),
        Some("number") => json!(number(schema, chance) as f64 + 0.5),
        Some("boolean") => json!(chance.below(2) == 0),
        Some("null") => Value::Null,
        Some("array") => {
            let items = schema.get("items").cloned().unwrap_or(json!({ "type": "string" }));
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, 8);
            (0..least).map(|_| value(&items, question, chance, depth + 1)).collect()
        }
        _ => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let mut map = Map::new();
            for (name, schema) in properties.into_iter().flatten() {
                map.insert(name.clone(), value(schema, question, chance, depth + 1));
            }
            Value::Object(map)
        }
    }
}

fn text(schema: &Value, question: &str, chance: &mut Chance) -> String {
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => return "2026-01-02".into(),
        Some("date-time") => return "2026-01-02T03:04:05Z".into(),
        Some("uri") => return "https://example.com/simulated".into(),
        Some("email") => return "simulated@example.com".into(),
        _ => {}
    }
    let words = key_words(question, 5);
    match words.len() {
        0 => "simulated".into(),
        n => words[chance.below(n)].clone(),
    }
}

fn number(schema: &Value, chance: &mut Chance) -> i64 {
    let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
    let low = bound("minimum").unwrap_or(1);
    let high = bound("maximum").unwrap_or(low.saturating_add(41)).max(low);
    let span = usize::try_from(high.saturating_sub(low).min(1_000)).unwrap_or(0);
    low.saturating_add(chance.between(0, span) as i64)
}
