//! Search by meaning: which vectors are near to that of a text.

use crate::engine::database::Database;
use crate::engine::embedding::targets;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::query::text::Hit;
use crate::engine::query::text::hybrid::top;
use crate::engine::vectors::{Found, Sieve, Sought};
use crate::types::Metric;
use crate::vectors::Query;
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
        &self,
        meaning: Meaning<'_>,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Hit>, Error> {
        self.reader().search_by_meaning(meaning, kind, limit)
    }
}

impl Reader<'_> {
    /// See [`Database::search_by_meaning`].
    pub(in crate::engine) fn search_by_meaning(
        &self,
        meaning: Meaning<'_>,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Hit>, Error> {
        let fields = self.fields_of_meaning(meaning, kind)?;
        let _snapshot = self.snapshot()?;
        let nearest = self.nearest_meanings(meaning, &fields, limit)?;
        self.hits(top(nearest, limit))
    }

    /// The fields whose vectors are compared with one of a model. None for a vector without direction.
    pub(in crate::engine) fn fields_of_meaning(
        &self,
        meaning: Meaning<'_>,
        kind: Option<&str>,
    ) -> Result<Vec<(String, String)>, Error> {
        if meaning.vector.iter().all(|number| *number == 0.0) {
            return Ok(Vec::new());
        }
        let mut fields = targets(&*self.types()?, meaning.model, meaning.vector.len())?;
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
        best_of(meaning, fields, |sought, query| {
            let sieve = Sieve { model: Some(meaning.model), ..Sieve::default() };
            self.ranked(sought, query, limit, sieve)
        })
    }

    /// The cosines of some nodes, of those that have a vector.
    pub(in crate::engine) fn meanings_of(
        &self,
        meaning: Meaning<'_>,
        fields: &[(String, String)],
        nids: &[i64],
    ) -> Result<Scores, Error> {
        best_of(meaning, fields, |sought, query| {
            self.score_each(sought, query, Some(meaning.model), nids)
        })
    }
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
