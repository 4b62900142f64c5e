//! `query --watch`: the rows of a statement, then what changes in them, as a line for each change.

use super::printer::{Form, Printer};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{JsonRow, Output, column_keys, printable};
use pluresdb::{Database, Delta, Error, LiveChange, SqlRow, SqlValue, Statement};
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;

/// How often the file is looked at for what other processes wrote. A look at a file that nobody wrote
/// to reads one number.
const LOOK: Duration = Duration::from_millis(100);

pub(super) fn run(
    mut database: Database,
    statement: &Statement<'_>,
    interrupt: &Interrupt,
    output: &mut Output,
) -> Outcome {
    if statement.count() > 1 {
        return Err(Failure::usage("--watch takes one statement"));
    }
    let (subscription, rows) = database.subscribe_to(statement)?;
    let keys = column_keys(&rows.columns);
    if output.is_json() {
        let rows = rows.rows.iter().map(|values| JsonRow { keys: &keys, values });
        output.json(&First { rows: rows.collect() })?;
    } else {
        let mut printer = Printer::begin(Form::Table, rows.columns, output)?;
        rows.rows.iter().try_for_each(|row| printer.row(row, output))?;
        printer.end(output)?;
    }
    output.flush()?;
    while !interrupt.is_set() {
        for change in database.take_changes()? {
            let (columns, _) = database.live_rows(subscription).unwrap_or_default();
            tell(&change, columns, output)?;
            output.flush()?;
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}

fn tell(change: &LiveChange, columns: &[String], output: &mut Output) -> Outcome {
    let json = output.is_json();
    match &change.outcome {
        Ok(delta) if json => output.json(&DeltaJson::of(delta, &column_keys(columns))),
        Ok(delta) => lines(delta, output),
        Err(error) if json => output.json(&Faulty { error: error.into() }),
        Err(error) => output.line(format_args!("! {}", printable(&error.to_string()))),
    }
}

/// Rows that went, came, changed, and changed places; places are counted from 1.
fn lines(delta: &Delta, output: &mut Output) -> Outcome {
    let changes = [("-", &delta.removed), ("+", &delta.added), ("~", &delta.changed)];
    for (mark, rows) in changes {
        for (_, row) in rows {
            let cells: Vec<Cow<'_, str>> = row.iter().map(cell).collect();
            output.line(format_args!("{mark} {}", cells.join(" | ")))?;
        }
    }
    for (from, to) in &delta.moved {
        output.line(format_args!("> row {} is row {} now", from + 1, to + 1))?;
    }
    Ok(())
}

fn cell(value: &SqlValue) -> Cow<'_, str> {
    match value {
        SqlValue::Null => "NULL".into(),
        SqlValue::Int(number) => number.to_string().into(),
        SqlValue::Real(number) => format!("{number:?}").into(),
        SqlValue::Text(text) => printable(text),
        SqlValue::Blob(bytes) => format!("({} bytes)", bytes.len()).into(),
    }
}

/// The first line of JSON.
#[derive(Serialize)]
struct First<'a> {
    rows: Vec<JsonRow<'a>>,
}

/// A further line: places are those of [`Delta`].
#[derive(Serialize)]
struct DeltaJson<'a> {
    added: Vec<At<'a>>,
    removed: Vec<At<'a>>,
    changed: Vec<At<'a>>,
    moved: Vec<Move>,
}

#[derive(Serialize)]
struct At<'a> {
    at: usize,
    row: JsonRow<'a>,
}

#[derive(Serialize)]
struct Move {
    from: usize,
    to: usize,
}

impl<'a> DeltaJson<'a> {
    fn of(delta: &'a Delta, keys: &'a [String]) -> Self {
        let rows = |rows: &'a [(usize, SqlRow)]| {
            let at =
                |(at, values): &'a (usize, SqlRow)| At { at: *at, row: JsonRow { keys, values } };
            rows.iter().map(at).collect()
        };
        Self {
            added: rows(&delta.added),
            removed: rows(&delta.removed),
            changed: rows(&delta.changed),
            moved: delta.moved.iter().map(|(from, to)| Move { from: *from, to: *to }).collect(),
        }
    }
}

/// The line where the statement does not run any more; it is tried again at each change.
#[derive(Serialize)]
struct Faulty {
    error: FaultJson,
}

#[derive(Serialize)]
struct FaultJson {
    code: &'static str,
    message: String,
}

impl From<&Error> for FaultJson {
    fn from(error: &Error) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}
