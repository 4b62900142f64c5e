//! Other ways to the nearest: comparing with all, and two graph indexes.

use hnsw_rs::prelude::{DistCosine, Hnsw};
use instant_distance::{Builder, HnswMap, Search};
use std::time::{Duration, Instant};

/// How many of the nearest are asked for.
pub const TOP: usize = 10;

/// Finds the numbers of the nearest.
pub trait Finder {
    /// Of the nearest, the nearest first.
    fn find(&mut self, query: &[f32]) -> Vec<usize>;
}

/// Every vector compared in 32 bits, as a careful program would: of length 1 beforehand, eight sums at a time.
#[derive(Debug)]
pub struct Loop {
    vectors: Vec<f32>,
    dimension: usize,
}

impl Loop {
    /// Over these vectors.
    pub fn new(vectors: &[Vec<f32>]) -> Self {
        let dimension = vectors.first().map_or(1, Vec::len);
        Self { vectors: vectors.iter().flat_map(|vector| unit(vector)).collect(), dimension }
    }
}

impl Finder for Loop {
    fn find(&mut self, query: &[f32]) -> Vec<usize> {
        let query = unit(query);
        let rows = self.vectors.chunks_exact(self.dimension);
        let mut scores: Vec<(f32, usize)> =
            rows.enumerate().map(|(at, row)| (dot(&query, row), at)).collect();
        let last = TOP.min(scores.len()).saturating_sub(1);
        scores.select_nth_unstable_by(last, |a, b| b.0.total_cmp(&a.0));
        scores.truncate(TOP);
        scores.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        scores.into_iter().map(|(_, at)| at).collect()
    }
}

/// A vector of length 1 in the same direction.
pub fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    vector.iter().map(|number| number / length.max(f32::MIN_POSITIVE)).collect()
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (left, _) = left.as_chunks::<8>();
    let (right, _) = right.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (left, right) in left.iter().zip(right) {
        for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
            *sum += left * right;
        }
    }
    sums.iter().sum()
}

#[derive(Clone)]
struct Point(Vec<f32>);

impl instant_distance::Point for Point {
    fn distance(&self, other: &Self) -> f32 {
        1.0 - dot(&self.0, &other.0)
    }
}

/// `instant-distance`: a graph that is built once, and neither takes nor loses a vector afterwards.
pub struct InstantDistance {
    map: HnswMap<Point, usize>,
    search: Search,
}

impl InstantDistance {
    /// Of all vectors at once, for searches that look at `ef` candidates.
    pub fn build(vectors: &[Vec<f32>], ef: usize) -> Self {
        let points = vectors.iter().map(|vector| Point(unit(vector))).collect();
        let map =
            Builder::default().ef_search(ef).seed(1).build(points, (0..vectors.len()).collect());
        Self { map, search: Search::default() }
    }
}

impl Finder for InstantDistance {
    fn find(&mut self, query: &[f32]) -> Vec<usize> {
        let query = Point(unit(query));
        self.map.search(&query, &mut self.search).take(TOP).map(|item| *item.value).collect()
    }
}

/// `hnsw_rs`: a graph that takes vectors one by one, and loses none.
pub struct HnswRs {
    graph: Hnsw<'static, f32, DistCosine>,
    ef: usize,
}

impl HnswRs {
    /// Of vectors one by one, for searches that look at `ef` candidates.
    pub fn build(vectors: &[Vec<f32>], ef: usize) -> Self {
        let graph = Self::empty(vectors.len());
        for (at, vector) in vectors.iter().enumerate() {
            graph.insert((vector.as_slice(), at));
        }
        Self { graph, ef }
    }

    /// Of as many vectors as all processors take in before a time has passed; also how many those are.
    pub fn build_within(vectors: &[Vec<f32>], ef: usize, limit: Duration) -> (Self, usize) {
        let graph = Self::empty(vectors.len());
        let begun = Instant::now();
        let mut held = 0;
        for some in vectors.chunks(1_000) {
            if begun.elapsed() > limit {
                break;
            }
            let numbered: Vec<(&[f32], usize)> =
                some.iter().zip(held..).map(|(vector, at)| (vector.as_slice(), at)).collect();
            graph.parallel_insert_slice(&numbered);
            held += some.len();
        }
        (Self { graph, ef }, held)
    }

    fn empty(count: usize) -> Hnsw<'static, f32, DistCosine> {
        Hnsw::new(16, count, 16, 200, DistCosine)
    }

    /// How many candidates searches look at from here on.
    pub const fn set_ef(&mut self, ef: usize) {
        self.ef = ef;
    }
}

impl Finder for HnswRs {
    fn find(&mut self, query: &[f32]) -> Vec<usize> {
        self.graph.search(query, TOP, self.ef).into_iter().map(|found| found.d_id).collect()
    }
}
