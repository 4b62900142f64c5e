//! Keys of sketches of one bit a number.

use pulp::{Arch, Simd, WithSimd};

/// Bits of a query's number.
pub const PLANES: usize = 4;

/// What of a vector is beside its sketch: the parts of its key.
#[derive(Debug, Clone, Copy)]
pub struct Factors {
    /// The part that no query changes.
    pub offset: f32,
    /// What the product of the query with the signs is worth.
    pub factor: f32,
    /// How many bits are set.
    pub ones: f32,
}

impl Factors {
    /// Of a slot without a vector: its key is below all.
    pub const NONE: Self = Self { offset: f32::NEG_INFINITY, factor: 0.0, ones: 0.0 };
}

/// A query as planes of bits.
#[derive(Debug)]
pub struct SketchQuery {
    /// For each word of a sketch, its word of every plane, the lowest bit first.
    pub planes: Vec<[u64; PLANES]>,
    /// What a count of bits is worth.
    pub each: f32,
    /// What a set bit of the sketch costs.
    pub one: f32,
    /// The constant rest.
    pub rest: f32,
}

impl SketchQuery {
    /// Words of a sketch.
    #[must_use]
    pub const fn words(&self) -> usize {
        self.planes.len()
    }

    /// A number that is, most likely, higher the nearer the vector of a sketch is.
    #[must_use]
    #[inline(never)]
    pub fn key(&self, sketch: &[u64], factors: Factors) -> f32 {
        self.key_of(count(&self.planes, sketch), factors)
    }

    /// The keys of sketches that lie one behind the other, by the vector instructions of the machine.
    #[inline(never)]
    pub fn keys(&self, sketches: &[u64], factors: &[Factors], keys: &mut [f32]) {
        Arch::new().dispatch(Keys { query: self, sketches, factors, keys });
    }

    #[inline(always)]
    fn keys_of<const WORDS: usize>(&self, sketches: &[u64], factors: &[Factors], keys: &mut [f32]) {
        let Ok(planes) = <&[[u64; PLANES]; WORDS]>::try_from(self.planes.as_slice()) else {
            return;
        };
        let (sketches, _) = sketches.as_chunks::<WORDS>();
        for ((key, sketch), factors) in keys.iter_mut().zip(sketches).zip(factors) {
            *key = self.key_of(count(planes, sketch), *factors);
        }
    }

    #[inline(always)]
    fn key_of(&self, count: u32, factors: Factors) -> f32 {
        let product = count as f32 * self.each - factors.ones * self.one - self.rest;
        factors.factor * product + factors.offset
    }
}

struct Keys<'a> {
    query: &'a SketchQuery,
    sketches: &'a [u64],
    factors: &'a [Factors],
    keys: &'a mut [f32],
}

impl WithSimd for Keys<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { query, sketches, factors, keys } = self;
        // Loops of a known length are unrolled, which makes them several times as fast.
        match query.words() {
            2 => query.keys_of::<2>(sketches, factors, keys),
            4 => query.keys_of::<4>(sketches, factors, keys),
            6 => query.keys_of::<6>(sketches, factors, keys),
            8 => query.keys_of::<8>(sketches, factors, keys),
            12 => query.keys_of::<12>(sketches, factors, keys),
            16 => query.keys_of::<16>(sketches, factors, keys),
            24 => query.keys_of::<24>(sketches, factors, keys),
            words => {
                let sketches = sketches.chunks_exact(words.max(1));
                for ((key, sketch), factors) in keys.iter_mut().zip(sketches).zip(factors) {
                    *key = query.key_of(count(&query.planes, sketch), *factors);
                }
            }
        }
    }
}

/// The sum of a query's numbers at the set bits of a sketch.
#[inline(always)]
fn count(planes: &[[u64; PLANES]], sketch: &[u64]) -> u32 {
    let mut counts = [0; PLANES];
    for (planes, word) in planes.iter().zip(sketch) {
        for (count, plane) in counts.iter_mut().zip(planes) {
            *count += (plane & word).count_ones();
        }
    }
    let [first, second, third, fourth] = counts;
    first + 2 * second + 4 * third + 8 * fourth
}
