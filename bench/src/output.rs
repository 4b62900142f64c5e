//! The results as people and programs read them.

use crate::clock;
use crate::figures::{FIGURES, FLOOR, Measured, OURS, number};
use crate::machine::Machine;
use crate::measure::Costs;
use serde::Serialize;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    pub(crate) nodes: u64,
    pub(crate) peers: Vec<&'static str>,
    pub(crate) figures: Vec<Measured>,
    pub(crate) growth: Vec<Grown>,
}

/// The figures at one size.
#[derive(Debug, Serialize)]
pub(crate) struct Grown {
    nodes: u64,
    figures: Vec<Measured>,
}

impl Grown {
    pub(crate) fn new(nodes: u64, costs: &Costs) -> Self {
        Self { nodes, figures: FIGURES.iter().filter_map(|it| it.of(costs, &[FLOOR])).collect() }
    }
}

type Rows = Vec<Vec<String>>;

impl Results {
    /// For a terminal.
    pub(crate) fn screen(&self) -> String {
        let mut text = format!("\n{}\n\n{}", self.head(), aligned(&self.figure_rows()));
        if !self.growth.is_empty() {
            text += &format!("\nGrowth ({OURS}, and how many times what {FLOOR} takes)\n\n");
            text += &aligned(&self.growth_rows());
        }
        text
    }

    /// For the repository.
    pub(crate) fn report(&self) -> String {
        let mut text = format!(
            "# The core against its peers\n\n{}\n\nWritten by `npm run bench -- core --report`; \
             [README.md](README.md) says what is measured and how.\n\n{}",
            self.head(),
            markdown(&self.figure_rows())
        );
        if !self.growth.is_empty() {
            text += &format!(
                "\n## Growth\n\n{OURS}, and in brackets how many times what {FLOOR} takes.\n\n{}",
                markdown(&self.growth_rows())
            );
        }
        text
    }

    fn head(&self) -> String {
        let Machine { processor, processors, system, sync_us, load } = &self.machine;
        let load = load.map_or_else(String::new, |load| format!(", load {load:.1}"));
        let clock = if clock::counts_processor_only() {
            " Time is that on a processor only, without what waits for the disk."
        } else {
            ""
        };
        format!(
            "{} nodes and {} edges; {processor}, {processors} processors, {system}, {} us to make \
             4 KiB durable{load}.\nIn brackets: how many times the peer's cost {OURS}'s is; below 1 \
             {OURS} is faster or smaller.{clock}",
            number(self.nodes as f64),
            number((self.nodes / 2) as f64),
            number(*sync_us),
        )
    }

    fn figure_rows(&self) -> Rows {
        let head = ["figure", "goal", "", OURS].into_iter().chain(self.peers.iter().copied());
        let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
        for figure in &self.figures {
            let mark = match figure.reached {
                Some(true) => "ok",
                Some(false) => "MISSED",
                None => "",
            };
            let mut row = vec![
                format!("{}, {}", figure.title, figure.unit),
                figure.goal.clone().unwrap_or_default(),
                mark.into(),
                number(figure.value),
            ];
            row.extend(self.peers.iter().map(|name| compared(figure, name)));
            rows.push(row);
        }
        rows
    }

    fn growth_rows(&self) -> Rows {
        let sizes = self.growth.iter().map(|grown| format!("{} nodes", number(grown.nodes as f64)));
        let mut rows = vec![std::iter::once("figure".to_owned()).chain(sizes).collect::<Vec<_>>()];
        for figure in &FIGURES {
            let at = |grown: &Grown| {
                let measured = grown.figures.iter().find(|it| it.key == figure.key)?;
                let ratio = measured.peers.first().map(|peer| format!(" ({:.1}x)", peer.ratio));
                Some(number(measured.value) + &ratio.unwrap_or_default())
            };
            let cells: Option<Vec<String>> = self.growth.iter().map(at).collect();
            if let Some(cells) = cells {
                let title = format!("{}, {}", figure.title, figure.unit.name());
                rows.push(std::iter::once(title).chain(cells).collect());
            }
        }
        rows
    }
}

fn compared(figure: &Measured, name: &str) -> String {
    let Some(peer) = figure.peers.iter().find(|peer| peer.name == name) else {
        return "-".into();
    };
    let ratio = if peer.ratio < 10.0 { format!("{:.2}", peer.ratio) } else { number(peer.ratio) };
    format!("{} ({ratio}x)", number(peer.value))
}

/// Lines of aligned columns: the first three to the left, numbers to the right.
fn aligned(rows: &Rows) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let words = columns.min(if columns > 4 { 3 } else { 1 });
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column < words { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

fn markdown(rows: &Rows) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let rule = vec!["---".to_owned(); head.len()];
    let mut text = line(head) + &line(&rule);
    text.extend(body.iter().map(|row| line(row)));
    text
}
