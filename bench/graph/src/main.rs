//! The graph on WordNet: `npm run bench -- graph` hands its lines to standard input.
//!
//! Starts are drawn from all synsets; the same ones for everything. A recursive query of bare SQLite
//! over tables of numbers does the same traversal in the same run.

use pluresdb::{Database, Direction, Options, RankOptions, SqlValue, Walk};
use pluresdb_bench_common::Random;
use std::error::Error;
use std::io::Read;
use std::time::Instant;

const STARTS: usize = 500;
const PAIRS: usize = 100;
const ROUNDS: usize = 5;
/// What a traversal of three hops may take, in milliseconds.
const GOAL: f64 = 5.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut lines = String::new();
    std::io::stdin().read_to_string(&mut lines)?;
    let folder = tempfile_folder()?;
    let path = folder.join("wordnet.pluresdb");
    let options = Options { text_index: false, ..Options::default() };
    let mut db = Database::create(&path, options)?;
    db.import_jsonl(&lines, 1)?;
    let status = db.status()?;
    println!("WordNet: {} nodes, {} edges, on a file", status.nodes, status.edges);

    let ids = texts(&db, "SELECT id FROM nodes ORDER BY id")?;
    let mut random = Random::new(7);
    let mut draw = |count: usize| -> Vec<String> {
        let pick = |_| ids.get(random.below(ids.len() as u64) as usize).cloned();
        (0..count).filter_map(pick).collect()
    };
    let (starts, ends) = (draw(STARTS), draw(PAIRS));

    for (name, direction) in [("along edges", Direction::Out), ("both ways", Direction::Both)] {
        let walk = Walk { depth: 3, direction, ..Walk::default() };
        let mut nodes = Vec::new();
        let times = each(&starts, |start| {
            nodes.push(db.traverse(start, &walk)?.nodes.len() as f64);
            Ok(())
        })?;
        report(&format!("3 hops, {name}"), times, Some(GOAL));
        report_count("  nodes reached", nodes);
    }
    let sql = "SELECT count(*) FROM traverse(?1, 3, NULL, 'both')";
    let times = each(&starts, |start| {
        db.query(sql, &[SqlValue::Text(start.into())])?;
        Ok(())
    })?;
    report("3 hops, both ways, in SQL", times, Some(GOAL));
    let bare = bare_sqlite(&path, &folder.join("bare.sqlite"))?;
    let mut statement = bare.prepare(
        "WITH RECURSIVE walk(node, depth) AS (
             SELECT nid, 0 FROM node WHERE id = ?1
             UNION SELECT hop.other, walk.depth + 1 FROM walk JOIN hop ON hop.node = walk.node
             WHERE walk.depth < 3)
         SELECT count(DISTINCT node) FROM walk",
    )?;
    let times = each(&starts, |start| Ok(statement.query_row([start], |_| Ok(()))?))?;
    report("  the same by SQLite's WITH RECURSIVE", times, None);

    let walk = Walk { direction: Direction::Both, ..Walk::default() };
    let mut found = std::collections::HashSet::new();
    let pairs: std::collections::HashMap<&str, &str> =
        ends.iter().map(String::as_str).zip(starts.iter().map(String::as_str)).collect();
    let times = each(&ends, |end| {
        let start = pairs.get(end).ok_or("each end has a start")?;
        if db.shortest_path(start, end, &walk, None)?.route.is_some() {
            found.insert(end.to_owned());
        }
        Ok(())
    })?;
    let found = found.len();
    report(&format!("shortest path, {found} of {PAIRS} connected"), times, None);

    let start = Instant::now();
    let components = db.components(&Walk::whole())?.components;
    let sizes = (components.len(), components.first().map_or(0, Vec::len));
    println!(
        "components: {} ms ({} of them, {} nodes in the largest)",
        ms(start),
        sizes.0,
        sizes.1
    );
    let start = Instant::now();
    let ranks = db.pagerank(&RankOptions::default())?;
    println!("pagerank: {} ms ({} iterations)", ms(start), ranks.iterations);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// The same graph with its edges both ways, as numbers alone.
fn bare_sqlite(from: &std::path::Path, to: &std::path::Path) -> Outcome<rusqlite::Connection> {
    let conn = rusqlite::Connection::open(to)?;
    conn.execute("ATTACH ?1 AS source", [from.to_string_lossy()])?;
    conn.execute_batch(
        "CREATE TABLE node (nid INTEGER PRIMARY KEY, id TEXT UNIQUE);
         INSERT INTO node SELECT nid, id FROM source.pdb_node;
         CREATE TABLE hop (node INTEGER, other INTEGER, PRIMARY KEY (node, other)) WITHOUT ROWID;
         INSERT OR IGNORE INTO hop SELECT source, target FROM source.pdb_edge;
         INSERT OR IGNORE INTO hop SELECT target, source FROM source.pdb_edge;
         DETACH source;",
    )?;
    Ok(conn)
}

fn tempfile_folder() -> Outcome<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("pluresdb-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn texts(db: &Database, sql: &str) -> Outcome<Vec<String>> {
    let rows = db.query(sql, &[])?.rows.into_iter().flatten();
    let text = |value| if let SqlValue::Text(text) = value { Some(text) } else { None };
    Ok(rows.filter_map(text).collect())
}

/// Runs the work for each word, a few times; gives the milliseconds of the best of them, which is
/// what the work takes where nothing else runs.
fn each(words: &[String], mut work: impl FnMut(&str) -> Outcome<()>) -> Outcome<Vec<f64>> {
    let mut times = vec![f64::INFINITY; words.len()];
    for _ in 0..ROUNDS {
        for (word, best) in words.iter().zip(&mut times) {
            let start = Instant::now();
            work(word)?;
            *best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    Ok(times)
}

fn at(values: &[f64], part: f64) -> f64 {
    let place = (values.len() as f64 * part) as usize;
    values.get(place.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn report(name: &str, mut times: Vec<f64>, goal: Option<f64>) {
    times.sort_by(f64::total_cmp);
    let [middle, most, all] = [0.5, 0.95, 1.0].map(|part| at(&times, part));
    let verdict = goal
        .map_or("", |goal| if all <= goal { ", all under 5 ms" } else { ", NOT all under 5 ms" });
    println!("{name}: p50 {middle:.3} ms, p95 {most:.3} ms, most {all:.3} ms{verdict}");
}

fn report_count(name: &str, mut counts: Vec<f64>) {
    counts.sort_by(f64::total_cmp);
    println!("{name}: p50 {}, most {}", at(&counts, 0.5), at(&counts, 1.0));
}

fn ms(start: Instant) -> u128 {
    start.elapsed().as_millis()
}
