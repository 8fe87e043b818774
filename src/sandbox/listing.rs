//! `/models` with its filters and orders.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::money::{Price, parse_decimal};
use crate::domain::pricing::PriceKey;

use super::catalog::{Catalog, Entry, pricing};
use super::refusal::Refusal;
use super::shapes::{model, speed};

/// Query parameters by name.
pub(super) type Query = BTreeMap<String, String>;

/// The body of `/models`.
pub(super) fn models(catalog: &Catalog, query: &Query) -> Result<Value, Refusal> {
    let mut found = select(catalog, query)?;
    if let Some(sort) = query.get("sort") {
        order(&mut found, sort)?;
    }
    let total = found.len();
    let paged = query.contains_key("offset") || query.contains_key("limit");
    let offset = whole(query, "offset", 0..=usize::MAX)?.unwrap_or(0);
    let limit = whole(query, "limit", 1..=1000)?.unwrap_or(500);
    let page: Vec<Value> = if paged {
        found.iter().skip(offset).take(limit).map(|e| model(e)).collect()
    } else {
        found.iter().map(|e| model(e)).collect()
    };
    let next = paged && offset.saturating_add(limit) < total;
    Ok(json!({
        "data": page,
        "total_count": total,
        "links": { "next": next.then(|| {
            format!("/api/v1/models?offset={}&limit={limit}", offset + limit)
        }) },
    }))
}

/// The models that pass every filter of the query.
pub(super) fn select<'a>(catalog: &'a Catalog, query: &Query) -> Result<Vec<&'a Entry>, Refusal> {
    let outputs = query.get("output_modalities").map_or("text", String::as_str);
    for kind in outputs.split(',') {
        const KINDS: [&str; 10] = [
            "text",
            "image",
            "audio",
            "embeddings",
            "rerank",
            "video",
            "speech",
            "transcription",
            "decisions",
            "all",
        ];
        if !KINDS.contains(&kind.trim()) {
            return Err(Refusal::anonymous(400, format!("output_modalities: unknown `{kind}`")));
        }
    }
    let bounds = Bounds::read(query)?;
    let context = whole(query, "context", 1..=usize::MAX)?.unwrap_or(0) as u64;
    let wanted = |name: &str| query.get(name).map(|list| list.to_lowercase());
    let (q, authors, parameters) =
        (wanted("q"), wanted("model_authors"), wanted("supported_parameters"));
    let (inputs, arch, providers) =
        (wanted("input_modalities"), wanted("arch"), wanted("providers"));
    let any = |list: &Option<String>, has: &dyn Fn(&str) -> bool| {
        list.as_ref().is_none_or(|list| list.split(',').any(|word| has(word.trim())))
    };
    let all = |list: &Option<String>, has: &dyn Fn(&str) -> bool| {
        list.as_ref().is_none_or(|list| list.split(',').all(|word| has(word.trim())))
    };
    let has_word = |text: &str, word: &str| text.split(' ').any(|part| part == word);
    Ok(catalog
        .entries
        .iter()
        .filter(|e| outputs.split(',').any(|o| o == "all" || has_word(&e.outputs, o.trim())))
        .filter(|e| {
            q.as_ref().is_none_or(|q| {
                e.id.to_lowercase().contains(q) || e.name.to_lowercase().contains(q)
            })
        })
        .filter(|e| any(&authors, &|author| e.author().trim_start_matches('~') == author))
        .filter(|e| all(&parameters, &|parameter| e.supports(parameter)))
        .filter(|e| all(&inputs, &|kind| has_word(&e.inputs, kind)))
        .filter(|e| arch.as_ref().is_none_or(|a| e.tokenizer.to_lowercase() == *a))
        .filter(|e| any(&providers, &|p| e.endpoints.iter().any(|o| o.answers_to(p))))
        .filter(|e| e.context >= context && bounds.admit(e))
        .collect())
}

/// Price bounds in dollars per million tokens.
struct Bounds([Option<Decimal>; 4]);

impl Bounds {
    fn read(query: &Query) -> Result<Bounds, Refusal> {
        let mut bounds = [None; 4];
        let names = ["min_price", "max_price", "min_output_price", "max_output_price"];
        for (bound, name) in bounds.iter_mut().zip(names) {
            if let Some(text) = query.get(name) {
                let value = parse_decimal(text).filter(|d| !d.is_sign_negative());
                *bound = Some(value.ok_or_else(|| {
                    Refusal::anonymous(400, format!("{name}: must be a number of at least 0"))
                })?);
            }
        }
        Ok(Bounds(bounds))
    }

    fn admit(&self, entry: &Entry) -> bool {
        let [low, high, out_low, out_high] = self.0;
        let within = |key, low: Option<Decimal>, high: Option<Decimal>| {
            if low.is_none() && high.is_none() {
                return true;
            }
            let price = pricing(&entry.pricing).base.get(key).and_then(Price::per_million);
            price.is_some_and(|p| low.is_none_or(|l| p >= l) && high.is_none_or(|h| p <= h))
        };
        within(PriceKey::Prompt, low, high) && within(PriceKey::Completion, out_low, out_high)
    }
}

fn order(found: &mut [&Entry], sort: &str) -> Result<(), Refusal> {
    let mean = |e: &Entry| {
        let base = pricing(&e.pricing).base;
        let of = |key| base.get(key).and_then(Price::exact);
        Some(of(PriceKey::Prompt)? + of(PriceKey::Completion)?)
    };
    let index = |e: &Entry, at: usize| e.index.and_then(|i| i[at]).unwrap_or(-1.0);
    let falling = |a: f64, b: f64| b.partial_cmp(&a).unwrap_or(Ordering::Equal);
    match sort {
        "newest" => found.sort_by_key(|e| -e.created),
        "context-high-to-low" => found.sort_by_key(|e| std::cmp::Reverse(e.context)),
        // What varies is never the cheapest, and never the dearest either.
        "pricing-low-to-high" => found.sort_by_key(|e| {
            let price = mean(e);
            (price.is_none(), price)
        }),
        "pricing-high-to-low" => found.sort_by_key(|e| std::cmp::Reverse(mean(e))),
        "throughput-high-to-low" => found.sort_by(|a, b| falling(pace(a).1, pace(b).1)),
        "latency-low-to-high" => found.sort_by(|a, b| falling(pace(b).0, pace(a).0)),
        "intelligence-high-to-low" => found.sort_by(|a, b| falling(index(a, 0), index(b, 0))),
        "coding-high-to-low" => found.sort_by(|a, b| falling(index(a, 1), index(b, 1))),
        "agentic-high-to-low" => found.sort_by(|a, b| falling(index(a, 2), index(b, 2))),
        "most-popular" | "top-weekly" | "design-arena-elo-high-to-low" => {}
        _ => return Err(Refusal::anonymous(400, format!("sort: unknown order `{sort}`"))),
    }
    Ok(())
}

/// Latency and throughput of a model's best offer; models without offers come last.
fn pace(entry: &Entry) -> (f64, f64) {
    entry.endpoints.iter().map(|o| speed(entry, o)).fold((f64::MAX, 0.0), |best, speed| {
        (best.0.min(speed.latency_ms), best.1.max(speed.throughput))
    })
}

fn whole(
    query: &Query,
    name: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.get(name) else { return Ok(None) };
    match text.parse::<usize>() {
        Ok(number) if range.contains(&number) => Ok(Some(number)),
        _ => Err(Refusal::anonymous(
            400,
            format!("{name}: must be a whole number of at least {}", range.start()),
        )),
    }
}
