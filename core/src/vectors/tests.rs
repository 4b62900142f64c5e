//! The index against an exact comparison with every vector.

use super::{Index, Query, VectorError, check};
use crate::types::Metric;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use proptest::prelude::*;

const METRICS: [Metric; 3] = [Metric::Cosine, Metric::Dot, Metric::L2];

/// The ids of the nearest, by exact comparison with all, the nearest first.
fn exact(query: &Query, vectors: &BTreeMap<i64, Vec<f32>>, count: usize) -> Vec<i64> {
    rank(query, vectors, vectors.keys().copied(), count)
}

fn rank(
    query: &Query,
    vectors: &BTreeMap<i64, Vec<f32>>,
    ids: impl Iterator<Item = i64>,
    count: usize,
) -> Vec<i64> {
    let mut scored: Vec<(f64, i64)> = ids.map(|id| (query.score(&vectors[&id]), id)).collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    scored.into_iter().take(count).map(|(_, id)| id).collect()
}

/// Vectors in clusters, as texts of some subjects give them, from a seed.
struct Clusters {
    state: u64,
    middles: Vec<Vec<f32>>,
}

impl Clusters {
    fn new(dimension: usize, seed: u64) -> Self {
        let mut this = Self { state: seed, middles: Vec::new() };
        this.middles = (0..200).map(|_| (0..dimension).map(|_| this.number()).collect()).collect();
        this
    }

    /// About normal, around 0.
    fn number(&mut self) -> f32 {
        let mut sum = 0.0;
        for _ in 0..6 {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sum += (self.state >> 40) as f32 / (1 << 24) as f32;
        }
        sum - 3.0
    }

    fn vector(&mut self) -> Vec<f32> {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let middle = (self.state >> 33) as usize % self.middles.len();
        let length = 1.0 + self.number().abs();
        let middle = self.middles[middle].clone();
        // A part that all have in common, as in embeddings of texts.
        middle.iter().map(|number| length * (0.7 + number + 0.6 * self.number())).collect()
    }
}

fn filled(metric: Metric, count: i64, dimension: usize) -> (Index, BTreeMap<i64, Vec<f32>>) {
    let mut clusters = Clusters::new(dimension, 7);
    let mut index = Index::new(metric, dimension);
    let mut vectors = BTreeMap::new();
    for id in 0..count {
        let vector = clusters.vector();
        index.insert(id, &vector).unwrap();
        vectors.insert(id, vector);
    }
    (index, vectors)
}

/// Of the ten nearest of each query, the share that the index names among its candidates.
fn recall(
    index: &Index,
    metric: Metric,
    vectors: &BTreeMap<i64, Vec<f32>>,
    within: Option<&[i64]>,
) -> f64 {
    let dimension = vectors.values().next().map_or(0, Vec::len);
    let mut clusters = Clusters::new(dimension, 7);
    clusters.state = 99;
    let mut found = 0;
    for _ in 0..25 {
        let query = Query::new(metric, dimension, &clusters.vector()).unwrap();
        let wanted = match within {
            Some(ids) => rank(&query, vectors, ids.iter().copied(), 10),
            None => exact(&query, vectors, 10),
        };
        let candidates = index.candidates(&query, 40, within);
        assert!(candidates.len() <= 40);
        found += wanted.iter().filter(|id| candidates.contains(id)).count();
    }
    f64::from(found as u32) / 250.0
}

#[test]
fn candidates_hold_the_nearest_of_many_by_every_metric() {
    for metric in METRICS {
        let (index, vectors) = filled(metric, 5_000, 64);
        let recall = recall(&index, metric, &vectors, None);
        assert!(recall >= 0.98, "{metric}: {recall}");
    }
}

#[test]
fn a_filter_loses_nothing_whether_it_leaves_few_or_many() {
    for metric in METRICS {
        let (index, vectors) = filled(metric, 5_000, 64);
        for nth in [430, 3] {
            let within: Vec<i64> = (0..5_000).filter(|id| id % 500 < nth).collect();
            let recall = recall(&index, metric, &vectors, Some(&within));
            assert!(recall >= 0.98, "{metric}, {nth} of 500: {recall}");
        }
    }
}

