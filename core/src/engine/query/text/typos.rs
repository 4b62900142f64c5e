//! Takes words that are nowhere for words of the index that are spelled nearly so.
//!
//! Two kinds of neighbours are looked up, so that the time is bounded whatever the index holds: the words
//! that one edit makes, and all words that begin with the same two letters, which may be two edits away
//! where the word is longer than five letters.

use super::answer::Correction;
use super::expression::{Term, Wish};
use super::scope::Place;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::query::words::{apart, text_of};
use crate::engine::storage::schema::{Cut, TextTable};
use rusqlite::OptionalExtension;
use std::collections::{HashSet, VecDeque};

/// Words of one search that are looked at. A longer text is no typing error.
const MAX_WORDS: usize = 8;

/// Neighbours of one word that are compared with it.
const MAX_NEIGHBOURS: i64 = 20_000;

/// Words that one is taken for, one after the other, until something is found.
const MAX_CHOICES: usize = 8;

/// Choices of words that are tried.
const MAX_TRIES: usize = 32;

/// Shortest word that can be mistyped, in letters.
const SHORTEST: usize = 3;

/// A word of the index that is near to another.
#[derive(Debug, Clone)]
struct Neighbour {
    edits: usize,
    /// Whether only a beginning of it is so near, where the other word may be one.
    begun: bool,
    /// How many nodes have it.
    nodes: i64,
    /// As the index has it.
    term: String,
    /// As it is to be shown, where that is known.
    word: Option<String>,
}

/// A word that is nowhere, and what it may be meant to be.
struct Wrong<'a> {
    /// Which of the wish's terms.
    term: usize,
    /// The nearest first, and where each is.
    near: Vec<(Neighbour, &'a Place<'a>)>,
}

impl Reader<'_> {
    /// A wish with other words in the place of those that are nowhere, the nearest that find something
    /// together, and which. Nothing where there are none.
    pub(super) fn correct(
        &self,
        places: &[Place<'_>],
        wish: &Wish,
    ) -> Result<Option<(Wish, Vec<Correction>)>, Error> {
        let searched = places.iter().filter(|place| place.table.cut != Cut::Trigrams);
        let searched: Vec<&Place<'_>> = searched.collect();
        let terms = wish.terms();
        if terms.len() > MAX_WORDS {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        for (at, term) in terms.into_iter().enumerate() {
            if term.phrase || term.words().count() != 1 || self.is_there(&searched, term)? {
                continue;
            }
            let near = self.spelled_nearly(&searched, term)?;
            if near.is_empty() {
                return Ok(None);
            }
            wrong.push(Wrong { term: at, near });
        }
        if wrong.is_empty() {
            return Ok(None);
        }
        let choices: Vec<usize> = wrong.iter().map(|wrong| wrong.near.len()).collect();
        for choice in nearest_first(&choices).take(MAX_TRIES) {
            let Some((taken, corrected)) = self.taken(wish, &wrong, &choice)? else {
                continue;
            };
            for place in places {
                let Some(expression) = place.expression(&taken) else { continue };
                if !self.unranked_in_table(place, &expression, place.kind, 1)?.is_empty() {
                    return Ok(Some((taken, corrected)));
                }
            }
        }
        Ok(None)
    }

    /// The wish with one choice of words, where all of them are known as they are written.
    fn taken(
        &self,
        wish: &Wish,
        wrong: &[Wrong<'_>],
        choice: &[usize],
    ) -> Result<Option<(Wish, Vec<Correction>)>, Error> {
        let (mut wish, mut corrected) = (wish.clone(), Vec::new());
        let mut terms = wish.terms_mut();
        for (Wrong { term, near }, chosen) in wrong.iter().zip(choice) {
            let (Some(term), Some((neighbour, place))) = (terms.get_mut(*term), near.get(*chosen))
            else {
                return Ok(None);
            };
            let Some(taken) = self.written(neighbour, place)? else { return Ok(None) };
            let typed = std::mem::replace(&mut term.text, taken.clone());
            corrected.push(Correction { typed, taken });
        }
        Ok(Some((wish, corrected)))
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

    /// The words of the index that are nearest to a word, each once; among equally near ones the commonest
    /// first.
    fn spelled_nearly<'a>(
        &self,
        places: &[&'a Place<'a>],
        term: &Term,
    ) -> Result<Vec<(Neighbour, &'a Place<'a>)>, Error> {
        let Some(word) = self.cut(Cut::Words, &term.text)?.pop() else {
            return Ok(Vec::new());
        };
        let mut near = Vec::new();
        for place in places {
            let found = self.neighbours_in(place, &word, term.prefix)?;
            near.extend(found.into_iter().map(|neighbour| (neighbour, *place)));
        }
        near.sort_by_cached_key(|(near, _)| {
            (near.edits, near.begun, -near.nodes, near.term.clone(), near.word.is_none())
        });
        let mut known = HashSet::new();
        near.retain(|(neighbour, _)| known.insert(neighbour.term.clone()));
        near.truncate(MAX_CHOICES);
        Ok(near)
    }

    /// A word of the index as it is written somewhere.
    fn written(
        &self,
        Neighbour { term, word, .. }: &Neighbour,
        place: &Place<'_>,
    ) -> Result<Option<String>, Error> {
        if word.is_some() {
            return Ok(word.clone());
        }
        // The index knows the word without its ending: a node has it whole.
        let expression = format!("\"{term}\"");
        let Some(nid) = self.first(place.table, &place.within(&expression))? else {
            return Ok(None);
        };
        let Some(hit) = self.hits(vec![(nid, 0.0)])?.pop() else {
            return Ok(None);
        };
        let text = apart(text_of(hit.node.data.values()));
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
                let near = |nodes| Neighbour { edits: 1, begun: false, nodes, term, word };
                found.extend(nodes.map(near));
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
                let word = (table.cut == Cut::Words).then(|| term.clone());
                let begun = self::edits(&letters, &other, edits, false).is_none();
                found.push(Neighbour { edits, begun, nodes: row.get(1)?, term, word });
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

/// All ways to choose one of so many each, those with the first ones first.
fn nearest_first(choices: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    let mut waiting = VecDeque::from([vec![0; choices.len()]]);
    let mut known: HashSet<Vec<usize>> = waiting.iter().cloned().collect();
    std::iter::from_fn(move || {
        let next = waiting.pop_front()?;
        for (at, most) in choices.iter().enumerate() {
            let mut after = next.clone();
            if let Some(chosen) = after.get_mut(at).filter(|chosen| **chosen + 1 < *most) {
                *chosen += 1;
                if known.insert(after.clone()) {
                    waiting.push_back(after);
                }
            }
        }
        Some(next)
    })
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
    fn choices_come_with_the_nearest_first() {
        let all: Vec<Vec<usize>> = nearest_first(&[2, 3]).collect();
        assert_eq!(all, [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]]);
        assert_eq!(nearest_first(&[1]).count(), 1);
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
