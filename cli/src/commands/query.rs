//! `query`: one reading SQL statement, its rows printed as they come.

use crate::args::Query;
use crate::failure::{Failure, Outcome};
use crate::output::{JsonArray, JsonRow, Output, Table, column_keys, grouped, write_csv};
use crate::words::{or_stdin, parameter};
use pluresdb::{Database, SqlValue};

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
    let Some(columns) = columns_ahead(database, sql, params) else {
        // Its names are known only at its end: PRAGMA and EXPLAIN, whose results are small. A
        // faulty statement ends here, before anything is printed.
        let result = database.query(sql, params)?;
        let mut printer = Printer::begin(form, result.columns, output)?;
        result.rows.iter().try_for_each(|row| printer.row(row, output))?;
        printer.end(output)?;
        return Ok(result.rows.len() as u64);
    };
    let mut printer = Printer::begin(form, columns, output)?;
    let mut rows = 0;
    let mut fault = None;
    database.query_each(sql, params, |row| {
        if fault.is_none() {
            rows += 1;
            fault = printer.row(&row, output).err();
        }
        if fault.as_ref().is_some_and(Failure::is_closed_pipe) {
            // Nobody reads on, and a statement cannot be stopped from here. Reading holds nothing
            // that would have to be put away.
            std::process::exit(0);
        }
    })?;
    fault.map_or(Ok(()), Err)?;
    printer.end(output)?;
    Ok(rows)
}

/// The column names of a statement before its first row, where it can stand in a subquery.
fn columns_ahead(database: &Database, sql: &str, params: &[SqlValue]) -> Option<Vec<String>> {
    let inner = sql.trim_end().trim_end_matches(';');
    // The line end closes a comment at the end of the statement.
    let wrapped = format!("SELECT * FROM (\n{inner}\n) LIMIT 0");
    database.query(&wrapped, params).ok().map(|rows| rows.columns)
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
