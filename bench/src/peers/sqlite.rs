//! SQLite alone: the floor. Rows with JSON, edges, the same full-text index; no log, no merge, and
//! a remote write simply replaces the row.

use super::{Change, Outcome, Peer, Setting, Store};
use crate::clock::timed;
use pluresdb_bench_common::{Dataset, Node};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};
use std::hint::black_box;
use std::path::Path;

pub(super) const PEER: Peer = Peer { name: "SQLite", has_text: true, grows: true, create, open };

/// Rows in one transaction of a load.
pub(super) const BATCH: usize = 10_000;

struct Sqlite {
    conn: Connection,
    text: bool,
}

fn create(setting: Setting<'_>) -> Outcome<Box<dyn Store>> {
    let conn = connect(setting.path)?;
    conn.execute_batch(
        "CREATE TABLE node (nid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT, data TEXT);",
    )?;
    conn.execute_batch(EDGES)?;
    if setting.text {
        conn.execute_batch(
            "CREATE VIRTUAL TABLE words USING fts5(text, content = '', contentless_delete = 1,
                 tokenize = 'unicode61 remove_diacritics 2');
             INSERT INTO words (words, rank) VALUES ('hashsize', 8388608);",
        )?;
    }
    Ok(Box::new(Sqlite { conn, text: setting.text }))
}

fn open(path: &Path) -> Outcome<Box<dyn Store>> {
    let conn = connect(Some(path))?;
    let text = conn.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'words'")?.exists([])?;
    Ok(Box::new(Sqlite { conn, text }))
}

/// Edges by the numbers of their ends, to be found from both.
pub(super) const EDGES: &str =
    "CREATE TABLE edge (source INTEGER NOT NULL, label TEXT NOT NULL, target INTEGER NOT NULL,
         PRIMARY KEY (source, label, target)) WITHOUT ROWID;
     CREATE INDEX edge_in ON edge (target, label, source);";

/// A connection set as PluresDB sets its own.
pub(super) fn connect(path: Option<&Path>) -> Outcome<Connection> {
    let conn = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    conn.set_prepared_statement_cache_capacity(64);
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(conn)
}

/// Loads edges between nodes that are there.
pub(super) fn load_edges(conn: &Connection, data: &Dataset) -> Outcome<()> {
    for batch in data.edges.chunks(BATCH) {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        for edge in batch {
            conn.prepare_cached(
                "INSERT OR IGNORE INTO edge
                 SELECT s.nid, ?2, t.nid FROM node AS s, node AS t WHERE s.id = ?1 AND t.id = ?3",
            )?
            .execute((&edge.source, edge.label, &edge.target))?;
        }
        conn.execute_batch("COMMIT")?;
    }
    Ok(())
}

impl Sqlite {
    fn insert(&self, node: &Node) -> Outcome<()> {
        self.conn
            .prepare_cached("INSERT INTO node (id, type, data) VALUES (?1, ?2, ?3)")?
            .execute((&node.id, node.kind, &node.json))?;
        if self.text {
            let mut text = String::new();
            node.data.values().for_each(|value| collect(value, &mut text));
            self.conn
                .prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?
                .execute((self.conn.last_insert_rowid(), text))?;
        }
        Ok(())
    }

    fn json(&self, id: &str) -> Outcome<Option<String>> {
        let mut statement = self.conn.prepare_cached("SELECT data FROM node WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }
}

impl Store for Sqlite {
    fn load(&mut self, data: &Dataset, _: &[String]) -> Outcome<f64> {
        let (seconds, result) = timed(|| {
            for batch in data.nodes.chunks(BATCH) {
                self.conn.execute_batch("BEGIN IMMEDIATE")?;
                batch.iter().try_for_each(|node| self.insert(node))?;
                self.conn.execute_batch("COMMIT")?;
            }
            load_edges(&self.conn, data)
        });
        result?;
        Ok(seconds)
    }

    fn put(&mut self, node: &Node) -> Outcome<f64> {
        let (seconds, result) = timed(|| {
            if !self.text {
                return self.insert(node);
            }
            self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
            self.insert(node)?;
            self.conn.prepare_cached("COMMIT")?.execute([])?;
            Ok(())
        });
        result?;
        Ok(seconds)
    }

    fn get(&mut self, id: &str) -> Outcome<bool> {
        let Some(json) = self.json(id)? else { return Ok(false) };
        black_box(serde_json::from_str::<Map<String, Value>>(&json)?);
        Ok(true)
    }

    fn get_json(&mut self, id: &str) -> Outcome<bool> {
        Ok(black_box(self.json(id)?).is_some())
    }

    fn changes(&mut self, wanted: &[Node]) -> Outcome<Vec<Change>> {
        let change = |node: &Node| Change {
            id: node.id.clone(),
            kind: node.kind,
            bytes: node.json.clone().into_bytes(),
        };
        Ok(wanted.iter().map(change).collect())
    }

    fn merge(&mut self, changes: &[Change]) -> Outcome<()> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        for change in changes {
            self.conn
                .prepare_cached(
                    "INSERT INTO node (id, type, data) VALUES (?1, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET type = excluded.type, data = excluded.data",
                )?
                .execute((&change.id, change.kind, std::str::from_utf8(&change.bytes)?))?;
        }
        self.conn.execute_batch("COMMIT")?;
        Ok(())
    }
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => {
            text.push_str(string);
            text.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(map) => map.values().for_each(|value| collect(value, text)),
        _ => {}
    }
}
