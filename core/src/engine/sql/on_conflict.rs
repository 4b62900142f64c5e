//! The clause `ON CONFLICT ... DO ...` of an INSERT, read from its words.
//!
//! SQLite never sees it, since it has it for tables only. So what it says is made into statements that
//! SQLite does see: a fault in it is found there.

use super::parameters::{Numbers, is_parameter};
use super::shape::{at_top, end_of, name};
use crate::engine::query::tokens::{Kind, Token};
use std::ops::Range;

/// The clause.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OnConflict {
    /// Where it stands in the statement, in bytes.
    pub(super) place: Range<usize>,
    /// What it names as telling rows apart, as far as these are columns; `None` for anything.
    pub(super) key: Option<Vec<String>>,
    /// What follows DO UPDATE SET, and what follows WHERE in it; `None` for DO NOTHING.
    pub(super) update: Option<(Vec<Piece>, Vec<Piece>)>,
    /// What the row that is there is called in it.
    pub(super) alias: Option<String>,
    /// All parameters of the statement, in their order.
    pub(super) parameters: String,
    /// How many values they take.
    pub(super) values: usize,
    /// Whether the statement has another one.
    pub(super) several: bool,
}

/// A piece of the clause, with its place in the statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// SQL, with parameters by their numbers.
    Text(usize, String),
    /// A column of the row that was to be inserted: `excluded.title`.
    Excluded(usize, String),
}

/// Where the parts of a clause are among the tokens.
#[derive(Debug)]
struct Parts {
    on: usize,
    key: Option<Vec<String>>,
    /// What follows DO UPDATE SET, or DO NOTHING.
    body: usize,
    updates: bool,
}

impl OnConflict {
    /// Reads the clause of an INSERT, if it has one.
    pub(super) fn read(tokens: &[Token<'_>], alias: Option<String>) -> Option<Self> {
        let top = at_top(tokens);
        let mut found = top.iter().filter_map(|at| Parts::read(tokens, *at));
        let first = found.next()?;
        let on = first.on;
        let (several, Parts { key, body, updates, .. }) = match found.next_back() {
            Some(last) => (true, last),
            None => (false, first),
        };
        let after = |words: &[&str]| {
            let mut after = top.iter().copied().filter(|at| *at >= body);
            after
                .find(|at| tokens.get(*at).is_some_and(|it| it.is_one_of(words) || it.is_mark(";")))
        };
        let end = after(&["returning"]).unwrap_or(tokens.len());
        let condition = after(&["where"]).map_or(end, |at| at.min(end));
        let mut numbers = Numbers::default();
        let parameters: Vec<&str> =
            tokens.iter().filter(|it| is_parameter(it)).map(|it| it.text).collect();
        let before = tokens.get(..body)?.iter().filter(|it| is_parameter(it));
        before.for_each(|it| _ = numbers.of(it.text));
        let set = pieces(tokens.get(body..condition)?, &mut numbers);
        let filter = pieces(tokens.get(condition..end)?.get(1..).unwrap_or_default(), &mut numbers);
        let rest = tokens.get(end..)?.iter().filter(|it| is_parameter(it));
        rest.for_each(|it| _ = numbers.of(it.text));
        let to = match tokens.get(end) {
            Some(token) => token.start,
            None => end_of(tokens.last()?),
        };
        Some(Self {
            place: tokens.get(on)?.start..to,
            key,
            update: updates.then_some((set, filter)),
            alias,
            parameters: parameters.join(", "),
            values: numbers.last(),
            several,
        })
    }

    /// The statement without it; all else stays where it is.
    pub(super) fn blanked(&self, sql: &str) -> String {
        let part = |range| sql.get(range).unwrap_or_default();
        let (before, after) = (part(0..self.place.start), part(self.place.end..sql.len()));
        format!("{before}{}{after}", " ".repeat(self.place.len()))
    }
}

impl Parts {
    /// The clause that begins with a token. `ON conflict = 1` of a join is none.
    fn read(tokens: &[Token<'_>], on: usize) -> Option<Self> {
        let word = |at: usize, word: &str| tokens.get(at).is_some_and(|it| it.is_word(word));
        if !(word(on, "on") && word(on + 1, "conflict")) {
            return None;
        }
        let mut at = on + 2;
        let mut key = None;
        if tokens.get(at).is_some_and(|it| it.is_mark("(")) {
            let inside = tokens.get(at + 1..)?;
            let length = inside.iter().position(|it| it.is_mark(")"))?;
            let names = inside.get(..length)?.iter().filter(|it| !it.is_mark(","));
            key = Some(names.map(name).collect());
            at += length + 2;
        }
        // A condition of the key is of partial indexes; the views have none, so it names no key.
        if word(at, "where") {
            at += tokens.get(at..)?.iter().position(|it| it.is_word("do"))?;
            key = Some(Vec::new());
        }
        match (word(at, "do"), word(at + 1, "nothing"), word(at + 1, "update")) {
            (true, true, _) => Some(Self { on, key, body: at + 2, updates: false }),
            (true, _, true) => Some(Self { on, key, body: at + 3, updates: true }),
            _ => None,
        }
    }
}

/// The tokens with what they stand for in an UPDATE.
fn pieces<'a>(tokens: &[Token<'a>], numbers: &mut Numbers<'a>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = tokens;
    let mut end = 0;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        // Operators of several characters are several tokens, which stay together.
        if token.start > end {
            pieces.push(Piece::Text(token.start, " ".into()));
        }
        end = end_of(token);
        if let ([dot, column, others @ ..], true) = (after, is_excluded(token))
            && dot.is_mark(".")
        {
            pieces.push(Piece::Excluded(token.start, name(column)));
            end = end_of(column);
            rest = others;
        } else if is_parameter(token) {
            pieces.push(Piece::Text(token.start, format!("?{}", numbers.of(token.text))));
        } else {
            pieces.push(Piece::Text(token.start, token.text.to_owned()));
        }
    }
    pieces
}

