//! Search by meaning, and by words and meaning together.

use crate::embed::Embedder;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::node;
use crate::engine::query::search::Hit;
use crate::engine::query::words::{any_of, match_expression};
use crate::engine::vectors::{Found, Sieve, Sought};
use crate::types::Metric;
use crate::vectors::Query;
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
        let fields = self.fields_of_meaning(meaning, kind)?;
        let _snapshot = self.snapshot()?;
        let nearest = self.nearest_meanings(meaning, &fields, limit)?;
        self.hits(top(nearest, limit))
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
        let fields = self.fields_of_meaning(meaning, kind)?;
        let _snapshot = self.snapshot()?;
        let pool = limit.saturating_mul(2).max(POOL);
        let words = self.any_words(text, kind, pool)?;
        let nids: Vec<i64> = words.iter().map(|(nid, _)| *nid).collect();
        let mut cosines = self.meanings_of(meaning, &fields, &nids)?;
        let mut scores = Scores::new();
        for (nid, cosine) in top(self.nearest_meanings(meaning, &fields, pool)?, pool) {
            scores.insert(nid, weight * cosine);
        }
        let best = words.iter().map(|(_, score)| *score).fold(f64::MIN_POSITIVE, f64::max);
        for (nid, bm25) in words {
            let cosine = cosines.remove(&nid).unwrap_or_default();
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

    /// The fields whose vectors are compared with one of a model. None for a vector without direction.
    fn fields_of_meaning(
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
    fn nearest_meanings(
        &self,
        meaning: Meaning<'_>,
        fields: &[(String, String)],
        limit: usize,
    ) -> Result<Scores, Error> {
        best_of(meaning, fields, |sought, query| {
            let sieve = Sieve { model: Some(meaning.model), ..Sieve::default() };
            self.ranked(sought, query, limit, sieve)
        })
    }

    /// The cosines of some nodes, of those that have a vector.
    fn meanings_of(
        &self,
        meaning: Meaning<'_>,
        fields: &[(String, String)],
        nids: &[i64],
    ) -> Result<Scores, Error> {
        best_of(meaning, fields, |sought, query| {
            self.score_each(sought, query, Some(meaning.model), nids)
        })
    }

    /// Reads nodes that were found.
    pub(in crate::engine) fn hits(&self, ranked: Vec<(i64, f64)>) -> Result<Vec<Hit>, Error> {
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

/// The best cosine of each node, of those found in several fields.
fn best_of(
    Meaning { vector, .. }: Meaning<'_>,
    fields: &[(String, String)],
    find: impl Fn(&Sought<'_>, &Query) -> Result<Vec<Found>, Error>,
) -> Result<Scores, Error> {
    let mut scores = Scores::new();
    for (kind, field) in fields {
        // Meanings are compared by their angle, whatever the metric of the field.
        let metric = Metric::Cosine;
        let sought = Sought { kind, field, metric, dimension: vector.len() };
        let query = Query::new(metric, vector.len(), vector)?;
        for Found { nid, score, .. } in find(&sought, &query)? {
            let best = scores.entry(nid).or_insert(score);
            *best = best.max(score);
        }
    }
    Ok(scores)
}
