//! Models and endpoints as JSON. Prices are exact decimal strings in USD per unit, as the upstream
//! publishes them; `"-1"` means that it depends on the model that answers; a price that was not
//! given is absent.

use serde_json::{Map, Value, json};

use crate::cli::moment;
use crate::domain::catalog::{Endpoint, Endpoints, Modality, Model, Percentiles};
use crate::domain::pricing::{Pricing, Rates};
use crate::domain::text::SafeText;

pub(super) fn model(model: &Model) -> Value {
    let reasoning = model.reasoning.as_ref().map(|ability| {
        json!({
            "mandatory": ability.mandatory,
            "efforts": words(&ability.efforts),
            "default_effort": ability.default_effort,
        })
    });
    json!({
        "id": model.id,
        "canonical_slug": model.canonical_slug,
        "name": model.name,
        "description": model.description,
        "created": model.created,
        "context_length": model.context_length,
        "max_completion_tokens": model.max_completion_tokens,
        "input_modalities": modalities(&model.inputs),
        "output_modalities": modalities(&model.outputs),
        "tokenizer": model.tokenizer,
        "pricing": pricing(&model.pricing),
        "supported_parameters": words(&model.supported_parameters),
        "reasoning": reasoning,
        "is_moderated": model.is_moderated,
        "knowledge_cutoff": model.knowledge_cutoff,
        "expiration_date": model.expiration_date,
        "alias_target": model.alias_target,
    })
}

/// The endpoints and when they were asked for.
pub(super) fn endpoints(endpoints: &Endpoints) -> Value {
    json!({
        "fetched": moment::iso(endpoints.fetched),
        "list": endpoints.list.iter().map(endpoint).collect::<Vec<_>>(),
    })
}

fn endpoint(endpoint: &Endpoint) -> Value {
    json!({
        "provider": endpoint.provider,
        "tag": endpoint.tag,
        "quantization": endpoint.quantization,
        "context_length": endpoint.context_length,
        "max_completion_tokens": endpoint.max_completion_tokens,
        "pricing": pricing(&endpoint.pricing),
        "supported_parameters": words(&endpoint.supported_parameters),
        "status": endpoint.status,
        "uptime_5m_percent": endpoint.uptime_5m,
        "uptime_30m_percent": endpoint.uptime_30m,
        "uptime_1d_percent": endpoint.uptime_1d,
        "latency_ms": endpoint.latency_ms.as_ref().map(percentiles),
        "throughput_tokens_per_second": endpoint.throughput.as_ref().map(percentiles),
        "implicit_caching": endpoint.implicit_caching,
    })
}

fn percentiles(of: &Percentiles) -> Value {
    json!({ "p50": of.p50, "p75": of.p75, "p90": of.p90, "p99": of.p99 })
}

fn modalities(list: &[Modality]) -> Vec<&'static str> {
    list.iter().map(|modality| modality.as_str()).collect()
}

fn words(list: &[SafeText]) -> Vec<&str> {
    list.iter().map(|word| &**word).collect()
}

fn pricing(pricing: &Pricing) -> Value {
    let mut all = rates(&pricing.base);
    if let Some(discount) = pricing.discount {
        all.insert("discount".into(), Value::String(discount.normalize().to_string()));
    }
    let overrides: Vec<Value> = pricing
        .overrides
        .iter()
        .map(|entry| {
            let mut one = Map::new();
            one.insert("min_prompt_tokens".into(), json!(entry.min_prompt_tokens));
            one.insert("utc_start".into(), json!(entry.utc_start));
            one.insert("utc_end".into(), json!(entry.utc_end));
            one.extend(rates(&entry.rates));
            Value::Object(one)
        })
        .collect();
    all.insert("overrides".into(), Value::Array(overrides));
    Value::Object(all)
}

fn rates(rates: &Rates) -> Map<String, Value> {
    rates.iter().map(|(key, price)| (key.field().to_owned(), json!(price))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Price;
    use crate::domain::pricing::{Override, PriceKey};

    #[test]
    fn prices_keep_every_digit_and_conditions_their_rates() {
        let price = |text| Price::parse(text).unwrap();
        let mut one = Model::bare("a/b".into());
        one.pricing = Pricing {
            base: [
                (PriceKey::Prompt, price("0.0000000208333333333333")),
                (PriceKey::Completion, price("-1")),
            ]
            .into_iter()
            .collect(),
            overrides: vec![Override {
                min_prompt_tokens: Some(200_000),
                rates: [(PriceKey::Prompt, price("5e-6"))].into_iter().collect(),
                ..Override::default()
            }],
            discount: None,
        };
        let json = model(&one);
        assert_eq!(json["pricing"]["prompt"], "0.0000000208333333333333");
        assert_eq!(json["pricing"]["completion"], "-1");
        assert_eq!(json["pricing"]["overrides"][0]["min_prompt_tokens"], 200_000);
        assert_eq!(json["pricing"]["overrides"][0]["prompt"], "0.000005");
        assert!(json["pricing"].get("request").is_none(), "not given is not zero");
    }
}
