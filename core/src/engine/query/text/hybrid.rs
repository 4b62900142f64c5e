//! Search by words and by meaning together.

use super::answer::{Found, Hit, SearchOptions};
use super::expression::Wish;
use super::find::Ranked;
pub(in crate::engine) use super::find::top;
use super::scope::{Place, exclude, places};
use crate::embed::Embedder;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::meaning::{Meaning, Scores};
use crate::engine::query::reader::Reader;
use std::str::FromStr;

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

impl FromStr for SearchMode {
    type Err = Error;

    /// `words`, `meaning` or `hybrid`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "words" => Ok(Self::Words),
            "meaning" => Ok(Self::Meaning),
            "hybrid" => Ok(Self::Hybrid),
            other => Err(Error::Option {
                option: "mode".into(),
                message: format!("{other:?} is none; give 'words', 'meaning' or 'hybrid'"),
            }),
        }
    }
}

/// How much meaning counts in a hybrid search, words counting the rest. `npm run bench -- meaning`
/// measures what other weights find.
pub const MEANING_WEIGHT: f64 = 0.25;

/// Nodes with words that are ranked by their meaning as well, at least.
const POOL: usize = 100;

/// A word that more than one in so many nodes have is looked for only where there is no rarer one: it
/// says little, and ranking all that have it would take most of the time.
const COMMON: i64 = 20;

/// A word that no more nodes than this have is always looked for.
const FEW: i64 = 1_000;

impl Database {
    /// Searches in any mode; the text's vector is made by the model that made those of the nodes.
    pub fn search_in_mode(
        &self,
        text: &str,
        mode: SearchMode,
        embedder: &dyn Embedder,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Hit>, Error> {
        let options = SearchOptions { kind, limit, typos: false, ..SearchOptions::default() };
        Ok(self.find_in_mode(text, mode, embedder, &options)?.hits)
    }

    /// The same with options. Typing errors are mended where words alone are looked for.
    pub fn find_in_mode(
        &self,
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
        &self,
        text: &str,
        mode: SearchMode,
        meaning: Meaning<'_>,
        options: &SearchOptions<'_>,
    ) -> Result<Found, Error> {
        self.reader().find_by_meaning(text, mode, meaning, options)
    }

    /// Nodes that hold any of the words typed, and nodes of like meaning, the best first.
    ///
    /// The score is a convex combination of both (after S. Bruch et al., An Analysis of Fusion
    /// Functions for Hybrid Retrieval, 2023): `1 - weight` times BM25 divided by what all of the words
    /// are worth, and `weight` times the cosine.
    pub fn search_hybrid(
        &self,
        text: &str,
        meaning: Meaning<'_>,
        kind: Option<&str>,
        limit: usize,
        weight: f64,
    ) -> Result<Vec<Hit>, Error> {
        let options = SearchOptions { kind, limit, ..SearchOptions::default() };
        self.reader().search_hybrid(text, meaning, &options, weight)
    }
}

impl Reader<'_> {
    /// See [`Database::find_by_meaning`].
    pub(in crate::engine) fn find_by_meaning(
        &self,
        text: &str,
        mode: SearchMode,
        meaning: Meaning<'_>,
        options: &SearchOptions<'_>,
    ) -> Result<Found, Error> {
        let mut hits = match mode {
            SearchMode::Words => return self.find(text, options),
            SearchMode::Meaning if !options.fields.is_empty() => return Err(words_only()),
            SearchMode::Meaning => self.search_by_meaning(meaning, options.kind, options.limit)?,
            SearchMode::Hybrid => self.search_hybrid(text, meaning, options, MEANING_WEIGHT)?,
        };
        if let (Some(marks), Some(wish)) = (&options.marks, Wish::read(text)?) {
            self.mark(&*self.text_layout()?, &mut hits, &wish, marks, options.fields)?;
        }
        Ok(Found { hits, corrected: Vec::new() })
    }

