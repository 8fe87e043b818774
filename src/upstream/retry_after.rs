//! How long to wait, from all places where servers say it. First hit wins.

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use crate::wire::errors::ErrorBody;

/// Nobody waits longer than this.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// Milliseconds until a failed call may work. Moments are measured against the answer's own
/// `Date`, never against this machine's clock. `is_rate_limit` also looks at the counters that
/// some servers send with every answer.
pub(super) fn wait(
    headers: &HeaderMap,
    error: Option<&ErrorBody>,
    is_rate_limit: bool,
) -> Option<u64> {
    let mut sources = Sources { headers, error, now: None };
    sources.now = sources.header("date").and_then(|date| http_date(&date));
    let found = sources.plain().or_else(|| is_rate_limit.then(|| sources.counters()).flatten());
    found.or_else(|| sources.budget()).map(|ms| ms.min(LONGEST_MS))
}

struct Sources<'a> {
    headers: &'a HeaderMap,
    error: Option<&'a ErrorBody>,
    /// Epoch milliseconds, as the server sees it.
    now: Option<i64>,
}

impl Sources<'_> {
    /// A real header, or one that the body repeats.
    fn header(&self, name: &str) -> Option<String> {
        if let Some(value) = self.headers.get(name).and_then(|v| v.to_str().ok()) {
            return Some(value.trim().to_owned());
        }
        let repeated = &self.error?.headers;
        repeated.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned())
    }

    fn plain(&self) -> Option<u64> {
        for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
            if let Some(ms) = self.header(name).and_then(|v| number(&v)) {
                return Some(ms.ceil() as u64);
            }
        }
        let after = self.header("retry-after");
        after
            .and_then(|v| number(&v).map(seconds).or_else(|| self.until(http_date(&v)?)))
            .or_else(|| self.error?.retry_after_ms)
    }

    fn counters(&self) -> Option<u64> {
        let anthropic = ["requests", "tokens", "input-tokens", "output-tokens"]
            .into_iter()
            .filter(|kind| self.is_spent(&format!("anthropic-ratelimit-{kind}-remaining")))
            .filter_map(|kind| self.header(&format!("anthropic-ratelimit-{kind}-reset")))
            .filter_map(|moment| self.until(moment.parse::<Timestamp>().ok()?.as_millisecond()))
            .max();
        let openai = || {
            ["requests", "tokens"]
                .into_iter()
                .filter(|kind| self.is_spent(&format!("x-ratelimit-remaining-{kind}")))
                .filter_map(|kind| duration(&self.header(&format!("x-ratelimit-reset-{kind}"))?))
                .max()
        };
        anthropic.or_else(openai).or_else(|| self.reset())
    }

    fn is_spent(&self, name: &str) -> bool {
        self.header(name).and_then(|v| number(&v)).is_some_and(|left| left <= 0.0)
    }

    /// `x-ratelimit-reset`: epoch milliseconds, epoch seconds, or seconds from now.
    fn reset(&self) -> Option<u64> {
        let value = self.header("x-ratelimit-reset")?;
        let number = number(&value)?;
        match number {
            n if n >= 1e11 => self.until(n as i64),
            n if n >= 1e9 => self.until((n * 1000.0) as i64),
            n => Some(seconds(n)),
        }
    }

    /// A budget names the moment at which it begins anew.
    fn budget(&self) -> Option<u64> {
        let moment = self.error?.resets_at.as_ref()?;
        self.until(moment.parse::<Timestamp>().ok()?.as_millisecond())
    }

    fn until(&self, moment: i64) -> Option<u64> {
        u64::try_from(moment.saturating_sub(self.now?)).ok().or(Some(0))
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)
}

fn seconds(value: f64) -> u64 {
    // Saturates, which is what is wanted here.
    (value * 1000.0).ceil() as u64
}

/// `Wed, 21 Oct 2026 07:28:00 GMT` in epoch milliseconds.
fn http_date(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text).ok().map(|moment| moment.timestamp().as_millisecond())
}

