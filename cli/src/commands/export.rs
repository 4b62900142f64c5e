//! `export`: everything as JSON Lines.

use crate::args::Export;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, Progress, grouped};
use pluresdb::Database;
use serde_json::json;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &Export, output: &mut Output) -> Outcome {
    let database = super::open(&args.file)?;
    if args.target.as_os_str() == "-" {
        write(&database, output.writer(), |_| {}, Failure::Output)?;
        return Ok(());
    }
    if args.target.exists() && !args.force {
        return Err(Failure::Other {
            code: "exists",
            message: format!("{} exists already", args.target.display()),
            hint: Some("--force replaces it".into()),
        });
    }
    let progress = Progress::words(output);
    let lines = to_file(&database, &args.target, &progress)?;
    drop(progress);
    let file = args.target.display().to_string();
    output.done(
        &json!({ "file": file, "lines": lines }),
        format_args!("Exported {} lines to {file}", grouped(lines)),
    )
}

/// Writes beside the target and renames at the end, so that the target is whole or as it was.
fn to_file(database: &Database, target: &Path, progress: &Progress) -> Outcome<u64> {
    let part = beside(target);
    let fault =
        |source| Failure::File { what: format!("{} cannot be written", target.display()), source };
    let written = File::create(&part).map_err(fault).and_then(|mut file| {
        let say = |lines| progress.say(format!("{} lines", grouped(lines)));
        let lines = write(database, &mut file, say, fault)?;
        file.sync_all().map_err(fault)?;
        fs::rename(&part, target).map_err(fault)?;
        Ok(lines)
    });
    if written.is_err() {
        // It may not have been created at all.
        let _ = fs::remove_file(&part);
    }
    written
}

fn beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    target.with_file_name(name)
}

fn write(
    database: &Database,
    out: &mut impl Write,
    mut progress: impl FnMut(u64),
    fault: impl Fn(std::io::Error) -> Failure,
) -> Outcome<u64> {
    let mut lines = 0;
    let mut export = pluresdb::Export::default();
    while let Some(piece) = export.next_piece(database)? {
        out.write_all(piece.text.as_bytes()).map_err(&fault)?;
        lines += piece.nodes + piece.edges;
        progress(lines);
    }
    Ok(lines)
}
