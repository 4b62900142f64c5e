//! Rows in one of the forms that `query` prints.

use crate::failure::{Failure, Outcome};
use crate::output::{JsonArray, JsonRow, Output, Table, column_keys, write_csv};
use pluresdb::SqlValue;

/// How rows are printed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Table,
    Json,
    JsonLines,
    Csv,
}

/// Writes rows in one of the forms.
pub(super) enum Printer {
    Table(Box<Table>),
    Json { array: JsonArray, keys: Vec<String> },
    JsonLines { keys: Vec<String> },
    Csv,
}

impl Printer {
    pub(super) fn begin(form: Form, columns: Vec<String>, output: &mut Output) -> Outcome<Self> {
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

    pub(super) fn row(&mut self, values: &[SqlValue], output: &mut Output) -> Outcome {
        match self {
            Self::Table(table) => table.push(output, values.iter().map(Table::value).collect()),
            Self::Json { array, keys } => {
                array.push(output.writer(), &JsonRow { keys, values }).map_err(Failure::Output)
            }
            Self::JsonLines { keys } => output.json(&JsonRow { keys, values }),
            Self::Csv => write_csv(output.writer(), values).map_err(Failure::Output),
        }
    }

    pub(super) fn end(self, output: &mut Output) -> Outcome {
        match self {
            Self::Table(table) => table.end(output),
            Self::Json { array, .. } => array.end(output.writer()).map_err(Failure::Output),
            Self::JsonLines { .. } | Self::Csv => Ok(()),
        }
    }
}
