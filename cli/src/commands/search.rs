//! `search`: nodes by the words in them, by meaning, or by both.

use crate::args::{Mode, Search};
use crate::embedder;
use crate::failure::Outcome;
use crate::output::{JsonArray, NodeJson, Output, Table};
use pluresdb::{Hit, SearchMode};

pub(crate) fn run(args: &Search, output: &mut Output) -> Outcome {
    let hits = search(args)?;
    if output.is_json() {
        let nodes = hits.iter().map(|hit| NodeJson::scored(&hit.node, hit.score));
        return JsonArray::write(output.writer(), nodes);
    }
    let mut table = Table::new(output, ["id", "type", "data"]);
    for hit in &hits {
        let row = vec![
            Table::text(&hit.node.id),
            Table::text(&hit.node.kind),
            Table::object(&hit.node.data),
        ];
        table.push(output, row)?;
    }
    table.end(output)
}

fn search(args: &Search) -> Outcome<Vec<Hit>> {
    let mut database = super::open(&args.file)?;
    let (text, kind) = (&args.text, args.kind.as_deref());
    let mode = match args.mode {
        Mode::Words => return Ok(database.search(text, kind, args.limit)?),
        Mode::Meaning => SearchMode::Meaning,
        Mode::Hybrid => SearchMode::Hybrid,
    };
    let embedder = embedder::open(&args.model)?;
    Ok(database.search_in_mode(text, mode, embedder.as_ref(), kind, args.limit)?)
}
