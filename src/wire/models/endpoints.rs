//! `GET /models/{author}/{slug}/endpoints`: who serves a model, at what price and how well.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::pricing::decode_pricing;
use crate::domain::catalog::{Endpoint, Endpoints, Percentiles};
use crate::domain::id::{Millis, ModelId};
use crate::domain::text::SafeText;
use crate::wire::errors::ErrorBody;
use crate::wire::loose::{
    Raw, as_text, count, integer, is_web_page, line, lines, list, measure, object, truth,
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Root<'a> {
    #[serde(borrow)]
    data: Raw<'a>,
    #[serde(borrow)]
    error: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    id: Raw<'a>,
    #[serde(borrow)]
    endpoints: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    name: Raw<'a>,
    #[serde(borrow)]
    provider_name: Raw<'a>,
    #[serde(borrow)]
    tag: Raw<'a>,
    #[serde(borrow)]
    quantization: Raw<'a>,
    #[serde(borrow)]
    context_length: Raw<'a>,
    #[serde(borrow)]
    max_completion_tokens: Raw<'a>,
    #[serde(borrow)]
    pricing: Raw<'a>,
    #[serde(borrow)]
    supported_parameters: Raw<'a>,
    #[serde(borrow)]
    status: Raw<'a>,
    #[serde(borrow)]
    uptime_last_5m: Raw<'a>,
    #[serde(borrow)]
    uptime_last_30m: Raw<'a>,
    #[serde(borrow)]
    uptime_last_1d: Raw<'a>,
    #[serde(borrow)]
    latency_last_30m: Raw<'a>,
    #[serde(borrow)]
    throughput_last_30m: Raw<'a>,
    #[serde(borrow)]
    supports_implicit_caching: Raw<'a>,
}

/// Reads the endpoints of one model; an entry that names no provider is left out. `Err` is a
/// clean sentence.
pub fn decode_endpoints(body: &[u8], fetched: Millis) -> Result<Endpoints, String> {
    if is_web_page(body) {
        return Err("the answer is a web page, not a list of endpoints".into());
    }
    let json = as_text(body);
    let root: Root<'_> = Some(json.trim())
        .filter(|json| json.starts_with('{'))
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or("the answer cannot be read as a list of endpoints")?;
    if let Some(error) = ErrorBody::from_field(root.error) {
        let message = error.message.unwrap_or_else(|| SafeText::new("an error without a message"));
        return Err(format!("the answer is an error: {message}"));
    }
    let data: Data<'_> = object(root.data).unwrap_or_default();
    if data.endpoints.is_none() {
        return Err("there is no list of endpoints in the answer".into());
    }
    Ok(Endpoints {
        model: line(data.id).map_or_else(|| ModelId::new(""), |id| ModelId::new(&*id)),
        list: list(data.endpoints).into_iter().filter_map(endpoint).collect(),
        fetched,
    })
}

fn endpoint(raw: &RawValue) -> Option<Endpoint> {
    let entry: Entry<'_> = object(Some(raw))?;
    let provider = line(entry.provider_name).or_else(|| provider_in(entry.name));
    Some(Endpoint {
        provider: provider.or_else(|| line(entry.tag))?,
        tag: line(entry.tag).unwrap_or_default(),
        quantization: line(entry.quantization).filter(|q| &**q != "unknown"),
        context_length: count(entry.context_length).filter(|n| *n > 0),
        max_completion_tokens: count(entry.max_completion_tokens).filter(|n| *n > 0),
        pricing: decode_pricing(entry.pricing, &mut Vec::new()),
        supported_parameters: lines(entry.supported_parameters),
        status: integer(entry.status),
        uptime_5m: per_cent(entry.uptime_last_5m),
        uptime_30m: per_cent(entry.uptime_last_30m),
        uptime_1d: per_cent(entry.uptime_last_1d),
        latency_ms: percentiles(entry.latency_last_30m),
        throughput: percentiles(entry.throughput_last_30m),
        implicit_caching: truth(entry.supports_implicit_caching),
    })
}

