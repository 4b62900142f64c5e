//! `get`: one node.

use crate::args::Get;
use crate::failure::{Failure, Outcome};
use crate::output::{NodeJson, Output, printable};
use pluresdb::{Database, SqlValue};

pub(crate) fn run(args: &Get, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let Some(node) = database.get(&args.id)? else {
        return Err(Failure::no_node(&args.id));
    };
    if output.is_json() {
        return output.json(&NodeJson::from(&node));
    }
    let updated = date(&database, node.updated)?;
    output.line(format_args!("id       {}", printable(&node.id)))?;
    output.line(format_args!("type     {}", printable(&node.kind)))?;
    output.line(format_args!("updated  {updated}"))?;
    let json = serde_json::to_string_pretty(&node.data).unwrap_or_default();
    json.lines().try_for_each(|line| output.line(format_args!("{}", printable(line))))
}

/// The time in words that people and programs read alike. SQLite knows the calendar.
fn date(database: &Database, ms: i64) -> Outcome<String> {
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', ?1, 'unixepoch')";
    let rows = database.query(sql, &[SqlValue::Int(ms.div_euclid(1_000))])?;
    match rows.rows.into_iter().flatten().next() {
        Some(SqlValue::Text(date)) => Ok(date),
        _ => Ok(format!("{ms} ms")),
    }
}
