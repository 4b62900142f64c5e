//! One file for each command.

mod check;
mod compact;
mod completions;
mod delete;
mod edges;
mod edit;
mod embed;
mod export;
mod facets;
mod get;
mod graph;
mod history;
mod import;
mod increment;
mod init;
mod link;
mod list;
mod nearest;
mod patch;
mod put;
mod query;
mod repair;
mod saved;
mod search;
mod serve;
mod set;
mod status;
mod sync;
mod types;
mod unlink;

use crate::args::asked::Asked;
use crate::args::{Command, Data, EdgeWords};
use crate::failure::Outcome;
use crate::output::Output;
use crate::words::Fields;
use pluresdb::{Database, EdgeRef, Error, Transaction, Value};
use std::path::Path;

/// Runs one command.
pub(crate) fn run(command: Command, output: &mut Output) -> Outcome {
    match command {
        Command::Init(args) => init::run(args, output),
        Command::Put(args) => put::run(args, output),
        Command::Get(args) => get::run(&args, output),
        Command::History(args) => history::run(&args, output),
        Command::Patch(args) => patch::run(args, output),
        Command::Increment(args) => increment::run(&args, output),
        Command::Set(args) => set::run(args, output),
        Command::Edit(args) => edit::run(args, output),
        Command::Delete(args) => delete::run(&args, output),
        Command::List(args) => list::run(&args, output),
        Command::Link(args) => link::run(args, output),
        Command::Unlink(args) => unlink::run(args, output),
        Command::Edges(args) => edges::run(&args, output),
        Command::Graph(command) => graph::run(command, output),
        Command::Search(args) => search::run(&args, output),
        Command::Nearest(args) => nearest::run(&args, output),
        Command::Embed(args) => embed::run(&args, output),
        Command::Query(args) => query::run(args, output),
        Command::Asked(Asked::Facets(args)) => facets::run(args, output),
        Command::Asked(Asked::Saved(args)) => saved::run(args, output),
        Command::Import(args) => import::run(args, output),
        Command::Export(args) => export::run(&args, output),
        Command::Sync(args) => sync::run(args, output),
        Command::Serve(args) => serve::run(args, output),
        Command::Type(args) => types::run(args, output),
        Command::Status(args) => status::run(&args, output),
        Command::Check(args) => check::run(&args, output),
        Command::Repair(args) => repair::run(&args, output),
        Command::Compact(args) => compact::run(&args, output),
        Command::Completions(args) => completions::run(&args, output),
    }
}

fn open(file: &Path) -> Outcome<Database> {
    Ok(Database::open(file)?)
}

/// What a field holds as a transaction leaves it; null where it is not there.
fn field_value(
    transaction: &mut Transaction<'_, '_>,
    id: &str,
    field: &pluresdb::Path,
) -> Result<Value, Error> {
    let data = transaction.get(id)?.map(|(_, data)| data).unwrap_or_default();
    Ok(pluresdb::crdt::value_at(&data, field).cloned().unwrap_or(Value::Null))
}

impl From<Data> for Fields {
    fn from(data: Data) -> Self {
        Self { json: data.object, fields: data.fields }
    }
}

impl From<EdgeWords> for EdgeRef {
    fn from(words: EdgeWords) -> Self {
        Self { source: words.source, label: words.label, target: words.target, key: words.key }
    }
}
