//! Price lists as they are written: decimal strings (or numbers) by key, overrides under
//! conditions, a discount.

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::domain::money::Price;
use crate::domain::pricing::{Override, PriceKey, Pricing};
use crate::domain::text::SafeText;
use crate::wire::loose::{Pairs, Raw, count, decimal, list, object};

/// Reads a `pricing` object. What cannot be read is left out, never zero, and named in
/// `problems`.
pub(super) fn decode_pricing(raw: Raw<'_>, problems: &mut Vec<String>) -> Pricing {
    let mut pricing = Pricing::default();
    let pairs: Pairs<'_> = object(raw).unwrap_or_default();
    for (field, value) in pairs.0 {
        match &*field {
            "overrides" => {
                let entries = list(Some(value));
                pricing.overrides =
                    entries.into_iter().filter_map(|e| entry(e, problems)).collect();
            }
            "discount" => pricing.discount = fraction(value),
            _ => {
                let Some(key) = PriceKey::from_field(&field) else { continue };
                match price(value) {
                    Ok(Some(price)) => pricing.base.set(key, price),
                    Ok(None) => {}
                    Err(()) => problems.push(format!("price `{field}` is no number")),
                }
            }
        }
    }
    pricing
}

/// `Ok(None)` when it is null or empty: not given.
fn price(value: &RawValue) -> Result<Option<Price>, ()> {
    match value.get() {
        "null" | "\"\"" => Ok(None),
        _ => decimal(Some(value)).map(|d| Some(exact(d))).ok_or(()),
    }
}

/// A negative price means that it depends on who answers.
pub(super) fn exact(value: Decimal) -> Price {
    match value.is_sign_negative() && !value.is_zero() {
        true => Price::Varies,
        false => Price::Exact(value.abs().normalize()),
    }
}

fn fraction(value: &RawValue) -> Option<Decimal> {
    decimal(Some(value)).filter(|d| *d > Decimal::ZERO && *d <= Decimal::ONE)
}

/// One override. Where a condition cannot be understood the entry is dropped: applying it
/// always would be wrong more often.
fn entry(raw: &RawValue, problems: &mut Vec<String>) -> Option<Override> {
    let pairs: Pairs<'_> = object(Some(raw))?;
    let mut entry = Override::default();
    for (field, value) in pairs.0 {
        let understood = match &*field {
            "min_prompt_tokens" => {
                entry.min_prompt_tokens = count(Some(value));
                entry.min_prompt_tokens.is_some()
            }
            "utc_start" => {
                entry.utc_start = clock(value);
                entry.utc_start.is_some()
            }
            "utc_end" => {
                entry.utc_end = clock(value);
                entry.utc_end.is_some()
            }
            other => match (PriceKey::from_field(other), price(value)) {
                (Some(key), Ok(Some(price))) => {
                    entry.rates.set(key, price);
                    true
                }
                // A price for something new: a decimal string, unlike any condition so far.
                (None, Ok(Some(_))) => value.get().starts_with('"'),
                (_, Ok(None)) => true,
                (_, Err(())) => false,
            },
        };
        if !understood {
            let field = SafeText::new(&*field);
            problems.push(format!("a price override with `{field}` was left out"));
            return None;
        }
    }
    Some(entry)
}

/// A time of day as `HHMM`.
fn clock(value: &RawValue) -> Option<u16> {
    let time = u16::try_from(count(Some(value))?).ok()?;
    (time <= 2400 && time % 100 < 60).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pricing(json: &str) -> (Pricing, Vec<String>) {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        let mut problems = Vec::new();
        (decode_pricing(Some(&raw), &mut problems), problems)
    }

    fn label(pricing: &Pricing, key: PriceKey) -> Option<String> {
        pricing.base.get(key).map(Price::label)
    }

    #[test]
    fn strings_and_numbers_are_exact_and_null_is_absent() {
        let (list, problems) = pricing(
            r#"{"prompt":"0.0000000208333333333333","completion":1.5e-7,"request":0,"image":null,"audio":"","web_search":"-1","new":"1","discount":0.25}"#,
        );
        assert_eq!(label(&list, PriceKey::Prompt).as_deref(), Some("0.0000000208333333333333"));
        assert_eq!(label(&list, PriceKey::Completion).as_deref(), Some("0.00000015"));
        assert_eq!(label(&list, PriceKey::Request).as_deref(), Some("0"));
        assert_eq!(label(&list, PriceKey::WebSearch).as_deref(), Some("varies"));
        assert_eq!((label(&list, PriceKey::Image), label(&list, PriceKey::Audio)), (None, None));
        assert_eq!(list.discount.map(|d| d.to_string()).as_deref(), Some("0.25"));
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn a_price_that_is_none_is_unknown_and_named() {
        let (list, problems) =
            pricing(r#"{"prompt":"cheap","completion":"0.000001","discount":7}"#);
        assert_eq!(label(&list, PriceKey::Prompt), None);
        assert_eq!(label(&list, PriceKey::Completion).as_deref(), Some("0.000001"));
        assert_eq!(list.discount, None);
        assert_eq!(problems, ["price `prompt` is no number"]);
    }

    #[test]
    fn overrides_keep_their_conditions() {
        let (list, problems) = pricing(
            r#"{"prompt":"1","overrides":[{"min_prompt_tokens":200000,"prompt":"2","brand_new_price":"3"},
            {"utc_start":1630,"utc_end":30,"prompt":"0.5"},{"min_vip_level":3,"prompt":"0"},{"utc_start":9999,"prompt":"0"},7]}"#,
        );
        assert_eq!(list.overrides.len(), 2);
        assert_eq!(list.overrides[0].min_prompt_tokens, Some(200_000));
        assert_eq!(
            (list.overrides[1].utc_start, list.overrides[1].utc_end),
            (Some(1630), Some(30))
        );
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn what_is_no_object_is_no_price() {
        for json in ["null", "[]", "7", "\"free\""] {
            assert_eq!(pricing(json).0, Pricing::default(), "{json}");
        }
    }
}
