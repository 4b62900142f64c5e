//! Queries on what an application holds: `npm run bench -- query` builds and starts it, adds the
//! figures of the page, and makes the table.
//!
//! A section is a file with one function. It is given the [`Setting`] and tells figures, each a line of
//! JSON on standard output, as `bench/query/page` tells those of a page.

mod figure;
mod graph;
mod hybrid;
mod live;
mod text;
mod vectors;

use clap::Parser;
use figure::Figures;
use std::error::Error;
use std::path::PathBuf;

type Outcome<T> = Result<T, Box<dyn Error>>;

type Section = fn(&Setting, &Figures) -> Outcome<()>;

/// The sections by name, in the order of the table.
const SECTIONS: [(&str, Section); 5] = [
    ("graph", graph::measure),
    ("hybrid", hybrid::measure),
    ("live", live::measure),
    ("text", text::measure),
    ("vectors", vectors::measure),
];

/// Measures queries.
#[derive(Parser)]
struct Setting {
    /// Sections to measure; all without a word about it.
    sections: Vec<String>,
    /// Few nodes and calls: shows that everything runs, not how fast.
    #[arg(long)]
    quick: bool,
    /// WordNet as JSON Lines.
    #[arg(long)]
    wordnet: PathBuf,
    /// The folder of the embedding model.
    #[arg(long)]
    model: PathBuf,
    /// Folder for the databases, on the disk that is to be measured.
    #[arg(long)]
    folder: PathBuf,
}

impl Setting {
    /// One number for a measurement, and a smaller one that shows that it runs.
    const fn size(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }
}

fn main() -> Outcome<()> {
    let setting = Setting::parse();
    for (name, measure) in SECTIONS {
        if setting.sections.is_empty() || setting.sections.iter().any(|wanted| wanted == name) {
            eprintln!("  {name}");
            measure(&setting, &Figures::new(name))?;
        }
    }
    Ok(())
}
