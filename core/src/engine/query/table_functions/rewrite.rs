//! Turns calls in the place of a table into what SQLite knows: `FROM traverse(?1, 2) AS t` becomes a
//! subquery over the rows that `pdb_call` gives for these arguments.
//!
//! The arguments stay where they are, so parameters keep their numbers, and an argument may be any
//! expression. All else stays as written, so that the place of an error can be told.

use super::TableFunction;
use crate::engine::error::Error;
use crate::engine::query::tokens::{Kind, Token, tokens};
use rusqlite::Statement as Compiled;
use std::borrow::Cow;
use std::fmt::Write;

/// Words that may follow a table; any other word after it is its alias.
const AFTER_A_TABLE: [&str; 22] = [
    "join",
    "left",
    "right",
    "full",
    "inner",
    "cross",
    "outer",
    "natural",
    "on",
    "using",
    "where",
    "group",
    "order",
    "having",
    "window",
    "limit",
    "union",
    "except",
    "intersect",
    "returning",
    "indexed",
    "not",
];

/// Words that end the list of tables.
const AFTER_THE_TABLES: [&str; 13] = [
    "where",
    "group",
    "order",
    "having",
    "window",
    "limit",
    "union",
    "except",
    "intersect",
    "returning",
    "select",
    "set",
    "values",
];

/// A statement as SQLite is given it.
#[derive(Debug)]
pub(in crate::engine) struct Rewritten<'a> {
    /// The statement.
    pub(in crate::engine) sql: Cow<'a, str>,
    /// The statement as it was written.
    original: &'a str,
    /// Whether it is no statement at all.
    empty: bool,
    /// For each piece of `sql` that was changed or follows a change: where it starts, and which place
    /// of the original text that is; whether it is as written from there on.
    pieces: Vec<(usize, usize, bool)>,
    /// Where the arguments of calls are in the original text, and of which function.
    calls: Vec<(std::ops::Range<usize>, &'static TableFunction)>,
}

impl Rewritten<'_> {
    /// Whether the statement calls any table function.
    pub(in crate::engine) fn has_calls(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Whether there is no statement, but blanks, comments and semicolons at most.
    pub(in crate::engine) const fn is_empty(&self) -> bool {
        self.empty
    }

    /// The names of the columns. One without a name of its own goes by its text, as it was written.
    pub(in crate::engine) fn column_names(&self, compiled: &Compiled<'_>) -> Vec<String> {
        let names = compiled.column_names();
        names.map(|name| self.as_written(name).unwrap_or(name).to_owned()).collect()
    }

    /// The text that stands for a part of `sql` in which a call was rewritten. Such a part begins and ends
    /// with the brackets of a subquery, or further out, which are as written.
    fn as_written(&self, part: &str) -> Option<&str> {
        let Cow::Owned(sql) = &self.sql else { return None };
        let start = sql.find(part).filter(|_| part.contains("pdb_cell("))?;
        let end = start + part.len() - 1;
        self.original.get(self.place(start)..=self.place(end))
    }

    /// Moves the offset of an error to where the fault is in the statement as it was written.
    pub(in crate::engine) fn locate(&self, error: Error) -> Error {
        let Error::Sql { mut message, offset: Some(offset) } = error else {
            return error;
        };
        let offset = self.place(offset);
        let call = self.calls.iter().find(|(place, _)| place.contains(&offset));
        if let Some((_, function)) = call.filter(|_| message.starts_with("no such column")) {
            let name = function.name;
            let _ = write!(
                message,
                "; the arguments of {name}(...) cannot use tables beside it in the same FROM: call it \
                 in a subquery, as in (SELECT count(*) FROM {name}(...))"
            );
        }
        Error::Sql { message, offset: Some(offset) }
    }

    /// Where a place of `sql` is in the original text.
    fn place(&self, offset: usize) -> usize {
        let piece = self.pieces.iter().rev().find(|(start, ..)| *start <= offset);
        piece.map_or(
            offset,
            |(start, original, verbatim)| {
                if *verbatim { original + offset - start } else { *original }
            },
        )
    }
}

