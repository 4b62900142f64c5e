//! `check`: whether a database is whole.

use crate::args::Check;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{Output, Progress, counted};
use pluresdb::{CheckProgress, CheckStep, Error, Fault};
use serde::Serialize;
use serde_json::json;

/// A fault as JSON.
#[derive(Serialize)]
pub(super) struct FaultJson {
    place: String,
    what: String,
}

impl From<&Fault> for FaultJson {
    fn from(fault: &Fault) -> Self {
        Self { place: fault.place.to_string(), what: fault.what.clone() }
    }
}

pub(crate) fn run(args: &Check, output: &mut Output) -> Outcome {
    let mut database = super::open(&args.file)?;
    let interrupt = Interrupt::listen()?;
    let progress = Progress::words(output);
    let faults = database
        .check_watched(Some(interrupt.cancel()), &mut |now| progress.say(words(now)))
        .map_err(|error| match error {
            Error::Cancelled => {
                Failure::Interrupted("the check was stopped; nothing was changed".into())
            }
            error => error.into(),
        })?;
    drop(progress);
    let list: Vec<FaultJson> = faults.iter().map(FaultJson::from).collect();
    let text = if faults.is_empty() { "The database is whole\n".into() } else { lines(&faults) };
    output.done(&json!({ "faults": list }), format_args!("{}", text.trim_end()))?;
    match faults.len() {
        0 => Ok(()),
        count => Err(Failure::Other {
            code: "faults",
            message: format!("{} found", counted(count as u64, "fault")),
            hint: Some("`pluresdb repair` mends what can be mended".into()),
        }),
    }
}

pub(super) fn words(now: CheckProgress) -> String {
    let what = match now.step {
        CheckStep::File => "the pages of the file",
        CheckStep::Log => "the log",
        CheckStep::Rows => "nodes and edges",
        CheckStep::Words => "the words of nodes",
        CheckStep::Text => "the text index",
        _ => "what is derived from them",
    };
    match now.total {
        0 => what.to_owned(),
        total => format!("{what}, {} %", now.done.min(total) * 100 / total),
    }
}

pub(super) fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}
