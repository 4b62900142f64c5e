//! `query`: SQL that reads, its rows printed as they come; SQL that writes; scripts of both.

mod printer;
mod watch;

use crate::args::Query;
use crate::embedder::BuiltIn;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{JsonArray, JsonRow, Output, column_keys, grouped};
use crate::words::{or_stdin, parameter};
use pluresdb::{Database, Error, Executed, SqlLimits, SqlValue, Statement};
use printer::{Form, Printer};
use serde::Serialize;
use std::ops::ControlFlow;

/// How an answer is printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    form: Form,
    /// Whether changes follow the rows.
    watch: bool,
}

impl Manner {
    pub(super) const fn of(csv: bool, jsonl: bool, watch: bool, output: &Output) -> Self {
        let form = match (csv, jsonl, output.is_json()) {
            (true, ..) => Form::Csv,
            (_, true, _) => Form::JsonLines,
            (.., true) => Form::Json,
            _ => Form::Table,
        };
        Self { form, watch }
    }
}

pub(crate) fn run(args: Query, output: &mut Output) -> Outcome {
    let manner = Manner::of(args.csv, args.jsonl, args.watch, output);
    let sql = or_stdin(args.sql)?;
    let values: Vec<SqlValue> =
        args.params.into_iter().map(|word| parameter(word, args.text)).collect();
    let named: Vec<(&str, SqlValue)> =
        args.named.iter().map(|word| named(word, args.text)).collect::<Outcome<_>>()?;
    let limits = SqlLimits {
        time_ms: args.timeout.map(milliseconds).transpose()?,
        rows: args.max_rows,
        bytes: None,
    };
    let interrupt = Interrupt::listen()?;
    let statement =
        Statement::new(&sql).with(&values).named(&named).limited(limits).until(interrupt.cancel());
    let mut database = super::open(&args.file)?;
    if args.explain {
        return explain(&mut database, &statement, output);
    }
    answer(database, &statement, manner, &interrupt, output)
}

/// Runs a statement or a script, and prints what it gives.
pub(super) fn answer(
    mut database: Database,
    statement: &Statement<'_>,
    Manner { form, watch }: Manner,
    interrupt: &Interrupt,
    output: &mut Output,
) -> Outcome {
    database.set_embedder(BuiltIn::default());
    if watch {
        return watch::run(database, statement, interrupt, output);
    }
    match (statement.count(), statement.writes()) {
        (..=1, false) => read(&database, statement, form, output),
        (..=1, true) => {
            let done = database.execute_with(statement).map_err(failure)?;
            print_done(&done, form, output)
        }
        _ => {
            let done = database.execute_script(statement).map_err(failure)?;
            print_script(&done, form, output)
        }
    }
}

/// A name with its value.
pub(super) fn named(word: &str, texts_only: bool) -> Outcome<(&str, SqlValue)> {
    let (name, value) = word
        .split_once('=')
        .ok_or_else(|| Failure::usage(format!("--name {word}: expected NAME=VALUE")))?;
    Ok((name, parameter(value.to_owned(), texts_only)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn milliseconds(seconds: f64) -> Outcome<u64> {
    match (0.0..=1e9).contains(&seconds) {
        true => Ok((seconds * 1000.0) as u64),
        false => Err(Failure::usage(format!("--timeout {seconds}: expected a number of seconds"))),
    }
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Cancelled => stopped(),
        Error::Script { ref source, .. } if matches!(**source, Error::Cancelled) => stopped(),
        error => error.into(),
    }
}

fn stopped() -> Failure {
    Failure::Interrupted("stopped; nothing of the statement's transaction was written".into())
}

fn explain(database: &mut Database, statement: &Statement<'_>, output: &mut Output) -> Outcome {
    let lines = database.explain(statement)?;
    match output.is_json() {
        true => output.json(&lines),
        false => lines.iter().try_for_each(|line| output.line(format_args!("{line}"))),
    }
}

/// Prints the rows of a statement that reads as they come.
fn read(
    database: &Database,
    statement: &Statement<'_>,
    form: Form,
    output: &mut Output,
) -> Outcome {
    let mut printer = None;
    let mut rows = 0;
    let mut print = |columns: &[String], row: &[SqlValue]| -> Outcome {
        if printer.is_none() {
            printer = Some(Printer::begin(form, columns.to_vec(), output)?);
        }
        match &mut printer {
            Some(printer) => printer.row(row, output),
            None => Ok(()),
        }
    };
    let mut fault = None;
    let columns = database.read_each(statement, |columns, row| {
        rows += 1;
        match print(columns, &row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                fault = Some(failure);
                ControlFlow::Break(())
            }
        }
    });
    fault.map_or(Ok(()), Err)?;
    let columns = columns.map_err(failure)?;
    let printer = match printer {
        Some(printer) => printer,
        None => Printer::begin(form, columns, output)?,
    };
    printer.end(output)?;
    remark_rows(rows, form, output)
}

fn remark_rows(rows: u64, form: Form, output: &mut Output) -> Outcome {
    match form {
        Form::Table => {
            let noun = if rows == 1 { "row" } else { "rows" };
            output.remark(format_args!("{} {noun}", grouped(rows)))
        }
        _ => Ok(()),
    }
}

/// Prints what one statement gave: its rows, or how many it changed where it gives none.
fn print_done(done: &Executed, form: Form, output: &mut Output) -> Outcome {
    if done.columns.is_empty() {
        let (rows, noun) = (done.changes, if done.changes == 1 { "row" } else { "rows" });
        let result = ResultJson { changes: rows, rows: None };
        return match form {
            Form::Table | Form::Json => {
                output.done(&result, format_args!("{} {noun} changed", grouped(rows)))
            }
            Form::JsonLines | Form::Csv => Ok(()),
        };
    }
    let mut printer = Printer::begin(form, done.columns.clone(), output)?;
    done.rows.iter().try_for_each(|row| printer.row(row, output))?;
    printer.end(output)?;
    remark_rows(done.rows.len() as u64, form, output)
}

/// Prints what each statement gave, one after the other.
fn print_script(done: &[Executed], form: Form, output: &mut Output) -> Outcome {
    if !matches!(form, Form::Json) {
        return done.iter().try_for_each(|done| print_done(done, form, output));
    }
    let keys: Vec<Vec<String>> = done.iter().map(|done| column_keys(&done.columns)).collect();
    let results = done.iter().zip(&keys).map(|(done, keys)| ResultJson {
        changes: done.changes,
        rows: (!keys.is_empty())
            .then(|| done.rows.iter().map(|values| JsonRow { keys, values }).collect()),
    });
    JsonArray::write(output.writer(), results)
}

/// What a statement of a script gave.
#[derive(Serialize)]
struct ResultJson<'a> {
    changes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<JsonRow<'a>>>,
}
