//! `status`: what a database holds.

use crate::args::Status;
use crate::failure::Outcome;
use crate::output::{Output, grouped, printable};
use serde::Serialize;

#[derive(Serialize)]
struct Report {
    file: String,
    space: String,
    actor: Option<String>,
    nodes: u64,
    edges: u64,
    records: u64,
    actors: u64,
    bytes: u64,
    types_without_view: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_hash: Option<String>,
}

pub(crate) fn run(args: &Status, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    let status = database.status()?;
    let report = Report {
        file: args.file.display().to_string(),
        space: status.space.to_string(),
        actor: status.actor.map(|actor| actor.to_string()),
        nodes: status.nodes,
        edges: status.edges,
        records: status.records,
        actors: status.actors,
        bytes: status.bytes,
        types_without_view: status.types_without_view,
        state_hash: args.hash.then(|| database.state_hash()).transpose()?,
    };
    if output.is_json() {
        return output.json(&report);
    }
    print(&report, output)
}

fn print(report: &Report, output: &mut Output) -> Outcome {
    let actor = report.actor.as_deref();
    let mut lines = vec![
        ("file", report.file.clone()),
        ("space", report.space.clone()),
        ("actor", actor.unwrap_or("none yet: nothing was written here").into()),
        ("nodes", grouped(report.nodes)),
        ("edges", grouped(report.edges)),
        ("records", grouped(report.records)),
        ("actors", grouped(report.actors)),
        ("size", format!("{} bytes", grouped(report.bytes))),
    ];
    if !report.types_without_view.is_empty() {
        let types: Vec<_> = report.types_without_view.iter().map(|kind| printable(kind)).collect();
        lines.push(("no view", types.join(", ")));
    }
    if let Some(hash) = &report.state_hash {
        lines.push(("hash", hash.clone()));
    }
    lines.iter().try_for_each(|(name, value)| output.line(format_args!("{name:<8} {value}")))
}
