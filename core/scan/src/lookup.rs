//! The sums of a query's numbers at the set bits of sketches: by tables, where the machine can look up
//! many at once, else by counting bits.

/// Slots of a group, whose sketches lie byte by byte beside each other.
pub(crate) const LANES: usize = 32;

/// Bits of a number of a query.
const PLANES: usize = 4;

/// So many bytes of a sketch add up to what 16 bits hold: each is worth 120 at most.
const AT_ONCE: usize = 512;

/// A byte of the query: what its bits add up to, for any four of them, and the planes of its numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryByte {
    /// The sum of the numbers at the set bits of the lower half of a sketch's byte; each twice, for
    /// instructions that take tables of 16 side by side.
    pub(crate) low: [u8; 32],
    /// The same for the upper half.
    pub(crate) high: [u8; 32],
    /// Bit by bit, from the lowest: which of the eight numbers have it.
    #[cfg_attr(
        all(target_arch = "wasm32", target_feature = "simd128"),
        expect(dead_code, reason = "tables are looked up there")
    )]
    pub(crate) planes: [u8; PLANES],
}

impl QueryByte {
    pub(crate) fn new(levels: &[u8]) -> Self {
        let level = |bit: usize| levels.get(bit).map_or(0, |level| level & 15);
        let half = |first: usize| {
            let number = |bits: usize, bit| (bits >> bit & 1) as u8 * level(first + bit);
            core::array::from_fn(|bits| (0..4).map(|bit| number(bits, bit)).sum())
        };
        let plane = |plane: usize| (0..8).map(|bit| (level(bit) >> plane & 1) << bit).sum();
        Self { low: half(0), high: half(4), planes: core::array::from_fn(plane) }
    }
}

/// How the sums over a group are made.
pub(crate) trait Sums: Copy {
    /// Adds up the numbers at the set bits of each sketch, over [`AT_ONCE`] bytes at most.
    fn of(self, query: &[QueryByte], rows: &[[u8; LANES]]) -> [u16; LANES];
}

/// Work on groups of sketches.
pub(crate) trait Scan {
    /// Does it.
    fn run(self, sums: impl Sums);
}

/// Runs a scan by the vector instructions of the machine.
#[cfg(target_arch = "x86_64")]
pub(crate) fn dispatch(scan: impl Scan) {
    match pulp::x86::V3::try_new() {
        Some(v3) => v3.vectorize(
            #[inline(always)]
            || scan.run(v3),
        ),
        None => scan.run(ByBits),
    }
}

/// Runs a scan by the vector instructions of WebAssembly.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) fn dispatch(scan: impl Scan) {
    scan.run(BySwizzle);
}

/// Runs a scan as the compiler builds it for the machine.
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
pub(crate) fn dispatch(scan: impl Scan) {
    scan.run(ByBits);
}

/// Adds up the numbers at the set bits of each sketch of a group; `rows` holds their bytes.
#[inline(always)]
pub(crate) fn counts(query: &[QueryByte], rows: &[[u8; LANES]], sums: impl Sums) -> [u32; LANES] {
    let mut counts = [0; LANES];
    for (query, rows) in query.chunks(AT_ONCE).zip(rows.chunks(AT_ONCE)) {
        for (count, sum) in counts.iter_mut().zip(sums.of(query, rows)) {
            *count += u32::from(sum);
        }
    }
    counts
}

/// The same for one sketch of the group.
pub(crate) fn count_one(query: &[QueryByte], rows: &[[u8; LANES]], lane: usize) -> u32 {
    let worth = |(query, row): (&QueryByte, &[u8; LANES])| {
        let byte = row.get(lane).copied().unwrap_or_default();
        let half = |table: &[u8; 32], bits: u8| table.get(usize::from(bits)).copied();
        let (low, high) = (half(&query.low, byte & 15), half(&query.high, byte >> 4));
        u32::from(low.unwrap_or_default()) + u32::from(high.unwrap_or_default())
    };
    query.iter().zip(rows).map(worth).sum()
}

/// By the bits that a sketch has in common with each plane of the query.
#[derive(Clone, Copy)]
#[cfg_attr(
    all(target_arch = "wasm32", target_feature = "simd128"),
    expect(dead_code, reason = "tables are looked up there")
)]
struct ByBits;

impl Sums for ByBits {
    #[inline(always)]
    fn of(self, query: &[QueryByte], rows: &[[u8; LANES]]) -> [u16; LANES] {
        let mut sums = [0; LANES];
        for (query, row) in query.iter().zip(rows) {
            let [first, second, third, fourth] = query.planes;
            for (sum, byte) in sums.iter_mut().zip(row) {
                let common = |plane: u8| (byte & plane).count_ones() as u8;
                let worth = ((common(fourth) * 2 + common(third)) * 2 + common(second)) * 2;
                *sum += u16::from(worth + common(first));
            }
        }
        sums
    }
}

