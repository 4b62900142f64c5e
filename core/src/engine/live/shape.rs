//! What can be told of a statement from its words alone, to save running it again.
//!
//! Only what is certain is told; a statement that looks like anything else runs again whenever what
//! it reads is touched.

use crate::engine::query::sql::SqlValue;
use crate::engine::query::tokens::{Kind, Token, tokens};
use std::collections::{HashMap, HashSet};

/// A condition that all rows of a statement meet.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct Equals {
    /// The column's name without quotes.
    pub(in crate::engine) column: String,
    pub(in crate::engine) value: SqlValue,
}

/// A statement over one view.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::engine) struct Shape {
    /// Conditions that it names, of those that all its rows meet.
    pub(in crate::engine) equals: Vec<Equals>,
    /// Where each row comes from one node and no row depends on another.
    pub(in crate::engine) by_node: Option<ByNode>,
}

/// A statement with the id of each row's node as a further column at the end.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct ByNode {
    /// For all nodes.
    pub(in crate::engine) all: String,
    /// For those whose ids are in the JSON array `:pdb_ids`.
    pub(in crate::engine) some: String,
}

/// Words that make a statement more than rows of one view, or hide where a part of it ends.
const BEYOND: [&str; 13] = [
    "JOIN",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "WITH",
    "VALUES",
    "RECURSIVE",
    "INDEXED",
    "COLLATE",
    "WINDOW",
    "OVER",
    "FILTER",
    "EXPLAIN",
];

/// Words that may follow the condition.
const TAIL: [&str; 5] = ["GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW"];

/// The shape of a statement, `None` where it is not `SELECT .. FROM view [WHERE ..] [..]`.
pub(in crate::engine) fn shape(sql: &str, params: &[SqlValue]) -> Option<Shape> {
    let mut words: Vec<Token<'_>> =
        tokens(sql).into_iter().filter(|token| token.kind != Kind::Trivia).collect();
    while words.last().is_some_and(|token| token.is_mark(";")) {
        words.pop();
    }
    let count = |word: &str| words.iter().filter(|token| token.is_word(word)).count();
    if !words.first()?.is_word("SELECT") || count("SELECT") != 1 || count("FROM") != 1 {
        return None;
    }
    if words.iter().any(|token| token.is_one_of(&BEYOND) || token.is_mark(";")) {
        return None;
    }
    let from = words.iter().position(|token| token.is_word("FROM"))?;
    let (head, rest) = (words.get(1..from)?, words.get(from + 1..)?);
    let ends = |token: &Token<'_>| token.is_word("WHERE") || token.is_one_of(&TAIL);
    let source_end = rest.iter().position(ends).unwrap_or(rest.len());
    let alias = alias(rest.get(..source_end)?)?;
    let rest = rest.get(source_end..)?;
    let condition = match rest.split_first() {
        Some((first, rest)) if first.is_word("WHERE") => {
            let end = top_level(rest, |token| token.is_one_of(&TAIL)).unwrap_or(rest.len());
            (rest.get(..end)?, rest.get(end..)?)
        }
        _ => (&[][..], rest),
    };
    let (condition, tail) = condition;
    let parameters = Parameters::of(&words, params);
    let equals = conjuncts(condition)
        .into_iter()
        .filter_map(|conjunct| equality(conjunct, &alias, &parameters))
        .collect();
    let plain = tail.is_empty() && is_plain(head);
    let by_node = plain.then(|| by_node(sql, &words, head, condition, &alias)).flatten();
    Some(Shape { equals, by_node })
}

/// The name by which the source of a statement goes: `view`, `view alias`, `view AS alias`.
fn alias(source: &[Token<'_>]) -> Option<String> {
    let named = |token: &Token<'_>| matches!(token.kind, Kind::Word | Kind::Quoted);
    match source {
        [view] if named(view) => Some(view.text.to_owned()),
        [view, alias] if named(view) && named(alias) => Some(alias.text.to_owned()),
        [view, word, alias] if named(view) && word.is_word("AS") && named(alias) => {
            Some(alias.text.to_owned())
        }
        _ => None,
    }
}

/// Whether the columns are such that each row comes from one node alone: names, perhaps renamed.
fn is_plain(head: &[Token<'_>]) -> bool {
    !head.is_empty()
        && head.iter().all(|token| match token.kind {
            Kind::Word => !token.is_one_of(&["DISTINCT", "ALL", "CASE"]),
            Kind::Quoted => true,
            Kind::Mark => ["*", ",", "."].contains(&token.text),
            Kind::Trivia | Kind::Value => false,
        })
}

/// The place of the first token that fits and is in no bracket and no CASE.
fn top_level(tokens: &[Token<'_>], fits: impl Fn(&Token<'_>) -> bool) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate() {
        if depth == 0 && fits(token) {
            return Some(place);
        }
        if token.is_mark("(") || token.is_word("CASE") {
            depth += 1;
        } else if token.is_mark(")") || token.is_word("END") {
            depth = depth.saturating_sub(1);
        }
    }
    None
}

/// What a condition joins by AND; nothing where it is not simply that.
fn conjuncts<'a, 't>(condition: &'a [Token<'t>]) -> Vec<&'a [Token<'t>]> {
    // AND belongs to BETWEEN where there is one; OR and NOT take the whole apart.
    let unclear = |token: &Token<'_>| token.is_one_of(&["BETWEEN", "OR", "NOT"]);
    if top_level(condition, unclear).is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut rest = condition;
    while let Some(end) = top_level(rest, |token| token.is_word("AND")) {
        let (conjunct, after) = rest.split_at(end);
        found.push(conjunct);
        rest = after.get(1..).unwrap_or_default();
    }
    found.push(rest);
    found
}

