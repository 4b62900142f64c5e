//! The data: tasks, people and articles of about 300 bytes of JSON, and edges between them.
//!
//! Node `n` is the same in every program and on every machine. Ids are random, as they are where
//! devices draw them: rows arrive in no order. Words are drawn so that a few are frequent and most
//! are rare, as in a language, since a full-text index lives from that.

use crate::random::Random;
use serde_json::{Map, Value, json};

/// A node, its data as JSON.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: &'static str,
    /// Its fields.
    pub data: Map<String, Value>,
    /// Its fields as JSON.
    pub json: String,
}

/// An edge between two nodes of the dataset.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Id of the node it leaves.
    pub source: String,
    /// What it means.
    pub label: &'static str,
    /// Id of the node it enters.
    pub target: String,
}

/// Nodes and edges to load.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// One for each two nodes.
    pub edges: Vec<Edge>,
}

const KINDS: [&str; 3] = ["Task", "Person", "Article"];
const LABELS: [&str; 3] = ["mentions", "belongs_to", "follows"];
const STATES: [&str; 4] = ["open", "doing", "review", "done"];
const CITIES: [&str; 6] = ["Lisbon", "Kyoto", "Oslo", "Accra", "Lima", "Graz"];
const SYLLABLES: [&str; 24] = [
    "ba", "ren", "to", "mi", "cal", "ver", "o", "sin", "dra", "lu", "pe", "nor", "ta", "gis", "fe",
    "mar", "ul", "ko", "est", "ra", "vi", "den", "ho", "a",
];
/// How many words there are.
const WORDS: f64 = 20_000.0;

impl Dataset {
    /// The first `count` nodes, with their edges.
    #[must_use]
    pub fn new(count: u64) -> Self {
        let mut random = Random::new(count ^ 0xed6e);
        let edges = (0..count / 2).map(|number| Edge {
            source: Node::id_of(number * 2),
            label: random.pick(&LABELS),
            target: Node::id_of(random.below(count)),
        });
        Self { edges: edges.collect(), nodes: (0..count).map(Node::number).collect() }
    }

    /// The nodes and then the edges as JSON Lines, some megabytes at a time.
    #[must_use]
    pub fn json_lines(&self) -> Vec<String> {
        const BATCH: usize = 4 * 1024 * 1024;
        let nodes = self.nodes.iter().map(|Node { id, kind, json, .. }| {
            format!("{{\"id\":\"{id}\",\"type\":\"{kind}\",\"data\":{json}}}\n")
        });
        let edges = self.edges.iter().map(|Edge { source, label, target }| {
            format!("{{\"source\":\"{source}\",\"label\":\"{label}\",\"target\":\"{target}\"}}\n")
        });
        let mut batches = Vec::new();
        let mut batch = String::with_capacity(BATCH);
        for line in nodes.chain(edges) {
            if !batch.is_empty() && batch.len() + line.len() > BATCH {
                batches.push(std::mem::replace(&mut batch, String::with_capacity(BATCH)));
            }
            batch.push_str(&line);
        }
        batches.push(batch);
        batches
    }
}

impl Node {
    /// The id of node `number`.
    #[must_use]
    pub fn id_of(number: u64) -> String {
        format!("{:016x}", Random::new(number).bits())
    }

    /// Node `number`.
    #[must_use]
    pub fn number(number: u64) -> Self {
        let mut random = Random::new(number ^ 0xda7a);
        let kind = random.pick(&KINDS);
        let data = match kind {
            "Task" => task(&mut random),
            "Person" => person(&mut random),
            _ => article(&mut random),
        };
        let Value::Object(data) = data else { unreachable!("each of them is an object") };
        let json = Value::Object(data.clone()).to_string();
        Self { id: Self::id_of(number), kind, data, json }
    }

    /// The node after an edit of one field, which every node has.
    #[must_use]
    pub fn edited(mut self, version: i64) -> Self {
        self.data.insert("version".into(), version.into());
        self.json = Value::Object(self.data.clone()).to_string();
        self
    }
}

fn task(random: &mut Random) -> Value {
    json!({
        "title": words(random, 5),
        "notes": words(random, 12),
        "state": random.pick(&STATES),
        "priority": random.below(5),
        "done": random.below(2) == 0,
        "due": { "day": day(random), "hour": random.below(24) },
        "tags": [word(random), word(random), word(random)],
        "version": 1,
    })
}

fn person(random: &mut Random) -> Value {
    let (first, last) = (word(random), word(random));
    json!({
        "name": format!("{first} {last}"),
        "email": format!("{first}.{last}@example.org"),
        "born": day(random),
        "active": random.below(3) > 0,
        "address": { "street": words(random, 2), "number": random.below(200), "city": random.pick(&CITIES) },
        "skills": [word(random), word(random)],
        "about": words(random, 10),
        "version": 1,
    })
}

fn article(random: &mut Random) -> Value {
    json!({
        "title": words(random, 6),
        "summary": words(random, 16),
        "year": 1950 + random.below(75),
        "rating": random.below(50) as f64 / 10.0,
        "peer_reviewed": random.below(2) == 0,
        "source": { "journal": words(random, 2), "volume": random.below(90) },
        "keywords": [word(random), word(random), word(random)],
        "version": 1,
    })
}

fn day(random: &mut Random) -> String {
    let (year, month, day) = (1950 + random.below(75), 1 + random.below(12), 1 + random.below(28));
    format!("{year}-{month:02}-{day:02}")
}

fn words(random: &mut Random, count: usize) -> String {
    let words: Vec<String> = (0..count).map(|_| word(random)).collect();
    words.join(" ")
}

/// A word of two to four syllables. Word `n` is drawn about as often as `1/n` says.
fn word(random: &mut Random) -> String {
    let rank = WORDS.powf(random.fraction()) as u64;
    let mut spelling = Random::new(rank ^ 0x3070);
    let syllables = 2 + spelling.below(3);
    (0..syllables).map(|_| spelling.pick(&SYLLABLES)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_the_same_each_time_and_about_300_bytes() {
        assert_eq!(Node::number(7).json, Node::number(7).json);
        let bytes: usize = Dataset::new(3_000).nodes.iter().map(|node| node.json.len()).sum();
        let mean = bytes / 3_000;
        assert!((280..=320).contains(&mean), "{mean} bytes");
    }

    #[test]
    fn every_line_is_in_some_batch() {
        let data = Dataset::new(20_000);
        let batches = data.json_lines();
        assert!(batches.len() > 1);
        let lines: usize = batches.iter().map(|batch| batch.lines().count()).sum();
        assert_eq!(lines, data.nodes.len() + data.edges.len());
    }
}
