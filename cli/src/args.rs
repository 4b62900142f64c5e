//! The words of the command line as clap reads them: raw, with their help. What they mean is
//! decided in `commands`.

pub(crate) mod asked;
mod embed;
pub(crate) mod graph;
mod nearest;
mod query;
mod upkeep;

pub(crate) use embed::{Embed, Mode, Model, Search};
pub(crate) use nearest::Nearest;
pub(crate) use query::Query;
pub(crate) use upkeep::{Check, Compact, Repair, Status};

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// A local-first graph and document database in one file.
#[derive(Debug, Parser)]
#[command(
    name = "pluresdb",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Begin with:
  pluresdb init notes.pluresdb
  pluresdb put notes.pluresdb milk --type Note --field title='Buy milk'
  pluresdb query notes.pluresdb 'SELECT id, title FROM Note'

Exit codes: 0 done, 1 failed, 2 the words cannot be read, 3 not found, 130 interrupted."
)]
pub(crate) struct Args {
    /// Print JSON; errors too, as {"error": {"code", "message", "hint"}} on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print nothing but what was asked for: no confirmations, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a database file
    #[command(after_help = "Example:\n  pluresdb init notes.pluresdb")]
    Init(Init),
    /// Write a whole node: create it, or change it to have exactly these fields
    #[command(after_help = "\
Examples:
  pluresdb put notes.pluresdb milk --type Note '{\"title\": \"Buy milk\", \"done\": false}'
  pluresdb put notes.pluresdb milk --type Note --field title='Buy milk' --field done:=false
  echo '{\"title\": \"Buy milk\"}' | pluresdb put notes.pluresdb milk --type Note -")]
    Put(Put),
    /// Print a node, as it is or as it was
    #[command(after_help = "\
Examples:
  pluresdb get notes.pluresdb milk
  pluresdb get notes.pluresdb milk --as-of 2026-01-31T12:00:00Z")]
    Get(Get),
    /// List the changes of a node, the first one first
    #[command(after_help = "Example:\n  pluresdb history notes.pluresdb milk")]
    History(History),
    /// Change some fields of a node
    #[command(after_help = "\
Objects merge key by key, everything else replaces what was there; null stores null.

Examples:
  pluresdb patch notes.pluresdb milk '{\"done\": true}'
  pluresdb patch notes.pluresdb milk --field shop.name=Aldi --remove shop.hours")]
    Patch(Patch),
    /// Add to a counter; increments of all devices add up
    #[command(after_help = "\
Examples:
  pluresdb increment notes.pluresdb milk votes
  pluresdb increment notes.pluresdb milk shop.stock -3")]
    Increment(Increment),
    /// Put values into a set, or take them out
    #[command(after_help = "\
Examples:
  pluresdb set add notes.pluresdb milk tags urgent 'for Ada'
  pluresdb set remove notes.pluresdb milk tags urgent")]
    Set(Set),
    /// Edit a text or a list in place; edits of other devices at other places are kept
    #[command(after_help = "\
Places count UTF-16 code units, as in JavaScript, or values of a list.

Examples:
  pluresdb edit notes.pluresdb milk title --at 4 --insert 'oat '
  pluresdb edit notes.pluresdb milk title --at 0 --remove 3 --insert Get
  pluresdb edit notes.pluresdb milk steps --list --insert 'go shopping' --insert pay")]
    Edit(Edit),
    /// Define types, show them, and list what breaks them
    #[command(
        subcommand,
        after_help = "\
Examples:
  pluresdb type define notes.pluresdb Note '{\"fields\": {\"title\": {\"type\": \"string\"}}}'
  pluresdb type show notes.pluresdb Note --json-schema
  pluresdb type violations notes.pluresdb"
    )]
    Type(Type),
    /// Delete a node; its edges hide with it
    #[command(after_help = "Example:\n  pluresdb delete notes.pluresdb milk")]
    Delete(Delete),
    /// List nodes in the order of their ids
    #[command(after_help = "\
Examples:
  pluresdb list notes.pluresdb --type Note
  pluresdb list notes.pluresdb --after milk --limit 20")]
    List(List),
    /// Write an edge between two nodes
    #[command(after_help = "\
Examples:
  pluresdb link notes.pluresdb milk before cat
  pluresdb link notes.pluresdb milk before cat '{\"minutes\": 5}'")]
    Link(Link),
    /// Remove an edge
    #[command(after_help = "Example:\n  pluresdb unlink notes.pluresdb milk before cat")]
    Unlink(Unlink),
    /// List the edges of a node, both those that leave and those that enter it
    #[command(after_help = "\
Examples:
  pluresdb edges notes.pluresdb milk
  pluresdb edges notes.pluresdb milk --out --label before")]
    Edges(Edges),
    #[command(flatten)]
    Graph(graph::Graph),
    /// Find nodes by the words in them, by meaning, or by both, the best first
    #[command(after_help = "\
