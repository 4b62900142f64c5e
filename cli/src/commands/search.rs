//! `search`: nodes by the words in them, by meaning, or by both.

use crate::args::{Mode, Search};
use crate::embedder;
use crate::failure::Outcome;
use crate::output::{HitJson, JsonArray, Output, Table};
use pluresdb::{Correction, Found, Marks, SearchMode, SearchOptions};

pub(crate) fn run(args: &Search, output: &mut Output) -> Outcome {
    let Found { hits, corrected } = search(args)?;
    if output.is_json() {
        let hits = hits.iter().map(|hit| HitJson::new(hit, &corrected));
        return JsonArray::write(output.writer(), hits);
    }
    for Correction { typed, taken } in &corrected {
        output.remark(format_args!("nothing was found for {typed:?}; searched for {taken:?}"))?;
    }
    let last = if args.snippet { "snippet" } else { "data" };
    let mut table = Table::new(output, ["id", "type", last]);
    for hit in &hits {
        let shown = match args.snippet {
            true => Table::text(hit.snippet.as_deref().unwrap_or_default()),
            false => Table::object(&hit.node.data),
        };
        table.push(output, vec![Table::text(&hit.node.id), Table::text(&hit.node.kind), shown])?;
    }
    table.end(output)
}

fn search(args: &Search) -> Outcome<Found> {
    let database = super::open(&args.file)?;
    let marks = Marks { open: args.open.clone(), close: args.close.clone(), ..Marks::default() };
    let fields: Vec<&str> = args.fields.iter().map(String::as_str).collect();
    let options = SearchOptions {
        kind: args.kind.as_deref(),
        limit: args.limit,
        typos: !args.exact,
        marks: args.snippet.then_some(marks),
        fields: &fields,
    };
    let mode = match args.mode {
        Mode::Words => return Ok(database.find(&args.text, &options)?),
        Mode::Meaning => SearchMode::Meaning,
        Mode::Hybrid => SearchMode::Hybrid,
    };
    let embedder = embedder::open(&args.model)?;
    Ok(database.find_in_mode(&args.text, mode, embedder.as_ref(), &options)?)
}
