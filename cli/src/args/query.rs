//! The words of `query`.

use std::path::PathBuf;

pub(super) const HELP: &str = "\
There are `nodes` (id, type, data, updated), `edges` (source, label, target, key, data), and a
view for each type with its fields as columns. INSERT, UPDATE and DELETE change them as put, patch,
delete and link do. In a script, what stands between BEGIN and COMMIT is one transaction.

Examples:
  pluresdb query notes.pluresdb 'SELECT id, title FROM Note WHERE done = 0'
  pluresdb query notes.pluresdb 'SELECT title FROM Note WHERE id = ?1' milk
  pluresdb query notes.pluresdb 'UPDATE Note SET done = 1 WHERE id = :id' --name id=milk
  pluresdb query notes.pluresdb --watch 'SELECT id, title FROM Note WHERE done = 0'
  pluresdb query notes.pluresdb --explain 'SELECT title FROM Note WHERE stars > 3'
  pluresdb query notes.pluresdb --csv - < report.sql > report.csv";

#[derive(Debug, clap::Args)]
pub(crate) struct Query {
    /// The database
    pub(crate) file: PathBuf,
    /// The statement or script, or `-` to read it from standard input
    pub(crate) sql: String,
    /// Values for ?1, ?2, ...: what JSON calls a number is a number, all else a text
    #[arg(value_name = "PARAM", allow_negative_numbers = true)]
    pub(crate) params: Vec<String>,
    /// A value for :NAME
    #[arg(long = "name", value_name = "NAME=VALUE")]
    pub(crate) named: Vec<String>,
    /// Take every PARAM and VALUE as a text
    #[arg(long)]
    pub(crate) text: bool,
    /// Print how the rows would be found, and run nothing
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print the rows, then what changes in them, until Ctrl-C
    #[arg(long, conflicts_with_all = ["csv", "jsonl", "explain", "timeout", "max_rows"])]
    pub(crate) watch: bool,
    /// End a statement that runs longer
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<f64>,
    /// End a statement that gives more rows
    #[arg(long, value_name = "ROWS")]
    pub(crate) max_rows: Option<u64>,
    /// Print one JSON object for each row
    #[arg(long, conflicts_with_all = ["csv", "json"])]
    pub(crate) jsonl: bool,
    /// Print comma-separated values with a header
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}
