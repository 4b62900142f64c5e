//! Rows as a table for people.

use super::plain::printable;
use super::{Failure, Outcome, Output};
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, TableStyle};
use pluresdb::{Map, SqlValue};
use std::io::Write;

/// Rows that are laid out together; a longer result is several such tables below each other, so
/// that a result of any length takes little memory.
const ROWS_AT_ONCE: usize = 1_000;

/// Some terminals do not tell their width, or say that they have none.
const NARROWEST: u16 = 20;

/// Characters of one value that are shown.
const SHOWN: usize = 300;

/// A table that prints itself in pieces.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<Cell>,
    table: comfy_table::Table,
    rows: usize,
    style: bool,
    width: Option<u16>,
}

impl Table {
    pub(crate) fn new<'a>(output: &Output, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let header = columns
            .into_iter()
            .map(|column| Cell::new(printable(column)).add_attribute(Attribute::Bold))
            .collect();
        let width = output
            .is_terminal()
            .then(|| comfy_table::Table::new().width())
            .flatten()
            .filter(|&width| width >= NARROWEST);
        let mut this = Self {
            header,
            table: comfy_table::Table::new(),
            rows: 0,
            style: output.is_coloured(),
            width,
        };
        this.begin();
        this
    }

    /// Adds a row, and prints when enough have come.
    pub(crate) fn push(&mut self, output: &mut Output, row: Vec<Cell>) -> Outcome {
        self.table.add_row(row);
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_AT_ONCE) {
            self.print(output)?;
            self.begin();
        }
        Ok(())
    }

    /// Prints the rest; of no rows at all, the header.
    pub(crate) fn end(self, output: &mut Output) -> Outcome {
        if self.table.is_empty() && self.rows > 0 {
            return Ok(());
        }
        self.print(output)
    }

    /// The cell of a value; numbers stand at the right.
    pub(crate) fn value(value: &SqlValue) -> Cell {
        match value {
            SqlValue::Null => Cell::new("NULL").add_attribute(Attribute::Dim),
            SqlValue::Int(number) => Cell::new(number).set_alignment(CellAlignment::Right),
            SqlValue::Real(number) => {
                Cell::new(format!("{number:?}")).set_alignment(CellAlignment::Right)
            }
            SqlValue::Text(text) => Self::text(text),
            SqlValue::Blob(bytes) => Cell::new(format!("({} bytes)", bytes.len())),
        }
    }

    /// The cell of a text, its beginning if it is long.
    pub(crate) fn text(text: &str) -> Cell {
        match text.char_indices().nth(SHOWN) {
            None => Cell::new(printable(text)),
            Some((end, _)) => {
                let beginning = text.get(..end).unwrap_or_default();
                Cell::new(format!("{}…", printable(beginning)))
            }
        }
    }

    /// The cell of an object, as JSON.
    pub(crate) fn object(object: &Map) -> Cell {
        if object.is_empty() {
            return Cell::new("");
        }
        Self::text(&serde_json::to_string(object).unwrap_or_default())
    }

    fn begin(&mut self) {
        let lines = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
        self.table = comfy_table::Table::new();
        self.table.load_style(lines);
        self.table.set_header(self.header.clone());
        self.table.force_no_tty();
        if self.style {
            self.table.enforce_styling();
        }
        if let Some(width) = self.width {
            self.table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
        }
    }

    fn print(&self, output: &mut Output) -> Outcome {
        for line in self.table.lines() {
            writeln!(output.writer(), "{}", line.trim_end()).map_err(Failure::Output)?;
        }
        Ok(())
    }
}
