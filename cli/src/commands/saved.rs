//! `saved`: statements kept by name in the database.

use super::query::{Manner, answer, named};
use crate::args::asked::{Saved, SavedName, SavedRun, SavedSave};
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{JsonArray, Output, Table, printable};
use crate::words::{Fields, or_stdin};
use pluresdb::{Error, Map, SavedQuery, SqlValue, Statement};
use serde::Serialize;
use serde_json::json;

pub(crate) fn run(args: Saved, output: &mut Output) -> Outcome {
    match args {
        Saved::Save(args) => save(args, output),
        Saved::List(args) => {
            let queries = super::open(&args.file)?.saved_queries()?;
            list(&queries, output)
        }
        Saved::Run(args) => run_saved(&args, output),
        Saved::Remove(args) => remove(&args, output),
    }
}

fn save(args: SavedSave, output: &mut Output) -> Outcome {
    let defaults = Fields { json: None, fields: args.defaults };
    let query = SavedQuery {
        name: args.name,
        sql: or_stdin(args.sql)?,
        params: defaults.object()?,
        description: args.description,
    };
    super::open(&args.file)?.save_query(&query)?;
    let name = printable(&query.name);
    output.done(&json!({ "saved": query.name }), format_args!("Saved {name}"))
}

#[derive(Serialize)]
struct SavedJson<'a> {
    name: &'a str,
    sql: &'a str,
    params: &'a Map,
    description: &'a str,
}

fn list(queries: &[SavedQuery], output: &mut Output) -> Outcome {
    if output.is_json() {
        let queries = queries.iter().map(|SavedQuery { name, sql, params, description }| {
            SavedJson { name, sql, params, description }
        });
        return JsonArray::write(output.writer(), queries);
    }
    let mut table = Table::new(output, ["name", "description", "sql", "defaults"]);
    for query in queries {
        let row = vec![
            Table::text(&query.name),
            Table::text(&query.description),
            Table::text(&query.sql),
            Table::object(&query.params),
        ];
        table.push(output, row)?;
    }
    table.end(output)
}

fn run_saved(args: &SavedRun, output: &mut Output) -> Outcome {
    let interrupt = Interrupt::listen()?;
    let database = super::open(&args.which.file)?;
    let query = database.saved_query(&args.which.name).map_err(|error| match error {
        Error::NotFound { .. } => nothing_saved(&args.which.name),
        other => other.into(),
    })?;
    let given: Vec<(&str, SqlValue)> =
        args.named.iter().map(|word| named(word, args.text)).collect::<Outcome<_>>()?;
    let values = query.values(&given)?;
    let statement = Statement::new(&query.sql).named(&values).until(interrupt.cancel());
    let manner = Manner::of(args.csv, args.jsonl, args.watch, output);
    if statement.writes() {
        let message = format!("the saved query {:?} is no statement that reads", query.name);
        return Err(Failure::usage(message));
    }
    answer(database, &statement, manner, &interrupt, output)
}

fn remove(args: &SavedName, output: &mut Output) -> Outcome {
    if !super::open(&args.file)?.remove_query(&args.name)? {
        return Err(nothing_saved(&args.name));
    }
    let name = printable(&args.name);
    output.done(&json!({ "removed": args.name }), format_args!("Removed {name}"))
}

fn nothing_saved(name: &str) -> Failure {
    Failure::NotFound(format!("no query is saved as {name:?}"))
}
