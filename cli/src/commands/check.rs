//! `check`: whether a database is whole.

use crate::args::Check;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use pluresdb::Fault;
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
    let faults = super::open(&args.file)?.check()?;
    let list: Vec<FaultJson> = faults.iter().map(FaultJson::from).collect();
    let text = if faults.is_empty() { "The database is whole\n".into() } else { lines(&faults) };
    output.done(&json!({ "faults": list }), format_args!("{}", text.trim_end()))?;
    match faults.len() {
        0 => Ok(()),
        count => Err(Failure::Other {
            code: "faults",
            message: format!("{count} {} found", if count == 1 { "fault" } else { "faults" }),
            hint: Some("`pluresdb repair` mends what can be mended".into()),
        }),
    }
}

pub(super) fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}
