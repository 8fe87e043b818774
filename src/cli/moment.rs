//! Points in time as people type and read them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::failure::usage;
use crate::domain::id::Millis;

/// The clock of this machine.
pub(super) fn now() -> Millis {
    Millis(Timestamp::now().as_millisecond())
}

/// `24h`, `7d`, `4w` before `now`, or the start of a day in UTC, the time zone of the ledger.
pub(super) fn since(text: &str, now: Millis) -> anyhow::Result<Millis> {
    if let Ok(date) = text.parse::<Date>()
        && let Ok(start) = date.to_zoned(TimeZone::UTC)
    {
        return Ok(Millis(start.timestamp().as_millisecond()));
    }
    let hours = text.char_indices().last().and_then(|(at, unit)| {
        let count: i64 = text[..at].parse().ok().filter(|count| *count >= 0)?;
        let hours = match unit {
            'h' => 1,
            'd' => 24,
            'w' => 7 * 24,
            _ => return None,
        };
        count.checked_mul(hours * 3_600_000)
    });
    match hours {
        Some(span) => Ok(Millis(now.0.saturating_sub(span))),
        None => usage(format!(
            "`{text}` is no point in time. Write 24h, 7d, 4w, or a date like 2026-11-01."
        )),
    }
}

/// How long ago, in the largest unit that fits: `40 s`, `5 min`, `3 h`, `12 d`, `7 mo`, `2 y`.
pub(super) fn age(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..86_400 => format!("{} h", s / 3_600),
        s @ 86_400..5_184_000 => format!("{} d", s / 86_400),
        s @ 5_184_000..63_072_000 => format!("{} mo", s / 2_629_746),
        s => format!("{} y", s / 31_556_952),
    }
}

/// `2026-11-25 16:20`, in the time zone of this machine.
pub(super) fn local(at: Millis) -> String {
    match Timestamp::from_millisecond(at.0) {
        Ok(time) => time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => String::new(),
    }
}

/// `2026-11-25`, in UTC, of seconds since the epoch.
pub(super) fn day(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => String::new(),
    }
}

/// `2026-11-25T16:20:00.123Z`, for JSON.
pub(super) fn iso(at: Millis) -> Option<String> {
    Timestamp::from_millisecond(at.0).ok().map(|time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_days_are_understood() {
        let now = Millis(1_000_000_000_000);
        assert_eq!(since("24h", now).unwrap(), Millis(now.0 - 86_400_000));
        assert_eq!(since("7d", now).unwrap(), Millis(now.0 - 7 * 86_400_000));
        assert_eq!(since("1970-01-02", now).unwrap(), Millis(86_400_000));
        for text in ["", "d", "7", "-7d", "7y", "2026-13-01", "€", "99999999999999999w"] {
            assert!(since(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn ages_take_the_largest_unit() {
        let read: Vec<String> =
            [5, 300, 7_200, 1_000_000, 20_000_000, 100_000_000].map(age).to_vec();
        assert_eq!(read, ["5 s", "5 min", "2 h", "11 d", "7 mo", "3 y"]);
        assert_eq!(iso(Millis(0)).unwrap(), "1970-01-01T00:00:00.000Z");
        assert_eq!(day(86_400), "1970-01-02");
    }
}
