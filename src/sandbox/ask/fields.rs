//! Typed reading of an object's fields, with errors that name the field. Null is absent.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::Members;
use crate::sandbox::refusal::Refusal;

/// An object of the request and where it is.
pub(super) struct Fields<'a> {
    map: &'a Members,
    place: String,
}

impl<'a> Fields<'a> {
    /// The request itself.
    pub(super) fn top(map: &'a Members) -> Fields<'a> {
        Fields { map, place: String::new() }
    }

    pub(super) fn at(map: &'a Members, place: String) -> Fields<'a> {
        Fields { map, place }
    }

    /// The full name of a field here, such as `provider.order`.
    pub(super) fn path(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.map.keys().map(String::as_str)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|v| !v.is_null())
    }

    fn wrong<T>(&self, name: &str, rule: &str) -> Result<Option<T>, Refusal> {
        Err(Refusal::field(&self.path(name), rule))
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => self.wrong(name, "must be true or false"),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => self.wrong(name, "must be a text"),
        }
    }

    pub(super) fn needs_text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name)?.ok_or_else(|| Refusal::field(&self.path(name), "is required"))
    }

    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&'a str>, Refusal> {
        match self.text(name)? {
            Some(word) if !words.contains(&word) => {
                self.wrong(name, &format!("must be one of {}", words.join(", ")))
            }
            word => Ok(word),
        }
    }

    pub(super) fn number(
        &self,
        name: &str,
        range: RangeInclusive<f64>,
    ) -> Result<Option<f64>, Refusal> {
        match self.get(name).map(Value::as_f64) {
            None => Ok(None),
            Some(Some(number)) if range.contains(&number) => Ok(Some(number)),
            Some(_) => self.wrong(
                name,
                &format!("must be a number from {} to {}", range.start(), range.end()),
            ),
        }
    }

    pub(super) fn whole(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Refusal> {
        match self.get(name).map(Value::as_u64) {
            None => Ok(None),
            Some(Some(number)) if range.contains(&number) => Ok(Some(number)),
            Some(_) if *range.end() == u64::MAX => {
                self.wrong(name, &format!("must be a whole number of at least {}", range.start()))
            }
            Some(_) => self.wrong(
                name,
                &format!("must be a whole number from {} to {}", range.start(), range.end()),
            ),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => self.wrong(name, "must be a whole number"),
            },
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        const RULE: &str = "must be a list of texts";
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let texts: Option<Vec<String>> =
                    items.iter().map(|v| v.as_str().map(str::to_owned)).collect();
                texts.map_or_else(|| self.wrong(name, RULE), |texts| Ok(Some(texts)))
            }
            Some(_) => self.wrong(name, RULE),
        }
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Fields<'a>>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Fields::at(map, self.path(name)))),
            Some(_) => self.wrong(name, "must be an object"),
        }
    }

    pub(super) fn objects(&self, name: &str) -> Result<Option<Vec<Fields<'a>>>, Refusal> {
        const RULE: &str = "must be a list of objects";
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let list: Option<Vec<Fields<'a>>> = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| {
                        Some(Fields::at(item.as_object()?, format!("{}[{at}]", self.path(name))))
                    })
                    .collect();
                list.map_or_else(|| self.wrong(name, RULE), |list| Ok(Some(list)))
            }
            Some(_) => self.wrong(name, RULE),
        }
    }
}
