//! A tiny chart in one row of text.

use super::Signs;

const UNICODE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 5] = ['_', '.', '-', '=', '#'];

/// The last `columns` of `values`, one sign each, the greatest of those shown being full height.
///
/// Nothing and less than nothing are the lowest sign; any positive value is above it.
pub fn spark(values: &[f64], columns: usize, signs: Signs) -> String {
    let shown = &values[values.len().saturating_sub(columns)..];
    let most = shown.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let scale: &[char] = match signs {
        Signs::Unicode => &UNICODE,
        Signs::Ascii => &ASCII,
    };
    shown.iter().map(|value| scale[step(*value, most, scale.len())]).collect()
}

fn step(value: f64, most: f64, steps: usize) -> usize {
    if !value.is_finite() || value <= 0.0 || most <= 0.0 {
        return 0;
    }
    let top = steps - 1;
    ((value / most * top as f64).round() as usize).clamp(1, top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_value_is_full_height() {
        let values = [0.0, 0.01, 5.0, 10.0];
        assert_eq!(spark(&values, 10, Signs::Unicode), "▁▂▅█");
        assert_eq!(spark(&values, 10, Signs::Ascii), "_.-#");
        assert_eq!(spark(&values, 2, Signs::Unicode), "▅█");
        assert_eq!(spark(&values, 0, Signs::Unicode), "");
        assert_eq!(spark(&[], 3, Signs::Unicode), "");
        assert_eq!(spark(&[0.0, 0.0], 3, Signs::Unicode), "▁▁");
        assert_eq!(spark(&[f64::NAN, -1.0, 1.0], 3, Signs::Unicode), "▁▁█");
    }
}
