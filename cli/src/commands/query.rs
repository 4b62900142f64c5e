//! `query`: one reading SQL statement, its rows printed as they come.

use crate::args::Query;
use crate::failure::{Failure, Outcome};
use crate::output::{JsonArray, JsonRow, Output, Table, column_keys, grouped, write_csv};
use crate::words::{or_stdin, parameter};
use pluresdb::{Database, SqlValue};
use std::ops::ControlFlow;

/// How rows are printed.
#[derive(Debug, Clone, Copy)]
enum Form {
    Table,
    Json,
    JsonLines,
    Csv,
}

pub(crate) fn run(args: Query, output: &mut Output) -> Outcome {
    let form = match (args.csv, args.jsonl, output.is_json()) {
        (true, ..) => Form::Csv,
        (_, true, _) => Form::JsonLines,
        (.., true) => Form::Json,
        _ => Form::Table,
    };
    let sql = or_stdin(args.sql)?;
    let params: Vec<SqlValue> =
        args.params.into_iter().map(|word| parameter(word, args.text)).collect();
    let database = super::open(&args.file)?;
    let rows = stream(&database, &sql, &params, form, output)?;
    if matches!(form, Form::Table) {
        let noun = if rows == 1 { "row" } else { "rows" };
        output.remark(format_args!("{} {noun}", grouped(rows)))?;
    }
    Ok(())
}

/// Prints the rows as they come. Gives their number.
fn stream(
    database: &Database,
    sql: &str,
    params: &[SqlValue],
    form: Form,
    output: &mut Output,
) -> Outcome<u64> {
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
    let columns = database.query_each(sql, params, |columns, row| {
        rows += 1;
        match print(columns, &row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                fault = Some(failure);
                ControlFlow::Break(())
            }
        }
    })?;
    fault.map_or(Ok(()), Err)?;
    let printer = match printer {
        Some(printer) => printer,
        None => Printer::begin(form, columns, output)?,
    };
    printer.end(output)?;
    Ok(rows)
}

/// Writes rows in one of the forms.
enum Printer {
    Table(Box<Table>),
    Json { array: JsonArray, keys: Vec<String> },
    JsonLines { keys: Vec<String> },
    Csv,
}

impl Printer {
    fn begin(form: Form, columns: Vec<String>, output: &mut Output) -> Outcome<Self> {
        Ok(match form {
            Form::Table => {
                Self::Table(Box::new(Table::new(output, columns.iter().map(String::as_str))))
            }
            Form::Json => Self::Json { array: JsonArray::new(), keys: column_keys(&columns) },
            Form::JsonLines => Self::JsonLines { keys: column_keys(&columns) },
            Form::Csv => {
                let header: Vec<_> = columns.into_iter().map(SqlValue::Text).collect();
                write_csv(output.writer(), &header).map_err(Failure::Output)?;
                Self::Csv
            }
        })
    }

    fn row(&mut self, values: &[SqlValue], output: &mut Output) -> Outcome {
        match self {
            Self::Table(table) => table.push(output, values.iter().map(Table::value).collect()),
            Self::Json { array, keys } => {
                array.push(output.writer(), &JsonRow { keys, values }).map_err(Failure::Output)
            }
            Self::JsonLines { keys } => output.json(&JsonRow { keys, values }),
            Self::Csv => write_csv(output.writer(), values).map_err(Failure::Output),
        }
    }

    fn end(self, output: &mut Output) -> Outcome {
        match self {
            Self::Table(table) => table.end(output),
            Self::Json { array, .. } => array.end(output.writer()).map_err(Failure::Output),
            Self::JsonLines { .. } | Self::Csv => Ok(()),
        }
    }
}
