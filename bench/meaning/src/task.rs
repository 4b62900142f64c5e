//! The entries of WordNet, and some of their usage examples as queries.

use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// An entry: words of one meaning.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) lemmas: Vec<String>,
    pub(crate) gloss: String,
}

/// A usage example, and the entry that it belongs to.
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) id: String,
}

/// What is searched, and what is asked.
pub(crate) struct Task {
    pub(crate) entries: Vec<Entry>,
    pub(crate) queries: Vec<Query>,
}

impl Task {
    /// Reads WordNet, and takes so many of its examples, evenly spread over all.
    pub(crate) fn read(path: &Path, queries: usize) -> io::Result<Self> {
        let mut entries = Vec::new();
        let mut examples = Vec::new();
        for line in BufReader::new(File::open(path)?).lines() {
            let value: Value = serde_json::from_str(&line?)?;
            let Some(id) = value.get("id").and_then(Value::as_str) else {
                continue;
            };
            let field = |name: &str| value.get("data").and_then(|data| data.get(name));
            let texts = |name: &str| -> Vec<String> {
                let list = field(name).and_then(Value::as_array).into_iter().flatten();
                list.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            examples.extend(
                texts("examples").into_iter().map(|text| Query { text, id: id.to_owned() }),
            );
            let gloss = field("gloss").and_then(Value::as_str).unwrap_or_default().to_owned();
            entries.push(Entry { id: id.to_owned(), lemmas: texts("lemmas"), gloss });
        }
        let step = examples.len().div_ceil(queries.max(1)).max(1);
        let queries = examples.into_iter().step_by(step).collect();
        Ok(Self { entries, queries })
    }

    /// Every other query, and the rest.
    pub(crate) fn halves(&self) -> (Vec<&Query>, Vec<&Query>) {
        let odd = self.queries.iter().skip(1).step_by(2).collect();
        (self.queries.iter().step_by(2).collect(), odd)
    }
}
