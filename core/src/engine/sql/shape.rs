//! What a statement wants, read from its words: the little of it that SQLite does not tell.
//!
//! SQLite has accepted the statement before anything here counts, so this reads valid statements only
//! and may take others as it likes.

use super::on_conflict::OnConflict;
use super::parameters::{Numbers, is_parameter};
use crate::engine::query::tokens::{Kind, Token, tokens};
use std::borrow::Cow;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Insert,
    Update,
    Delete,
    Begin,
    Commit,
    Rollback,
    /// SAVEPOINT, RELEASE, and ROLLBACK TO.
    Savepoint,
    /// Anything else: what reads, and what is refused.
    Other,
}

/// What becomes of a row that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    Refuse,
    Replace,
    Ignore,
    /// OR FAIL and OR ROLLBACK, which would leave half of a statement.
    Unsupported,
}

/// A statement as far as writing needs to know it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) verb: Verb,
    pub(super) conflict: Conflict,
    /// What it writes to.
    pub(super) target: Option<String>,
    /// Whether it is an UPDATE ... FROM.
    pub(super) joins: bool,
    /// The columns that an INSERT names.
    pub(super) columns: Option<Vec<String>>,
    /// What follows RETURNING, each parameter by its number in the statement.
    pub(super) returning: Option<String>,
    pub(super) on_conflict: Option<OnConflict>,
    /// The SELECT that an INSERT takes its rows from, as a statement of its own.
    pub(super) source: Option<String>,
}

impl Shape {
    /// A statement of which nothing else is known.
    pub(super) const fn of(verb: Verb) -> Self {
        Self {
            verb,
            conflict: Conflict::Refuse,
            target: None,
            joins: false,
            columns: None,
            returning: None,
            on_conflict: None,
            source: None,
        }
    }

    /// Reads one statement.
    pub(super) fn read(sql: &str) -> Self {
        let tokens = words(sql);
        let mut shape = Self::of(Verb::Other);
        let top = at_top(&tokens);
        let mut start = 0;
        if tokens.first().is_some_and(|token| token.is_word("with")) {
            // The statement proper follows the tables that WITH defines.
            let begins = |at: &&usize| tokens.get(**at).is_some_and(begins_after_with);
            start = top.iter().find(begins).copied().unwrap_or_default();
        }
        let Some(verb) = tokens.get(start).and_then(verb_of) else {
            return shape;
        };
        shape.verb = verb;
        let mut rest = tokens.get(start..).unwrap_or_default().iter().peekable();
        match verb {
            Verb::Insert | Verb::Update | Verb::Delete => {
                if rest.next().is_some_and(|token| token.is_word("replace")) {
                    shape.conflict = Conflict::Replace;
                }
                if rest.next_if(|token| token.is_word("or")).is_some() {
                    shape.conflict = rest.next().map_or(Conflict::Refuse, conflict_of);
                }
                rest.next_if(|token| token.is_word("into") || token.is_word("from"));
                shape.target = rest.next().map(name);
                if rest.next_if(|token| token.is_mark(".")).is_some() {
                    shape.target = rest.next().map(name);
                }
                let named = rest.next_if(|token| token.is_word("as"));
                let alias = named.and_then(|_| rest.next()).map(name);
                if verb == Verb::Insert && rest.next_if(|token| token.is_mark("(")).is_some() {
                    let names = rest.take_while(|token| !token.is_mark(")"));
                    let names = names.filter(|token| !token.is_mark(","));
                    shape.columns = Some(names.map(name).collect());
                }
                if verb == Verb::Insert {
                    shape.on_conflict = OnConflict::read(&tokens, alias);
                    if shape.on_conflict.as_ref().is_some_and(|it| it.update.is_none()) {
                        shape.conflict = Conflict::Ignore;
                    }
                    shape.source = shape.source(sql, &tokens, &top, start);
                }
                shape.joins = verb == Verb::Update
                    && top.iter().any(|at| tokens.get(*at).is_some_and(|it| it.is_word("from")));
                shape.returning = returning(sql, &tokens, &top);
            }
            Verb::Rollback if tokens.iter().any(|token| token.is_word("to")) => {
                shape.verb = Verb::Savepoint;
            }
            _ => {}
        }
        shape
    }

