//! Search by meaning, and by words and meaning together.

use crate::embed::Embedder;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::node;
use crate::engine::query::search::Hit;
use crate::engine::query::words::{any_of, match_expression};
use hashbrown::HashMap;

/// How a search looks for nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchMode {
    /// By words: all of them must be there.
    #[default]
    Words,
    /// By meaning: the vectors nearest to that of the text.
    Meaning,
    /// By both: nodes with any of the words, and nodes of like meaning, ranked together.
    Hybrid,
}

/// What a search by meaning compares with.
#[derive(Debug, Clone, Copy)]
pub struct Meaning<'a> {
    /// The model, by the name with which it made the vectors of the nodes.
    pub model: &'a str,
    /// Its vector of the text.
    pub vector: &'a [f32],
}

/// How much meaning counts in a hybrid search, words counting the rest. `npm run bench -- meaning`
/// measures what other weights find.
pub const MEANING_WEIGHT: f64 = 0.4;

/// Nodes of each kind of search that are ranked together, at least.
const POOL: usize = 100;

/// A score by the number of a node.
type Scores = HashMap<i64, f64>;

impl Database {
    /// Searches in any mode; the text's vector is made by the model that made those of the nodes.
    pub fn search_in_mode(
        &mut self,
        text: &str,
        mode: SearchMode,
        embedder: &dyn Embedder,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Hit>, Error> {
        if mode == SearchMode::Words {
            return self.search(text, kind, limit);
        }
        let mut vectors = embedder.embed(&[text])?;
        let vector = vectors.pop().flatten().unwrap_or_default();
        let meaning = Meaning { model: embedder.model(), vector: &vector };
        match mode {
            SearchMode::Hybrid => self.search_hybrid(text, meaning, kind, limit, MEANING_WEIGHT),
            _ => self.search_by_meaning(meaning, kind, limit),
        }
    }

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
        let scores = self.meanings(meaning, kind)?;
        self.hits(top(scores, limit))
    }

    /// Nodes that hold any of the words typed, and nodes of like meaning, the best first.
    ///
    /// The score is a convex combination of both (after S. Bruch et al., An Analysis of Fusion
    /// Functions for Hybrid Retrieval, 2023): `1 - weight` times BM25 divided by that of the best,
    /// and `weight` times the cosine.
    pub fn search_hybrid(
        &mut self,
        text: &str,
        meaning: Meaning<'_>,
        kind: Option<&str>,
        limit: usize,
        weight: f64,
    ) -> Result<Vec<Hit>, Error> {
        let pool = limit.saturating_mul(2).max(POOL);
        let words = self.any_words(text, kind, pool)?;
        let meanings = self.meanings(meaning, kind)?;
        let best = words.iter().map(|(_, score)| *score).fold(f64::MIN_POSITIVE, f64::max);
        let near = top(meanings.clone(), pool);
        let mut scores = Scores::new();
        for (nid, cosine) in near {
            scores.insert(nid, weight * cosine);
        }
        for (nid, bm25) in words {
            let cosine = meanings.get(&nid).copied().unwrap_or_default();
            scores.insert(nid, weight.mul_add(cosine, (1.0 - weight) * bm25 / best));
        }
        self.hits(top(scores, limit))
    }

    /// The nodes that hold any of the words, the best first, with BM25.
    fn any_words(
        &self,
        text: &str,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(i64, f64)>, Error> {
        if !self.text_index {
            return Err(Error::NoTextIndex);
        }
        let Some(expression) = match_expression(text) else {
            return Ok(Vec::new());
        };
        let mut statement = self.conn.prepare_cached(
            "SELECT n.nid, -t.rank FROM pdb_text AS t JOIN pdb_node AS n ON n.nid = t.rowid
             WHERE t.pdb_text MATCH ?1 AND n.alive AND (?2 IS NULL OR n.type = ?2)
             ORDER BY t.rank LIMIT ?3",
        )?;
        let rows = statement.query_map((any_of(&expression), kind, limit as i64), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The cosine of every node that has a vector of the model.
    fn meanings(&mut self, meaning: Meaning<'_>, kind: Option<&str>) -> Result<Scores, Error> {
        let mut scores = Scores::new();
        if meaning.vector.is_empty() {
            return Ok(scores);
        }
        let targets = self.embedding_targets(meaning.model, meaning.vector.len())?;
        for (of, field) in targets.iter().filter(|(of, _)| kind.is_none_or(|kind| kind == of)) {
            let mut statement = self.conn.prepare_cached(
                "SELECT nid, vector FROM pdb_embedding
                 WHERE type = ?1 AND field = ?2 AND model = ?3 AND vector IS NOT NULL",
            )?;
            let mut rows = statement.query((of, field, meaning.model))?;
            while let Some(row) = rows.next()? {
                let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                let cosine = cosine(meaning.vector, bytes);
                let score = scores.entry(row.get(0)?).or_insert(cosine);
                *score = score.max(cosine);
            }
        }
        Ok(scores)
    }

    fn hits(&self, ranked: Vec<(i64, f64)>) -> Result<Vec<Hit>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, type, updated, state, data, type, shown, shown_seal FROM pdb_node
             WHERE nid = ?1 AND alive",
        )?;
        let mut hits = Vec::with_capacity(ranked.len());
        for (nid, score) in ranked {
            let mut rows = statement.query([nid])?;
            if let Some(row) = rows.next()? {
                hits.push(Hit { node: node(row)?, score });
            }
        }
        Ok(hits)
    }
}

/// The best scores, the best first; equal ones in the order of their nodes.
fn top(scores: Scores, limit: usize) -> Vec<(i64, f64)> {
    let mut ranked: Vec<(i64, f64)> = scores.into_iter().collect();
    ranked.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.truncate(limit);
    ranked
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
