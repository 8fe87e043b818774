//! Reading JSON that may be wrong in places: each field is taken raw and read on its own, so one
//! odd value never spoils its neighbours.
//!
//! Numbers are read from their literal text: `3.4e-7` and `0.1` never pass through a float.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::money::parse_decimal;
use crate::domain::text::SafeText;

/// A JSON value that was not read yet; `None` when it was absent or null.
pub(super) type Raw<'a> = Option<&'a RawValue>;

/// Counts above this are a mistake of the sender (a thousand billion tokens).
const MOST: u64 = 1_000_000_000_000;
/// More than this for one answer, or as a balance, is a mistake of the sender.
const MOST_DOLLARS: i64 = 1_000_000_000;

/// Outside bytes as text: a byte order mark goes, invalid UTF-8 becomes `U+FFFD`.
pub fn as_text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
}

/// Whether a body is a web page instead of data: proxies and gateways answer with one.
pub fn is_web_page(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// The title of a web page, cleaned, if it has one.
pub fn web_page_title(body: &[u8]) -> Option<SafeText> {
    let start: Vec<u8> = body.iter().take(16 * 1024).copied().collect();
    let page = as_text(&start).into_owned();
    // ASCII only, so that the offsets stay those of `page`.
    let lower = page.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let from = open + lower[open..].find('>')? + 1;
    let to = from + lower[from..].find("</title")?;
    let words = page[from..to].split_whitespace().collect::<Vec<_>>().join(" ");
    let title: String = words.chars().take(120).collect();
    (!title.is_empty()).then(|| SafeText::new(title))
}

/// Reads an object as a `T`; anything else is `None`. (A derived reader would take an array for
/// an object without its names.)
pub(super) fn object<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Option<T> {
    read(raw.filter(|raw| raw.get().starts_with('{')))
}

/// Reads `raw` as a `T`; anything that is none is `None`.
fn read<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// A string; half an emoji (a lone surrogate) in it becomes `U+FFFD` instead of spoiling it.
pub(super) fn text(raw: Raw<'_>) -> Option<String> {
    let json = raw?.get();
    if !json.starts_with('"') {
        return None;
    }
    serde_json::from_str::<String>(json).ok().or_else(|| {
        let mut reader = serde_json::Deserializer::from_str(json);
        reader.deserialize_bytes(Lossy).ok()
    })
}

/// A string that says something, on one harmless line.
pub(super) fn line(raw: Raw<'_>) -> Option<SafeText> {
    let text = SafeText::new(text(raw)?);
    (!text.trim().is_empty()).then_some(text)
}

/// A word or number as a word: codes come as `429` and as `"429"`.
pub(super) fn word(raw: Raw<'_>) -> Option<SafeText> {
    line(raw).or_else(|| number(raw).map(|n| SafeText::new(&*n)))
}

/// The literal text of a number, or of a string that should be one.
fn number(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    let json = raw?.get();
    match json.as_bytes().first()? {
        b'"' => text(raw).map(|t| Cow::Owned(t.trim().to_owned())),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(json)),
        _ => None,
    }
}

/// An exact decimal, from a number or a string.
pub(super) fn decimal(raw: Raw<'_>) -> Option<Decimal> {
    let literal = number(raw)?;
    parse_decimal(&literal).or_else(|| tiny(&literal))
}

/// A number with more digits than we keep, but below a hundred-millionth of a millionth: its
/// 28 first decimals. Floats printed by others look like this.
fn tiny(literal: &str) -> Option<Decimal> {
    let value: f64 = literal.parse().ok()?;
    if !value.is_finite() || value.abs() >= 1e-8 {
        return None;
    }
    let (mantissa, exponent) = literal.split_once(['e', 'E'])?;
    let shift: i64 = exponent.parse().ok()?;
    let mantissa = parse_decimal(mantissa)?;
    let mut scaled = mantissa;
    for _ in 0..shift.unsigned_abs().min(60) {
        scaled = scaled.checked_div(Decimal::TEN)?;
    }
    Some(scaled.normalize())
}

/// An amount of dollars as the upstream wrote it; absurd ones are `None`.
pub(super) fn dollars(raw: Raw<'_>) -> Option<Decimal> {
    decimal(raw).filter(|d| d.abs() <= Decimal::from(MOST_DOLLARS))
}

