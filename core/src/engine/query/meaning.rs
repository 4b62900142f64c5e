//! Search by meaning: which vectors are near to that of a text.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::text::Hit;
use crate::engine::query::text::hybrid::top;
use hashbrown::HashMap;

/// What a search by meaning compares with.
#[derive(Debug, Clone, Copy)]
pub struct Meaning<'a> {
    /// The model, by the name with which it made the vectors of the nodes.
    pub model: &'a str,
    /// Its vector of the text.
    pub vector: &'a [f32],
}

/// A score by the number of a node.
pub(in crate::engine) type Scores = HashMap<i64, f64>;

impl Database {
    /// Nodes whose vectors are nearest to that of a text, the nearest first. The score is the cosine of
    /// the angle between them. An empty vector, of a text without words, finds nothing.
    ///
    /// # Errors
    /// [`Error::EmbedDimension`] where there are fields with vectors of texts and none has as many
    /// numbers.
    pub fn search_by_meaning(
        &mut self,
        meaning: Meaning<'_>,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Hit>, Error> {
        let fields = self.fields_of_meaning(meaning, kind)?;
        let nearest = self.nearest_meanings(meaning, &fields, limit)?;
        self.hits(top(nearest, limit))
    }

    /// The fields whose vectors are compared with one of a model. None for a vector without direction.
    pub(in crate::engine) fn fields_of_meaning(
        &mut self,
        meaning: Meaning<'_>,
        kind: Option<&str>,
    ) -> Result<Vec<(String, String)>, Error> {
        if meaning.vector.iter().all(|number| *number == 0.0) {
            return Ok(Vec::new());
        }
        let mut fields = self.embedding_targets(meaning.model, meaning.vector.len())?;
        fields.retain(|(of, _)| kind.is_none_or(|kind| kind == of));
        Ok(fields)
    }

    /// The cosines of the nodes of nearest meaning, and of some others.
    pub(in crate::engine) fn nearest_meanings(
        &self,
        meaning: Meaning<'_>,
        fields: &[(String, String)],
        limit: usize,
    ) -> Result<Scores, Error> {
        let all = self.cosines(meaning, fields, None)?;
        Ok(top(all, limit).into_iter().collect())
    }

    /// The cosines of some nodes, of those that have a vector.
    pub(in crate::engine) fn meanings_of(
        &self,
        meaning: Meaning<'_>,
        fields: &[(String, String)],
        nids: &[i64],
    ) -> Result<Scores, Error> {
        self.cosines(meaning, fields, Some(nids))
    }

    fn cosines(
        &self,
        meaning: Meaning<'_>,
        fields: &[(String, String)],
        nids: Option<&[i64]>,
    ) -> Result<Scores, Error> {
        let nids = nids.map(|nids| serde_json::Value::from(nids).to_string());
        let mut scores = Scores::new();
        for (of, field) in fields {
            let mut statement = self.conn.prepare_cached(
                "SELECT nid, vector FROM pdb_embedding
                 WHERE type = ?1 AND field = ?2 AND model = ?3 AND vector IS NOT NULL
                   AND (?4 IS NULL OR nid IN (SELECT value FROM json_each(?4)))",
            )?;
            let mut rows = statement.query((of, field, meaning.model, &nids))?;
            while let Some(row) = rows.next()? {
                let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                let cosine = cosine(meaning.vector, bytes);
                let score = scores.entry(row.get(0)?).or_insert(cosine);
                *score = score.max(cosine);
            }
        }
        Ok(scores)
    }
}

fn cosine(vector: &[f32], bytes: &[u8]) -> f64 {
    let (chunks, _) = bytes.as_chunks::<4>();
    let (mut dot, mut left, mut right) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (a, chunk) in vector.iter().zip(chunks) {
        let b = f32::from_le_bytes(*chunk);
        dot += a * b;
        left += a * a;
        right += b * b;
    }
    let length = (left * right).sqrt();
    if length > 0.0 { f64::from(dot / length) } else { 0.0 }
}