    /// The SELECT of an INSERT that begins with a token, behind what WITH defines before it. What ends
    /// it holds parameters behind its own, so that they keep their numbers.
    fn source(
        &self,
        sql: &str,
        tokens: &[Token<'_>],
        top: &[usize],
        insert: usize,
    ) -> Option<String> {
        let mut behind = top.iter().filter(|at| **at > insert).filter_map(|at| tokens.get(*at));
        let begins = ["select", "with", "values", "default"];
        let first = behind.find(|token| token.is_one_of(&begins))?;
        if first.is_one_of(&["values", "default"]) {
            return None;
        }
        let ends = |token: &&Token<'_>| token.is_word("returning") || token.is_mark(";");
        let end = behind.find(ends).map_or(sql.len(), |token| token.start);
        let end = self.on_conflict.as_ref().map_or(end, |clause| clause.place.start.min(end));
        let defined = sql.get(..tokens.get(insert)?.start)?;
        Some(format!("{defined}{}", sql.get(first.start..end)?))
    }

    /// The statement as SQLite is given it: ON CONFLICT is for tables only.
    pub(super) fn without_on_conflict<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match &self.on_conflict {
            Some(clause) => clause.blanked(sql).into(),
            None => sql.into(),
        }
    }
}

/// The tokens that are more than blanks and comments.
pub(super) fn words(sql: &str) -> Vec<Token<'_>> {
    let mut found = tokens(sql);
    found.retain(|token| token.kind != Kind::Trivia);
    found
}

/// Where a token ends, in bytes.
pub(super) const fn end_of(token: &Token<'_>) -> usize {
    token.start + token.text.len()
}

/// The name that a token spells, without quotation marks.
pub(super) fn name(token: &Token<'_>) -> String {
    let inner = |close: &str| {
        let text = token.text.get(1..).unwrap_or_default();
        text.strip_suffix(close).unwrap_or(text).to_owned()
    };
    match (token.kind, token.text.chars().next()) {
        (Kind::Quoted, Some('[')) => inner("]"),
        (Kind::Quoted, Some(quote)) => {
            let quote = quote.to_string();
            inner(&quote).replace(&quote.repeat(2), &quote)
        }
        _ => token.text.to_owned(),
    }
}

fn verb_of(token: &Token<'_>) -> Option<Verb> {
    const VERBS: [(&str, Verb); 10] = [
        ("insert", Verb::Insert),
        ("replace", Verb::Insert),
        ("update", Verb::Update),
        ("delete", Verb::Delete),
        ("begin", Verb::Begin),
        ("commit", Verb::Commit),
        ("end", Verb::Commit),
        ("rollback", Verb::Rollback),
        ("savepoint", Verb::Savepoint),
        ("release", Verb::Savepoint),
    ];
    VERBS.iter().find(|(word, _)| token.is_word(word)).map(|(_, verb)| *verb)
}

fn begins_after_with(token: &Token<'_>) -> bool {
    ["select", "values", "insert", "replace", "update", "delete"]
        .iter()
        .any(|word| token.is_word(word))
}

fn conflict_of(token: &Token<'_>) -> Conflict {
    match token {
        token if token.is_word("replace") => Conflict::Replace,
        token if token.is_word("ignore") => Conflict::Ignore,
        token if token.is_word("fail") || token.is_word("rollback") => Conflict::Unsupported,
        _ => Conflict::Refuse,
    }
}

/// The places of the tokens that stand in no brackets.
pub(super) fn at_top(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut top = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.is_mark(")") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            top.push(at);
        }
        if token.is_mark("(") {
            depth += 1;
        }
    }
    top
}

