//! A bar that shows a share of a whole.

use super::Signs;

/// A bar of `columns` cells, `share` (0 to 1, clamped) of it filled.
///
/// Anything above nothing shows at least one filled cell, anything below everything at least one
/// empty cell: "a little" must not look like "none".
pub fn meter(share: f64, columns: usize, signs: Signs) -> String {
    let (full, empty) = match signs {
        Signs::Unicode => ("▰", "▱"),
        Signs::Ascii => ("#", "-"),
    };
    let filled = filled(share, columns);
    format!("{}{}", full.repeat(filled), empty.repeat(columns - filled))
}

fn filled(share: f64, columns: usize) -> usize {
    if share.is_nan() || share <= 0.0 || columns == 0 {
        return 0;
    }
    if share >= 1.0 {
        return columns;
    }
    let exact = (share * columns as f64).round() as usize;
    exact.clamp(1, columns.saturating_sub(1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_with_the_share() {
        for (share, bar) in [
            (0.0, "▱▱▱▱"),
            (0.001, "▰▱▱▱"),
            (0.5, "▰▰▱▱"),
            (0.999, "▰▰▰▱"),
            (1.0, "▰▰▰▰"),
            (7.0, "▰▰▰▰"),
            (-1.0, "▱▱▱▱"),
            (f64::NAN, "▱▱▱▱"),
        ] {
            assert_eq!(meter(share, 4, Signs::Unicode), bar, "{share}");
        }
        assert_eq!(meter(0.3, 0, Signs::Unicode), "");
        assert_eq!(meter(0.3, 1, Signs::Ascii), "#");
        assert_eq!(meter(0.5, 4, Signs::Ascii), "##--");
    }
}