    fn search_hybrid(
        &self,
        text: &str,
        meaning: Meaning<'_>,
        options: &SearchOptions<'_>,
        weight: f64,
    ) -> Result<Vec<Hit>, Error> {
        if !self.text_index {
            return Err(Error::NoTextIndex);
        }
        let fields = self.fields_of_meaning(meaning, options.kind)?;
        let limit = options.limit;
        let _snapshot = self.snapshot()?;
        let pool = limit.saturating_mul(2).max(POOL);
        let wish = Wish::read(text)?;
        let layout = self.text_layout()?;
        let mut places = places(&layout, options)?;
        let unwanted = wish.as_ref().and_then(Wish::unwanted);
        if let Some(wish) = &wish {
            exclude(&mut places, wish);
        }
        let wanted = |nid: i64| match unwanted {
            Some(unwanted) => self.lacks(&places, unwanted, nid),
            None => Ok(true),
        };
        let words = match &wish {
            Some(wish) => self.any_words(&places, wish, pool)?,
            None => Vec::new(),
        };
        let nids: Vec<i64> = words.iter().map(|(nid, _)| *nid).collect();
        let cosines = self.meanings_of(meaning, &fields, &nids)?;
        let mut scores = Scores::new();
        // Words take nothing from a score: what is behind so many that are nearer is behind them in the end.
        let mut asked = limit;
        let near = loop {
            let near = self.nearest_meanings(meaning, &fields, asked)?;
            let all = near.len() < asked;
            let near = kept(near, wanted)?;
            if all || near.len() >= limit {
                break near;
            }
            asked = asked.saturating_mul(4);
        };
        scores.extend(near.into_iter().map(|(nid, cosine)| (nid, weight * cosine)));
        for (nid, part) in words {
            let cosine = cosines.get(&nid).copied().unwrap_or_default();
            scores.insert(nid, weight.mul_add(cosine, (1.0 - weight) * part));
        }
        self.hits(top(scores, limit))
    }

    /// The nodes that hold any of the words, the best first, with how much of the words they hold: about
    /// one for a node of middling length that has each of them once.
    fn any_words(&self, places: &[Place<'_>], wish: &Wish, limit: usize) -> Result<Ranked, Error> {
        let mut best = Scores::new();
        for place in places {
            let Some((expression, worth)) = self.telling(place, wish)? else { continue };
            let unwanted = wish.unwanted().and_then(|unwanted| place.expression(unwanted));
            let expression = match unwanted {
                Some(unwanted) => format!("({expression}) NOT ({unwanted})"),
                None => expression,
            };
            for (nid, score) in self.ranked_in_table(place, &expression, limit)? {
                let part = best.entry(nid).or_default();
                *part = part.max(score / worth);
            }
        }
        Ok(top(best, limit))
    }

    /// Whether a node has nothing of what must not be there.
    fn lacks(&self, places: &[Place<'_>], unwanted: &Wish, nid: i64) -> Result<bool, Error> {
        for place in places {
            let Some(expression) = place.expression(unwanted) else { continue };
            let name = &place.table.name;
            let sql = format!("SELECT 1 FROM {name} WHERE {name} MATCH ?1 AND rowid = ?2");
            if self.conn.prepare_cached(&sql)?.exists((expression, nid))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The words that tell nodes of a table apart, as an expression, and what they are worth.
    ///
    /// What half of the nodes have, BM25 of FTS5 counts as nothing. In a small database that can be all
    /// that a text has in common with it, and the node which has most of it must not pass for a
    /// find: so the worth is that of all words, whether a node has them or not.
    fn telling(&self, place: &Place<'_>, wish: &Wish) -> Result<Option<(String, f64)>, Error> {
        let table = place.table;
        let sql = format!("SELECT count(*) FROM {}_docsize", table.name);
        let nodes: i64 = self.conn.prepare_cached(&sql)?.query_row([], |row| row.get(0))?;
        let most = (nodes / COMMON).max(FEW);
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {name} WHERE {name} MATCH ?1 LIMIT ?2)",
            name = table.name
        );
        let mut count = self.conn.prepare_cached(&sql)?;
        let (mut rare, mut common) = (Vec::new(), Vec::new());
        for ways in wish.any_word(table.cut) {
            for expression in ways.iter().map(|way| place.within(way)) {
                let found: i64 = count.query_row((&expression, most + 1), |row| row.get(0))?;
                if found > 0 {
                    let (with, without) = (found as f64, (nodes - found).max(0) as f64);
                    let worth = ((without + 0.5) / (with + 0.5)).ln_1p();
                    let words = if found > most { &mut common } else { &mut rare };
                    words.push((expression, worth));
                    break;
                }
            }
        }
        let words = if rare.is_empty() { common } else { rare };
        let worth: f64 = words.iter().map(|(_, worth)| worth).sum();
        let words: Vec<String> = words.into_iter().map(|(expression, _)| expression).collect();
        Ok((!words.is_empty()).then(|| (words.join(" OR "), worth)))
    }
}

/// Those that are wanted.
fn kept<S: IntoIterator<Item = (i64, f64)> + FromIterator<(i64, f64)>>(
    scored: S,
    wanted: impl Fn(i64) -> Result<bool, Error>,
) -> Result<S, Error> {
    let wanted = |(nid, score)| Ok(wanted(nid)?.then_some((nid, score)));
    scored.into_iter().filter_map(|each| wanted(each).transpose()).collect()
}

/// Why a search by meaning takes no fields.
fn words_only() -> Error {
    Error::Option {
        option: "fields".into(),
        message:
            "a search by meaning compares vectors, whatever fields they are made of; leave the \
                  fields out, or search by words or hybrid, where they say which words count"
                .into(),
    }
}
