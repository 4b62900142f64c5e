//! Takes words that are nowhere for words of the index that are spelled nearly so.
//!
//! Two kinds of neighbours are looked up, so that the time is bounded whatever the index holds: the words
//! that one edit makes, and all words that begin with the same two letters, which may be two edits away
//! where the word is longer than five letters.

use super::answer::Correction;
use super::expression::{Term, Wish};
use super::scope::Place;
use crate::engine::commit::text_index::texts_of;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::storage::schema::{Cut, TextLayout, TextTable};
use rusqlite::OptionalExtension;

/// Words of one search that are looked at. A longer text is no typing error.
const MAX_WORDS: usize = 8;

/// Neighbours of one word that are compared with it.
const MAX_NEIGHBOURS: i64 = 20_000;

/// Shortest word that can be mistyped, in letters.
const SHORTEST: usize = 3;

/// A word of the index that is near to another.
#[derive(Debug, Clone)]
struct Neighbour {
    edits: usize,
    /// How many nodes have it.
    nodes: i64,
    /// As the index has it.
    term: String,
    /// As it is to be shown, where that is known.
    word: Option<String>,
}

impl Reader<'_> {
    /// Changes words of a wish that are nowhere. Gives which; none where a word has no neighbour.
    pub(super) fn correct(
        &self,
        layout: &TextLayout,
        places: &[Place<'_>],
        wish: &mut Wish,
    ) -> Result<Vec<Correction>, Error> {
        let places = places.iter().filter(|place| place.table.cut != Cut::Trigrams);
        let places: Vec<&Place<'_>> = places.collect();
        let mut corrected = Vec::new();
        let terms = wish.terms_mut();
        if terms.len() > MAX_WORDS {
            return Ok(corrected);
        }
        for term in terms {
            if term.phrase || term.words().count() != 1 || self.is_there(&places, term)? {
                continue;
            }
            let Some(taken) = self.neighbour(layout, &places, term)? else {
                return Ok(Vec::new());
            };
            let typed = std::mem::replace(&mut term.text, taken.clone());
            corrected.push(Correction { typed, taken });
        }
        Ok(corrected)
    }

    fn is_there(&self, places: &[&Place<'_>], term: &Term) -> Result<bool, Error> {
        let wish = Wish::Term(term.clone());
        for place in places {
            let Some(expression) = place.expression(&wish) else { continue };
            if self.first(place.table, &expression)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn first(&self, table: &TextTable, expression: &str) -> Result<Option<i64>, Error> {
        let name = &table.name;
        let sql = format!("SELECT rowid FROM {name} WHERE {name} MATCH ?1 LIMIT 1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([expression], |row| row.get(0)).optional()?)
    }

    /// The word of the index that is nearest to a word, as it is written somewhere.
    fn neighbour(
        &self,
        layout: &TextLayout,
        places: &[&Place<'_>],
        term: &Term,
    ) -> Result<Option<String>, Error> {
        let Some(word) = self.cut(Cut::Words, &term.text)?.pop() else {
            return Ok(None);
        };
        let mut best: Option<(Neighbour, &Place<'_>)> = None;
        for place in places {
            for found in self.neighbours_in(place, &word, term.prefix)? {
                let nearer = best.as_ref().is_none_or(|(best, _)| {
                    (found.edits, -found.nodes) < (best.edits, -best.nodes)
                });
                if nearer {
                    best = Some((found, place));
                }
            }
        }
        let Some((Neighbour { term, word, .. }, place)) = best else {
            return Ok(None);
        };
        if word.is_some() {
            return Ok(word);
        }
        // The index knows the word without its ending: a node has it whole.
        let expression = format!("\"{term}\"");
        let Some(nid) = self.first(place.table, &place.within(&expression))? else {
            return Ok(None);
        };
        let Some(hit) = self.hits(vec![(nid, 0.0)])?.pop() else {
            return Ok(None);
        };
        let tables = layout.of(Some(&hit.node.kind));
        let text = texts_of(tables, &hit.node.data).join("\n");
        self.first_marked(place.table.cut, &text, &expression)
    }

    /// The neighbours in a table of a word in small letters without accents.
    fn neighbours_in(
        &self,
        place: &Place<'_>,
        word: &str,
        prefix: bool,
    ) -> Result<Vec<Neighbour>, Error> {
        let letters: Vec<char> = word.chars().collect();
        let most = match letters.len() {
            0..SHORTEST => return Ok(Vec::new()),
            SHORTEST..=5 => 1,
            _ => 2,
        };
        let (table, (terms_table, condition)) = (place.table, self.terms_of(place)?);
        let mut found = Vec::new();
        let variants = variants(&letters);
        let terms = self.cut(table.cut, &variants.join(" "))?;
        if terms.len() == variants.len() {
            let sql = format!(
                "SELECT max(doc) FROM {terms_table} WHERE term = ?1{condition} GROUP BY term"
            );
            let mut exact = self.conn.prepare_cached(&sql)?;
            for (word, term) in variants.into_iter().zip(terms) {
                let nodes = exact.query_row([&term], |row| row.get(0)).optional()?;
                let word = Some(word);
                found.extend(nodes.map(|nodes| Neighbour { edits: 1, nodes, term, word }));
            }
        }
        let Some(stem) = self.cut(table.cut, word)?.pop() else {
            return Ok(found);
        };
        let letters: Vec<char> = stem.chars().collect();
        let begin: String = letters.iter().take(2).collect();
        let mut range = self.conn.prepare_cached(&format!(
            "SELECT term, max(doc) FROM {terms_table} WHERE term >= ?1 AND term < ?2{condition}
             GROUP BY term LIMIT ?3"
        ))?;
        let mut rows = range.query((&begin, format!("{begin}\u{10ffff}"), MAX_NEIGHBOURS))?;
        while let Some(row) = rows.next()? {
            let term: String = row.get(0)?;
            let other: Vec<char> = term.chars().collect();
            if let Some(edits) = edits(&letters, &other, most, prefix) {
                let word = (table.cut != Cut::English).then(|| term.clone());
                found.push(Neighbour { edits, nodes: row.get(1)?, term, word });
            }
        }
        Ok(found)
    }

    /// The table of the words in a place, and a condition for those of its columns.
    fn terms_of(&self, place: &Place<'_>) -> Result<(String, String), Error> {
        let name = &place.table.name;
        let (of, condition) = match place.columns.as_slice() {
            [] => ("row", String::new()),
            columns => ("col", format!(" AND col IN ('{}')", columns.join("', '"))),
        };
        let table = format!("temp.{name}_terms_{of}");
        self.conn.execute_batch(&format!(
            "CREATE VIRTUAL TABLE IF NOT EXISTS {table} USING fts5vocab('main', '{name}', '{of}')"
        ))?;
        Ok((table, condition))
    }

    /// A text as a table has it, word by word: folded, and without endings.
    fn cut(&self, cut: Cut, text: &str) -> Result<Vec<String>, Error> {
        self.aside(cut, &[text], |aside| {
            let sql = format!("SELECT term FROM temp.{aside}_cut ORDER BY offset");
            let mut statement = self.conn.prepare_cached(&sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// The words that one edit makes of a word. Letters come in only where they are those of English.
fn variants(letters: &[char]) -> Vec<String> {
    let ascii = letters.iter().all(char::is_ascii);
    let alphabet = if ascii { "abcdefghijklmnopqrstuvwxyz0123456789" } else { "" };
    let mut variants = Vec::new();
    for at in 0..=letters.len() {
        let Some((before, after)) = letters.split_at_checked(at) else { continue };
        let mut add = |middle: &[char], after: &[char]| {
            variants.push([before, middle, after].concat().into_iter().collect());
        };
        for letter in alphabet.chars() {
            add(&[letter], after);
        }
        let Some((first, rest)) = after.split_first() else { continue };
        add(&[], rest);
        for letter in alphabet.chars().filter(|letter| letter != first) {
            add(&[letter], rest);
        }
        if let Some((second, rest)) = rest.split_first() {
            add(&[*second, *first], rest);
        }
    }
    variants
}

/// How many letters are to be put in, left out, changed, or swapped with the next to make one word of
/// the other, or of a beginning of it; `None` where it is more than `most`.
fn edits(word: &[char], other: &[char], most: usize, prefix: bool) -> Option<usize> {
    if other.len() + most < word.len() || (!prefix && word.len() + most < other.len()) {
        return None;
    }
    // Rows of the table of distances: for each letter of the other word, those of all beginnings.
    let mut last: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=word.len()).collect();
    let mut best = usize::MAX;
    for (at, letter) in other.iter().enumerate() {
        if prefix {
            best = best.min(row.last().copied().unwrap_or(usize::MAX));
        }
        let mut next = Vec::with_capacity(row.len());
        next.push(at + 1);
        for (place, typed) in word.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let changed = get(&row, place) + usize::from(typed != letter);
            let mut edits = changed.min(get(&row, place + 1) + 1).min(get(&next, place) + 1);
            let before = |place: usize| place.checked_sub(1);
            let swapped = before(at).and_then(|at| other.get(at)) == Some(typed)
                && before(place).and_then(|place| word.get(place)) == Some(letter);
            if swapped && let Some(two) = before(place) {
                edits = edits.min(get(&last, two) + 1);
            }
            next.push(edits);
        }
        if next.iter().min().is_some_and(|least| *least > most) {
            return (best <= most).then_some(best);
        }
        last = std::mem::replace(&mut row, next);
    }
    best = best.min(row.last().copied().unwrap_or(usize::MAX));
    (best <= most).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(word: &str, other: &str, prefix: bool) -> Option<usize> {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        edits(&letters(word), &letters(other), 2, prefix)
    }

    #[test]
    fn edits_are_counted() {
        for (word, other, edits) in [
            ("milk", "milk", Some(0)),
            ("mlik", "milk", Some(1)),
            ("mlk", "milk", Some(1)),
            ("millk", "milk", Some(1)),
            ("silk", "milk", Some(1)),
            ("kitten", "sitting", None),
            ("databse", "databases", Some(2)),
            ("ab", "abcdef", None),
        ] {
            assert_eq!(distance(word, other, false), edits, "{word} {other}");
        }
        assert_eq!(distance("datbas", "databases", true), Some(1));
        assert_eq!(distance("datbas", "databases", false), None);
    }

    #[test]
    fn words_that_one_edit_makes_are_listed() {
        let letters: Vec<char> = "mlik".chars().collect();
        let variants = variants(&letters);
        for word in ["milk", "lmik", "mli", "lik", "mlk", "alik", "maik", "amlik", "mlika"] {
            assert!(variants.iter().any(|variant| variant == word), "{word}");
        }
    }
}
