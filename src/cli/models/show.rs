//! One model for people: its facts, all its prices, its endpoints.

use std::fmt::Write;

use crate::cli::moment;
use crate::cli::output::Out;
use crate::cli::table::{Align, Table};
use crate::domain::catalog::{Endpoint, Endpoints, Model, Percentiles};
use crate::domain::id::Millis;
use crate::domain::money::Price;
use crate::domain::pricing::{PriceKey, Rates};
use crate::domain::text::clean;

/// The whole page. `endpoints` is absent where the upstream has none to tell.
pub(super) fn page(model: &Model, endpoints: Option<&Endpoints>, out: &Out) -> String {
    let mut text = format!("{}\n{}\n", out.strong(&model.name), model.id);
    if !model.description.is_empty() {
        let _ = write!(text, "\n{}\n", clean(&model.description));
    }
    text.push('\n');
    for (name, value) in facts(model) {
        let _ = writeln!(text, "{name:<16}{value}");
    }
    let _ = write!(text, "\n{}", prices(model).render(|title| out.strong(title)));
    if let Some(endpoints) = endpoints {
        let _ = write!(text, "\n{}", offers(endpoints).render(|title| out.strong(title)));
    }
    text
}

/// Tokens for a narrow column: `8K`, `131K`, `1M`, `1.05M`.
pub(super) fn tokens(count: Option<u64>) -> String {
    match count {
        None => "?".into(),
        Some(n @ 0..1_000) => n.to_string(),
        Some(n @ 1_000..1_000_000) => format!("{}K", n / 1_000),
        Some(n) => {
            let text = format!("{}.{:02}", n / 1_000_000, n % 1_000_000 / 10_000);
            format!("{}M", text.trim_end_matches('0').trim_end_matches('.'))
        }
    }
}

/// A price per million tokens, `?` where it was not given.
pub(super) fn million(rates: &Rates, key: PriceKey) -> String {
    rates.get(key).map_or("?".into(), Price::million_label)
}

/// How old a model is.
pub(super) fn age(model: &Model, now: Millis) -> String {
    model.created.map_or("?".into(), |created| moment::age(now.0 / 1000 - created))
}

fn facts(model: &Model) -> Vec<(&'static str, String)> {
    let mut facts = vec![("context", format!("{} tokens", tokens(model.context_length)))];
    if let Some(most) = model.max_completion_tokens {
        facts.push(("longest answer", format!("{} tokens", tokens(Some(most)))));
    }
    let kinds = |list: &[crate::domain::catalog::Modality]| {
        list.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
    };
    facts.push(("input", kinds(&model.inputs)));
    facts.push(("output", kinds(&model.outputs)));
    if let Some(created) = model.created {
        facts.push(("since", moment::day(created)));
    }
    for (name, value) in [
        ("knowledge until", &model.knowledge_cutoff),
        ("ends", &model.expiration_date),
        ("stands for", &model.alias_target),
        ("permanent id", &model.canonical_slug),
    ] {
        if let Some(value) = value {
            facts.push((name, value.to_string()));
        }
    }
    if let Some(reasoning) = &model.reasoning {
        let how = if reasoning.mandatory { "always" } else { "optional" };
        let efforts: Vec<&str> = reasoning.efforts.iter().map(|effort| &**effort).collect();
        let gap = if efforts.is_empty() { "" } else { ": " };
        facts.push(("reasoning", format!("{how}{gap}{}", efforts.join(", "))));
    }
    if !model.supported_parameters.is_empty() {
        let names: Vec<&str> = model.supported_parameters.iter().map(|p| &**p).collect();
        facts.push(("parameters", names.join(", ")));
    }
    facts
}

/// Every price that is given, per million where it is for a token, and exact.
fn prices(model: &Model) -> Table {
    let mut table = Table::new(&[
        ("price", Align::Left),
        ("$/M", Align::Right),
        ("exact $ per unit", Align::Left),
        ("when", Align::Left),
    ]);
    let mut add = |rates: &Rates, when: &str| {
        for (key, price) in rates.iter() {
            let per_million = if key.is_per_token() { price.million_label() } else { "-".into() };
            table.row([key.title().to_owned(), per_million, price.label(), when.to_owned()]);
        }
    };
    add(&model.pricing.base, "");
    for entry in &model.pricing.overrides {
        add(&entry.rates, &entry.condition());
    }
    if table.is_empty() {
        table.row(["unknown".to_owned()]);
    }
    table
}

fn offers(endpoints: &Endpoints) -> Table {
    let mut table = Table::new(&[
        ("provider", Align::Left),
        ("tag", Align::Left),
        ("$/M in", Align::Right),
        ("$/M out", Align::Right),
        ("context", Align::Right),
        ("quant", Align::Left),
        ("uptime", Align::Right),
        ("first token", Align::Right),
        ("tok/s", Align::Right),
    ]);
    for endpoint in &endpoints.list {
        table.row(offer(endpoint));
    }
    if endpoints.list.is_empty() {
        table.row(["no endpoint now".to_owned()]);
    }
    table
}

fn offer(endpoint: &Endpoint) -> [String; 9] {
    let half = |of: &Option<Percentiles>| of.and_then(|p| p.p50);
    let uptime = endpoint.uptime_1d.or(endpoint.uptime_30m).or(endpoint.uptime_5m);
    let degraded = endpoint.status.is_some_and(|status| status < 0);
    let provider = if degraded {
        format!("{} (degraded)", endpoint.provider)
    } else {
        endpoint.provider.to_string()
    };
    [
        provider,
        endpoint.tag.to_string(),
        million(&endpoint.pricing.base, PriceKey::Prompt),
        million(&endpoint.pricing.base, PriceKey::Completion),
        tokens(endpoint.context_length),
        endpoint.quantization.as_ref().map_or("?".into(), ToString::to_string),
        uptime.map_or("?".into(), |percent| format!("{percent:.1}%")),
        half(&endpoint.latency_ms).map_or("?".into(), |ms| format!("{:.1} s", ms / 1000.0)),
        half(&endpoint.throughput).map_or("?".into(), |rate| format!("{rate:.0}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_counts_fit_a_column() {
        let read: Vec<String> =
            [512, 8_192, 131_072, 1_000_000, 1_048_576].map(|n| tokens(Some(n))).to_vec();
        assert_eq!(read, ["512", "8K", "131K", "1M", "1.04M"]);
    }
}
