//! The nearest of 100,000 vectors of texts in a file, beside a loop over all of them and a graph index in memory.
//!
//! The queries are usage examples of WordNet, the vectors its glosses. What the loop finds is exact; what a
//! peer finds of it is in its name. `npm run bench -- vectors` has conditions, writes and other sizes.

use crate::figure::{Figures, Goal, OURS, PATIENCE, Told, best_of, ms};
use crate::{Outcome, Setting};
use pluresdb::{Database, Options};
use pluresdb_bench_vectors::data;
use pluresdb_bench_vectors::ours::{self, Searched};
use pluresdb_bench_vectors::peers::{Finder, HnswRs, Loop, TOP};

const ROUNDS: usize = 3;
/// Candidates that a search of the graph looks at.
const EF: usize = 64;
/// What a search may take, in milliseconds.
const GOAL: f64 = 1.0;
/// The least share of the nearest that we are to find.
const LEAST: f64 = 0.98;

pub(crate) fn measure(setting: &Setting, figures: &Figures) -> Outcome<()> {
    let (count, searches) = (setting.size(100_000, 3_000), setting.size(300, 20));
    let data = data::texts(&setting.wordnet, &setting.model, count, searches)?;
    let folder = tempfile::tempdir_in(&setting.folder)?;
    let options = Options { text_index: false, ..Options::default() };
    let mut db = Database::create(folder.path().join("vectors.pluresdb"), options)?;
    let (filling, ()) = ms(|| Ok(ours::fill(&mut db, &data.vectors)?))?;

    let search = |finder: &mut dyn Finder| -> Outcome<(Vec<f64>, Vec<Vec<usize>>)> {
        let found = data.queries.iter().map(|query| finder.find(query)).collect();
        let times = best_of(ROUNDS, &data.queries, |query| {
            finder.find(query);
            Ok(())
        })?;
        Ok((times, found))
    };
    let (looping, exact) = search(&mut Loop::new(&data.vectors))?;
    let recall = |found: &[Vec<usize>]| {
        let of = |(found, exact): (&Vec<usize>, &Vec<usize>)| {
            exact.iter().filter(|at| found.contains(at)).count()
        };
        found.iter().zip(&exact).map(of).sum::<usize>() as f64 / (exact.len() * TOP) as f64
    };
    let mut searched = Searched { db: &db, filter: None, in_sql: false };
    let (scanning, found) = search(&mut searched)?;
    if recall(&found) < LEAST {
        return Err(format!("PluresDB found {} of the nearest", recall(&found)).into());
    }
    let (building, (mut graph, held)) =
        ms(|| Ok(HnswRs::build_within(&data.vectors, EF, PATIENCE)))?;
    let (walking, found) = search(&mut graph)?;

    let whole = held == data.vectors.len();
    let walked = match whole {
        true => format!("hnsw_rs, ef {EF} (recall {:.3})", recall(&found)),
        false => format!("hnsw_rs, ef {EF}, {held} vectors"),
    };
    let vectors = data.vectors.len();
    figures.tell(
        &format!("nearest {TOP} of {vectors} texts"),
        "ms",
        Some(Goal::Middle(GOAL)),
        vec![(OURS, scanning), ("loop over f32", looping), (&walked, walking)],
    )?;
    let built = if whole { vec![building].into() } else { Told::CUT };
    let made = vec![(OURS, vec![filling].into()), ("hnsw_rs, in memory, all processors", built)];
    figures.tell(&format!("taking in {vectors} vectors, durably"), "ms", None, made)
}
