//! Exact money. Never `f64`: a price has up to 22 decimals and must survive to the screen.
//!
//! Not for: which price applies (`pricing`) or what an answer cost (`cost`).

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of US dollars, exact to 28 significant digits. Serialised as a decimal string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(pub Decimal);

impl Usd {
    pub const ZERO: Usd = Usd(Decimal::ZERO);

    /// Reads `0.00000015`, `3.4e-7` and `1`. Anything else, and anything that would lose digits,
    /// is `None`.
    pub fn parse(text: &str) -> Option<Usd> {
        parse_decimal(text).map(Usd)
    }

    /// Plain decimal digits without trailing zeros, as in JSON output and the database.
    pub fn exact(self) -> String {
        self.0.normalize().to_string()
    }

    /// For people: `$1.41`, `$0.0301`, `$0.000012`, `$0`. At least two decimals, and below a
    /// dollar at least three significant digits. Rounds half to even, for display only.
    pub fn display(self) -> String {
        let value = self.0;
        let sign = if value.is_sign_negative() && !value.is_zero() { "-" } else { "" };
        let abs = value.abs();
        if abs.is_zero() {
            return "$0".into();
        }
        let decimals = if abs >= Decimal::ONE {
            2
        } else {
            let mut leading = 0;
            let mut probe = abs * Decimal::TEN;
            while probe < Decimal::ONE && leading < 24 {
                probe *= Decimal::TEN;
                leading += 1;
            }
            (leading + 3).max(2)
        };
        let rounded = abs.round_dp(decimals).normalize();
        let places = rounded.scale().max(2) as usize;
        format!("{sign}${rounded:.places$}")
    }
}

/// Reads a decimal in plain or scientific notation, without loss; `None` when it is not one.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    }
}

impl Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Usd) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(amounts: I) -> Usd {
        amounts.fold(Usd::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.display())
    }
}

impl FromStr for Usd {
    type Err = String;
    fn from_str(text: &str) -> Result<Usd, String> {
        Usd::parse(text).ok_or_else(|| format!("`{text}` is not an amount of dollars"))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.exact())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Usd, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A price for one unit (a token, a request, a search), in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// Exactly this much, never negative. Zero is free.
    Exact(Decimal),
    /// The upstream says it depends on the model that answers (`-1`).
    Varies,
}

impl Price {
    /// Reads a price string of the catalogue; `None` when it is no number.
    pub fn parse(text: &str) -> Option<Price> {
        let value = parse_decimal(text)?;
        Some(if value.is_sign_negative() && !value.is_zero() {
            Price::Varies
        } else {
            Price::Exact(value.normalize())
        })
    }

    pub fn exact(self) -> Option<Decimal> {
        match self {
            Price::Exact(value) => Some(value),
            Price::Varies => None,
        }
    }

    /// The price of a million units.
    pub fn per_million(self) -> Option<Decimal> {
        self.exact().and_then(|p| p.checked_mul(Decimal::from(1_000_000)))
    }

    /// For a table column of prices per million: `3.00`, `0.15`, `0.0208`, `free`, `varies`.
    pub fn million_label(self) -> String {
        match self.per_million() {
            None => "varies".into(),
            Some(p) if p.is_zero() => "free".into(),
            Some(p) => {
                let text = Usd(p).display();
                text.trim_start_matches('$').to_string()
            }
        }
    }

    /// The exact string, as the upstream wrote it: `0.00000015`; `varies` for `-1`.
    pub fn label(self) -> String {
        match self {
            Price::Exact(value) => value.normalize().to_string(),
            Price::Varies => "varies".into(),
        }
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Price::Exact(value) => to.serialize_str(&value.normalize().to_string()),
            Price::Varies => to.serialize_str("-1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_price_keeps_every_digit() {
        let price = Price::parse("0.0000000208333333333333").unwrap();
        assert_eq!(price.label(), "0.0000000208333333333333");
        assert_eq!(price.million_label(), "0.0208");
    }

    #[test]
    fn scientific_notation_is_exact() {
        assert_eq!(Usd::parse("3.4e-7").unwrap().exact(), "0.00000034");
        assert_eq!(Usd::parse("1.4E-7").unwrap().exact(), "0.00000014");
    }

    #[test]
    fn what_is_no_number_is_no_money() {
        for text in ["", "abc", "1.2.3", "NaN", "inf", "$1"] {
            assert_eq!(Usd::parse(text), None, "{text}");
        }
    }

    #[test]
    fn minus_one_varies_and_zero_is_free() {
        assert_eq!(Price::parse("-1"), Some(Price::Varies));
        assert_eq!(Price::parse("0").unwrap().million_label(), "free");
        assert_eq!(Price::parse("0.000003").unwrap().million_label(), "3.00");
    }

    #[test]
    fn people_read_enough_digits() {
        let shown = |text| Usd::parse(text).unwrap().display();
        assert_eq!(shown("1.414"), "$1.41");
        assert_eq!(shown("0.0301"), "$0.0301");
        assert_eq!(shown("0.00001234"), "$0.0000123");
        assert_eq!(shown("0.1"), "$0.10");
        assert_eq!(shown("0"), "$0");
        assert_eq!(shown("-0.5"), "-$0.50");
        assert_eq!(shown("0.9999"), "$1.00");
    }

    proptest! {
        #[test]
        fn adding_in_any_order_loses_nothing(mut parts in prop::collection::vec(0u64..10_000_000_000, 1..40)) {
            let amount = |n: u64| Usd(Decimal::from_i128_with_scale(i128::from(n), 22));
            let forward: Usd = parts.iter().map(|n| amount(*n)).sum();
            parts.reverse();
            let backward: Usd = parts.iter().map(|n| amount(*n)).sum();
            let exact: i128 = parts.iter().map(|n| i128::from(*n)).sum();
            prop_assert_eq!(forward, backward);
            prop_assert_eq!(forward, Usd(Decimal::from_i128_with_scale(exact, 22)));
        }

        #[test]
        fn the_exact_string_reads_back(mantissa in 0i64..i64::MAX, scale in 0u32..22) {
            let usd = Usd(Decimal::new(mantissa, scale));
            prop_assert_eq!(Usd::parse(&usd.exact()), Some(usd));
        }
    }
}
