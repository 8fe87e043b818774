//! The models and endpoints the sandbox offers. The data is embedded and read on first use only.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::id::ModelId;
use crate::domain::money::{Price, parse_decimal};
use crate::domain::pricing::{Override, PriceKey, Pricing, Rates};

use super::behaviour;

type Text = Cow<'static, str>;

/// One model as `data/models.json` holds it; what is left out there takes the usual value.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) id: Text,
    pub(super) slug: Text,
    pub(super) name: Text,
    pub(super) created: i64,
    pub(super) about: Text,
    pub(super) context: u64,
    #[serde(default)]
    pub(super) hf: Text,
    #[serde(rename = "in")]
    pub(super) inputs: Text,
    #[serde(rename = "out", default = "text")]
    pub(super) outputs: Text,
    pub(super) tokenizer: Text,
    pub(super) pricing: Map<String, Value>,
    #[serde(default)]
    pub(super) max_out: Option<u64>,
    #[serde(default)]
    pub(super) moderated: bool,
    /// Chooses other models: has no endpoints of its own.
    #[serde(default)]
    pub(super) router: bool,
    pub(super) params: Text,
    #[serde(default)]
    pub(super) defaults: Map<String, Value>,
    #[serde(default)]
    pub(super) reasoning: Option<Value>,
    #[serde(default)]
    pub(super) cutoff: Option<Text>,
    #[serde(default)]
    pub(super) expires: Option<Text>,
    #[serde(default)]
    pub(super) alias: Option<Alias>,
    /// Intelligence, coding and agentic index.
    #[serde(default)]
    pub(super) index: Option<[Option<f64>; 3]>,
    #[serde(default)]
    pub(super) endpoints: Vec<Offer>,
}

/// What `~author/family-latest` stands for.
#[derive(Debug, Deserialize)]
pub(super) struct Alias {
    pub(super) name: Text,
    pub(super) slug: Text,
}

/// One provider's offer of a model.
#[derive(Debug, Deserialize)]
pub(super) struct Offer {
    pub(super) provider: Text,
    pub(super) tag: Text,
    #[serde(default)]
    pub(super) quant: Option<Text>,
    pub(super) context: u64,
    #[serde(default)]
    pub(super) max_out: Option<u64>,
    pub(super) pricing: Map<String, Value>,
    /// Left out where it supports what the model does.
    #[serde(default)]
    pub(super) params: Option<Text>,
    #[serde(default)]
    pub(super) status: i64,
    #[serde(default)]
    pub(super) uptime: Option<f64>,
}

fn text() -> Text {
    Cow::Borrowed("text")
}

impl Entry {
    pub(super) fn params(&self) -> impl Iterator<Item = &str> {
        self.params.split_ascii_whitespace()
    }

    pub(super) fn supports(&self, parameter: &str) -> bool {
        self.params().any(|p| p == parameter)
    }

    pub(super) fn variant(&self) -> Option<&str> {
        let colon = self.id.rfind(':')?;
        Some(&self.id[colon + 1..])
    }

    pub(super) fn is_free(&self) -> bool {
        self.variant() == Some("free") || self.id == "openrouter/free"
    }

    pub(super) fn author(&self) -> &str {
        self.id.split_once('/').map_or("", |(author, _)| author)
    }

    /// The name in answers: the permanent slug with the listed variant.
    pub(super) fn served_as(&self) -> String {
        match self.variant() {
            Some(variant) => format!("{}:{variant}", self.slug),
            None => self.slug.to_string(),
        }
    }

    /// Whether thinking can not be switched off, and whether it is on unless asked for.
    pub(super) fn reasoning_flag(&self, flag: &str) -> bool {
        self.reasoning.as_ref().is_some_and(|r| r[flag] == Value::Bool(true))
    }

    pub(super) fn thinks(&self) -> bool {
        self.reasoning.is_some() || self.supports("reasoning")
    }
}

impl Offer {
    /// Service tiers are used only when they are asked for.
    pub(super) fn tier(&self) -> Option<&str> {
        self.tag.rsplit('/').next().filter(|part| matches!(*part, "flex" | "priority"))
    }

    /// Whether a slug of a request means this offer: the whole tag, or a base slug, which never
    /// means a service tier.
    pub(super) fn answers_to(&self, slug: &str) -> bool {
        let slug = slug.to_ascii_lowercase();
        slug == *self.tag
            || slug == self.provider.to_ascii_lowercase()
            || (self.tier().is_none()
                && self.tag.strip_prefix(&*slug).is_some_and(|rest| rest.starts_with('/')))
    }

    pub(super) fn supports(&self, entry: &Entry, parameter: &str) -> bool {
        match &self.params {
            Some(params) => params.split_ascii_whitespace().any(|p| p == parameter),
            None => entry.supports(parameter),
        }
    }

    pub(super) fn prices(&self) -> Pricing {
        pricing(&self.pricing)
    }
}

/// Reads a price object of the data file.
pub(super) fn pricing(map: &Map<String, Value>) -> Pricing {
    let overrides = map.get("overrides").and_then(Value::as_array).into_iter().flatten();
    Pricing {
        base: rates(map),
        overrides: overrides
            .filter_map(Value::as_object)
            .map(|o| Override {
                min_prompt_tokens: o.get("min_prompt_tokens").and_then(Value::as_u64),
                utc_start: clock(o.get("utc_start")),
                utc_end: clock(o.get("utc_end")),
                rates: rates(o),
            })
            .collect(),
        discount: map.get("discount").and_then(|d| parse_decimal(&d.to_string())),
    }
}

fn clock(value: Option<&Value>) -> Option<u16> {
    value.and_then(Value::as_u64).and_then(|n| u16::try_from(n).ok())
}

fn rates(map: &Map<String, Value>) -> Rates {
    map.iter()
        .filter_map(|(name, price)| {
            Some((PriceKey::from_field(name)?, Price::parse(price.as_str()?)?))
        })
        .collect()
}

/// Everything on offer, in the order of the list.
pub(super) struct Catalog {
    pub(super) entries: Vec<Entry>,
    index: HashMap<String, usize>,
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = read(include_str!("data/models.json"));
    entries.extend(behaviour::entries());
    let mut index = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        index.entry(entry.served_as()).or_insert(at);
    }
    for (at, entry) in entries.iter().enumerate() {
        index.insert(entry.id.to_string(), at);
    }
    Catalog { entries, index }
});

#[expect(clippy::expect_used, reason = "the data is part of the program and a test reads it")]
fn read(data: &'static str) -> Vec<Entry> {
    serde_json::from_str(data).expect("the embedded catalogue is JSON of this shape")
}

/// The catalogue; parsed when it is first asked for.
pub(super) fn catalog() -> &'static Catalog {
    &CATALOG
}

impl Catalog {
    /// Finds a model by id, permanent slug, alias or dynamic variant.
    pub(super) fn find(&self, id: &str) -> Option<&Entry> {
        let listed = ModelId::new(id);
        let at = self.index.get(id).or_else(|| self.index.get(listed.listed()))?;
        Some(&self.entries[*at])
    }

    /// Like [`Catalog::find`], with aliases followed to what they stand for.
    pub(super) fn resolve(&self, id: &str) -> Option<&Entry> {
        let entry = self.find(id)?;
        match &entry.alias {
            Some(alias) => self.find(&alias.slug),
            None => Some(entry),
        }
    }
}
