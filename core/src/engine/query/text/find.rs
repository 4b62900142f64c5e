//! Finding nodes by words, over all tables of the text index that may hold them.

use super::answer::{Found, Hit, SearchOptions};
use super::expression::Wish;
use super::scope::{Place, exclude, places};
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::read::node;
use crate::engine::query::reader::Reader;
use crate::engine::storage::schema::TextLayout;
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;

/// Nodes that are ranked where one of the words may be a beginning.
const MOST_RANKED: usize = 5_000;

/// Numbers of nodes with their scores, the best first.
pub(super) type Ranked = Vec<(i64, f64)>;

impl Database {
    /// Nodes that hold all the words typed, the best first; the last word may be a beginning. `"a phrase"`,
    /// `begin*`, `OR`, `-word` and parentheses are understood.
    ///
    /// # Errors
    /// [`Error::NoTextIndex`] where the database was created without a text index.
    pub fn search(&self, typed: &str, kind: Option<&str>, limit: usize) -> Result<Vec<Hit>, Error> {
        let options = SearchOptions { kind, limit, typos: false, ..SearchOptions::default() };
        Ok(self.find(typed, &options)?.hits)
    }

    /// The same with options: typing errors, marks.
    ///
    /// ```
    /// use pluresdb::{Database, Marks, SearchOptions, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("n1", "Note", object([("title", "Buy oat milk".into())]))?;
    /// let options = SearchOptions { marks: Some(Marks::default()), ..SearchOptions::default() };
    /// let found = db.find("mlik", &options)?;
    /// assert_eq!(found.hits[0].snippet.as_deref(), Some("Buy oat <mark>milk</mark>"));
    /// assert_eq!(found.corrected[0].taken, "milk");
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoTextIndex`] where the database was created without a text index; [`Error::Option`] for
    /// more than 1,000 words.
    pub fn find(&self, typed: &str, options: &SearchOptions<'_>) -> Result<Found, Error> {
        self.reader().find(typed, options)
    }
}

impl<'a> Reader<'a> {
    /// See [`Database::find`].
    pub(in crate::engine) fn find(
        &self,
        typed: &str,
        options: &SearchOptions<'_>,
    ) -> Result<Found, Error> {
        if !self.text_index {
            return Err(Error::NoTextIndex);
        }
        let Some(mut wish) = Wish::read(typed)? else {
            return Ok(Found::default());
        };
        let _snapshot = self.snapshot()?;
        let layout = self.text_layout()?;
        let mut places = places(&layout, options)?;
        exclude(&mut places, &wish);
        let mut ranked = self.ranked_by_words(&places, &wish, options.limit)?;
        let mut corrected = Vec::new();
        if ranked.is_empty()
            && options.typos
            && options.limit > 0
            && let Some((meant, words)) = self.correct(&places, &wish)?
        {
            ranked = self.ranked_by_words(&places, &meant, options.limit)?;
            (wish, corrected) = (meant, words);
        }
        let mut hits = self.hits(ranked)?;
        if let Some(marks) = &options.marks {
            self.mark(&layout, &mut hits, &wish, marks, options.fields)?;
        }
        Ok(Found { hits, corrected })
    }

    /// The tables as they are, also where another process has changed them, with all that was written.
    pub(super) fn text_layout(&self) -> Result<Cow<'a, TextLayout>, Error> {
        self.held.settle(self.conn)?;
        Ok(match self.cache.is_stale(self.conn)? {
            true => Cow::Owned(TextLayout::load(self.conn)?),
            false => Cow::Borrowed(&self.cache.text),
        })
    }

    /// The nodes that fulfil a wish, with BM25. A node is one where it is found in one table of its type.
    pub(super) fn ranked_by_words(
        &self,
        places: &[Place<'_>],
        wish: &Wish,
        limit: usize,
    ) -> Result<Ranked, Error> {
        if let [place] = places {
            return self.found_in_table(place, wish, limit);
        }
        let mut scores: HashMap<i64, f64> = HashMap::new();
        for place in places {
            for (nid, score) in self.found_in_table(place, wish, limit)? {
                *scores.entry(nid).or_default() += score;
            }
        }
        Ok(top(scores, limit))
    }

    /// The nodes of a table that fulfil a wish. Ranking looks at all of them, so where a beginning is
    /// asked for that very many nodes have, as the first letters of what is being typed, those that
    /// have it as a word are ranked and the others follow as they come.
    fn found_in_table(
        &self,
        place: &Place<'_>,
        wish: &Wish,
        limit: usize,
    ) -> Result<Ranked, Error> {
        let Some(expression) = place.expression(wish) else {
            return Ok(Ranked::new());
        };
        // One more than are ranked. To find the first of a beginning, FTS5 gathers all that have it: so that
        // is done once.
        let first_of =
            |expression: &str| self.unranked_in_table(place, expression, None, MOST_RANKED + 1);
        let first = if wish.begins() { first_of(&expression)? } else { Vec::new() };
        if first.len() <= MOST_RANKED {
            return self.ranked_in_table(place, &expression, limit);
        }
        let mut found = Ranked::new();
        if let Some(whole) = place.expression(&wish.whole())
            && first_of(&whole)?.len() <= MOST_RANKED
        {
            found = self.ranked_in_table(place, &whole, limit)?;
        }
        let ranked: HashSet<i64> = found.iter().map(|(nid, _)| *nid).collect();
        let wanted = limit.saturating_sub(found.len());
        let mut others = Vec::new();
        let mut of_kind =
            self.conn.prepare_cached("SELECT 1 FROM pdb_node WHERE nid = ?1 AND type = ?2")?;
        for nid in first.into_iter().filter(|nid| !ranked.contains(nid)) {
            if others.len() >= wanted {
                break;
            }
            if place.kind.map_or(Ok(true), |kind| of_kind.exists((nid, kind)))? {
                others.push(nid);
            }
        }
        if others.len() < wanted {
            // Enough to have `limit` beside as many that are ranked.
            let most = limit.saturating_mul(2);
            others = self.unranked_in_table(place, &expression, place.kind, most)?;
            others.retain(|nid| !ranked.contains(nid));
            others.truncate(wanted);
        }
        found.extend(others.into_iter().map(|nid| (nid, 0.0)));
        Ok(found)
    }

    /// Nodes of a place that fulfil an expression, as they come: those of a type, or of any.
    pub(super) fn unranked_in_table(
        &self,
        place: &Place<'_>,
        expression: &str,
        kind: Option<&str>,
        most: usize,
    ) -> Result<Vec<i64>, Error> {
        let (name, (condition, unwanted)) = (&place.table.name, place.condition());
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT rowid FROM {name} AS t WHERE {name} MATCH ?1 AND {condition} AND (?4 IS NULL OR
               EXISTS (SELECT 1 FROM pdb_node AS n WHERE n.nid = t.rowid AND n.type = ?4)) LIMIT ?2"
        ))?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map((expression, most, unwanted, kind), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn ranked_in_table(
        &self,
        place: &Place<'_>,
        expression: &str,
        limit: usize,
    ) -> Result<Ranked, Error> {
        let (name, (condition, unwanted)) = (&place.table.name, place.condition());
        let filter = match place.kind {
            Some(_) => {
                "AND EXISTS (SELECT 1 FROM pdb_node AS n WHERE n.nid = t.rowid AND n.type = ?4)"
            }
            None => "AND ?4 IS NULL",
        };
        // By the function and not by the column `rank`: FTS5 sorts the column itself, all rows with their
        // places of words, where SQLite keeps the first few.
        let score = place.table.bm25("t");
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT t.rowid, -{score} AS score FROM {name} AS t
             WHERE t.{name} MATCH ?1 AND {condition} {filter} ORDER BY score DESC LIMIT ?2"
        ))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map((expression, limit, unwanted, place.kind), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The nodes of numbers, as far as they exist.
    pub(in crate::engine) fn hits(&self, ranked: Ranked) -> Result<Vec<Hit>, Error> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, type, updated, state, data, type, shown, shown_seal FROM pdb_node
             WHERE nid = ?1 AND alive",
        )?;
        let mut hits = Vec::with_capacity(ranked.len());
        for (nid, score) in ranked {
            let mut rows = statement.query([nid])?;
            if let Some(row) = rows.next()? {
                hits.push(Hit::new(node(row)?, score));
            }
        }
        Ok(hits)
    }
}

/// The best scores, the best first; equal ones in the order of their nodes.
pub(in crate::engine) fn top(scores: impl IntoIterator<Item = (i64, f64)>, limit: usize) -> Ranked {
    let mut ranked: Ranked = scores.into_iter().collect();
    ranked.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked.truncate(limit);
    ranked
}
