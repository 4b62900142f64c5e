//! Deterministic simulation: the real engine and the real sync machines in a world of one seed.
//!
//! Devices with their tabs, a relay with its store, a network, clocks and disks are simulated; the
//! code in between is the one that is shipped. A seed gives a plan (`plan`), the plan a run
//! (`world`), and at the end of each run every promise is checked (`checks`), against a plain model
//! of what the log means (`oracle`). A plan that fails is made smaller (`shrink`) and printed.
//!
//! ```text
//! sim --seeds 2000            seeds 0 to 1999
//! sim --seed 17               this one, with its plan when it fails
//! sim --seeds 100 --seed 17   seeds 17 to 116
//! ```

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test program: it fails by a panic and reports by printing"
)]

mod checks;
mod clock;
mod device;
mod disk;
mod failure;
mod ledger;
mod net;
mod oracle;
mod plan;
mod progress;
mod recover;
mod relay;
mod rng;
mod run;
mod shrink;
mod tab;
mod workload;
mod world;

use plan::{Faults, Plan};
use progress::Progress;
use run::{Done, Failed, catch_panics, run};
use shrink::shrink;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;

/// How many failing seeds are reported before it ends.
const MOST_FAILURES: usize = 5;

/// The faults that the code survives.
const ALLOWED: Faults = Faults {
    network: true,
    partitions: true,
    crashes: true,
    tabs: true,
    disk: true,
    damage: true,
    drifts: true,
    jumps: true,
    gossip: true,
    relay_crashes: true,
    relay_lost: true,
    restores: true,
    copies: true,
    twins: true,
    compactions: true,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((first, count)) = seeds(&arguments) else {
        println!("usage: sim [--seeds N] [--seed K]");
        return ExitCode::FAILURE;
    };
    catch_panics();
    let begun = Instant::now();
    let (done, failures) = run_all(first, count);
    println!(
        "{count} seeds from {first}: {} records, {} acknowledged, {} steps, trace {:016x}, in {:.1} s",
        done.records,
        done.acknowledged,
        done.steps,
        done.trace,
        begun.elapsed().as_secs_f64()
    );
    for (seed, failed) in &failures {
        report(*seed, failed);
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn seeds(arguments: &[String]) -> Option<(u64, u64)> {
    let (mut first, mut count) = (None, None);
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let number = rest.next()?.parse().ok()?;
        match name.as_str() {
            "--seed" => first = Some(number),
            "--seeds" => count = Some(number),
            _ => return None,
        }
    }
    let single = if first.is_some() { 1 } else { 2_000 };
    Some((first.unwrap_or(0), count.unwrap_or(single)))
}

/// Runs the seeds on all cores, until some have failed.
fn run_all(first: u64, count: u64) -> (Done, Vec<(u64, Failed)>) {
    let begun = Instant::now();
    let next = AtomicU64::new(first);
    let enough = AtomicBool::new(false);
    let mut progress = Progress::of(count);
    let (mut total, mut failures) = (Done::default(), Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let (sender, outcomes) = mpsc::channel();
        for _ in 0..cores {
            let (sender, next, enough) = (sender.clone(), &next, &enough);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count || enough.load(Ordering::Relaxed) {
                        return;
                    }
                    let outcome = run(&Plan::draw(seed, &ALLOWED));
                    sender.send((seed, outcome)).expect("they are all received");
                }
            });
        }
        drop(sender);
        for (seed, outcome) in outcomes {
            let line = progress.count(outcome.is_err(), begun.elapsed());
            match outcome {
                Ok(done) => total.add(done),
                Err(failed) => {
                    println!("seed {seed}: {}", failed.failure.invariant);
                    failures.push((seed, failed));
                    enough.store(failures.len() >= MOST_FAILURES, Ordering::Relaxed);
                }
            }
            if let Some(line) = line {
                eprintln!("{line}");
            }
        }
    });
    failures.sort_by_key(|(seed, _)| *seed);
    (total, failures)
}

fn report(seed: u64, failed: &Failed) {
    let plan = Plan::draw(seed, &ALLOWED);
    println!(
        "\nFAILED seed {seed} after action {}: {}\n    {}\nagain: npm run sim -- --seed {seed}",
        failed.action, failed.failure.invariant, failed.failure.detail
    );
    let smaller = shrink(&plan, failed.failure.invariant);
    println!("{} of {} actions do it:", smaller.actions.len(), plan.actions.len());
    println!("    {:?}", smaller.config);
    for (at, action) in &smaller.actions {
        println!("    {at:>7} ms  {action:?}");
    }
    if let Err(failed) = run(&smaller) {
        println!("    then: {}", failed.failure.detail);
    }
}

impl Done {
    const fn add(&mut self, other: Self) {
        self.records += other.records;
        self.acknowledged += other.acknowledged;
        self.steps += other.steps;
        self.trace ^= other.trace;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_does_the_same_each_time() {
        for seed in 0..10 {
            let plan = Plan::draw(seed, &ALLOWED);
            let (once, again) = (run(&plan).unwrap(), run(&plan).unwrap());
            assert_eq!((once.trace, once.records), (again.trace, again.records), "seed {seed}");
        }
    }
}