/// `6m0s`, `17ms`, `1h2m3.5s`, or bare seconds.
fn duration(text: &str) -> Option<u64> {
    if let Some(bare) = number(text) {
        return Some(seconds(bare));
    }
    let (mut rest, mut total) = (text.trim(), 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let value = number(&rest[..digits])?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += value
            * match &rest[..unit] {
                "ms" => 1.0,
                "s" => 1000.0,
                "m" => 60_000.0,
                "h" => 3_600_000.0,
                "us" | "µs" => 0.001,
                "ns" => 0.000_001,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(f64::ceil(total) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const DATE: (&str, &str) = ("date", "Wed, 25 Nov 2026 12:00:00 GMT");

    fn waits(headers: &[(&str, &str)], body: &str) -> Option<u64> {
        let map = headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
        });
        wait(&map.collect(), ErrorBody::decode(body.as_bytes()).as_ref(), true)
    }

    #[test]
    fn headers_in_milliseconds_seconds_and_dates() {
        assert_eq!(waits(&[("retry-after-ms", "1500"), ("retry-after", "9")], ""), Some(1500));
        assert_eq!(waits(&[("x-ms-retry-after-ms", "20")], ""), Some(20));
        assert_eq!(waits(&[("retry-after", "2")], ""), Some(2000));
        assert_eq!(waits(&[("retry-after", "0.25")], ""), Some(250));
        assert_eq!(
            waits(&[DATE, ("retry-after", "Wed, 25 Nov 2026 12:00:30 GMT")], ""),
            Some(30_000)
        );
        assert_eq!(waits(&[DATE, ("retry-after", "Wed, 25 Nov 2026 11:00:00 GMT")], ""), Some(0));
        assert_eq!(waits(&[("retry-after", "Wed, 25 Nov 2026 12:00:30 GMT")], ""), None);
        assert_eq!(waits(&[("retry-after", "soon")], ""), None);
        assert_eq!(waits(&[("retry-after", "1e300")], ""), Some(LONGEST_MS));
    }

    #[test]
    fn bodies_say_it_in_their_own_fields() {
        assert_eq!(
            waits(&[], r#"{"error":{"message":"m","metadata":{"retry_after_seconds":1}}}"#),
            Some(1000)
        );
        assert_eq!(
            waits(&[], r#"{"error":{"message":"m","metadata":{"headers":{"Retry-After":"3"}}}}"#),
            Some(3000)
        );
        assert_eq!(
            waits(
                &[DATE],
                r#"{"error":{"message":"m","metadata":{"resets_at":"2026-11-25T13:00:00Z"}}}"#
            ),
            Some(3_600_000)
        );
    }

    #[test]
    fn only_the_counter_that_is_spent_counts() {
        let spent = |left: &str| {
            waits(
                &[
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", "17ms"),
                    ("x-ratelimit-remaining-tokens", left),
                    ("x-ratelimit-reset-tokens", "6m0s"),
                ],
                "",
            )
        };
        assert_eq!(spent("500"), Some(17));
        assert_eq!(spent("0"), Some(360_000));
        assert_eq!(
            waits(
                &[
                    DATE,
                    ("anthropic-ratelimit-tokens-remaining", "0"),
                    ("anthropic-ratelimit-tokens-reset", "2026-11-25T12:00:12Z")
                ],
                ""
            ),
            Some(12_000)
        );
    }

    #[test]
    fn a_reset_is_a_moment_or_a_delay() {
        let midnight = r#"{"error":{"message":"m","metadata":{"headers":{"X-RateLimit-Reset":"1795651200000"}}}}"#;
        assert_eq!(waits(&[DATE], midnight), Some(43_200_000));
        assert_eq!(waits(&[DATE, ("x-ratelimit-reset", "1795651200")], ""), Some(43_200_000));
        assert_eq!(waits(&[("x-ratelimit-reset", "20")], ""), Some(20_000));
        assert_eq!(waits(&[], midnight), None);
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-ratelimit-reset"),
            HeaderValue::from_static("20"),
        )]);
        assert_eq!(wait(&headers, None, false), None);
    }

    #[test]
    fn durations_are_read_like_go_writes_them() {
        assert_eq!(duration("1h2m3.5s"), Some(3_723_500));
        assert_eq!(duration("7.66"), Some(7660));
        assert_eq!(duration("250µs"), Some(1));
        for none in ["", "s", "5 parsecs", "-1s", "1x"] {
            assert!(duration(none).is_none_or(|ms| ms == 0), "{none}");
        }
    }
}
