//! Making the vectors that are to be made: texts go out, vectors come in, batch by batch.
//!
//! Between the two the database may be written to. A vector counts only if the text is still the one
//! that it was made of; else the text is given out again.

use super::fields::{Source, embedded, source, text};
use crate::embed::{EmbedError, Embedder};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::node;
use crate::engine::typing::typed::Types;
use crate::engine::vectors::projection::bytes;
use crate::types::is_in_vector;
use rusqlite::Connection;

/// A text that a vector is to be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingText {
    /// The node's id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// The field that the vector is for.
    pub field: String,
    /// The text.
    pub text: String,
    nid: i64,
    source: Source,
}

/// How far the making of vectors is, for one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Embedding {
    /// Fields of nodes whose vector is that of their text as it is now. A text without words has
    /// none, and counts here.
    pub made: u64,
    /// Those whose vector is still to be made.
    pub pending: u64,
}

/// What one batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Embedded {
    /// Vectors made now.
    pub now: u64,
    /// How far that brought it.
    pub progress: Embedding,
}

/// A field whose vectors a model can make: its type and name.
type Target = (String, String);

impl Database {
    /// Makes at most `limit` of the vectors that are to be made of texts, and keeps them durably. Call
    /// it until it makes none.
    ///
    /// Vectors of another model than this one are made anew. Vectors are of this database alone: they
    /// do not sync, so each replica that is searched by meaning makes its own.
    ///
    /// # Errors
    /// [`Error::Embed`] where the model fails, [`Error::EmbedDimension`] where there are fields to
    /// make vectors for and none of them is of the model's dimension.
    pub fn embed_pending(
        &mut self,
        embedder: &dyn Embedder,
        limit: usize,
    ) -> Result<Embedded, Error> {
        let (model, dimension) = (embedder.model(), embedder.dimension());
        let pending = self.pending_texts(model, dimension, limit)?;
        let mut now = 0;
        if !pending.is_empty() {
            let texts: Vec<&str> = pending.iter().map(|pending| pending.text.as_str()).collect();
            let vectors = embedder.embed(&texts)?;
            now = self.store_vectors(model, dimension, &pending, &vectors)?;
        }
        Ok(Embedded { now, progress: self.embedding(model, dimension)? })
    }

    /// How far the vectors of a model are made.
    pub fn embedding(&mut self, model: &str, dimension: usize) -> Result<Embedding, Error> {
        let mut sum = Embedding::default();
        for (kind, field) in self.embedding_targets(model, dimension)? {
            let mut statement = self.conn.prepare_cached(
                "SELECT count(*), count(*) FILTER (WHERE model = ?3) FROM pdb_vector
                 WHERE type = ?1 AND field = ?2 AND source IS NOT NULL",
            )?;
            let (all, made): (i64, i64) = statement
                .query_row((&kind, &field, model), |row| Ok((row.get(0)?, row.get(1)?)))?;
            sum.made += made as u64;
            sum.pending += (all - made) as u64;
        }
        Ok(sum)
    }

    /// Some of the texts that a model is still to make vectors of, for models that are asked outside
    /// of [`Database::embed_pending`]; their vectors go to [`Database::store_vectors`].
    pub fn pending_texts(
        &mut self,
        model: &str,
        dimension: usize,
        limit: usize,
    ) -> Result<Vec<PendingText>, Error> {
        let mut pending = Vec::new();
        for target in self.embedding_targets(model, dimension)? {
            // Three ranges of the index; an OR of them would be a scan.
            for other in ["model IS NULL", "model < ?3", "model > ?3"] {
                let room = limit - pending.len();
                if room > 0 {
                    self.gather(&target, other, model, room, &mut pending)?;
                }
            }
        }
        Ok(pending)
    }

    /// Keeps the vectors of some texts, durably; `None` where a text has nothing to make one of. Gives
    /// how many count: those of texts that have not changed since.
    pub fn store_vectors(
        &mut self,
        model: &str,
        dimension: usize,
        pending: &[PendingText],
        vectors: &[Option<Vec<f32>>],
    ) -> Result<u64, Error> {
        check(pending, vectors, dimension)?;
        self.write(|writer| {
            writer.touch_vectors();
            let mut counted = 0;
            for (pending, vector) in pending.iter().zip(vectors) {
                counted += store(writer.conn, model, pending, vector.as_deref())?;
            }
            Ok(counted)
        })
    }

