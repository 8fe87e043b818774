//! `routedeck models`: the catalogue with its prices, and one model with its endpoints.

mod json;
mod show;

use std::cmp::Reverse;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::args::{ModelSort, Models, ModelsCommand};
use super::desk::{Desk, did_you_mean};
use super::failure;
use super::moment::now;
use super::output::{Out, say};
use super::table::{Align, Table};
use crate::domain::catalog::{Endpoints, Model};
use crate::domain::find::Finder;
use crate::domain::money::Price;
use crate::domain::pricing::PriceKey;

pub(super) async fn run(args: &Models, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    match &args.command {
        None => list(args, desk, out).await,
        Some(ModelsCommand::Show { id, json, refresh }) => {
            one(id, *json, *refresh, desk, out).await
        }
    }
}

async fn list(args: &Models, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    let catalog = desk.catalog(args.refresh).await?;
    let query = args.query.join(" ");
    let mut models: Vec<&Arc<Model>> = Finder::new()
        .find(&query, catalog.models())
        .into_iter()
        .map(|hit| &catalog.models()[hit.index])
        .collect();
    sort(&mut models, args.sort, query.trim().is_empty());
    if args.json {
        return out.json(&models.iter().map(|model| json::model(model)).collect::<Vec<Value>>());
    }
    if models.is_empty() {
        if catalog.is_empty() {
            say("This upstream lists no models.");
        } else {
            say(&format!(
                "None of {} models matches `{query}`. {}",
                catalog.models().len(),
                did_you_mean(&query, &catalog)
            ));
        }
        return Ok(());
    }
    out.write(&table(&models).render(|title| out.strong(title)))
}

/// Without a wish the best match comes first, or the order of names where nothing was searched.
fn sort(models: &mut [&Arc<Model>], by: Option<ModelSort>, is_everything: bool) {
    match by {
        None if is_everything => models.sort_by(|a, b| a.id.cmp(&b.id)),
        None => {}
        // What has no price, or none that is known, comes last.
        Some(ModelSort::Price) => models.sort_by_key(|model| {
            let price = both_prices(model);
            (price.is_none(), price)
        }),
        Some(ModelSort::Context) => models.sort_by_key(|model| Reverse(model.context_length)),
        Some(ModelSort::Newest) => models.sort_by_key(|model| Reverse(model.created)),
        Some(ModelSort::Name) => models.sort_by_key(|model| model.name.to_lowercase()),
    }
}

/// Input and output price added: one number to order by.
fn both_prices(model: &Model) -> Option<Decimal> {
    let of = |key| model.pricing.base.get(key).and_then(Price::exact);
    of(PriceKey::Prompt)?.checked_add(of(PriceKey::Completion)?)
}

fn table(models: &[&Arc<Model>]) -> Table {
    let now = now();
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("$/M in", Align::Right),
        ("$/M out", Align::Right),
        ("context", Align::Right),
        ("modalities", Align::Left),
        ("age", Align::Right),
    ]);
    for model in models {
        table.row([
            model.id.to_string(),
            show::million(&model.pricing.base, PriceKey::Prompt),
            show::million(&model.pricing.base, PriceKey::Completion),
            show::tokens(model.context_length),
            model.modality_letters(),
            show::age(model, now),
        ]);
    }
    table
}

async fn one(id: &str, as_json: bool, refresh: bool, desk: &Desk, out: &Out) -> anyhow::Result<()> {
    let catalog = desk.catalog(refresh).await?;
    let Some(model) = catalog.get(id) else {
        anyhow::bail!("no such model here: {id}. {}", did_you_mean(id, &catalog));
    };
    let endpoints = endpoints(model, desk).await;
    if as_json {
        let mut object = json::model(model);
        object["endpoints"] = endpoints.as_deref().map_or(json!(null), json::endpoints);
        return out.json(&object);
    }
    out.write(&show::page(model, endpoints.as_deref(), out))
}

/// The endpoints; `None` where the server has no such thing, or where they cannot be had, which
/// is said.
async fn endpoints(model: &Model, desk: &Desk) -> Option<Arc<Endpoints>> {
    if !desk.is_openrouter() {
        return None;
    }
    if !desk.may_ask() {
        say("routedeck: offline, so the endpoints are not asked for.");
        return None;
    }
    match desk.engine.endpoints(&model.id, true).await {
        Ok(endpoints) => Some(endpoints),
        Err(fault) => {
            say(&format!("routedeck: no endpoints: {}", failure::paragraph(&fault)));
            None
        }
    }
}
