//! The words of the commands that ask about the graph.

use clap::Subcommand;
use pluresdb::{Direction, Limits};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Graph {
    /// List the nodes next to a node, one for each edge
    #[command(after_help = "\
Examples:
  pluresdb neighbours notes.pluresdb milk
  pluresdb neighbours notes.pluresdb cat --direction in --label before")]
    Neighbours(Neighbours),
    /// List the nodes that can be reached from a node, the nearest first
    #[command(after_help = "\
Examples:
  pluresdb traverse notes.pluresdb milk
  pluresdb traverse notes.pluresdb milk --depth 3 --label before --where \"data ->> 'done' = 0\"")]
    Traverse(Traverse),
    /// Show a shortest way from one node to another
    #[command(after_help = "\
Exit code 3 where there is none.

Examples:
  pluresdb path notes.pluresdb milk fish
  pluresdb path notes.pluresdb milk fish --weight minutes")]
    Path(PathWords),
    /// Show some nodes with what is around them, and the edges between all of these
    #[command(after_help = "\
Examples:
  pluresdb subgraph notes.pluresdb milk
  pluresdb subgraph notes.pluresdb milk cat fish --depth 0")]
    Subgraph(Subgraph),
    /// Show which nodes hang together, whichever way their edges point
    #[command(after_help = "Example:\n  pluresdb components notes.pluresdb --label before")]
    Components(Components),
    /// List nodes by how much others point to them
    #[command(after_help = "Example:\n  pluresdb pagerank notes.pluresdb --limit 10")]
    Pagerank(Pagerank),
}

/// Which edges and nodes count.
#[derive(Debug, clap::Args)]
pub(crate) struct Part {
    /// Only edges of this label. May be repeated
    #[arg(long = "label", value_name = "LABEL")]
    pub(crate) labels: Vec<String>,
    /// Only enter nodes of this type. May be repeated
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// Only enter nodes for which this holds: SQL over id, type, data and updated
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) filter: Option<String>,
}

/// Which way along the edges.
#[derive(Debug, clap::Args)]
pub(crate) struct Way {
    /// Along edges (out), against them (in), or both
    #[arg(long, default_value = "out", value_name = "WAY")]
    pub(crate) direction: Direction,
}

/// How much may be looked at.
#[derive(Debug, clap::Args)]
pub(crate) struct Most {
    /// Enter at most so many nodes
    #[arg(long, value_name = "N", default_value_t = Limits::default().nodes)]
    pub(crate) max_nodes: usize,
    /// Look at at most so many edges
    #[arg(long, value_name = "N", default_value_t = Limits::default().edges)]
    pub(crate) max_edges: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Neighbours {
    /// The database
    pub(crate) file: PathBuf,
    /// The node's id
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) way: Way,
    /// At most so many
    #[arg(long, short = 'n', default_value_t = 1000)]
    pub(crate) limit: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Traverse {
    /// The database
    pub(crate) file: PathBuf,
    /// Where to start
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) way: Way,
    /// At most so many edges one after the other; as many as there are without it
    #[arg(long, short = 'd', value_name = "N")]
    pub(crate) depth: Option<u32>,
    #[command(flatten)]
    pub(crate) most: Most,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PathWords {
    /// The database
    pub(crate) file: PathBuf,
    /// Where to start
    pub(crate) start: String,
    /// Where to end
    pub(crate) end: String,
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) way: Way,
    /// At most so many edges
    #[arg(long, short = 'd', value_name = "N", conflicts_with = "weight")]
    pub(crate) depth: Option<u32>,
    /// The field of edges with the number that counts, in place of the number of edges
    #[arg(long, value_name = "FIELD")]
    pub(crate) weight: Option<String>,
    /// The weight of edges without that field; without it, they are an error
    #[arg(long, value_name = "N", requires = "weight")]
    pub(crate) default_weight: Option<f64>,
    #[command(flatten)]
    pub(crate) most: Most,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Subgraph {
    /// The database
    pub(crate) file: PathBuf,
    /// The nodes
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<String>,
    #[command(flatten)]
    pub(crate) part: Part,
    #[command(flatten)]
    pub(crate) way: Way,
    /// How far around them
    #[arg(long, short = 'd', value_name = "N", default_value_t = 1)]
    pub(crate) depth: u32,
    #[command(flatten)]
    pub(crate) most: Most,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Components {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) part: Part,
    /// At most so many components; JSON has all
    #[arg(long, short = 'n', default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Pagerank {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) part: Part,
    /// The chance to go on along an edge and not to any node at all
    #[arg(long, value_name = "N", default_value_t = 0.85)]
    pub(crate) damping: f64,
    /// At most so many nodes, the first ones
    #[arg(long, short = 'n', default_value_t = 20)]
    pub(crate) limit: usize,
}
