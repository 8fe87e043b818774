//! Heights of blocks with fast sums: a Fenwick tree.

/// The rows of every block, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Heights {
    /// `tree[i]` sums the `i+1 & -(i+1)` heights that end with block `i`.
    tree: Vec<usize>,
    total: usize,
}

impl Heights {
    pub(super) fn total(&self) -> usize {
        self.total
    }

    pub(super) fn clear(&mut self) {
        self.tree.clear();
        self.total = 0;
    }

    pub(super) fn push(&mut self, rows: usize) {
        let position = self.tree.len() + 1;
        let first = position - lowest_bit(position);
        let covered = self.before(position - 1) - self.before(first);
        self.tree.push(covered + rows);
        self.total += rows;
    }

    /// Adds rows to a block.
    pub(super) fn grow(&mut self, block: usize, rows: usize) {
        let mut position = block + 1;
        while let Some(sum) = self.tree.get_mut(position - 1) {
            *sum += rows;
            position += lowest_bit(position);
        }
        self.total += rows;
    }

    /// The rows of the first `count` blocks.
    pub(super) fn before(&self, count: usize) -> usize {
        let mut sum = 0;
        let mut position = count.min(self.tree.len());
        while position > 0 {
            sum += self.tree[position - 1];
            position -= lowest_bit(position);
        }
        sum
    }

    /// The block that holds `row`, and the row within it.
    pub(super) fn find(&self, row: usize) -> Option<(usize, usize)> {
        if row >= self.total {
            return None;
        }
        let mut rest = row;
        let mut position = 0;
        let mut step = self.tree.len().next_power_of_two();
        while step > 0 {
            let next = position + step;
            if next <= self.tree.len() && self.tree[next - 1] <= rest {
                rest -= self.tree[next - 1];
                position = next;
            }
            step /= 2;
        }
        Some((position, rest))
    }
}

fn lowest_bit(position: usize) -> usize {
    position & position.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_and_searches_agree_with_a_plain_list(
            mut rows in proptest::collection::vec(0usize..5, 0..40),
            growth in proptest::collection::vec((0usize..40, 0usize..3), 0..10),
        ) {
            let mut heights = Heights::default();
            rows.iter().for_each(|height| heights.push(*height));
            for (block, more) in growth {
                if let Some(height) = rows.get_mut(block) {
                    *height += more;
                    heights.grow(block, more);
                }
            }
            let flat: Vec<_> = rows
                .iter()
                .enumerate()
                .flat_map(|(block, height)| (0..*height).map(move |row| (block, row)))
                .collect();
            prop_assert_eq!(heights.total(), flat.len());
            for (row, place) in flat.iter().enumerate() {
                prop_assert_eq!(heights.find(row), Some(*place));
            }
            prop_assert_eq!(heights.find(flat.len()), None);
            for count in 0..=rows.len() {
                prop_assert_eq!(heights.before(count), rows[..count].iter().sum::<usize>());
            }
        }
    }
}
