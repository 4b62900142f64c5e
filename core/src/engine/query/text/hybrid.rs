//! Search by words and by meaning together.

use super::answer::{Found, Hit, SearchOptions};
use super::expression::Wish;
use super::find::Ranked;
pub(in crate::engine) use super::find::top;
use crate::embed::Embedder;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::meaning::{Meaning, Scores};

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

/// How much meaning counts in a hybrid search, words counting the rest. `npm run bench -- meaning`
/// measures what other weights find.
pub const MEANING_WEIGHT: f64 = 0.4;

/// Nodes of each kind of search that are ranked together, at least.
const POOL: usize = 100;

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
        let options = SearchOptions { kind, limit, typos: false, marks: None };
        Ok(self.find_in_mode(text, mode, embedder, &options)?.hits)
    }

    /// The same with options. Typing errors are mended where words alone are looked for.
    pub fn find_in_mode(
        &mut self,
        text: &str,
        mode: SearchMode,
        embedder: &dyn Embedder,
        options: &SearchOptions<'_>,
    ) -> Result<Found, Error> {
        if mode == SearchMode::Words {
            return self.find(text, options);
        }
        let mut vectors = embedder.embed(&[text])?;
        let vector = vectors.pop().flatten().unwrap_or_default();
        let meaning = Meaning { model: embedder.model(), vector: &vector };
        self.find_by_meaning(text, mode, meaning, options)
    }

    /// The same with a vector of the text that was made already.
    pub fn find_by_meaning(
        &mut self,
        text: &str,
        mode: SearchMode,
        meaning: Meaning<'_>,
        options: &SearchOptions<'_>,
    ) -> Result<Found, Error> {
        let (kind, limit) = (options.kind, options.limit);
        let mut hits = match mode {
            SearchMode::Words => return self.find(text, options),
            SearchMode::Meaning => self.search_by_meaning(meaning, kind, limit)?,
            SearchMode::Hybrid => self.search_hybrid(text, meaning, kind, limit, MEANING_WEIGHT)?,
        };
        if let (Some(marks), Some(wish)) = (&options.marks, Wish::read(text)?) {
            self.mark(&*self.text_layout()?, &mut hits, &wish, marks)?;
        }
        Ok(Found { hits, corrected: Vec::new() })
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
        let pool = limit.saturating_mul(2).max(POOL);
        let words = self.any_words(text, kind, pool)?;
        let nids: Vec<i64> = words.iter().map(|(nid, _)| *nid).collect();
        let cosines = self.meanings_of(meaning, &fields, &nids)?;
        let mut scores = Scores::new();
        for (nid, cosine) in self.nearest_meanings(meaning, &fields, pool)? {
            scores.insert(nid, weight * cosine);
        }
        let best = words.iter().map(|(_, score)| *score).fold(f64::MIN_POSITIVE, f64::max);
        for (nid, bm25) in words {
            let cosine = cosines.get(&nid).copied().unwrap_or_default();
            scores.insert(nid, weight.mul_add(cosine, (1.0 - weight) * bm25 / best));
        }
        self.hits(top(scores, limit))
    }

    /// The nodes that hold any of the words, the best first, with BM25.
    fn any_words(&self, text: &str, kind: Option<&str>, limit: usize) -> Result<Ranked, Error> {
        if !self.text_index {
            return Err(Error::NoTextIndex);
        }
        match Wish::read(text)? {
            Some(wish) => {
                self.ranked_by_words(&*self.text_layout()?, &wish.any_term(), kind, limit)
            }
            None => Ok(Vec::new()),
        }
    }
}
