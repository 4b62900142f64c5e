//! The words of the commands that need an embedding model.

use std::path::PathBuf;

/// Which model makes vectors of texts.
#[derive(Debug, clap::Args)]
pub(crate) struct Model {
    /// Ask a server in place of the built-in English model: a URL that ends in /embeddings, as OpenAI
    /// and many others speak, or in /api/embed, as Ollama does
    #[arg(long, value_name = "URL", requires = "model")]
    pub(crate) endpoint: Option<String>,
    /// The model that the server is asked for
    #[arg(long, value_name = "NAME", requires = "endpoint")]
    pub(crate) model: Option<String>,
    /// How many numbers the server is asked to give for each text, where its model leaves a choice
    #[arg(long, value_name = "NUMBERS", requires = "endpoint")]
    pub(crate) dimension: Option<u32>,
    /// How many texts the server is asked for at once
    #[arg(long, value_name = "TEXTS", default_value_t = 32, requires = "endpoint")]
    pub(crate) batch: u16,
    /// How long to wait for each answer of the server
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "endpoint")]
    pub(crate) timeout: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Embed {
    /// The database
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) model: Model,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Search {
    /// The database
    pub(crate) file: PathBuf,
    /// The words
    pub(crate) text: String,
    /// Only nodes of this type
    #[arg(long = "type", short = 't', value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// At most so many
    #[arg(long, short = 'n', default_value_t = 20)]
    pub(crate) limit: usize,
    /// Count only words in this field, which types declare as full_text; may be given several times
    #[arg(long = "field", value_name = "FIELD")]
    pub(crate) fields: Vec<String>,
    /// Find only words as they are typed: take no word for one that is spelled nearly so
    #[arg(long)]
    pub(crate) exact: bool,
    /// Show the words that were found, with some around them, in the place of the data
    #[arg(long)]
    pub(crate) snippet: bool,
    /// What stands before a word that was found; where it begins with <, the text is escaped as HTML
    #[arg(long, value_name = "MARK", default_value = "[", requires = "snippet")]
    pub(crate) open: String,
    /// What stands after it
    #[arg(long, value_name = "MARK", default_value = "]", requires = "snippet")]
    pub(crate) close: String,
    /// What counts: the words, the meaning, or both
    #[arg(long, value_enum, default_value_t = Mode::Words)]
    pub(crate) mode: Mode,
    #[command(flatten)]
    pub(crate) model: Model,
}

/// How a search looks for nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// The words
    Words,
    /// The meaning
    Meaning,
    /// Both, ranked together
    Hybrid,
}