fn is_excluded(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Word | Kind::Quoted) && name(token).eq_ignore_ascii_case("excluded")
}

#[cfg(test)]
mod tests {
    use super::super::shape::words;
    use super::*;

    fn read(sql: &str) -> Option<OnConflict> {
        OnConflict::read(&words(sql), None)
    }

    fn shown(pieces: &[Piece]) -> String {
        let shown = pieces.iter().map(|piece| match piece {
            Piece::Text(_, text) => text.clone(),
            Piece::Excluded(_, column) => format!("<{column}>"),
        });
        shown.collect()
    }

    #[test]
    fn the_clause_is_read_with_its_parameters() {
        let sql = "INSERT INTO T (id, a) VALUES (?, :a) ON CONFLICT (\"id\")
                   DO UPDATE SET a = a + EXCLUDED.\"a b\" || ?, b = (SELECT 1 WHERE ?2) WHERE :a > ? RETURNING ?, :z";
        let clause = read(sql).unwrap();
        assert_eq!(clause.key, Some(vec!["id".into()]));
        let (set, condition) = clause.update.as_ref().unwrap();
        assert_eq!(shown(set), " a = a + <a b> || ?3, b = (SELECT 1 WHERE ?2)");
        assert_eq!(shown(condition), " ?2 > ?4");
        assert_eq!((clause.parameters.as_str(), clause.values), ("?, :a, ?, ?2, :a, ?, ?, :z", 6));
        let blanked = clause.blanked(sql);
        assert_eq!(blanked.len(), sql.len());
        let words: Vec<&str> = blanked.split_whitespace().collect();
        assert_eq!(words.join(" "), "INSERT INTO T (id, a) VALUES (?, :a) RETURNING ?, :z");
    }

    #[test]
    fn what_only_looks_like_the_clause_is_none() {
        for sql in [
            "INSERT INTO T SELECT * FROM a JOIN b ON conflict = 1",
            "INSERT INTO T SELECT * FROM a JOIN b ON conflict (1) = 2",
            "INSERT INTO T SELECT (SELECT 1 ON CONFLICT DO NOTHING)",
            "INSERT INTO T VALUES ('ON CONFLICT DO NOTHING') -- ON CONFLICT DO NOTHING",
        ] {
            assert_eq!(read(sql), None, "{sql}");
        }
        let clause =
            read("INSERT INTO T SELECT 1 FROM a JOIN b ON conflict ON CONFLICT DO NOTHING;")
                .unwrap();
        assert_eq!((clause.key, clause.update, clause.several), (None, None, false));
        assert!(
            read("INSERT INTO T VALUES (1) ON CONFLICT(a) DO NOTHING ON CONFLICT DO NOTHING")
                .unwrap()
                .several
        );
    }
}
