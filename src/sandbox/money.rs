//! Dollars as the service writes them: JSON numbers, here without losing a digit.

use rust_decimal::Decimal;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::domain::money::Usd;

/// An amount that becomes a JSON number, below a millionth in scientific notation as JavaScript
/// does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dollars(pub(super) Usd);

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(number(self.0)).map_err(S::Error::custom)?.serialize(to)
    }
}

/// The JSON number of an amount.
pub(super) fn number(usd: Usd) -> String {
    let value = usd.0.normalize();
    let millionth = Decimal::new(1, 6);
    if value.is_zero() || value.abs() >= millionth {
        return value.to_string();
    }
    let digits = value.mantissa().unsigned_abs().to_string();
    let exponent = i64::from(value.scale()) - digits.len() as i64 + 1;
    let sign = if value.is_sign_negative() { "-" } else { "" };
    match digits.split_at(1) {
        (first, "") => format!("{sign}{first}e-{exponent}"),
        (first, rest) => format!("{sign}{first}.{rest}e-{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_reads_back_as_the_same_amount() {
        for (text, written) in [
            ("0", "0"),
            ("0.00006", "0.00006"),
            ("0.000001", "0.000001"),
            ("0.00000034", "3.4e-7"),
            ("0.0000000208333333333333", "2.08333333333333e-8"),
            ("0.0000009", "9e-7"),
            ("12.5", "12.5"),
        ] {
            let usd = Usd::parse(text).unwrap();
            assert_eq!(number(usd), written);
            assert_eq!(Usd::parse(written), Some(usd));
        }
    }
}
