//! Other ways to the nearest: comparing with all, and two graph indexes.

use hnsw_rs::prelude::{DistCosine, Hnsw};
use instant_distance::{Builder, HnswMap, Search};

/// How many of the nearest are asked for.
pub(crate) const TOP: usize = 10;

/// Finds the numbers of the nearest.
pub(crate) trait Finder {
    fn find(&mut self, query: &[f32]) -> Vec<usize>;
}

/// Every vector compared in 32 bits, as a careful program would: of length 1 beforehand, eight sums at a time.
pub(crate) struct Loop {
    vectors: Vec<f32>,
    dimension: usize,
}

impl Loop {
    pub(crate) fn new(vectors: &[Vec<f32>]) -> Self {
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
pub(crate) fn unit(vector: &[f32]) -> Vec<f32> {
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
pub(crate) struct InstantDistance {
    map: HnswMap<Point, usize>,
    search: Search,
}

impl InstantDistance {
    pub(crate) fn build(vectors: &[Vec<f32>], ef: usize) -> Self {
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
pub(crate) struct HnswRs {
    graph: Hnsw<'static, f32, DistCosine>,
    ef: usize,
}

impl HnswRs {
    pub(crate) fn build(vectors: &[Vec<f32>], ef: usize) -> Self {
        let graph = Hnsw::new(16, vectors.len(), 16, 200, DistCosine);
        for (at, vector) in vectors.iter().enumerate() {
            graph.insert((vector.as_slice(), at));
        }
        Self { graph, ef }
    }

    pub(crate) const fn set_ef(&mut self, ef: usize) {
        self.ef = ef;
    }
}

impl Finder for HnswRs {
    fn find(&mut self, query: &[f32]) -> Vec<usize> {
        self.graph.search(query, TOP, self.ef).into_iter().map(|found| found.d_id).collect()
    }
}