/// A count: whole, not negative, believable; fractions are cut off.
pub(super) fn count(raw: Raw<'_>) -> Option<u64> {
    let value = decimal(raw)?.trunc().to_u64()?;
    (value <= MOST).then_some(value)
}

/// A whole number of either sign.
pub(super) fn integer(raw: Raw<'_>) -> Option<i64> {
    decimal(raw)?.trunc().to_i64()
}

/// A measurement (seconds, per cent, tokens a second), never money.
pub(super) fn measure(raw: Raw<'_>) -> Option<f64> {
    number(raw)?.parse().ok().filter(|n: &f64| n.is_finite())
}

/// `true` or `false`; anything else is `None`.
pub(super) fn truth(raw: Raw<'_>) -> Option<bool> {
    read(raw)
}

/// The elements of an array; nothing when it is none.
pub(super) fn list<'a>(raw: Raw<'a>) -> Vec<&'a RawValue> {
    read(raw).unwrap_or_default()
}

/// The strings of an array, cleaned.
pub(super) fn lines(raw: Raw<'_>) -> Vec<SafeText> {
    list(raw).into_iter().filter_map(|item| line(Some(item))).collect()
}

/// An object as its pairs, in order, duplicates included.
#[derive(Default)]
pub(super) struct Pairs<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(key) = map.next_key::<Key<'de>>()? {
                    pairs.push((key.0, map.next_value::<&'de RawValue>()?));
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Collect)
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Lossy;

impl Visitor<'_> for Lossy {
    type Value = String;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    fn exact(json: &str) -> Option<String> {
        decimal(Some(&raw(json))).map(|d| d.normalize().to_string())
    }

    #[test]
    fn decimals_are_read_from_their_literal_text() {
        assert_eq!(exact("3.4e-7").as_deref(), Some("0.00000034"));
        assert_eq!(exact("0.1").as_deref(), Some("0.1"));
        assert_eq!(
            exact("\" 0.0000000208333333333333 \"").as_deref(),
            Some("0.0000000208333333333333")
        );
        assert_eq!(exact("0.0076509169000000005").as_deref(), Some("0.0076509169000000005"));
        assert_eq!(exact("1.1999999999999999e-07").as_deref(), Some("0.00000011999999999999999"));
        assert_eq!(
            exact("1.2345678901234567e-14").as_deref(),
            Some("0.0000000000000123456789012346")
        );
        for none in ["null", "true", "\"x\"", "{}", "[1]", "1e999", "\"\"", "\"NaN\""] {
            assert_eq!(exact(none), None, "{none}");
        }
    }

    #[test]
    fn counts_are_whole_not_negative_and_believable() {
        let counted = |json: &str| count(Some(&raw(json)));
        assert_eq!(counted("12"), Some(12));
        assert_eq!(counted("12.9"), Some(12));
        assert_eq!(counted("\"7\""), Some(7));
        assert_eq!(counted("1.2e3"), Some(1200));
        for none in ["-1", "1e30", "18446744073709551615", "null", "\"many\""] {
            assert_eq!(counted(none), None, "{none}");
        }
    }

    #[test]
    fn half_an_emoji_does_not_spoil_a_text() {
        let read = text(Some(&raw(r#""ok \ud83d end""#))).unwrap();
        assert!(read.starts_with("ok ") && read.ends_with(" end"), "{read:?}");
    }

    #[test]
    fn pages_are_known_by_their_first_character() {
        assert!(is_web_page(b"\xef\xbb\xbf \r\n<!DOCTYPE html>"));
        assert!(!is_web_page(b"  {}"));
        let title =
            web_page_title(b"<html><head><TITLE lang=en> 502\n Bad  Gateway\x1b[31m</TITLE>");
        assert_eq!(title.as_deref(), Some("502 Bad Gateway"));
        assert_eq!(web_page_title(b"<html><title>never ends"), None);
    }

    proptest! {
        #[test]
        fn no_literal_makes_a_panic(json in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,20})?") {
            let raw = raw(&json);
            let raw = Some(&*raw);
            let _ = (decimal(raw), dollars(raw), count(raw), integer(raw), measure(raw), word(raw));
        }
    }
}