/// `column = value`, `alias.column = value`, and the other way round.
fn equality(conjunct: &[Token<'_>], alias: &str, parameters: &Parameters<'_>) -> Option<Equals> {
    let equals = conjunct.iter().position(|token| token.is_mark("="))?;
    let (left, right) = (conjunct.get(..equals)?, conjunct.get(equals + 1..)?);
    // `==` is two marks.
    let right = match right.split_first() {
        Some((first, rest)) if first.is_mark("=") => rest,
        _ => right,
    };
    let sides = |column: &[Token<'_>], value: &[Token<'_>]| {
        let column = self::column(column, alias)?;
        let [value] = value else { return None };
        Some(Equals { column, value: parameters.value(value)? })
    };
    sides(left, right).or_else(|| sides(right, left))
}

fn column(tokens: &[Token<'_>], alias: &str) -> Option<String> {
    match tokens {
        [name] => self::name(name),
        [qualifier, dot, name] if dot.is_mark(".") && qualifier.text == alias => self::name(name),
        _ => None,
    }
}

/// A name without its quotes. What is in single quotes is a string.
fn name(token: &Token<'_>) -> Option<String> {
    if token.kind == Kind::Word {
        let constant = token.is_one_of(&[
            "NULL",
            "TRUE",
            "FALSE",
            "CURRENT_DATE",
            "CURRENT_TIME",
            "CURRENT_TIMESTAMP",
        ]);
        return (!constant).then(|| token.text.to_owned());
    }
    let quote = token.text.chars().next().filter(|_| token.kind == Kind::Quoted)?;
    let close = match quote {
        '"' | '`' => quote,
        '[' => ']',
        _ => return None,
    };
    let inner = token.text.strip_prefix(quote)?.strip_suffix(close)?;
    Some(if quote == '[' { inner.to_owned() } else { unquoted(inner, quote) })
}

fn unquoted(inner: &str, quote: char) -> String {
    let doubled: String = [quote; 2].iter().collect();
    inner.replace(&doubled, &quote.to_string())
}

/// Values of the parameters, by the tokens that stand for them.
struct Parameters<'a> {
    /// Start of a token and the number that SQLite gives it.
    numbered: Vec<(usize, usize)>,
    params: &'a [SqlValue],
}

impl<'a> Parameters<'a> {
    fn of(tokens: &[Token<'_>], params: &'a [SqlValue]) -> Self {
        let mut last = 0;
        let mut names: HashMap<&str, usize> = HashMap::new();
        let mut numbered = Vec::new();
        for token in tokens.iter().filter(|token| token.kind == Kind::Value) {
            let number = if let Some(number) = token.text.strip_prefix('?') {
                number.parse().unwrap_or(last + 1)
            } else if token.text.starts_with([':', '@', '$']) {
                *names.entry(token.text).or_insert(last + 1)
            } else {
                continue;
            };
            last = last.max(number);
            numbered.push((token.start, number));
        }
        Self { numbered, params }
    }

    /// The value that a token stands for: a number, a string, or a parameter.
    fn value(&self, token: &Token<'_>) -> Option<SqlValue> {
        if token.kind == Kind::Quoted {
            let inner = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
            return Some(SqlValue::Text(unquoted(inner, '\'')));
        }
        if token.kind != Kind::Value {
            return None;
        }
        if token.text.starts_with(['?', ':', '@', '$']) {
            let (_, number) = self.numbered.iter().find(|(start, _)| *start == token.start)?;
            return self.params.get(number.checked_sub(1)?).cloned();
        }
        if let Ok(number) = token.text.parse::<i64>() {
            return Some(SqlValue::Int(number));
        }
        let decimal = token.text.chars().all(|letter| "0123456789.eE+-".contains(letter));
        token.text.parse::<f64>().ok().filter(|_| decimal).map(SqlValue::Real)
    }
}

fn by_node(
    sql: &str,
    words: &[Token<'_>],
    head: &[Token<'_>],
    condition: &[Token<'_>],
    alias: &str,
) -> Option<ByNode> {
    let end_of = |token: &Token<'_>| token.start + token.text.len();
    let head_end = end_of(head.last()?);
    let rest = sql.get(head_end..end_of(words.last()?))?;
    let columns = format!("{}, {alias}.id", sql.get(..head_end)?);
    let all = format!("{columns}{rest}");
    let ids = format!("{alias}.id IN (SELECT value FROM json_each(:pdb_ids))");
    // What follows a text of the statement starts on a line of its own: the text may end in a comment.
    let some = match (condition.first(), condition.last()) {
        (Some(first), Some(last)) => {
            let before = sql.get(head_end..first.start)?;
            let condition = sql.get(first.start..end_of(last))?;
            format!("{columns}{before}({condition}\n) AND {ids}")
        }
        _ => format!("{all}\nWHERE {ids}"),
    };
    Some(ByNode { all, some })
}

/// The columns that identify a row of a result: its id, an edge's ends, or all.
pub(in crate::engine) fn key_columns(columns: &[String]) -> Vec<usize> {
    let place = |name: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    if let Some(id) = place("id") {
        return vec![id];
    }
    if let (Some(source), Some(target)) = (place("source"), place("target")) {
        let more = [place("label"), place("key")].into_iter().flatten();
        let all: HashSet<usize> = more.chain([source, target]).collect();
        let mut all: Vec<usize> = all.into_iter().collect();
        all.sort_unstable();
        return all;
    }
    (0..columns.len()).collect()
}
