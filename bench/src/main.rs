//! The benchmarks of the core: PluresDB and its peers on the same work in the same run.
//!
//! `npm run bench -- core` builds and starts it; docs/benchmarks/README.md says what is measured.

mod clock;
mod figures;
mod machine;
mod measure;
mod output;
mod peers;

use clap::Parser;
use figures::FIGURES;
use measure::{Bench, Costs, say};
use output::{Grown, Results};
use peers::{Outcome, PEERS, PUBLISHED, measure_published};
use pluresdb_bench_common::Plan;
use std::path::PathBuf;

/// Measures the core and its peers.
#[derive(Parser)]
struct Arguments {
    /// Nodes that the figures are measured on.
    #[arg(long, default_value_t = 100_000)]
    nodes: u64,
    /// Measure growth too: from a tenth to ten times the nodes.
    #[arg(long)]
    growth: bool,
    /// Few nodes and rounds: shows that everything runs, not how fast.
    #[arg(long)]
    quick: bool,
    /// Count only time on a processor, on a machine that is busy with other work. What waits for the
    /// disk is not measured then. Linux only.
    #[arg(long)]
    processor: bool,
    /// Print JSON in place of the table.
    #[arg(long)]
    json: bool,
    /// Also write the report, in Markdown, to this file.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Folder for the databases, on the disk that is to be measured. The system's own otherwise.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The program that measures the published crate.
    #[arg(long)]
    published: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let mut arguments = Arguments::parse();
    let plan = if arguments.quick { Plan::QUICK } else { Plan::FULL };
    if arguments.processor && !clock::count_processor_only() {
        return Err("this system does not tell the time on a processor".into());
    }
    if arguments.quick {
        arguments.nodes = arguments.nodes.min(2_000);
    }
    let folder = match &arguments.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let run = |nodes: u64, growth: bool| -> Outcome<Costs> {
        let costs = Costs::default();
        let mut bench = Bench { nodes, plan, folder: folder.path(), growth, costs };
        bench.run()?;
        Ok(bench.costs)
    };

    let mut costs = run(arguments.nodes, false)?;
    let mut names: Vec<&str> = PEERS.iter().map(|peer| peer.name).skip(1).collect();
    // It is a program of its own, with the other clock.
    if let Some(program) = arguments.published.as_ref().filter(|_| !arguments.processor) {
        say(PUBLISHED);
        for (measurement, cost) in measure_published(program, arguments.nodes, arguments.quick)? {
            if let Some(figure) = FIGURES.iter().find(|figure| figure.key == measurement) {
                costs.add(figure.key, PUBLISHED, cost);
            }
        }
        names.push(PUBLISHED);
    }
    let mut growth = Vec::new();
    if arguments.growth {
        for nodes in [arguments.nodes / 10, arguments.nodes, arguments.nodes * 10] {
            say(&format!("growth: {nodes} nodes"));
            let costs = run(nodes, true)?;
            growth.push(Grown::new(nodes, &costs));
        }
    }

    let figures = FIGURES.iter().filter_map(|figure| figure.of(&costs, &names)).collect();
    let machine = machine::describe(folder.path());
    let results = Results { machine, nodes: arguments.nodes, peers: names, figures, growth };
    if let Some(path) = &arguments.report {
        std::fs::write(path, results.report())?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&results)?);
    } else {
        println!("{}", results.screen());
    }
    Ok(())
}
