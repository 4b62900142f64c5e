//! The words of `facets` and `saved`.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Asked {
    /// Count nodes by the values of fields
    #[command(after_help = "\
Each element of a list or set counts. What is chosen holds for the total and for the other fields;
values of its own field are counted as if nothing of it were chosen.

Examples:
  pluresdb facets notes.pluresdb --type Note --field done --field tags
  pluresdb facets notes.pluresdb --type Note --field tags --search milk --where 'stars > 2'
  pluresdb facets notes.pluresdb --type Note --field tags --field done --choose done:=true")]
    Facets(Facets),
    /// Keep statements by name in the database, and run them
    #[command(
        subcommand,
        after_help = "\
Examples:
  pluresdb saved save notes.pluresdb todo 'SELECT id FROM Note WHERE done = :done' --default done:=false
  pluresdb saved list notes.pluresdb
  pluresdb saved run notes.pluresdb todo --name done=1
  pluresdb saved remove notes.pluresdb todo"
    )]
    Saved(Saved),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Facets {
    /// The database
    pub(crate) file: PathBuf,
    /// A field to count by, with dots between its keys. May be repeated
    #[arg(long = "field", value_name = "FIELD", required = true)]
    pub(crate) fields: Vec<String>,
    /// Only nodes of this type
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// Only nodes for which this holds: SQL over the columns of the type, or of `nodes`
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) filter: Option<String>,
    /// Only nodes that a search by these words finds
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only nodes with this value, or one of those chosen of the same field: key=text or key:=json
    #[arg(long = "choose", value_name = "FIELD=VALUE")]
    pub(crate) chosen: Vec<String>,
    /// At most so many values of each field
    #[arg(long, short = 'n', default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Saved {
    /// Save a statement that reads, or change the one of this name
    Save(SavedSave),
    /// List what is saved
    List(SavedList),
    /// Run a saved statement
    Run(SavedRun),
    /// Remove a saved statement
    Remove(SavedName),
}

#[derive(Debug, clap::Args)]
pub(crate) struct SavedSave {
    /// The database
    pub(crate) file: PathBuf,
    /// Its name
    pub(crate) name: String,
    /// The statement, or `-` to read it from standard input
    pub(crate) sql: String,
    /// What :NAME is where no value is given: NAME=text or NAME:=json
    #[arg(long = "default", value_name = "NAME=VALUE")]
    pub(crate) defaults: Vec<String>,
    /// What it is for
    #[arg(long, default_value = "")]
    pub(crate) description: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SavedList {
    /// The database
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SavedName {
    /// The database
    pub(crate) file: PathBuf,
    /// Its name
    pub(crate) name: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SavedRun {
    #[command(flatten)]
    pub(crate) which: SavedName,
    /// A value for :NAME
    #[arg(long = "name", value_name = "NAME=VALUE")]
    pub(crate) named: Vec<String>,
    /// Take every VALUE as a text
    #[arg(long)]
    pub(crate) text: bool,
    /// Print the rows, then what changes in them, until Ctrl-C
    #[arg(long, conflicts_with_all = ["csv", "jsonl"])]
    pub(crate) watch: bool,
    /// Print one JSON object for each row
    #[arg(long, conflicts_with_all = ["csv", "json"])]
    pub(crate) jsonl: bool,
    /// Print comma-separated values with a header
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}