/// By a lookup of 32 halves of bytes in a table at once.
#[cfg(target_arch = "x86_64")]
impl Sums for pulp::x86::V3 {
    #[inline(always)]
    fn of(self, query: &[QueryByte], rows: &[[u8; LANES]]) -> [u16; LANES] {
        let half = pulp::cast([0x0f_u8; LANES]);
        let first = pulp::cast([0x00ff_u16; LANES / 2]);
        let mut evens = pulp::cast([0_u16; LANES / 2]);
        let mut odds = evens;
        for (query, row) in query.iter().zip(rows) {
            let row = pulp::cast(*row);
            let low = self.avx2._mm256_and_si256(row, half);
            let high = self.avx2._mm256_and_si256(self.avx2._mm256_srli_epi16::<4>(row), half);
            let low = self.avx2._mm256_shuffle_epi8(pulp::cast(query.low), low);
            let high = self.avx2._mm256_shuffle_epi8(pulp::cast(query.high), high);
            let worth = self.avx2._mm256_add_epi8(low, high);
            let even = self.avx2._mm256_and_si256(worth, first);
            evens = self.avx2._mm256_add_epi16(evens, even);
            odds = self.avx2._mm256_add_epi16(odds, self.avx2._mm256_srli_epi16::<8>(worth));
        }
        woven(pulp::cast(evens), pulp::cast(odds))
    }
}

/// By two lookups of 16 halves of bytes in a table at once.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[derive(Clone, Copy)]
struct BySwizzle;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl Sums for BySwizzle {
    #[inline(always)]
    fn of(self, query: &[QueryByte], rows: &[[u8; LANES]]) -> [u16; LANES] {
        use core::arch::wasm32::{
            i8x16_add, i8x16_swizzle, i16x8_add, u8x16_shr, u16x8_shr, u16x8_splat, v128, v128_and,
        };
        let (half, first) = (u16x8_splat(0x0f0f), u16x8_splat(0x00ff));
        let mut evens = [u16x8_splat(0); 2];
        let mut odds = evens;
        for (query, row) in query.iter().zip(rows) {
            let [table_low, _]: [v128; 2] = pulp::cast(query.low);
            let [table_high, _]: [v128; 2] = pulp::cast(query.high);
            let row: [v128; 2] = pulp::cast(*row);
            for ((evens, odds), row) in evens.iter_mut().zip(&mut odds).zip(row) {
                let low = i8x16_swizzle(table_low, v128_and(row, half));
                let worth = i8x16_add(low, i8x16_swizzle(table_high, u8x16_shr(row, 4)));
                *evens = i16x8_add(*evens, v128_and(worth, first));
                *odds = i16x8_add(*odds, u16x8_shr(worth, 8));
            }
        }
        woven(pulp::cast(evens), pulp::cast(odds))
    }
}

/// The sums of all lanes from those of the even ones and of the odd ones.
#[cfg(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn woven(evens: [u16; LANES / 2], odds: [u16; LANES / 2]) -> [u16; LANES] {
    let mut sums = [0; LANES];
    let (pairs, _) = sums.as_chunks_mut::<2>();
    for (pair, both) in pairs.iter_mut().zip(evens.into_iter().zip(odds)) {
        *pair = both.into();
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Compared<'a> {
        query: &'a [QueryByte],
        rows: &'a [[u8; LANES]],
    }

    impl Scan for Compared<'_> {
        fn run(self, sums: impl Sums) {
            let Self { query, rows } = self;
            let found = counts(query, rows, sums);
            assert_eq!(found, counts(query, rows, ByBits));
            for (lane, count) in found.into_iter().enumerate() {
                assert_eq!(count, count_one(query, rows, lane));
            }
        }
    }

    proptest! {
        #[test]
        fn each_way_of_adding_up_gives_what_the_bits_and_levels_say(
            levels in prop::collection::vec(0_u8..16, 1..200),
            seed in prop::collection::vec(any::<[u8; LANES]>(), 25),
        ) {
            let query: Vec<_> = levels.chunks(8).map(QueryByte::new).collect();
            let rows = seed.get(..query.len()).unwrap();
            let said = |lane: usize| -> u32 {
                let bit = |at: usize| rows[at / 8][lane] >> (at % 8) & 1;
                let worth = levels.iter().enumerate().map(|(at, level)| bit(at) * level);
                worth.map(u32::from).sum()
            };
            for (lane, count) in counts(&query, rows, ByBits).into_iter().enumerate() {
                prop_assert_eq!(count, said(lane));
            }
            dispatch(Compared { query: &query, rows });
        }
    }

    #[test]
    fn the_longest_vectors_of_the_highest_levels_do_not_overflow() {
        let query: Vec<_> = [15; 8192].chunks(8).map(QueryByte::new).collect();
        let rows = vec![[0xff; LANES]; query.len()];
        assert_eq!(counts(&query, &rows, ByBits), [15 * 8192; LANES]);
        dispatch(Compared { query: &query, rows: &rows });
    }
}
