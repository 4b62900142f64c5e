//! `compact`: forgetting old history.

use crate::args::Compact;
use crate::failure::Outcome;
use crate::output::{Output, grouped};
use pluresdb::Retention;
use serde::Serialize;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Serialize)]
struct Report {
    /// Records forgotten.
    records: u64,
    /// Logs of which old records stay, since no relay is known to hold them.
    unsynced: u64,
    bytes_before: u64,
    bytes_after: u64,
    /// How much history is kept; null for all of it.
    keep_days: Option<u64>,
}

pub(crate) fn run(args: &Compact, output: &mut Output) -> Outcome {
    let mut database = super::open(&args.file)?;
    if let Some(days) = args.keep {
        let keep_ms = Some(u64::from(days) * DAY_MS);
        database.set_retention(Retention { keep_ms, unsynced: args.unsynced })?;
    }
    let keep_days = database.retention()?.keep_ms.map(|keep| keep / DAY_MS);
    let done = database.compact()?;
    if keep_days.is_none() {
        output
            .remark(format_args!("all history is kept: --keep DAYS says how much of it to keep"))?;
    }
    if done.unsynced > 0 {
        output.remark(format_args!(
            "old records of {} logs stay, since no relay is known to hold them: sync, or use --unsynced",
            grouped(done.unsynced)
        ))?;
    }
    let (records, before, after) =
        (grouped(done.records), grouped(done.bytes_before), grouped(done.bytes_after));
    let report = Report {
        records: done.records,
        unsynced: done.unsynced,
        bytes_before: done.bytes_before,
        bytes_after: done.bytes_after,
        keep_days,
    };
    output.done(
        &report,
        format_args!("Forgot {records} records; the file had {before} bytes and has {after}"),
    )
}
