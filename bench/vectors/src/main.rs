//! The nearest of many vectors: `npm run bench -- vectors` hands WordNet and the model to it.
//!
//! All finders answer the same queries; an exact comparison in 64 bits tells what they should find. A
//! search is timed one by one; where the machine is busy with other work, `--processor` tells of the time
//! on processors only, over all queries and threads.

mod clock;

use clap::Parser;
use clock::Clock;
use pluresdb::types::Metric;
use pluresdb::vectors::Query;
use pluresdb::{Database, Options};
use pluresdb_bench_vectors::data::{self, Data};
use pluresdb_bench_vectors::ours::{self, Alone, Searched};
use pluresdb_bench_vectors::peers::{Finder, HnswRs, InstantDistance, Loop, TOP};
use std::error::Error;
use std::path::PathBuf;

#[derive(Parser)]
struct Args {
    /// WordNet as JSON Lines
    #[arg(long)]
    wordnet: PathBuf,
    /// The folder of the model
    #[arg(long)]
    model: PathBuf,
    /// How many vectors
    #[arg(long, default_value_t = 100_000)]
    vectors: usize,
    /// How many searches
    #[arg(long, default_value_t = 300)]
    queries: usize,
    /// Also the graph indexes, which take minutes to build
    #[arg(long)]
    graphs: bool,
    /// Also vectors without any order
    #[arg(long)]
    drawn: bool,
    /// Only time on processors
    #[arg(long)]
    processor: bool,
    /// Few vectors, to see that everything runs
    #[arg(long)]
    quick: bool,
}

/// The least share of the ten nearest that is to be found, in thousandths.
const GOAL: u32 = 980;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = Args::parse();
    if args.quick {
        (args.vectors, args.queries) = (3_000, 20);
    }
    let clock = Clock::new(args.processor)?;
    let mut all = vec![data::texts(&args.wordnet, &args.model, args.vectors, args.queries)?];
    if args.drawn {
        all.push(data::drawn(256, args.vectors, args.queries));
    }
    for data in &all {
        measure(data, &args, clock)?;
    }
    Ok(())
}

fn measure(data: &Data, args: &Args, clock: Clock) -> Result<(), Box<dyn Error>> {
    let Data { name, vectors, queries } = data;
    let dimension = vectors.first().map_or(0, Vec::len);
    let first_query = queries.first().ok_or("no queries")?;
    println!(
        "\n{name}: {} vectors of {dimension} numbers, {} searches",
        vectors.len(),
        queries.len()
    );
    println!("| | made in | a search takes | recall@10 |\n|---|---|---|---|");
    let truth = exact(data, |_| true);
    let row = |name: &str, made: f64, finder: &mut dyn Finder, truth: &[Vec<usize>]| {
        let (each, recall) = run(queries, truth, finder, clock);
        let found = f64::from(recall) / 1_000.0;
        println!("| {name} | {made:.2} s | {:.3} ms | {found:.3} |", each * 1e3);
        recall
    };
    let (made, mut exact_loop) = clock.once(|| Loop::new(vectors));
    row("exact loop, f32", made, &mut exact_loop, &truth);
    drop(exact_loop);
    let (made, alone) = clock.once(|| Alone::build(vectors));
    let recall = row("index alone", made, &mut alone?, &truth);

    let folder = tempfile::tempdir()?;
    let options = Options { text_index: false, ..Options::default() };
    let mut db = Database::create(folder.path().join("vectors.pluresdb"), options)?;
    let (made, filled) = clock.once(|| ours::fill(&mut db, vectors));
    filled?;
    let (first, _) = clock.once(|| db.nearest("Note", "at", first_query, TOP, None));
    println!("| first search of the file, which reads all vectors | | {:.0} ms | |", first * 1e3);
    let mut searched = Searched { db: &db, filter: None, in_sql: true };
    row("vsearch, ids and scores", made, &mut searched, &truth);
    searched.in_sql = false;
    row("nearest, whole nodes", made, &mut searched, &truth);
    for nth in [2, 100, 5_000] {
        let some = exact(data, |n| n % nth == 1);
        let filter = format!("n % {nth} = 1");
        let mut searched = Searched { db: &db, filter: Some(&filter), in_sql: true };
        row(&format!("vsearch, {filter}"), made, &mut searched, &some);
    }
    insert_to_found(&mut db, data, clock)?;

    if args.graphs {
        let (made, graph) = clock.once(|| InstantDistance::build(vectors, 100));
        row("instant-distance, ef 100", made, &mut { graph }, &truth);
        let (made, mut graph) = clock.once(|| HnswRs::build(vectors, 32));
        for ef in [32, 64, 128] {
            graph.set_ef(ef);
            row(&format!("hnsw_rs, ef {ef}"), made, &mut graph, &truth);
        }
    }
    // Vectors without order have no neighbours worth the name; what is found of them is told only.
    if *name == "texts" && recall < GOAL {
        return Err(format!("recall of {recall} in 1,000 is below {GOAL}").into());
    }
    Ok(())
}

/// The time a search takes, at the median, and the share of the nearest that it finds, in thousandths.
fn run(
    queries: &[Vec<f32>],
    truth: &[Vec<usize>],
    finder: &mut dyn Finder,
    clock: Clock,
) -> (f64, u32) {
    let (each, found) = clock.each(queries, |query| finder.find(query));
    let (mut right, mut wanted) = (0, 0);
    for (found, truth) in found.iter().zip(truth) {
        right += truth.iter().filter(|at| found.contains(at)).count();
        wanted += truth.len();
    }
    (each, (right * 1_000 / wanted.max(1)) as u32)
}

/// What is nearest to each query, of the vectors whose numbers are let through.
fn exact(data: &Data, lets: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let nearest = |query: &Vec<f32>| {
        let Ok(query) = Query::new(Metric::Cosine, query.len(), query) else {
            return Vec::new();
        };
        let all = data.vectors.iter().enumerate().filter(|(at, _)| lets(*at));
        let mut scored: Vec<(f64, usize)> =
            all.map(|(at, vector)| (query.score(vector), at)).collect();
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(TOP).map(|(_, at)| at).collect()
    };
    data.queries.iter().map(nearest).collect()
}

/// How long it takes from the start of a write to a search that finds what was written, in a file and in
/// memory, where no disk is waited for.
fn insert_to_found(db: &mut Database, data: &Data, clock: Clock) -> Result<(), Box<dyn Error>> {
    let dimension = data.vectors.first().map_or(1, Vec::len);
    let new: Vec<Vec<f32>> = data::drawn(dimension, 100, 0).vectors;
    let mut number = data.vectors.len();
    let mut missed = 0;
    let (each, _) = clock.each(&new, |vector| {
        number += 1;
        let Ok(note) = ours::note(number, vector) else { return };
        let put = db.put(&ours::id(number), "Note", note);
        let hits = db.nearest("Note", "at", vector, 1, None).unwrap_or_default();
        let found = hits.first().is_some_and(|hit| hit.node.id == ours::id(number));
        missed += usize::from(put.is_err() || !found);
    });
    println!("| durable put, and the search that finds it | | {:.3} ms | |", each * 1e3);
    if missed > 0 {
        return Err(format!("{missed} of {} were not found at once", new.len()).into());
    }
    Ok(())
}