/// What follows RETURNING, in a form that stands by itself: a parameter without a number has the one
/// after the largest before it, as SQLite counts.
fn returning(sql: &str, tokens: &[Token<'_>], top: &[usize]) -> Option<String> {
    let is_returning = |at: &&usize| tokens.get(**at).is_some_and(|it| it.is_word("returning"));
    let place = *top.iter().find(is_returning)?;
    let (before, after) = tokens.split_at_checked(place + 1)?;
    let mut numbers = Numbers::default();
    for token in before.iter().filter(|token| is_parameter(token)) {
        numbers.of(token.text);
    }
    let after = after.iter().take_while(|token| !token.is_mark(";"));
    let mut list = String::new();
    let mut from = end_of(before.last()?);
    for token in after {
        list.push_str(sql.get(from..token.start)?);
        match is_parameter(token) {
            true => list.push_str(&format!("?{}", numbers.of(token.text))),
            false => list.push_str(token.text),
        }
        from = end_of(token);
    }
    Some(list)
}

/// The statements of a script, each with the place where it begins, in bytes.
pub(super) fn split(script: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut begin = None;
    let mut end = 0;
    for token in words(script) {
        if token.is_mark(";") {
            found.extend(begin.take().and_then(|at| Some((at, script.get(at..end)?))));
        } else {
            begin.get_or_insert(token.start);
            end = end_of(&token);
        }
    }
    found.extend(begin.and_then(|at| Some((at, script.get(at..end)?))));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_conflict_and_columns_are_read() {
        let shape =
            Shape::read("INSERT OR REPLACE INTO main.\"My Type\" AS t (id, [a b]) VALUES (1)");
        assert_eq!((shape.verb, shape.conflict), (Verb::Insert, Conflict::Replace));
        assert_eq!(shape.target.as_deref(), Some("My Type"));
        assert_eq!(shape.columns, Some(vec!["id".into(), "a b".into()]));
        let shape = Shape::read("replace into T values (1)");
        assert_eq!((shape.conflict, shape.columns), (Conflict::Replace, None));
        let shape = Shape::read("-- one\n UPDATE OR IGNORE T SET a = 1");
        assert_eq!((shape.verb, shape.target.as_deref()), (Verb::Update, Some("T")));
    }

    #[test]
    fn with_leads_to_the_statement_behind_it() {
        let sql = "WITH a(b) AS (SELECT 1 UNION SELECT 2) DELETE FROM T WHERE id IN a";
        assert_eq!(Shape::read(sql).verb, Verb::Delete);
        assert_eq!(Shape::read("WITH a AS (SELECT 1) SELECT * FROM a").verb, Verb::Other);
        let sql =
            "WITH a AS (SELECT 1) SELECT replace(x, 'a', 'b'), CASE x WHEN 1 THEN 2 END FROM a";
        assert_eq!(Shape::read(sql).verb, Verb::Other);
        assert_eq!(Shape::read("SELECT 1").verb, Verb::Other);
        assert_eq!(Shape::read("").verb, Verb::Other);
        assert_eq!(Shape::read("EXPLAIN DELETE FROM T").verb, Verb::Other);
    }

    #[test]
    fn what_is_returned_keeps_the_numbers_of_its_parameters() {
        let sql = "UPDATE T SET a = ?, b = :b WHERE c = ?5 RETURNING a->>'$.x' || ?, :b, ? -- end";
        let returning = Shape::read(sql).returning.unwrap();
        assert_eq!(returning, " a->>'$.x' || ?6, ?2, ?7");
        let sql = "INSERT INTO T (returning_at) SELECT (SELECT 1 AS \"returning\")";
        assert_eq!(Shape::read(sql).returning, None);
    }

    #[test]
    fn what_an_insert_selects_stands_by_itself() {
        let source = |sql| Shape::read(sql).source;
        let sql = "WITH n(i) AS (SELECT ?) INSERT INTO T (a) SELECT i FROM n JOIN m ON conflict = ?
            WHERE true ON CONFLICT DO UPDATE SET a = ? RETURNING a";
        let wanted = "WITH n(i) AS (SELECT ?) SELECT i FROM n JOIN m ON conflict = ?
            WHERE true ";
        assert_eq!(source(sql).as_deref(), Some(wanted));
        let sql = "REPLACE INTO T WITH n AS (SELECT 1) SELECT * FROM n RETURNING id";
        assert_eq!(source(sql).as_deref(), Some("WITH n AS (SELECT 1) SELECT * FROM n "));
        assert_eq!(
            source("INSERT INTO T SELECT 1, (VALUES (2)); ").unwrap(),
            "SELECT 1, (VALUES (2))"
        );
        assert_eq!(source("INSERT INTO T (a) VALUES ((SELECT 1)), (2)"), None);
        assert_eq!(source("INSERT INTO T DEFAULT VALUES"), None);
        assert_eq!(source("UPDATE T SET a = (SELECT 1)"), None);
    }

    #[test]
    fn a_script_is_cut_where_a_statement_ends() {
        let script = " SELECT ';' ;; -- none\n; DELETE FROM T /* ; */ WHERE 1; ";
        let pieces = split(script);
        let texts: Vec<&str> = pieces.iter().map(|(_, sql)| *sql).collect();
        assert_eq!(texts, ["SELECT ';'", "DELETE FROM T /* ; */ WHERE 1"]);
        assert_eq!(&script[pieces[1].0..][..6], "DELETE");
    }
}
