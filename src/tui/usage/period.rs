//! Which part of the ledger is looked at. Days are UTC days, as services bill them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::domain::id::Millis;

/// Days in the little chart, today included.
pub(super) const CHART_DAYS: usize = 14;

/// A window onto the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Period {
    Chat,
    #[default]
    Today,
    Week,
    Month,
    All,
    /// The days of the little chart; not among those that are chosen.
    Chart,
}

impl Period {
    /// Those that can be chosen, in their order.
    pub(super) const ALL: [Period; 5] =
        [Period::Chat, Period::Today, Period::Week, Period::Month, Period::All];

    /// The one after it, round the end.
    pub(super) fn next(self) -> Period {
        let at = Self::ALL.iter().position(|period| *period == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Period::Chat => "this chat",
            Period::Today => "today",
            Period::Week => "7 days",
            Period::Month => "this month",
            Period::All => "all",
            Period::Chart => "14 days",
        }
    }

    /// Its first moment; `None` when it has no beginning.
    pub(super) fn since(self, now: Millis) -> Option<Millis> {
        let today = day(now);
        let first = match self {
            Period::Chat | Period::All => return None,
            Period::Today => today,
            Period::Week => back(today, 6),
            Period::Month => today.first_of_month(),
            Period::Chart => back(today, CHART_DAYS - 1),
        };
        Some(midnight(first))
    }
}

/// The days of the chart as the ledger labels them, oldest first.
pub(super) fn chart_days(now: Millis) -> Vec<String> {
    let today = day(now);
    (0..CHART_DAYS).rev().map(|days| back(today, days).to_string()).collect()
}

fn day(at: Millis) -> Date {
    let stamp = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    stamp.to_zoned(TimeZone::UTC).date()
}

fn back(date: Date, days: usize) -> Date {
    let days = i64::try_from(days).unwrap_or(0);
    date.checked_sub(days.days()).unwrap_or(date)
}

fn midnight(date: Date) -> Millis {
    let zoned = date.to_zoned(TimeZone::UTC);
    Millis(zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_at_midnight_utc() {
        let at = |text: &str| Millis(text.parse::<Timestamp>().unwrap().as_millisecond());
        let now = at("2026-03-02T23:59:59Z");
        let since = |period: Period| period.since(now);
        assert_eq!(since(Period::Today), Some(at("2026-03-02T00:00:00Z")));
        assert_eq!(since(Period::Week), Some(at("2026-02-24T00:00:00Z")));
        assert_eq!(since(Period::Month), Some(at("2026-03-01T00:00:00Z")));
        assert_eq!((since(Period::All), since(Period::Chat)), (None, None));
        assert_eq!(since(Period::Chart), Some(at("2026-02-17T00:00:00Z")));
        let days = chart_days(now);
        assert_eq!((days.len(), days[0].as_str()), (14, "2026-02-17"));
        assert_eq!(days.last().map(String::as_str), Some("2026-03-02"));
    }

    #[test]
    fn a_clock_beyond_all_calendars_is_survived() {
        for wall in [i64::MIN, i64::MAX, -1, 0] {
            for period in Period::ALL {
                let _ = period.since(Millis(wall));
            }
            assert_eq!(chart_days(Millis(wall)).len(), CHART_DAYS);
        }
    }
}
