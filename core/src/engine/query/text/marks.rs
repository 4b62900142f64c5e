//! Marks words that were found in the texts of found nodes.
//!
//! The text index holds no texts, so those of the few nodes that are given go into a table on the side,
//! cut as the index cuts them, and FTS5 marks them there.

use super::answer::{Hit, Marks};
use super::expression::Wish;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::query::stems::{excerpt, marked_alike, without_endings};
use crate::engine::query::words::{GAP, apart, text_of};
use crate::engine::storage::schema::{Cut, TextLayout};
use std::collections::BTreeSet;

/// What stands for marks until the text around them is escaped: characters of no text.
const OPEN: char = '\u{fdd1}';
const CLOSE: char = '\u{fdd2}';

/// A text to be marked: of which hit, and which field.
type Place<'a> = (usize, &'a str, String);

impl Reader<'_> {
    /// Gives hits their snippets, and the fields in which words were found: of those named, or of all.
    pub(super) fn mark(
        &self,
        layout: &TextLayout,
        hits: &mut [Hit],
        wish: &Wish,
        marks: &Marks,
        fields: &[&str],
    ) -> Result<(), Error> {
        if !(1..=64).contains(&marks.words) {
            return Err(Error::Option {
                option: "words".into(),
                message: format!("a snippet has 1 to 64 words, found {}", marks.words),
            });
        }
        let any = wish.any_term();
        for cut in cuts(layout, hits) {
            let Some(expression) = any.expression(cut) else { continue };
            let mut places = texts(layout, hits, cut);
            places.retain(|(_, field, _)| fields.is_empty() || fields.contains(field));
            if places.is_empty() {
                continue;
            }
            let texts: Vec<&str> = places.iter().map(|(.., text)| text.as_str()).collect();
            let marked = self.marked(cut, &texts, &expression, marks.words)?;
            let marked: Vec<(usize, String, String, String)> = marked
                .into_iter()
                .filter_map(|(at, whole, part)| {
                    let (hit, field, _) = places.get(at)?;
                    Some((*hit, (*field).to_owned(), dress(&whole, marks), dress(&part, marks)))
                })
                .collect();
            for (hit, field, whole, part) in marked {
                let Some(hit) = hits.get_mut(hit) else { continue };
                // The best fitting field comes first.
                hit.snippet.get_or_insert(part);
                if marks.fields {
                    hit.highlights.insert(field, whole);
                }
            }
        }
        Ok(())
    }

    /// The texts in which something was found, the best first: number, whole text, snippet.
    fn marked(
        &self,
        cut: Cut,
        texts: &[&str],
        expression: &str,
        words: u8,
    ) -> Result<Vec<(usize, String, String)>, Error> {
        self.aside(cut, texts, |table| {
            let sql = format!(
                "SELECT rowid, highlight({table}, 0, ?2, ?3), snippet({table}, 0, ?2, ?3, '…', ?4)
                 FROM temp.{table} WHERE {table} MATCH ?1 ORDER BY rank"
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            let (open, close) = (OPEN.to_string(), CLOSE.to_string());
            let rows = statement.query_map((expression, open, close, words), |row| {
                Ok((row.get::<_, i64>(0)? as usize, row.get(1)?, row.get(2)?))
            })?;
            let mut marked: Vec<(usize, String, String)> = rows.collect::<Result<_, _>>()?;
            if let Cut::Stems(_) = cut {
                for (at, whole, part) in &mut marked {
                    let text = texts.get(*at).copied().unwrap_or_default();
                    *whole = marked_alike(text, whole, OPEN, CLOSE);
                    *part = excerpt(whole, words.into(), OPEN, CLOSE);
                }
            }
            Ok(marked)
        })
    }

    /// The first word of a text that an expression finds, as it is written there.
    pub(super) fn first_marked(
        &self,
        cut: Cut,
        text: &str,
        expression: &str,
    ) -> Result<Option<String>, Error> {
        let marked = self.marked(cut, &[text], expression, 1)?;
        let whole = marked.into_iter().next().map(|(_, whole, _)| whole);
        let found = whole.as_deref().and_then(|whole| whole.split_once(OPEN)?.1.split_once(CLOSE));
        Ok(found.map(|(word, _)| word.replace(GAP, "")))
    }

    /// Runs `read` over a table on the side that has these texts, by their numbers.
    pub(super) fn aside<R>(
        &self,
        cut: Cut,
        texts: &[&str],
        read: impl FnOnce(&str) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let table = format!("pdb_aside_{}", cut.word());
        // Made once, and emptied in place of being taken back: that would end the statements that run.
        self.conn.execute_batch(&format!(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table} USING fts5(text, tokenize = '{}');
             CREATE VIRTUAL TABLE IF NOT EXISTS temp.{table}_cut
               USING fts5vocab('temp', '{table}', 'instance')",
            cut.tokenizer()
        ))?;
        let filled = || -> Result<(), Error> {
            let sql = format!("INSERT INTO temp.{table} (rowid, text) VALUES (?1, ?2)");
            let mut insert = self.conn.prepare_cached(&sql)?;
            for (at, text) in (0_i64..).zip(texts) {
                match cut {
                    Cut::Stems(language) => {
                        insert.execute((at, without_endings(language, text)))?
                    }
                    _ => insert.execute((at, text))?,
                };
            }
            Ok(())
        };
        let result = filled().and_then(|()| read(&table));
        self.conn.prepare_cached(&format!("DELETE FROM temp.{table}"))?.execute([])?;
        result
    }
}

/// How the tables of hits cut texts, in their order.
fn cuts(layout: &TextLayout, hits: &[Hit]) -> Vec<Cut> {
    let tables = hits.iter().flat_map(|hit| layout.of(Some(&hit.node.kind)).iter());
    let cuts: BTreeSet<Cut> = tables.map(|table| table.cut).collect();
    cuts.into_iter().collect()
}

/// The texts of hits that are in tables of a cut.
fn texts<'h>(layout: &TextLayout, hits: &'h [Hit], cut: Cut) -> Vec<Place<'h>> {
    let mut places = Vec::new();
    for (at, hit) in hits.iter().enumerate() {
        let tables = layout.of(Some(&hit.node.kind)).iter().filter(|table| table.cut == cut);
        for table in tables {
            for (field, value) in &hit.node.data {
                if !table.fields.is_empty() && !table.fields.contains(field) {
                    continue;
                }
                let text = text_of(std::iter::once(value));
                let text = if cut == Cut::Trigrams { text } else { apart(text) };
                if !text.is_empty() {
                    places.push((at, field.as_str(), text));
                }
            }
        }
    }
    places
}

/// A text with its marks, as it is shown.
fn dress(text: &str, marks: &Marks) -> String {
    let html = marks.open.starts_with('<');
    let mut dressed = String::with_capacity(text.len() + marks.open.len() + marks.close.len());
    for character in text.trim_end_matches('\n').chars() {
        match character {
            OPEN => dressed.push_str(&marks.open),
            CLOSE => dressed.push_str(&marks.close),
            GAP => {}
            '&' if html => dressed.push_str("&amp;"),
            '<' if html => dressed.push_str("&lt;"),
            '>' if html => dressed.push_str("&gt;"),
            '"' if html => dressed.push_str("&quot;"),
            '\'' if html => dressed.push_str("&#39;"),
            other => dressed.push(other),
        }
    }
    dressed
}
