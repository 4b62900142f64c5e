//! `import`: JSON Lines into the database, in batches that are each one durable commit.
//!
//! A thread of its own reads, so that reading goes on while a batch is committed, and so that
//! Ctrl-C is heard while nothing comes from a pipe. At most three batches are in memory.

mod batches;

use crate::args::Import;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{Output, Progress, counted, grouped};
use batches::{Batch, Batches};
use pluresdb::{Database, Error, ImportCounts, Options};
use serde_json::json;
use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// How often Ctrl-C is looked at while nothing comes.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where an import stands.
#[derive(Debug, Default)]
struct Done {
    counts: ImportCounts,
    lines: u64,
}

pub(crate) fn run(args: Import, output: &mut Output) -> Outcome {
    let started = Instant::now();
    let (source, total) = open_source(&args)?;
    let mut database = open_database(&args)?;
    let interrupt = Interrupt::listen()?;
    let progress = Progress::bytes(output, total);
    let batches = read_ahead(source, args.batch_bytes);
    let file = args.file.display().to_string();
    let done = write(&mut database, &batches, &interrupt, &progress, &file)?;
    drop(progress);
    let seconds = started.elapsed().as_secs_f64();
    let ImportCounts { nodes, edges } = done.counts;
    output.done(
        &json!({
            "nodes": nodes, "edges": edges, "lines": done.lines,
            "seconds": (seconds * 1_000.0).round() / 1_000.0,
        }),
        format_args!("Imported {} in {seconds:.1} s", words(done.counts)),
    )
}

fn open_source(args: &Import) -> Outcome<(Box<dyn Read + Send>, Option<u64>)> {
    if args.source.as_os_str() == "-" {
        return Ok((Box::new(io::stdin()), None));
    }
    let fault = || Failure::file(format!("{} cannot be read", args.source.display()));
    let file = File::open(&args.source).map_err(fault())?;
    let meta = file.metadata().map_err(fault())?;
    Ok((Box::new(file), meta.is_file().then_some(meta.len())))
}

fn open_database(args: &Import) -> Outcome<Database> {
    if args.create && !args.file.exists() {
        return Ok(Database::create(&args.file, Options::default())?);
    }
    Database::open(&args.file).map_err(|error| match error {
        Error::NoDatabase(_) => Failure::Other {
            code: error.code(),
            message: error.to_string(),
            hint: Some("--create creates it; so does `pluresdb init`".into()),
        },
        error => error.into(),
    })
}

fn read_ahead(source: Box<dyn Read + Send>, batch_bytes: u64) -> Receiver<Outcome<Batch>> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        for batch in Batches::new(source, batch_bytes) {
            // The receiver is gone when the import ended before its source.
            if sender.send(batch).is_err() {
                return;
            }
        }
    });
    receiver
}

fn write(
    database: &mut Database,
    batches: &Receiver<Outcome<Batch>>,
    interrupt: &Interrupt,
    progress: &Progress,
    file: &str,
) -> Outcome<Done> {
    let mut done = Done::default();
    loop {
        if interrupt.is_set() {
            return Err(stopped(&done, file));
        }
        let batch = match batches.recv_timeout(PATIENCE) {
            Ok(batch) => batch.map_err(|failure| at(failure, &done, file))?,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return Ok(done),
        };
        done.counts += database
            .import_jsonl(&batch.text, batch.first_line)
            .map_err(|error| at(error.into(), &done, file))?;
        done.lines = batch.last_line;
        progress.at(batch.bytes_so_far, words(done.counts));
    }
}

/// The failure, with what is in the file already.
fn at(failure: Failure, done: &Done, file: &str) -> Failure {
    match failure {
        Failure::Engine(error) => {
            Failure::Import { error, kept: done.lines, file: file.to_owned() }
        }
        other => other,
    }
}

fn stopped(done: &Done, file: &str) -> Failure {
    Failure::Interrupted(format!(
        "stopped after line {}: {} are in {file}. Import the same lines again to go on: what is in \
         already is not written twice",
        grouped(done.lines),
        words(done.counts),
    ))
}

fn words(counts: ImportCounts) -> String {
    format!("{} and {}", counted(counts.nodes, "node"), counted(counts.edges, "edge"))
}