/// `Provider | slug`, in the name of an entry without `provider_name`.
fn provider_in(name: Raw<'_>) -> Option<SafeText> {
    line(name)?.split_once(" | ").map(|(provider, _)| SafeText::new(provider))
}

fn per_cent(raw: Raw<'_>) -> Option<f64> {
    measure(raw).filter(|n| (0.0..=100.0).contains(n))
}

/// An object of percentiles, or (before mid 2026) one number, which is the median.
fn percentiles(raw: Raw<'_>) -> Option<Percentiles> {
    #[derive(Deserialize)]
    struct Fields<'a> {
        #[serde(borrow, default)]
        p50: Raw<'a>,
        #[serde(borrow, default)]
        p75: Raw<'a>,
        #[serde(borrow, default)]
        p90: Raw<'a>,
        #[serde(borrow, default)]
        p99: Raw<'a>,
    }
    let good = |raw| measure(raw).filter(|n| *n >= 0.0);
    if let Some(p50) = good(raw) {
        return Some(Percentiles { p50: Some(p50), ..Percentiles::default() });
    }
    let fields: Fields<'_> = object(raw)?;
    let all = Percentiles {
        p50: good(fields.p50),
        p75: good(fields.p75),
        p90: good(fields.p90),
        p99: good(fields.p99),
    };
    (all != Percentiles::default()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pricing::PriceKey;

    #[test]
    fn latency_is_an_object_a_number_or_null() {
        let list = decode_endpoints(
            br#"{"data":{"id":"acme/omega-2","endpoints":[
            {"provider_name":"DeepInfra","tag":"deepinfra/fp8","quantization":"fp8","pricing":{"prompt":"0.0000024","discount":0.1},
             "status":-2,"uptime_last_30m":99.87,"uptime_last_5m":null,"latency_last_30m":{"p50":410,"p99":3900.5},"throughput_last_30m":71.5,
             "supports_implicit_caching":false,"context_length":400000},
            {"name":"Other | acme/omega-2","quantization":"unknown","latency_last_30m":null,"throughput_last_30m":"fast","uptime_last_1d":1000},
            {"nothing":1},7]}}"#,
            Millis(9),
        )
        .unwrap();
        assert_eq!(
            (list.model.as_str(), list.list.len(), list.fetched),
            ("acme/omega-2", 2, Millis(9))
        );
        let first = &list.list[0];
        assert_eq!(
            first.latency_ms,
            Some(Percentiles { p50: Some(410.0), p99: Some(3900.5), ..Percentiles::default() })
        );
        assert_eq!(first.throughput.and_then(|t| t.p50), Some(71.5));
        assert_eq!(first.pricing.base.get(PriceKey::Prompt).unwrap().label(), "0.0000024");
        assert_eq!(first.pricing.discount.unwrap().to_string(), "0.1");
        assert_eq!(
            (first.status, first.uptime_30m, first.uptime_5m),
            (Some(-2), Some(99.87), None)
        );
        let second = &list.list[1];
        assert_eq!((&*second.provider, &second.quantization), ("Other", &None));
        assert_eq!((second.latency_ms, second.throughput, second.uptime_1d), (None, None, None));
    }

    #[test]
    fn what_is_no_list_is_refused_with_a_sentence() {
        for (body, want) in [
            ("<html>", "the answer is a web page, not a list of endpoints"),
            ("{", "the answer cannot be read as a list of endpoints"),
            (r#"{"error":{"message":"gone"}}"#, "the answer is an error: gone"),
            (r#"{"data":{}}"#, "there is no list of endpoints in the answer"),
        ] {
            assert_eq!(decode_endpoints(body.as_bytes(), Millis(0)).unwrap_err(), want);
        }
        assert!(
            decode_endpoints(br#"{"data":{"endpoints":[]}}"#, Millis(0)).unwrap().list.is_empty()
        );
    }
}
