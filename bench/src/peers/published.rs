//! The crate `pluresdb-core` as published, in a program of its own since it links another SQLite.
//! It keeps everything in memory: it has no file, no log and no durable put.

use super::Outcome;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Its column.
pub(crate) const NAME: &str = "pluresdb-core 1.4.0";

/// Runs the program; what it measured, by the names of the measurements.
pub(crate) fn measure(program: &Path, nodes: u64, quick: bool) -> Outcome<BTreeMap<String, f64>> {
    let mut command = Command::new(program);
    command.arg(nodes.to_string()).args(quick.then_some("quick"));
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
