//! Repeatable randomness: everything the sandbox makes up is drawn from here, so that the same
//! seed and the same request give the same answer.

/// A small generator (SplitMix64). Good enough to vary texts, not for secrets.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// Starts from a seed and whatever names the thing to be made up.
    pub(super) fn new(seed: u64, parts: &[&str]) -> Chance {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for part in parts {
            state = hash(state, part.as_bytes());
        }
        Chance(state)
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which must not be zero.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.draw() % limit.max(1) as u64).unwrap_or(0)
    }

    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// `length` letters and digits, as in ids of generations and tool calls.
    pub(super) fn letters(&mut self, length: usize) -> String {
        const SET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| char::from(SET[self.below(SET.len())])).collect()
    }
}

/// FNV-1a over `bytes`, continued from `state`.
pub(super) fn hash(state: u64, bytes: &[u8]) -> u64 {
    let mut hash = state ^ 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
