//! `get`: one node, as it is or as it was.

use crate::args::Get;
use crate::failure::{Failure, Outcome};
use crate::output::{NodeJson, Output, printable};
use crate::time;

pub(crate) fn run(args: &Get, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let node = match &args.as_of {
        None => database.get(&args.id)?.ok_or_else(|| Failure::no_node(&args.id))?,
        Some(words) => {
            let ms = time::read(&database, words)?;
            database.get_as_of(&args.id, ms)?.ok_or_else(|| {
                Failure::NotFound(format!("there was no node with the id {:?} then", args.id))
            })?
        }
    };
    if output.is_json() {
        return output.json(&NodeJson::from(&node));
    }
    let updated = time::words(&database, node.updated)?;
    output.line(format_args!("id       {}", printable(&node.id)))?;
    output.line(format_args!("type     {}", printable(&node.kind)))?;
    output.line(format_args!("updated  {updated}"))?;
    let json = serde_json::to_string_pretty(&node.data).unwrap_or_default();
    json.lines().try_for_each(|line| output.line(format_args!("{}", printable(line))))
}
