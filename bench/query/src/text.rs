//! Search by words on WordNet, beside FTS5 alone over the same texts.
//!
//! Queries are words drawn from one gloss, so that each finds something. FTS5 alone gives the numbers
//! and texts of its rows, as a search gives nodes.

use crate::figure::{Figures, Goal, OURS, best_of, ms};
use crate::{Outcome, Setting};
use pluresdb::{Database, Marks, SearchOptions, SqlValue};
use pluresdb_bench_common::Random;
use std::path::Path;

const ROUNDS: usize = 3;
const TOP: usize = 20;
/// What a search while typing may take, in milliseconds, in a page; natively it is the same goal.
const TYPING_GOAL: f64 = 16.0;

pub(crate) fn measure(setting: &Setting, figures: &Figures) -> Outcome<()> {
    let folder = tempfile::tempdir_in(&setting.folder)?;
    let path = folder.path().join("wordnet.pluresdb");
    let mut db = Database::create(&path, pluresdb::Options::default())?;
    let lines = std::fs::read_to_string(&setting.wordnet)?;
    let (time, counts) = ms(|| Ok(db.import_jsonl(&lines, 1)?))?;
    let rate = counts.nodes as f64 / time * 1e3;
    figures.tell(
        "import of nodes and edges with text",
        "nodes/s",
        None,
        vec![(OURS, vec![rate])],
    )?;
    let bare = bare_fts5(&path, &folder.path().join("bare.sqlite"))?;
    let pairs = pairs(&db, setting)?;

    let ours = best_of(ROUNDS, &pairs, |(a, b)| {
        db.search(&format!("{a} {b} "), None, TOP)?;
        Ok(())
    })?;
    let sql = "SELECT rowid, rank, text FROM t WHERE t MATCH ?1 ORDER BY rank LIMIT ?2";
    let mut statement = bare.prepare(sql)?;
    let theirs = best_of(ROUNDS, &pairs, |(a, b)| {
        let mut rows = statement.query((format!("\"{a}\" AND \"{b}\""), TOP as i64))?;
        while let Some(row) = rows.next()? {
            let _: (i64, f64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        }
        Ok(())
    })?;
    figures.tell("two words, BM25, first 20", "ms", None, vec![(OURS, ours), ("FTS5", theirs)])?;

    let options = SearchOptions { marks: Some(Marks::default()), ..SearchOptions::default() };
    let marked = best_of(1, &pairs, |(a, b)| {
        db.find(&format!("{a} {b} "), &options)?;
        Ok(())
    })?;
    figures.tell("the same with snippets", "ms", None, vec![(OURS, marked)])?;

    // Each word as it is typed, letter by letter from the second.
    let typed: Vec<&str> = pairs
        .iter()
        .take(setting.size(200, 10))
        .flat_map(|(word, _)| (2..=word.len()).filter_map(|end| word.get(..end)))
        .collect();
    let typing = best_of(1, &typed, |typed| {
        db.search(typed, None, TOP)?;
        Ok(())
    })?;
    figures.tell("as you type", "ms", Some(Goal::Middle(TYPING_GOAL)), vec![(OURS, typing)])?;

    let mistyped: Vec<String> =
        pairs.iter().take(setting.size(200, 10)).filter_map(swapped).collect();
    let mending = best_of(1, &mistyped, |typed| {
        db.find(typed, &SearchOptions::default())?;
        Ok(())
    })?;
    figures.tell("a word with two letters swapped", "ms", None, vec![(OURS, mending)])
}

/// Queries: two words of one gloss each.
pub(crate) fn pairs(db: &Database, setting: &Setting) -> Outcome<Vec<(String, String)>> {
    let glosses = texts(db, "SELECT gloss FROM Synset ORDER BY id")?;
    let mut random = Random::new(11);
    let mut pairs = Vec::new();
    while pairs.len() < setting.size(1_000, 40) {
        let at = random.below(glosses.len() as u64) as usize;
        let words: Vec<&str> = glosses.get(at).map(|gloss| words(gloss)).unwrap_or_default();
        if words.len() >= 2 {
            let first = random.below(words.len() as u64) as usize;
            let second = random.below(words.len() as u64) as usize;
            if let (Some(a), Some(b)) = (words.get(first), words.get(second)) {
                pairs.push((a.to_lowercase(), b.to_lowercase()));
            }
        }
    }
    Ok(pairs)
}

/// The words of a gloss that have four letters or more.
fn words(gloss: &str) -> Vec<&str> {
    let words = gloss.split(|c: char| !c.is_ascii_alphabetic());
    words.filter(|word| word.len() >= 4).collect()
}

/// A longer word with its third and fourth letter swapped, and a space to end it.
fn swapped((word, _): &(String, String)) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 6 || letters.get(2) == letters.get(3) {
        return None;
    }
    letters.swap(2, 3);
    letters.push(' ');
    Some(letters.into_iter().collect())
}

fn bare_fts5(from: &Path, to: &Path) -> Outcome<rusqlite::Connection> {
    let conn = rusqlite::Connection::open(to)?;
    conn.execute("ATTACH ?1 AS source", [from.to_string_lossy()])?;
    conn.execute_batch(
        "CREATE VIRTUAL TABLE t USING fts5(text, tokenize = 'unicode61 remove_diacritics 2');
         INSERT INTO t (rowid, text)
           SELECT n.nid, (SELECT group_concat(value, char(10)) FROM json_tree(n.data) WHERE type = 'text')
           FROM source.pdb_node AS n WHERE n.alive ORDER BY n.nid;
         DETACH source;",
    )?;
    Ok(conn)
}

fn texts(db: &Database, sql: &str) -> Outcome<Vec<String>> {
    let rows = db.query(sql, &[])?.rows.into_iter().flatten();
    let text = |value| if let SqlValue::Text(text) = value { Some(text) } else { None };
    Ok(rows.filter_map(text).collect())
}
