//! Taking what can be read of a damaged file into a whole one, which then stands in its place.
//!
//! SQLite can neither write nor empty a table whose pages do not fit together, and an index that has
//! lost its row keeps the row from being changed. So the tables that nothing else tells of are
//! copied, row by row and past every index; what is derived is left empty, and made anew by the
//! repair that follows.
//!
//! The copy is made aside and is put in place in one SQLite transaction: a crash leaves the file as it
//! was, or whole.

use crate::engine::commit::stored::{self, Place};
use crate::engine::error::Error;
use crate::engine::storage::schema;
use crate::model::SpaceId;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ErrorCode, Row, params_from_iter};

/// The tables that nothing else tells of, and the columns that their rows are in the order of.
const TOLD_BY_NOTHING: [(&str, &[&str]); 9] = [
    ("pdb_meta", &["key"]),
    ("pdb_actor", &["num"]),
    ("pdb_record", &["pos"]),
    ("pdb_baseline", &["nid"]),
    ("pdb_node", &["nid"]),
    ("pdb_edge", &["source", "label", "target", "key"]),
    ("pdb_vector", &["seq"]),
    ("pdb_waiting", &["actor", "seq", "hash"]),
    ("pdb_fork", &["actor", "seq", "moved_to"]),
];

/// Puts a whole file with all rows that can be read in the place of a damaged one.
pub(in crate::engine) fn rescue(
    damaged: &mut Connection,
    space: SpaceId,
    text_index: bool,
) -> Result<(), Error> {
    // Without a name it is a file that SQLite removes by itself, and little of it is in memory.
    let aside = Connection::open("")?;
    schema::create(&aside, text_index)?;
    aside.execute_batch("BEGIN")?;
    for (table, order) in TOLD_BY_NOTHING {
        Copy::of(&aside, table, order)?.all(damaged)?;
    }
    let insert = "INSERT OR REPLACE INTO pdb_meta VALUES (?1, ?2)";
    aside.execute(insert, ("format", schema::FORMAT))?;
    aside.execute(insert, ("space", space.0))?;
    aside.execute(insert, ("text_index", text_index))?;
    keep_last_vector(damaged, &aside)?;
    aside.execute_batch("COMMIT")?;
    damaged.flush_prepared_statement_cache();
    match Backup::new(&aside, damaged)?.step(-1)? {
        StepResult::Done => Ok(()),
        _ => Err(Error::Busy),
    }
}

/// The numbers of vectors are not to be used again, also those of the last ones that went.
fn keep_last_vector(damaged: &Connection, aside: &Connection) -> Result<(), Error> {
    let last = "SELECT seq FROM sqlite_sequence WHERE name = 'pdb_vector'";
    if let Ok(last) = damaged.query_row(last, [], |row| row.get::<_, i64>(0)) {
        aside.execute("DELETE FROM sqlite_sequence WHERE name = 'pdb_vector'", [])?;
        aside.execute("INSERT INTO sqlite_sequence VALUES ('pdb_vector', ?1)", [last])?;
    }
    Ok(())
}

/// Which rows of a table to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    All,
    /// Nodes whose checksum fits.
    Whole,
    /// The other nodes.
    Damaged,
}

/// The rows of one table on their way.
struct Copy<'a> {
    to: &'a Connection,
    table: &'static str,
    order: &'static [&'static str],
    columns: Vec<String>,
}

impl<'a> Copy<'a> {
    fn of(
        to: &'a Connection,
        table: &'static str,
        order: &'static [&'static str],
    ) -> Result<Self, Error> {
        let mut statement = to.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns = statement.query_map([table], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Self { to, table, order, columns })
    }

    /// Copies the rows from the first one up to where they cannot be read, and from the last one down
    /// to there. A node whose id was damaged into that of another does not take its place.
    fn all(&self, damaged: &Connection) -> Result<(), Error> {
        let passes: &[Rows] =
            if self.table == "pdb_node" { &[Rows::Whole, Rows::Damaged] } else { &[Rows::All] };
        for &wanted in passes {
            if !self.one_way(damaged, "ASC", wanted)? {
                self.one_way(damaged, "DESC", wanted)?;
            }
        }
        Ok(())
    }

    /// Whether all rows could be read. One that is there already stays.
    fn one_way(&self, damaged: &Connection, direction: &str, wanted: Rows) -> Result<bool, Error> {
        let (table, columns) = (self.table, self.columns.join(", "));
        let order: Vec<String> =
            self.order.iter().map(|column| format!("{column} {direction}")).collect();
        let order = order.join(", ");
        let places = vec!["?"; self.columns.len()].join(", ");
        let sealed = if wanted == Rows::All { "" } else { ", state, docs, data, type" };
        let insert = format!("INSERT OR IGNORE INTO {table} VALUES ({places})");
        let mut insert = self.to.prepare(&insert)?;
        let read = format!("SELECT {columns}{sealed} FROM {table} NOT INDEXED ORDER BY {order}");
        let mut statement = match damaged.prepare(&read) {
            Err(error) => return unreadable(error),
            Ok(statement) => statement,
        };
        let mut rows = statement.query([])?;
        loop {
            let row = match rows.next() {
                Err(error) => return unreadable(error),
                Ok(None) => return Ok(true),
                Ok(Some(row)) => row,
            };
            if wanted == Rows::All || (wanted == Rows::Whole) == self.is_whole_node(row) {
                let value = |column| row.get_ref(column).map(ToSqlOutput::Borrowed);
                let values = (0..self.columns.len()).map(value).collect::<Result<Vec<_>, _>>()?;
                insert.execute(params_from_iter(values))?;
            }
        }
    }

    fn is_whole_node(&self, row: &Row<'_>) -> bool {
        let id = row.get::<_, String>("id");
        id.is_ok_and(|id| stored::read(&Place::Node(&id), row, self.columns.len()).is_ok())
    }
}

/// False where the file is damaged; any other error is one.
fn unreadable(error: rusqlite::Error) -> Result<bool, Error> {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => Ok(false),
        _ => Err(error.into()),
    }
}
