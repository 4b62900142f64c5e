//! The database: its index of vectors alone, and the whole way through a file.

use crate::peers::{Finder, TOP};
use pluresdb::types::{FieldDef, Metric, TypeDef, ValueType};
use pluresdb::vectors::{Index, Query};
use pluresdb::{Database, Error, Map, SqlValue, Statement, Value, object};

/// How many candidates the database compares exactly, where ten are asked for.
const CANDIDATES: usize = 2 * TOP + 10;

/// The index in memory, with the vectors beside it.
pub struct Alone {
    index: Index,
    vectors: Vec<Vec<f32>>,
    dimension: usize,
}

impl Alone {
    /// Of these vectors.
    pub fn build(vectors: &[Vec<f32>]) -> Result<Self, Error> {
        let dimension = vectors.first().map_or(1, Vec::len);
        let mut index = Index::new(Metric::Cosine, dimension);
        for (id, vector) in (0..).zip(vectors) {
            index.insert(id, vector)?;
        }
        Ok(Self { index, vectors: vectors.to_vec(), dimension })
    }
}

impl Finder for Alone {
    fn find(&mut self, query: &[f32]) -> Vec<usize> {
        let Ok(query) = Query::new(Metric::Cosine, self.dimension, query) else {
            return Vec::new();
        };
        let candidates = self.index.candidates(&query, CANDIDATES, None);
        let vector = |id: i64| self.vectors.get(id as usize).map_or(&[][..], Vec::as_slice);
        let mut scored: Vec<(f64, i64)> =
            candidates.into_iter().map(|id| (query.score(vector(id)), id)).collect();
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(TOP).map(|(_, id)| id as usize).collect()
    }
}

/// Notes with a vector each, of which every tenth is of a kind.
pub fn fill(db: &mut Database, vectors: &[Vec<f32>]) -> Result<(), Error> {
    let dimension = vectors.first().map_or(1, Vec::len) as u32;
    let def = TypeDef::new("Note")
        .with("at", FieldDef::vector(dimension, Metric::Cosine))
        .with("n", FieldDef::of(ValueType::Integer).indexed());
    db.define_type(&def)?;
    for (part, some) in vectors.chunks(64).enumerate() {
        db.transaction(|tx| {
            for (at, vector) in some.iter().enumerate() {
                let n = part * 64 + at;
                tx.put(&id(n), "Note", note(n, vector)?)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The id of note number n.
pub fn id(n: usize) -> String {
    format!("n{n}")
}

/// The fields of a note.
pub fn note(n: usize, vector: &[f32]) -> Result<Map, Error> {
    let vector = Value::vector(vector).unwrap_or(Value::Null);
    Ok(object([("n", (n as i64).into()), ("at", vector)]))
}

/// `nearest` or `vsearch`, with or without a condition.
pub struct Searched<'a> {
    /// The database.
    pub db: &'a Database,
    /// A condition of SQL.
    pub filter: Option<&'a str>,
    /// By `vsearch`, which gives ids, and not by `nearest`.
    pub in_sql: bool,
}

impl Finder for Searched<'_> {
    fn find(&mut self, query: &[f32]) -> Vec<usize> {
        let number = |id: &str| id.trim_start_matches('n').parse().unwrap_or(usize::MAX);
        if self.in_sql {
            let bytes = query.iter().flat_map(|number| number.to_le_bytes()).collect();
            let filter = self.filter.map_or(SqlValue::Null, |sql| SqlValue::Text(sql.to_owned()));
            let sql = "SELECT id FROM vsearch('Note', 'at', ?1, 10, ?2) ORDER BY score DESC";
            let rows = self.db.query(sql, &[SqlValue::Blob(bytes), filter]);
            let text = |row: &Vec<SqlValue>| match row.first() {
                Some(SqlValue::Text(id)) => number(id),
                _ => usize::MAX,
            };
            return rows.map(|rows| rows.rows.iter().map(text).collect()).unwrap_or_default();
        }
        let filter = self.filter.map(Statement::new);
        let hits = self.db.nearest("Note", "at", query, TOP, filter.as_ref()).unwrap_or_default();
        hits.iter().map(|hit| number(&hit.node.id)).collect()
    }
}
