//! `status`: what a database holds.

use crate::args::Status;
use crate::failure::Outcome;
use crate::output::{Output, grouped, printable};
use pluresdb::{Fork, Waiting};
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
    waiting: WaitingJson,
    forks: Vec<ForkJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_hash: Option<String>,
}

/// Records that came and do not count yet.
#[derive(Serialize)]
struct WaitingJson {
    records: u64,
    held: u64,
    due: Option<u64>,
    stalled: Vec<StalledJson>,
}

#[derive(Serialize)]
struct StalledJson {
    actor: String,
    due: u64,
}

/// Two writers that were one actor.
#[derive(Serialize)]
struct ForkJson {
    actor: String,
    seq: u64,
    moved_to: String,
    at: u64,
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
        waiting: status.waiting.into(),
        forks: database.forks()?.into_iter().map(ForkJson::from).collect(),
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
        ("actor", actor.unwrap_or("a new one with the next write").into()),
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
    if report.waiting.records > 0 {
        lines.push(("waiting", waiting(&report.waiting)));
    }
    for StalledJson { actor, .. } in &report.waiting.stalled {
        lines.push(("stalled", format!("{actor}: its clock, or the one here, is days off")));
    }
    for ForkJson { actor, seq, moved_to, .. } in &report.forks {
        lines.push(("fork", format!("{actor} from record {seq} on; one branch is {moved_to}")));
    }
    if let Some(hash) = &report.state_hash {
        lines.push(("hash", hash.clone()));
    }
    lines.iter().try_for_each(|(name, value)| output.line(format_args!("{name:<8} {value}")))
}

fn waiting(waiting: &WaitingJson) -> String {
    let mut words = format!("{} records do not count yet", grouped(waiting.records));
    if waiting.held > 0 {
        let held = grouped(waiting.held);
        words.push_str(&format!("; the time of {held} has not come"));
    }
    words
}

impl From<Waiting> for WaitingJson {
    fn from(waiting: Waiting) -> Self {
        let stalled = waiting.stalled.into_iter();
        Self {
            records: waiting.records,
            held: waiting.held,
            due: waiting.due,
            stalled: stalled
                .map(|stalled| StalledJson { actor: stalled.actor.to_string(), due: stalled.due })
                .collect(),
        }
    }
}

impl From<Fork> for ForkJson {
    fn from(fork: Fork) -> Self {
        Self {
            actor: fork.actor.to_string(),
            seq: fork.seq,
            moved_to: fork.moved_to.to_string(),
            at: fork.at,
        }
    }
}
