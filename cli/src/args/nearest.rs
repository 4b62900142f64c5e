//! The words of the search by nearness of vectors.

use super::Model;
use std::path::PathBuf;

/// What is printed behind the words of `nearest`.
pub(crate) const HELP: &str = "\
A type declares a vector field: {\"kind\": \"vector\", \"dimension\": 256, \"metric\": \"cosine\"}. The score is
higher the nearer: the cosine, the dot product, or minus the distance (l2).

Examples:
  pluresdb nearest notes.pluresdb Note meaning --like milk
  pluresdb nearest notes.pluresdb Note meaning --text 'something to drink' --where 'done = 0'
  pluresdb nearest places.pluresdb Place at --vector '[52.5, 13.4]' --limit 5";

#[derive(Debug, clap::Args)]
pub(crate) struct Nearest {
    /// The database
    pub(crate) file: PathBuf,
    /// The type of the nodes
    #[arg(value_name = "TYPE")]
    pub(crate) kind: String,
    /// The field that holds their vectors
    pub(crate) field: String,
    #[command(flatten)]
    pub(crate) near: Near,
    /// Only nodes for which this holds: SQL over the columns of the type
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) filter: Option<String>,
    /// At most so many
    #[arg(long, short = 'n', default_value_t = 10)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) model: Model,
}

/// What the nodes found are near to.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Near {
    /// Near to this vector, a JSON array of numbers
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub(crate) vector: Option<String>,
    /// Near to the vector of this node, which is not listed itself
    #[arg(long, value_name = "ID")]
    pub(crate) like: Option<String>,
    /// Near to this text, by the built-in English model or that of a server
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
}
