//! `embed`: makes the vectors that are to be made of texts, batch by batch.

use crate::args::Embed;
use crate::embedder;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::output::{Output, Progress, grouped};
use pluresdb::Embedding;
use serde_json::json;
use std::time::Instant;

/// Texts of one durable commit, of the built-in model.
const BATCH: usize = 1_000;

pub(crate) fn run(args: &Embed, output: &mut Output) -> Outcome {
    let started = Instant::now();
    let mut database = super::open(&args.file)?;
    let embedder = embedder::open(&args.model)?;
    let batch = if args.model.endpoint.is_some() { args.model.batch.into() } else { BATCH };
    let interrupt = Interrupt::listen()?;
    let progress = Progress::words(output);
    let mut made = 0;
    let left = loop {
        let done = database.embed_pending(embedder.as_ref(), batch)?;
        made += done.now;
        if done.now == 0 {
            break done.progress;
        }
        if interrupt.is_set() {
            return Err(stopped(done.progress, &args.file.display().to_string()));
        }
        progress.say(words(done.progress));
    };
    drop(progress);
    let seconds = started.elapsed().as_secs_f64();
    output.done(
        &json!({
            "model": embedder.model(), "dimension": embedder.dimension(),
            "now": made, "made": left.made, "pending": left.pending,
            "seconds": (seconds * 1_000.0).round() / 1_000.0,
        }),
        format_args!(
            "Made {} vectors with {} in {seconds:.1} s; {}",
            grouped(made),
            embedder.model(),
            words(left)
        ),
    )
}

fn words(progress: Embedding) -> String {
    let Embedding { made, pending } = progress;
    format!("{} of {} texts have theirs", grouped(made), grouped(made + pending))
}

fn stopped(progress: Embedding, file: &str) -> Failure {
    Failure::Interrupted(format!(
        "stopped: {} in {file}. Run the same again to go on",
        words(progress)
    ))
}
