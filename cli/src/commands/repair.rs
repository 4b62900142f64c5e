//! `repair`: makes a database whole from what of it is whole.

use super::check::{self, FaultJson, lines};
use crate::args::Repair;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, Progress, counted};
use pluresdb::{Database, Leases, Repaired};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

pub(crate) fn run(args: &Repair, output: &mut Output) -> Outcome {
    let leases = Leases::of_user();
    let (mut database, aside) = Database::open_to_repair(&args.file, &leases)?;
    let progress = Progress::words(output);
    let repaired = database.repair_watched(&mut |now| progress.say(check::words(now)))?;
    drop(progress);
    let list = |faults: &[pluresdb::Fault]| faults.iter().map(FaultJson::from).collect::<Vec<_>>();
    let cut: Vec<_> = repaired
        .cut
        .iter()
        .map(|(actor, seq)| json!({ "actor": actor.to_string(), "seq": seq }))
        .collect();
    let report = json!({
        "found": list(&repaired.found),
        "rows": repaired.rows,
        "cut": cut,
        "left": list(&repaired.left),
        "set_aside": aside.as_deref().map(|path| path.display().to_string()),
    });
    let text = words(&repaired, aside.as_deref());
    output.done(&report, format_args!("{}", text.trim_end()))?;
    if repaired.left.is_empty() {
        return Ok(());
    }
    Err(Failure::Other {
        code: "faults",
        message: format!("{} left", counted(repaired.left.len() as u64, "fault")),
        hint: Some(
            "start from a copy, or sync a new database with a relay that has the data".into(),
        ),
    })
}

fn words(repaired: &Repaired, aside: Option<&Path>) -> String {
    let mut text = String::new();
    if let Some(path) = aside {
        let _ = writeln!(text, "The damaged write-ahead file is kept as {}", path.display());
    }
    if repaired.found.is_empty() {
        text.push_str("The database is whole\n");
        return text;
    }
    text.push_str(&lines(&repaired.found));
    let _ = writeln!(
        text,
        "Made anew: {}, and all that is derived",
        counted(repaired.rows as u64, "row")
    );
    for (actor, seq) in &repaired.cut {
        let _ = writeln!(text, "Sync to fetch records from {seq} on of actor {actor} again");
    }
    if !repaired.left.is_empty() {
        text.push_str("Left:\n");
        text.push_str(&lines(&repaired.left));
    }
    text
}
