//! What can be asked of a search by words, and what it answers.

use crate::engine::query::read::Node;
use std::collections::BTreeMap;

/// How to search by words.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchOptions<'a> {
    /// Only nodes of this type.
    pub kind: Option<&'a str>,
    /// Most nodes to give: 20 where nothing is said.
    pub limit: usize,
    /// Whether words that are nowhere are taken for words that are spelled nearly so, where nothing is
    /// found otherwise; the answer says which. True where nothing is said.
    pub typos: bool,
    /// How to mark what was found; nothing is marked where nothing is said.
    pub marks: Option<Marks>,
    /// Only words in these fields count, which types declare as `full_text`; all texts where none is named.
    pub fields: &'a [&'a str],
}

impl Default for SearchOptions<'_> {
    fn default() -> Self {
        Self { kind: None, limit: 20, typos: true, marks: None, fields: &[] }
    }
}

/// How words that were found are marked in texts.
///
/// Where the opening mark begins with `<`, the texts are HTML: what of them would be read as such is
/// escaped. Otherwise they are as they are in the nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// What stands before.
    pub open: String,
    /// What stands after.
    pub close: String,
    /// Most words of a snippet, 1 to 64.
    pub words: u8,
    /// Whether whole fields are given with their marks, beside the snippet.
    pub fields: bool,
}

impl Default for Marks {
    fn default() -> Self {
        Self { open: "<mark>".into(), close: "</mark>".into(), words: 16, fields: true }
    }
}

/// A found node.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The node.
    pub node: Node,
    /// How well it fits, higher is better: BM25 in a search by words.
    pub score: f64,
    /// The words found with some around them, marked, where marks were asked for and words were found.
    pub snippet: Option<String>,
    /// The fields in which words were found, by name, with marks, where they were asked for.
    pub highlights: BTreeMap<String, String>,
}

impl Hit {
    pub(in crate::engine) const fn new(node: Node, score: f64) -> Self {
        Self { node, score, snippet: None, highlights: BTreeMap::new() }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The nodes, the best first.
    pub hits: Vec<Hit>,
    /// Words that were taken for others, since nothing was found otherwise.
    pub corrected: Vec<Correction>,
}

/// A word that was taken for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// As it was typed.
    pub typed: String,
    /// What was searched for.
    pub taken: String,
}
