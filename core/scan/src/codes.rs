//! Keys of codes of 8 bits a number.

use pulp::{Arch, Simd, WithSimd};

/// What of a vector is beside its code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measure {
    /// What a number of the code is worth.
    pub scale: f32,
    /// The square of the vector's length.
    pub square: f32,
}

/// A query as whole numbers.
#[derive(Debug)]
pub struct CodeQuery {
    /// One for each of a code. Their products with a code must sum up to what an `i32` holds.
    pub numbers: Vec<i16>,
    /// What a product is worth in a key.
    pub product: f32,
    /// What the square of a vector's length is worth.
    pub square: f32,
}

impl CodeQuery {
    /// A number that is higher the nearer the vector of a code is.
    #[must_use]
    #[inline(never)]
    pub fn key(&self, code: &[i8], measure: Measure) -> f32 {
        self.key_inline(code, measure)
    }

    /// The keys of codes that lie one behind the other, by the vector instructions of the machine.
    #[inline(never)]
    pub fn keys(&self, codes: &[i8], measures: &[Measure], keys: &mut [f32]) {
        Arch::new().dispatch(Keys { query: self, codes, measures, keys });
    }

    #[inline(always)]
    fn key_inline(&self, code: &[i8], measure: Measure) -> f32 {
        let mut sum = 0_i32;
        for (number, byte) in self.numbers.iter().zip(code) {
            sum += i32::from(*number) * i32::from(*byte);
        }
        sum as f32 * measure.scale * self.product + measure.square * self.square
    }
}

struct Keys<'a> {
    query: &'a CodeQuery,
    codes: &'a [i8],
    measures: &'a [Measure],
    keys: &'a mut [f32],
}

impl WithSimd for Keys<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { query, codes, measures, keys } = self;
        let codes = codes.chunks_exact(query.numbers.len());
        for ((key, code), measure) in keys.iter_mut().zip(codes).zip(measures) {
            *key = query.key_inline(code, *measure);
        }
    }
}