By words, all of them must be there; the last one may be the beginning of a word. \"A phrase\", begin*,
OR, -word and parentheses are understood. Where nothing is found, a mistyped word is taken for the
nearest one, and that is said. By meaning, those nodes are found whose vectors were made by the same
model: `pluresdb embed`.

Examples:
  pluresdb search notes.pluresdb 'buy mi'
  pluresdb search notes.pluresdb '\"oat milk\" OR bread -rye' --snippet
  pluresdb search notes.pluresdb 'something to drink' --mode hybrid")]
    Search(Search),
    /// Find the nodes whose vectors are nearest to a vector, a node's, or a text's
    #[command(after_help = nearest::HELP)]
    Nearest(Nearest),
    /// Make the vectors of texts that fields declare, for search by meaning
    #[command(after_help = "\
A type declares them: {\"kind\": \"vector\", \"dimension\": 256, \"embed_from\": [\"title\"]}. Texts that
have their vector are not asked for again; vectors of another model are made anew. Vectors are of
this file alone and do not sync. A server that wants a key finds it in PLURESDB_EMBED_KEY.

Examples:
  pluresdb embed notes.pluresdb
  pluresdb embed notes.pluresdb --endpoint http://127.0.0.1:11434/api/embed --model nomic-embed-text")]
    Embed(Embed),
    /// Run SQL: a statement that reads or writes, or a script of several
    #[command(after_help = query::HELP)]
    Query(Query),
    #[command(flatten)]
    Asked(asked::Asked),
    /// Read nodes and edges from JSON Lines
    #[command(after_help = "\
Each line is a node or an edge:
  {\"id\": \"milk\", \"type\": \"Note\", \"data\": {\"title\": \"Buy milk\"}}
  {\"source\": \"milk\", \"label\": \"before\", \"target\": \"cat\", \"data\": {}}

Lines are committed in batches. Ctrl-C stops between two of them; a faulty line stops the import
and leaves the batches before it in the file. Importing the same lines again changes nothing.

Examples:
  pluresdb import notes.pluresdb notes.jsonl
  curl https://example.org/notes.jsonl | pluresdb import --create notes.pluresdb")]
    Import(Import),
    /// Write every node and then every edge as JSON Lines
    #[command(after_help = "\
Examples:
  pluresdb export notes.pluresdb notes.jsonl
  pluresdb export notes.pluresdb | gzip > notes.jsonl.gz")]
    Export(Export),
    /// Sync with a relay
    #[command(after_help = "\
Ends when all that is here is at the relay and all that is there is here; with --live it goes on
until Ctrl-C. Replicas must have the same space: `pluresdb init --space`.

Examples:
  pluresdb sync notes.pluresdb ws://127.0.0.1:8484
  pluresdb sync notes.pluresdb wss://relay.example.org --live")]
    Sync(Sync),
    /// Serve a relay and, if given, a page
    #[command(after_help = "\
Examples:
  pluresdb serve --store relay.sqlite
  pluresdb serve --listen 0.0.0.0:8484 --store relay.sqlite --page public")]
    Serve(Serve),
    /// Say what a database holds
    #[command(after_help = "\
Example:
  pluresdb status notes.pluresdb --hash")]
    Status(Status),
    /// Look whether the database is whole: file, log, rows, indexes
    #[command(after_help = "\
Lists each fault with its place. Exit code 1 where there is one.

Example:
  pluresdb check notes.pluresdb")]
    Check(Check),
    /// Mend what can be mended: rows from the log, indexes from the rows, the log by the next sync
    #[command(after_help = "Example:\n  pluresdb repair notes.pluresdb")]
    Repair(Repair),
    /// Forget old history, and give the room back that the file does not need
    #[command(after_help = "\
What is there stays; what goes is how it came to be. Only what a relay is known to hold goes, so sync
before; --unsynced forgets the rest as well, which can then reach no relay any more.

Examples:
  pluresdb compact notes.pluresdb --keep 30
  pluresdb compact notes.pluresdb")]
    Compact(Compact),
    /// Print the completions of a shell
    #[command(after_help = "\
Example:
  pluresdb completions bash > ~/.local/share/bash-completion/completions/pluresdb")]
    Completions(Completions),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The file; it must not exist
    pub(crate) file: PathBuf,
    /// The space to replicate, as `pluresdb status` prints it; a new one without it
    #[arg(long, value_name = "HEX")]
    pub(crate) space: Option<pluresdb::SpaceId>,
    /// Keep no full-text index: a smaller file, but `search` cannot work
    #[arg(long)]
    pub(crate) no_text_index: bool,
}

/// Fields of a node or an edge.
#[derive(Debug, clap::Args)]
pub(crate) struct Data {
    /// A JSON object, or `-` to read it from standard input
    #[arg(value_name = "JSON")]
    pub(crate) object: Option<String>,
    /// A field: KEY=TEXT, or KEY:=JSON; a dot leads into an object. May be repeated
    #[arg(long = "field", short, value_name = "KEY=TEXT")]
    pub(crate) fields: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Put {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    /// The node's type
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) kind: String,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    /// What it was at this time: as 2026-01-31T12:00:00Z, or milliseconds since 1970
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct History {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Patch {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) data: Data,
    /// A field to remove; a dot leads into an object. May be repeated
    #[arg(long, value_name = "KEY")]
    pub(crate) remove: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Increment {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    /// The field; a dot leads into an object
    pub(crate) field: String,
    /// By how much
    #[arg(default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) by: i64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    #[command(subcommand)]
    pub(crate) change: SetChange,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SetChange {
    /// Put values in; an add wins over a remove that had not seen it
    Add(SetWords),
    /// Take values out
    Remove(SetWords),
}

#[derive(Debug, clap::Args)]
pub(crate) struct SetWords {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    /// The field; a dot leads into an object
    pub(crate) field: String,
    /// The values: what JSON calls a number is a number, all else a text
    #[arg(value_name = "VALUE", required = true, allow_negative_numbers = true)]
    pub(crate) values: Vec<String>,
    /// Take every VALUE as a text
    #[arg(long)]
    pub(crate) text: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Type {
    /// Define a type, or change its definition to be exactly this
    Define(TypeDefine),
    /// Print the definition of a type
    Show(TypeShow),
    /// List the types that are defined
    List(TypesOf),
    /// List what of the nodes breaks their types
    Violations(TypeViolations),
}

#[derive(Debug, clap::Args)]
pub(crate) struct TypeDefine {
    /// The database
    pub(crate) file: PathBuf,
    /// The type
    pub(crate) name: String,
    /// The definition as a JSON object; - reads it from standard input
    #[arg(value_name = "DEFINITION")]
    pub(crate) definition: String,
    /// The definition is a JSON Schema
    #[arg(long)]
    pub(crate) json_schema: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TypeShow {
    /// The database
    pub(crate) file: PathBuf,
    /// The type
    pub(crate) name: String,
    /// Print it as a JSON Schema
    #[arg(long)]
    pub(crate) json_schema: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TypesOf {
    /// The database
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TypeViolations {
    /// The database
    pub(crate) file: PathBuf,
    /// Only of nodes of this type
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// Most to list
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Edit {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    /// The field; a dot leads into an object
    pub(crate) field: String,
    /// Where, from 0; the end without it
    #[arg(long, value_name = "N")]
    pub(crate) at: Option<u32>,
    /// How much goes
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) remove: u32,
    /// What comes in its place; may be repeated
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) insert: Vec<String>,
    /// The field is a list: of what is inserted, a number is a number, all else a text
    #[arg(long)]
    pub(crate) list: bool,
    /// Take every value of a list as a text
    #[arg(long, requires = "list")]
    pub(crate) text: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Delete {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The database
    pub(crate) file: PathBuf,
    /// Only nodes of this type
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// Begin after this id
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<String>,
    /// At most so many
    #[arg(long, short = 'n', default_value_t = 100)]
    pub(crate) limit: usize,
}

/// An edge's place.
#[derive(Debug, clap::Args)]
pub(crate) struct EdgeWords {
    /// Id of the node it leaves
    pub(crate) source: String,
    /// What it means
    pub(crate) label: String,
    /// Id of the node it enters
    pub(crate) target: String,
    /// Tells parallel edges of one label apart
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) key: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Link {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) edge: EdgeWords,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Unlink {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) edge: EdgeWords,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Edges {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    /// Only edges that enter it
    #[arg(long = "in", conflicts_with = "leaving")]
    pub(crate) entering: bool,
    /// Only edges that leave it
    #[arg(long = "out")]
    pub(crate) leaving: bool,
    /// Only edges of this label
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// At most so many in each direction
    #[arg(long, short = 'n', default_value_t = 100)]
    pub(crate) limit: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The database
    pub(crate) file: PathBuf,
    /// The lines; standard input when it is `-` or missing
    #[arg(default_value = "-", hide_default_value = true)]
    pub(crate) source: PathBuf,
    /// Create the database if the file does not exist
    #[arg(long)]
    pub(crate) create: bool,
    /// Commit whenever so many bytes of lines were read
    #[arg(long, value_name = "N", default_value_t = 4 << 20,
          value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub(crate) batch_bytes: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The database
    pub(crate) file: PathBuf,
    /// The file to write; standard output when it is `-` or missing
    #[arg(default_value = "-", hide_default_value = true)]
    pub(crate) target: PathBuf,
    /// Replace the target if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sync {
    /// The database
    pub(crate) file: PathBuf,
    /// The relay: ws://, or wss:// over the internet
    pub(crate) url: String,
    /// Go on syncing until Ctrl-C
    #[arg(long)]
    pub(crate) live: bool,
    /// Give up when it has not settled after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, conflicts_with = "live")]
    pub(crate) timeout: u64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen; a free port of 127.0.0.1 near 8484 without it
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "port")]
    pub(crate) listen: Option<String>,
    /// The same as --listen 127.0.0.1:PORT; 0 takes any free one
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The relay's file; without it what the relay holds is gone when it ends
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// A folder of static files to serve at /
    #[arg(long, value_name = "FOLDER")]
    pub(crate) page: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }
}