    /// The fields that take vectors of so many numbers, by type and name.
    pub(in crate::engine) fn embedding_targets(
        &mut self,
        model: &str,
        dimension: usize,
    ) -> Result<Vec<Target>, Error> {
        self.refresh()?;
        targets(&self.cache.types, model, dimension)
    }

    fn gather(
        &self,
        (kind, field): &Target,
        other: &str,
        model: &str,
        limit: usize,
        pending: &mut Vec<PendingText>,
    ) -> Result<(), Error> {
        let Some(typed) = self.cache.types.get(kind) else {
            return Ok(());
        };
        let Some((_, vector)) = embedded(typed).find(|(name, _)| *name == field) else {
            return Ok(());
        };
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT n.id, n.type, n.updated, n.state, n.data, n.type, n.shown, n.shown_seal, e.nid
             FROM pdb_vector AS e CROSS JOIN pdb_node AS n USING (nid)
             WHERE e.type = ?1 AND e.field = ?2 AND e.source IS NOT NULL AND e.{other}
               AND ?3 IS NOT NULL LIMIT ?4"
        ))?;
        let mut rows = statement.query((kind, field, model, limit as i64))?;
        while let Some(row) = rows.next()? {
            let node = node(row)?;
            // A row that says otherwise than the node is told of by a check.
            let Some(text) = text(&node.data, vector) else {
                continue;
            };
            pending.push(PendingText {
                id: node.id,
                kind: kind.clone(),
                field: field.clone(),
                source: source(&text, vector),
                text,
                nid: row.get(8)?,
            });
        }
        Ok(())
    }
}

fn check(
    pending: &[PendingText],
    vectors: &[Option<Vec<f32>>],
    dimension: usize,
) -> Result<(), EmbedError> {
    if vectors.len() != pending.len() {
        let (given, asked) = (vectors.len(), pending.len());
        return Err(EmbedError::Answer(format!("{given} vectors for {asked} texts")));
    }
    for (pending, vector) in pending.iter().zip(vectors) {
        let Some(vector) = vector else { continue };
        let wrong = if vector.len() != dimension {
            format!("one of {} numbers, not {dimension}", vector.len())
        } else if let Some(number) = vector.iter().find(|number| !is_in_vector(**number)) {
            format!("one with the number {number}, which is not between -1e15 and 1e15")
        } else {
            continue;
        };
        let PendingText { id, field, .. } = pending;
        return Err(EmbedError::Answer(format!("{wrong}, for {field:?} of node {id:?}")));
    }
    Ok(())
}

fn store(
    conn: &Connection,
    model: &str,
    pending: &PendingText,
    vector: Option<&[f32]>,
) -> Result<u64, Error> {
    let PendingText { nid, field, kind, source, .. } = pending;
    let changed = conn
        .prepare_cached(
            "INSERT OR REPLACE INTO pdb_vector (nid, type, field, source, model, vector)
             SELECT nid, type, field, source, ?5, ?6 FROM pdb_vector
             WHERE nid = ?1 AND field = ?2 AND type = ?3 AND source = ?4",
        )?
        .execute((nid, field, kind, source, model, vector.map(bytes)))?;
    Ok(changed as u64)
}

/// The fields that take vectors of so many numbers, by type and name.
///
/// # Errors
/// [`Error::EmbedDimension`] where there are fields with vectors of texts and none has as many numbers.
pub(in crate::engine) fn targets(
    types: &Types,
    model: &str,
    dimension: usize,
) -> Result<Vec<Target>, Error> {
    let (mut fit, mut others) = (Vec::new(), Vec::new());
    for (kind, typed) in types.iter() {
        for (field, vector) in embedded(typed) {
            if usize::try_from(vector.dimension) == Ok(dimension) {
                fit.push((kind.clone(), field.clone()));
            } else {
                others.push((kind.clone(), field.clone(), vector.dimension));
            }
        }
    }
    if fit.is_empty() && !others.is_empty() {
        others.sort();
        let model = model.to_owned();
        return Err(Error::EmbedDimension { model, given: dimension, declared: others });
    }
    fit.sort();
    Ok(fit)
}
