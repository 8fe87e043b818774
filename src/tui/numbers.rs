//! Figures as people read them in narrow columns.

use crate::domain::catalog::Model;
use crate::domain::id::Millis;
use crate::domain::money::Price;
use crate::domain::pricing::PriceKey;

/// `12.9k`, `200k`, `1.05M`, `512`: at most five characters.
pub fn count(n: u64) -> String {
    match n {
        0..1000 => n.to_string(),
        1000..100_000 => trim(n, 1000, "k"),
        100_000..1_000_000 => format!("{}k", n / 1000),
        1_000_000..100_000_000 => trim(n, 1_000_000, "M"),
        _ => format!("{}M", n / 1_000_000),
    }
}

/// One decimal, left out when it is zero. Rounds down: a limit must not look larger than it is.
fn trim(n: u64, unit: u64, suffix: &str) -> String {
    let tenths = n * 10 / unit;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}{suffix}"),
        (whole, tenth) => format!("{whole}.{tenth}{suffix}"),
    }
}

/// A context window; `?` when unknown.
pub fn context_label(tokens: Option<u64>) -> String {
    tokens.map_or_else(|| "?".into(), count)
}

/// Input and output price per million: `$3.00/15.00`, `free`, `varies`, `?`.
pub fn price_pair(model: &Model) -> String {
    let label = |key| model.pricing.base.get(key).map(Price::million_label);
    match (label(PriceKey::Prompt), label(PriceKey::Completion)) {
        (Some(input), Some(output))
            if input == output && (input == "free" || input == "varies") =>
        {
            input
        }
        (Some(input), Some(output)) => format!("${input}/{output}"),
        _ => "price ?".into(),
    }
}

/// `0.81 s`, `12.3 s`, `2 m 05 s`.
pub fn seconds(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{:02} s", ms / 1000, ms % 1000 / 10),
        10_000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} m {:02} s", ms / 60_000, ms / 1000 % 60),
    }
}

/// How long ago: `now`, `4 min`, `3 h`, `12 d`, `5 mo`, `2 y`.
pub fn age(then: Millis, now: Millis) -> String {
    let seconds = now.seconds_since(then);
    match seconds {
        0..60 => "now".into(),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        86_400..5_184_000 => format!("{} d", seconds / 86_400),
        5_184_000..63_072_000 => format!("{} mo", seconds / 2_592_000),
        _ => format!("{} y", seconds / 31_536_000),
    }
}

/// `just now`, `4 min ago`.
pub fn ago(then: Millis, now: Millis) -> String {
    match age(then, now) {
        age if age == "now" => "just now".into(),
        age => format!("{age} ago"),
    }
}

/// `1 chat`, `4 chats`.
pub fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A share in whole per cent: `63 %`.
pub fn percent(part: u64, whole: u64) -> String {
    match whole {
        0 => "0 %".into(),
        _ => format!("{} %", (u128::from(part) * 100 + u128::from(whole) / 2) / u128::from(whole)),
    }
}

/// `14:02` at this offset from UTC.
pub fn time_of_day(at: Millis, utc_offset_minutes: i64) -> String {
    let minutes = (at.0.div_euclid(60_000) + utc_offset_minutes).rem_euclid(1440);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_never_look_larger_than_they_are() {
        for (n, shown) in [
            (0, "0"),
            (999, "999"),
            (1000, "1k"),
            (12_949, "12.9k"),
            (128_000, "128k"),
            (999_999, "999k"),
            (1_048_576, "1M"),
            (1_150_000, "1.1M"),
            (400_000_000, "400M"),
        ] {
            assert_eq!(count(n), shown);
        }
        assert_eq!(seconds(810), "0.81 s");
        assert_eq!(seconds(12_345), "12.3 s");
        assert_eq!(seconds(125_000), "2 m 05 s");
        assert_eq!(percent(63, 100), "63 %");
        assert_eq!(percent(1, 0), "0 %");
        assert_eq!(age(Millis(0), Millis(59_000)), "now");
        assert_eq!(age(Millis(0), Millis(86_400_000 * 3)), "3 d");
        assert_eq!(ago(Millis(0), Millis(59_000)), "just now");
        assert_eq!(ago(Millis(0), Millis(600_000)), "10 min ago");
        assert_eq!(plural(1, "send") + &plural(0, "send"), "1 send0 sends");
        assert_eq!(time_of_day(Millis(0), -60), "23:00");
    }
}
