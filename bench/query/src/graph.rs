//! Traversals, paths, parts and ranks on WordNet.
//!
//! Starts are drawn from all synsets; the same ones for everything. A recursive query of bare SQLite
//! over tables of numbers does the same traversal in the same run.

use crate::figure::{Figures, Goal, OURS, best_of, ms};
use crate::{Outcome, Setting};
use pluresdb::{Database, Direction, Options, RankOptions, SqlValue, Walk};
use pluresdb_bench_common::Random;
use std::path::Path;

const ROUNDS: usize = 5;
/// What every traversal of three hops may take, in milliseconds.
const HOPS_GOAL: f64 = 5.0;

pub(crate) fn measure(setting: &Setting, figures: &Figures) -> Outcome<()> {
    let folder = tempfile::tempdir_in(&setting.folder)?;
    let path = folder.path().join("wordnet.pluresdb");
    let mut db = wordnet(&setting.wordnet, &path)?;
    let ids = texts(&db, "SELECT id FROM nodes WHERE type = 'Synset' ORDER BY id")?;
    let mut random = Random::new(7);
    let mut draw = |count: usize| -> Vec<String> {
        let pick = |_| ids.get(random.below(ids.len() as u64) as usize).cloned();
        (0..count).filter_map(pick).collect()
    };
    let starts = draw(setting.size(500, 20));
    let ends = draw(setting.size(100, 10));

    hops(&db, &bare_sqlite(&path, &folder.path().join("bare.sqlite"))?, &starts, figures)?;

    let walk = Walk { direction: Direction::Both, ..Walk::default() };
    let pairs: Vec<(&String, &String)> = starts.iter().zip(&ends).collect();
    let times = best_of(ROUNDS, &pairs, |(start, end)| {
        db.shortest_path(start, end, &walk, None)?;
        Ok(())
    })?;
    figures.tell("shortest path between two synsets", "ms", None, vec![(OURS, times)])?;

    let (time, _) = ms(|| Ok(db.components(&Walk::whole())?))?;
    figures.tell("all components", "ms", None, vec![(OURS, vec![time])])?;
    let (time, _) = ms(|| Ok(db.pagerank(&RankOptions::default())?))?;
    figures.tell("all ranks", "ms", None, vec![(OURS, vec![time])])?;
    let bytes = file_bytes_each_node(&mut db, &path)?;
    figures.tell("file, for each node", "bytes", None, vec![(OURS, vec![bytes])])
}

/// Three hops: along edges and both ways, through the method and in SQL.
fn hops(
    db: &Database,
    bare: &rusqlite::Connection,
    starts: &[String],
    figures: &Figures,
) -> Outcome<()> {
    let traverse = |direction| {
        let walk = Walk { depth: 3, direction, ..Walk::default() };
        best_of(ROUNDS, starts, |start| {
            db.traverse(start, &walk)?;
            Ok(())
        })
    };
    let goal = Some(Goal::Every(HOPS_GOAL));
    figures.tell("3 hops along edges", "ms", goal, vec![(OURS, traverse(Direction::Out)?)])?;
    let mut recursive = bare.prepare(
        "WITH RECURSIVE walk(node, depth) AS (
             SELECT nid, 0 FROM node WHERE id = ?1
             UNION SELECT hop.other, walk.depth + 1 FROM walk JOIN hop ON hop.node = walk.node
             WHERE walk.depth < 3)
         SELECT count(DISTINCT node) FROM walk",
    )?;
    let recursive = best_of(ROUNDS, starts, |start| Ok(recursive.query_row([start], |_| Ok(()))?))?;
    let both = vec![(OURS, traverse(Direction::Both)?), ("SQLite, recursive", recursive)];
    figures.tell("3 hops both ways", "ms", goal, both)?;
    let sql = "SELECT count(*) FROM traverse(?1, 3, NULL, 'both')";
    let times = best_of(ROUNDS, starts, |start| {
        db.query(sql, &[SqlValue::Text(start.clone())])?;
        Ok(())
    })?;
    figures.tell("3 hops both ways, in SQL", "ms", goal, vec![(OURS, times)])
}

/// A database of WordNet without a text index.
fn wordnet(lines: &Path, path: &Path) -> Outcome<Database> {
    let options = Options { text_index: false, ..Options::default() };
    let mut db = Database::create(path, options)?;
    db.import_jsonl(&std::fs::read_to_string(lines)?, 1)?;
    Ok(db)
}

/// The same graph with its edges both ways, as numbers alone.
fn bare_sqlite(from: &Path, to: &Path) -> Outcome<rusqlite::Connection> {
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

fn file_bytes_each_node(db: &mut Database, path: &Path) -> Outcome<f64> {
    let nodes = db.status()?.nodes;
    Ok(std::fs::metadata(path)?.len() as f64 / nodes as f64)
}

fn texts(db: &Database, sql: &str) -> Outcome<Vec<String>> {
    let rows = db.query(sql, &[])?.rows.into_iter().flatten();
    let text = |value| if let SqlValue::Text(text) = value { Some(text) } else { None };
    Ok(rows.filter_map(text).collect())
}
