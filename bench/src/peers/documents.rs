//! A document of a merge library for each node, kept as bytes in an SQLite row beside the JSON that
//! queries would see: what an application builds that takes such a library for its nodes.

use super::sqlite::{BATCH, connect, load_edges};
use super::{Change, Outcome, Setting, Store};
use crate::clock::timed;
use pluresdb_bench_common::{Dataset, Node};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};
use std::hint::black_box;
use std::marker::PhantomData;
use std::path::Path;

/// A merge library's document.
pub(super) trait Document: Sized {
    /// A document with these fields, as this replica makes it.
    fn new(replica: u8, data: &Map<String, Value>) -> Outcome<Self>;

    /// What [`Document::save`] wrote.
    fn load(bytes: &[u8]) -> Outcome<Self>;

    /// The whole document.
    fn save(&mut self) -> Outcome<Vec<u8>>;

    /// Sets one field as this replica; the bytes that tell another replica of it.
    fn set(&mut self, replica: u8, field: &str, value: i64) -> Outcome<Vec<u8>>;

    /// Merges what another replica's [`Document::set`] or [`Document::save`] gave.
    fn merge(&mut self, bytes: &[u8]) -> Outcome<()>;

    /// Its fields as JSON.
    fn json(&self) -> Outcome<String>;

    /// Makes its fields values of the library's own.
    fn read(&self) -> Outcome<()>;
}

pub(super) fn create<D: Document + 'static>(setting: Setting<'_>) -> Outcome<Box<dyn Store>> {
    let conn = connect(setting.path)?;
    conn.execute_batch(
        "CREATE TABLE node
         (nid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT, data TEXT, doc BLOB);",
    )?;
    conn.execute_batch(super::sqlite::EDGES)?;
    Ok(Box::new(Documents::<D> { conn, library: PhantomData }))
}

pub(super) fn open<D: Document + 'static>(path: &Path) -> Outcome<Box<dyn Store>> {
    Ok(Box::new(Documents::<D> { conn: connect(Some(path))?, library: PhantomData }))
}

struct Documents<D> {
    conn: Connection,
    library: PhantomData<D>,
}

const HERE: u8 = 1;
const THERE: u8 = 2;

impl<D: Document> Documents<D> {
    fn insert(&self, node: &Node) -> Outcome<()> {
        let doc = D::new(HERE, &node.data)?.save()?;
        self.conn
            .prepare_cached("INSERT INTO node (id, type, data, doc) VALUES (?1, ?2, ?3, ?4)")?
            .execute((&node.id, node.kind, &node.json, doc))?;
        Ok(())
    }

    fn document(&self, id: &str) -> Outcome<Option<D>> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM node WHERE id = ?1")?;
        let bytes: Option<Vec<u8>> = statement.query_row([id], |row| row.get(0)).optional()?;
        bytes.map(|bytes| D::load(&bytes)).transpose()
    }

    fn merge_one(&self, change: &Change) -> Outcome<()> {
        let mut document = match self.document(&change.id)? {
            Some(mut document) => {
                document.merge(&change.bytes)?;
                document
            }
            None => D::load(&change.bytes)?,
        };
        self.conn
            .prepare_cached(
                "INSERT INTO node (id, type, data, doc) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET data = excluded.data, doc = excluded.doc",
            )?
            .execute((&change.id, change.kind, document.json()?, document.save()?))?;
        Ok(())
    }
}

impl<D: Document> Store for Documents<D> {
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
        let (seconds, result) = timed(|| self.insert(node));
        result?;
        Ok(seconds)
    }

    fn get(&mut self, id: &str) -> Outcome<bool> {
        let Some(document) = self.document(id)? else { return Ok(false) };
        document.read()?;
        Ok(true)
    }

    fn get_json(&mut self, id: &str) -> Outcome<bool> {
        let mut statement = self.conn.prepare_cached("SELECT data FROM node WHERE id = ?1")?;
        let json: Option<String> = statement.query_row([id], |row| row.get(0)).optional()?;
        Ok(black_box(json).is_some())
    }

    fn changes(&mut self, wanted: &[Node]) -> Outcome<Vec<Change>> {
        let change = |node: &Node| {
            let bytes = match self.document(&node.id)? {
                Some(mut document) => {
                    let version = node.data.get("version").and_then(Value::as_i64);
                    document.set(THERE, "version", version.unwrap_or_default())?
                }
                None => D::new(THERE, &node.data)?.save()?,
            };
            Ok(Change { id: node.id.clone(), kind: node.kind, bytes })
        };
        wanted.iter().map(change).collect()
    }

    fn merge(&mut self, changes: &[Change]) -> Outcome<()> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        changes.iter().try_for_each(|change| self.merge_one(change))?;
        self.conn.execute_batch("COMMIT")?;
        Ok(())
    }
}