#[test]
fn what_was_removed_or_replaced_is_not_found_as_it_was() {
    for metric in METRICS {
        let (mut index, mut vectors) = filled(metric, 5_000, 64);
        let mut clusters = Clusters::new(64, 3);
        for id in 0..5_000 {
            match id % 8 {
                0 => {
                    assert!(index.remove(id));
                    vectors.remove(&id);
                }
                1 => {
                    let vector = clusters.vector();
                    index.insert(id, &vector).unwrap();
                    vectors.insert(id, vector);
                }
                _ => {}
            }
        }
        assert_eq!(index.len(), vectors.len());
        let query = Query::new(metric, 64, &clusters.vector()).unwrap();
        for id in index.candidates(&query, 300, None) {
            assert!(vectors.contains_key(&id));
        }
        let recall = recall(&index, metric, &vectors, None);
        assert!(recall >= 0.98, "{metric}: {recall}");
    }
}

#[test]
fn slots_are_used_again() {
    let mut index = Index::new(Metric::Dot, 3);
    for round in 0..5_000 {
        index.insert(round, &[1.0, 2.0, 3.0]).unwrap();
        assert!(index.remove(round));
    }
    assert!(index.is_empty());
    assert_eq!(index.slots_in_use(), 1);
    assert!(!index.remove(1));
}

#[test]
fn what_is_no_vector_is_refused_with_its_reason() {
    let mut index = Index::new(Metric::Cosine, 2);
    let length = VectorError::Length { wanted: 2, found: 3 };
    assert_eq!(index.insert(1, &[1.0, 2.0, 3.0]), Err(length));
    let nan = VectorError::Number { place: 1 };
    assert_eq!(index.insert(1, &[1.0, f32::NAN]), Err(nan));
    assert_eq!(index.insert(1, &[1.0, 1.1e15]), Err(nan));
    assert_eq!(index.insert(1, &[0.0, -0.0]), Err(VectorError::Zero));
    assert!(index.is_empty());
    assert_eq!(check(Metric::L2, 2, &[0.0, 0.0]), Ok(()));
    assert_eq!(Query::new(Metric::Cosine, 1, &[0.0]).unwrap_err(), VectorError::Zero);
}

#[test]
fn the_greatest_and_the_least_numbers_overflow_nothing() {
    for metric in METRICS {
        let mut index = Index::new(metric, 8192);
        index.insert(1, &[1.0e15; 8192]).unwrap();
        index.insert(2, &[-1.0e15; 8192]).unwrap();
        index.insert(3, &[f32::from_bits(1); 8192]).unwrap();
        let query = Query::new(metric, 8192, &[1.0e15; 8192]).unwrap();
        assert!(index.candidates(&query, 2, None).contains(&1), "{metric}");
    }
}

#[test]
fn the_angle_between_vectors_of_any_length_counts() {
    let query = Query::new(Metric::Cosine, 2, &[1.0e-30, 0.0]).unwrap();
    assert!((query.score(&[1.0e15, 1.0e15]) - core::f64::consts::FRAC_1_SQRT_2).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn where_all_are_candidates_the_order_is_exact(
        metric in prop::sample::select(METRICS.to_vec()),
        vectors in prop::collection::vec(prop::collection::vec(-4_i8..4, 5), 1..60),
        query in prop::collection::vec(-4_i8..4, 5),
        removed in prop::collection::vec(0_usize..60, 0..10),
    ) {
        let floats = |numbers: &[i8]| numbers.iter().map(|n| f32::from(*n)).collect::<Vec<_>>();
        let Ok(query) = Query::new(metric, 5, &floats(&query)) else {
            return Ok(());
        };
        let mut index = Index::new(metric, 5);
        let mut kept = BTreeMap::new();
        for (id, vector) in vectors.iter().enumerate() {
            let vector = floats(vector);
            if index.insert(id as i64, &vector).is_ok() {
                kept.insert(id as i64, vector);
            }
        }
        for id in removed {
            prop_assert_eq!(index.remove(id as i64), kept.remove(&(id as i64)).is_some());
        }
        let candidates = index.candidates(&query, kept.len(), None);
        prop_assert_eq!(candidates.len(), kept.len());
        let found = rank(&query, &kept, candidates.into_iter(), 10);
        prop_assert_eq!(found, exact(&query, &kept, 10));
    }
}
