//! The `provider` object: which endpoints may serve, and in what order they are tried.

use rust_decimal::Decimal;
use serde_json::Value;

use super::fields::Fields;
use crate::domain::money::parse_decimal;
use crate::sandbox::refusal::Refusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Price,
    Throughput,
    Latency,
    Exacto,
}

/// Provider rules of a request. Empty lists ask for nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) order: Vec<String>,
    pub(crate) only: Option<Vec<String>>,
    pub(crate) ignore: Vec<String>,
    /// `false` forbids other endpoints than the first, or than those in `order`.
    pub(crate) allow_fallbacks: Option<bool>,
    pub(crate) require_parameters: bool,
    pub(crate) denies_data_collection: bool,
    pub(crate) zdr: bool,
    pub(crate) quantizations: Vec<String>,
    pub(crate) sort: Option<Sort>,
    /// Dollars per million tokens.
    pub(crate) max_prompt: Option<Decimal>,
    pub(crate) max_completion: Option<Decimal>,
}

const QUANTIZATIONS: [&str; 12] = [
    "int4", "int8", "fp4", "mxfp4", "nvfp4", "fp6", "fp8", "mxfp8", "fp16", "bf16", "fp32",
    "unknown",
];
const SORTS: [&str; 4] = ["price", "throughput", "latency", "exacto"];

impl Rules {
    pub(super) fn read(top: &Fields<'_>) -> Result<Rules, Refusal> {
        let Some(fields) = top.object("provider")? else { return Ok(Rules::default()) };
        let list = |name: &str| Ok::<_, Refusal>(fields.texts(name)?.unwrap_or_default());
        let quantizations = list("quantizations")?;
        if !quantizations.iter().all(|q| QUANTIZATIONS.contains(&q.as_str())) {
            return Err(Refusal::field(
                "provider.quantizations",
                &format!("must be some of {}", QUANTIZATIONS.join(", ")),
            ));
        }
        for name in ["preferred_min_throughput", "preferred_max_latency"] {
            preference(&fields, name)?;
        }
        fields.flag("enforce_distillable_text")?;
        fields.object("options")?;
        let (max_prompt, max_completion) = max_price(&fields)?;
        Ok(Rules {
            order: list("order")?,
            only: fields.texts("only")?.filter(|only| !only.is_empty()),
            ignore: list("ignore")?,
            allow_fallbacks: fields.flag("allow_fallbacks")?,
            require_parameters: fields.flag("require_parameters")?.unwrap_or(false),
            denies_data_collection: fields.one_of("data_collection", &["allow", "deny"])?
                == Some("deny"),
            zdr: fields.flag("zdr")?.unwrap_or(false),
            quantizations,
            sort: sort(&fields)?,
            max_prompt,
            max_completion,
        })
    }
}

fn sort(fields: &Fields<'_>) -> Result<Option<Sort>, Refusal> {
    let word = match fields.get("sort") {
        Some(Value::Object(_)) => {
            let Some(sort) = fields.object("sort")? else { return Ok(None) };
            sort.one_of("partition", &["model", "none"])?;
            sort.one_of("by", &SORTS)?
        }
        _ => fields.one_of("sort", &SORTS)?,
    };
    Ok(word.and_then(|word| match word {
        "price" => Some(Sort::Price),
        "throughput" => Some(Sort::Throughput),
        "latency" => Some(Sort::Latency),
        "exacto" => Some(Sort::Exacto),
        _ => None,
    }))
}

/// A number, or numbers by percentile.
fn preference(fields: &Fields<'_>, name: &str) -> Result<(), Refusal> {
    if let Some(Value::Object(_)) = fields.get(name) {
        if let Some(by) = fields.object(name)? {
            for percentile in ["p50", "p75", "p90", "p99"] {
                by.number(percentile, 0.0..=f64::MAX)?;
            }
        }
        return Ok(());
    }
    fields.number(name, 0.0..=f64::MAX).map(|_| ())
}

/// Numbers by the documentation, decimal texts by the specification: both are taken.
fn max_price(fields: &Fields<'_>) -> Result<(Option<Decimal>, Option<Decimal>), Refusal> {
    let Some(prices) = fields.object("max_price")? else { return Ok((None, None)) };
    let mut found = [None; 5];
    let names = ["prompt", "completion", "request", "image", "audio"];
    for (slot, name) in found.iter_mut().zip(names) {
        let text = match prices.get(name) {
            None => continue,
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let price = parse_decimal(&text).filter(|p| !p.is_sign_negative());
        *slot =
            Some(price.ok_or_else(|| {
                Refusal::field(&prices.path(name), "must be a price of at least 0")
            })?);
    }
    Ok((found[0], found[1]))
}