/// What is known of a level of parentheses.
#[derive(Default)]
struct Level {
    /// Whether a table may stand here, after a comma for one.
    tables: bool,
    /// Where this level is the arguments of a call: which, from where, and how many so far.
    call: Option<(&'static TableFunction, usize)>,
    commas: usize,
}

/// Rewrites the calls of some functions; `session` is handed to `pdb_call` and `pdb_cell`.
///
/// # Errors
/// [`Error::Sql`] for a call with too few or too many arguments.
pub(super) fn rewrite<'a>(
    sql: &'a str,
    functions: &[&'static TableFunction],
    session: i64,
) -> Result<Rewritten<'a>, Error> {
    let tokens = tokens(sql);
    let mut writer = Writer { sql: String::new(), pieces: Vec::new(), calls: Vec::new() };
    let mut levels = vec![Level::default()];
    let mut before: Option<Token<'_>> = None;
    let mut called: Option<&'static TableFunction> = None;
    let mut empty = true;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Trivia {
            writer.copy(token);
            continue;
        }
        empty &= token.is_mark(";");
        let table_place = levels.last().is_some_and(|level| level.tables)
            && before.is_some_and(|before| {
                before.is_one_of(&["from", "join"]) || before.is_mark(",") || before.is_mark("(")
            });
        let rest = tokens.get(index + 1..).unwrap_or_default();
        if token.is_mark("(") {
            let function = called.take();
            levels.push(Level {
                tables: function.is_none() && table_place,
                call: function.map(|function| (function, token.start)),
                commas: 0,
            });
            match function {
                Some(function) => writer.open(function, session, rest, token),
                None => writer.copy(token),
            }
        } else if token.is_mark(")") && levels.len() > 1 {
            let level = levels.pop().unwrap_or_default();
            match level.call {
                Some((function, start)) => {
                    let empty = before.is_some_and(|before| before.is_mark("("));
                    let given = if empty { 0 } else { level.commas + 1 };
                    check_count(function, given, start)?;
                    writer.close(function, start, token, rest);
                }
                None => writer.copy(token),
            }
        } else if let Some(function) = function_at(token, rest, functions).filter(|_| table_place) {
            called = Some(function);
            writer.piece(token.start, false);
        } else {
            let after_dot = before.is_some_and(|before| before.is_mark("."));
            if let Some(level) = levels.last_mut().filter(|_| !after_dot) {
                level.note(token, before.as_ref());
            }
            writer.copy(token);
        }
        before = Some(*token);
    }
    let Writer { sql: written, pieces, calls } = writer;
    let original = sql;
    let sql = if calls.is_empty() { Cow::Borrowed(sql) } else { Cow::Owned(written) };
    Ok(Rewritten { sql, original, empty, pieces, calls })
}

impl Level {
    /// Follows the clauses of a statement.
    fn note(&mut self, token: &Token<'_>, before: Option<&Token<'_>>) {
        if token.is_mark(",") {
            self.commas += 1;
        } else if token.is_word("from") {
            // `IS DISTINCT FROM` compares.
            self.tables = !before.is_some_and(|before| before.is_word("distinct"));
        } else if token.is_one_of(&AFTER_THE_TABLES) || token.is_mark(";") {
            self.tables = false;
        }
    }
}

/// The function that a token names, where its call follows.
fn function_at(
    token: &Token<'_>,
    rest: &[Token<'_>],
    functions: &[&'static TableFunction],
) -> Option<&'static TableFunction> {
    let follows = rest.iter().find(|token| token.kind != Kind::Trivia)?;
    let function = functions.iter().find(|function| token.is_word(function.name))?;
    follows.is_mark("(").then_some(*function)
}

fn check_count(function: &TableFunction, given: usize, offset: usize) -> Result<(), Error> {
    if function.arguments.contains(&given) {
        return Ok(());
    }
    let (least, most) = (function.arguments.start(), function.arguments.end());
    let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
    Err(Error::Sql {
        message: format!("{} takes {wanted} arguments, not {given}", function.signature),
        offset: Some(offset),
    })
}

/// The statement as it is being written.
struct Writer {
    sql: String,
    pieces: Vec<(usize, usize, bool)>,
    calls: Vec<(std::ops::Range<usize>, &'static TableFunction)>,
}

impl Writer {
    fn copy(&mut self, token: &Token<'_>) {
        let verbatim = self.pieces.last().is_some_and(|(.., verbatim)| *verbatim);
        if !verbatim {
            self.piece(token.start, true);
        }
        self.sql.push_str(token.text);
    }

    /// What is written from here on stands for this place of the original text.
    fn piece(&mut self, original: usize, verbatim: bool) {
        self.pieces.push((self.sql.len(), original, verbatim));
    }

    fn open(
        &mut self,
        function: &TableFunction,
        session: i64,
        rest: &[Token<'_>],
        token: &Token<'_>,
    ) {
        self.piece(token.start, false);
        self.sql.push_str("(SELECT ");
        for (column, name) in function.columns.iter().enumerate() {
            let comma = if column > 0 { ", " } else { "" };
            let _ = write!(self.sql, "{comma}pdb_cell({session}, value, {column}) AS \"{name}\"");
        }
        let _ = write!(self.sql, " FROM json_each(pdb_call({session}, '{}'", function.name);
        let first = rest.iter().find(|token| token.kind != Kind::Trivia);
        if first.is_some_and(|first| !first.is_mark(")")) {
            self.sql.push_str(", ");
        }
    }

    /// A limit keeps SQLite from taking the subquery apart, so that each value is computed once.
    fn close(
        &mut self,
        function: &'static TableFunction,
        start: usize,
        token: &Token<'_>,
        rest: &[Token<'_>],
    ) {
        self.piece(token.start, false);
        self.sql.push_str(")) LIMIT -1)");
        let follows = rest.iter().find(|token| token.kind != Kind::Trivia);
        let named = follows.is_some_and(|token| match token.kind {
            Kind::Word => !token.is_one_of(&AFTER_A_TABLE),
            kind => kind == Kind::Quoted,
        });
        if !named {
            let _ = write!(self.sql, " AS {}", function.name);
        }
        self.calls.push((start..token.start, function));
    }
}
