//! The best few of many, by a threshold that rises while they are offered.

/// Keys that are looked at together.
const TOGETHER: usize = 32;

/// The `keep` entries with the highest keys of all offered.
///
/// Up to twice as many are held; then the lower half goes, and what is not above the lowest kept
/// is not taken from there on. So most offers cost one comparison.
#[derive(Debug)]
pub struct Best {
    keep: usize,
    held: Vec<(f32, u32)>,
    /// What an offer must exceed. A key of minus infinity never does.
    floor: f32,
}

impl Best {
    /// `keep` of at most `of` offers.
    #[must_use]
    pub fn new(keep: usize, of: usize) -> Self {
        let keep = keep.min(of);
        Self {
            keep,
            held: Vec::with_capacity(keep.saturating_mul(2).min(of)),
            floor: f32::NEG_INFINITY,
        }
    }

    /// Offers the keys of slots that follow one another.
    #[inline(never)]
    pub fn offer_each(&mut self, keys: &[f32], first: u32) {
        for (keys, first) in keys.chunks(TOGETHER).zip((first..).step_by(TOGETHER)) {
            // Few are good enough: most of the time one look at many is all.
            if keys.iter().fold(false, |any, key| any | (*key > self.floor)) {
                for (key, slot) in keys.iter().zip(first..) {
                    self.offer(*key, slot);
                }
            }
        }
    }

    /// Offers one key.
    #[inline]
    pub fn offer(&mut self, key: f32, slot: u32) {
        if key > self.floor {
            self.held.push((key, slot));
            if self.held.len() > self.keep.saturating_mul(2) {
                self.drop_lowest();
            }
        }
    }

    /// The slots kept, in no order.
    pub fn into_slots(mut self) -> impl Iterator<Item = u32> {
        self.drop_lowest();
        self.held.into_iter().map(|(_, slot)| slot)
    }

    #[inline(never)]
    fn drop_lowest(&mut self) {
        if self.held.len() <= self.keep {
            return;
        }
        match self.keep.checked_sub(1) {
            // Nothing is kept, so nothing needs to be taken.
            None => self.floor = f32::INFINITY,
            Some(last) => {
                let (_, lowest, _) = self
                    .held
                    .select_nth_unstable_by(last, |left, right| right.0.total_cmp(&left.0));
                self.floor = lowest.0;
            }
        }
        self.held.truncate(self.keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_are_those_that_sorting_puts_first(
            keys in prop::collection::vec(-50_i32..50, 0..200),
            keep in 0_usize..40,
        ) {
            let mut best = Best::new(keep, keys.len());
            for (slot, key) in keys.iter().enumerate() {
                best.offer(*key as f32, slot as u32);
            }
            let mut found: Vec<i32> = best.into_slots().map(|slot| keys[slot as usize]).collect();
            found.sort_unstable_by(|left, right| right.cmp(left));
            let mut sorted = keys.clone();
            sorted.sort_unstable_by(|left, right| right.cmp(left));
            sorted.truncate(keep);
            prop_assert_eq!(found, sorted);
        }
    }

    #[test]
    fn what_has_no_place_in_an_order_is_not_taken() {
        let mut best = Best::new(3, 3);
        best.offer(f32::NAN, 0);
        best.offer(f32::NEG_INFINITY, 1);
        best.offer(0.5, 2);
        assert_eq!(best.into_slots().collect::<Vec<_>>(), [2]);
    }
}
