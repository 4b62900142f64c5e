//! The work that is timed. All databases do a round before any does the next one, so that whatever
//! else the machine does meets all of them, and a ratio is of the same minutes.

use crate::clock::timed;
use crate::figures::{FLOOR, OURS};
use crate::peers::{Outcome, PEERS, Peer, Setting, Store, bytes_one_by_one};
use pluresdb_bench_common::{Dataset, Node, Plan, Random, median};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What one database cost, by measurement: seconds for a call or a node, or bytes for a node; a
/// value for each round.
#[derive(Debug, Default)]
pub(crate) struct Costs(BTreeMap<&'static str, BTreeMap<String, Vec<f64>>>);

impl Costs {
    pub(crate) fn add(&mut self, measurement: &'static str, peer: &str, cost: f64) {
        self.0.entry(measurement).or_default().entry(peer.into()).or_default().push(cost);
    }

    pub(crate) fn median(&self, measurement: &str, peer: &str) -> Option<f64> {
        self.rounds(measurement, peer).map(median)
    }

    /// How many times the cost of `peer` that of `of` is: the middle of the rounds' ratios, or the
    /// ratio of the middles where their rounds were not the same ones.
    pub(crate) fn ratio(&self, measurement: &str, of: &str, peer: &str) -> Option<f64> {
        let (ours, theirs) = (self.rounds(measurement, of)?, self.rounds(measurement, peer)?);
        if ours.len() != theirs.len() {
            return Some(median(ours) / median(theirs));
        }
        let ratios: Vec<f64> =
            ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        Some(median(&ratios))
    }

    fn rounds(&self, measurement: &str, peer: &str) -> Option<&[f64]> {
        self.0.get(measurement)?.get(peer).map(Vec::as_slice)
    }
}

/// Measures everything on `nodes` nodes, in files in `folder`.
pub(crate) struct Bench<'a> {
    pub(crate) nodes: u64,
    pub(crate) plan: Plan,
    pub(crate) folder: &'a Path,
    /// Only the databases that can be of any size, and no second look at loads.
    pub(crate) growth: bool,
    pub(crate) costs: Costs,
}

/// One way to merge what a remote replica wrote.
#[derive(Clone, Copy)]
struct Merge {
    /// The measurement of edits, and that of new nodes.
    edits: &'static str,
    creates: Option<&'static str>,
    /// Records merged in one transaction.
    batch: usize,
    /// What the edits of the first round write: never the same twice into one database.
    first_version: i64,
}

const FILE: Merge =
    Merge { edits: "merge_edits", creates: Some("merge_creates"), batch: 250, first_version: 2 };
const SINGLY: Merge =
    Merge { edits: "merge_singly", creates: None, batch: 1, first_version: 1_000 };
const TOGETHER: Merge =
    Merge { edits: "merge_together", creates: None, batch: 1_000, first_version: 2_000 };

/// Loads of one size, of which the middle one counts.
const LOADS: usize = 3;

impl Bench<'_> {
    pub(crate) fn run(&mut self) -> Outcome<()> {
        let data = Dataset::new(self.nodes);
        let lines = data.json_lines();
        self.load("load", false, &data, &lines)?;
        self.sizes(&data)?;
        self.load("load_text", true, &data, &lines)?;
        self.open()?;
        let mut plain =
            self.stores(|_| true, |bench, peer| (peer.open)(&bench.file(peer, false)))?;
        self.reads(&mut plain)?;
        self.puts("put", &mut plain)?;
        self.merges(&mut plain, FILE)?;
        drop(plain);
        let with_text = |peer: &Peer| peer.has_text;
        let mut text =
            self.stores(with_text, |bench, peer| (peer.open)(&bench.file(peer, true)))?;
        self.puts("put_text", &mut text)?;
        drop(text);
        if self.growth {
            return Ok(());
        }
        let memory = Setting { path: None, text: false };
        let mut memory = self.stores(
            |_| true,
            |_, peer| {
                let mut store = (peer.create)(memory)?;
                store.load(&data, &lines)?;
                Ok(store)
            },
        )?;
        self.puts("put_memory", &mut memory)?;
        self.merges(&mut memory, SINGLY)?;
        self.merges(&mut memory, TOGETHER)
    }

    fn load(
        &mut self,
        measurement: &'static str,
        text: bool,
        data: &Dataset,
        lines: &[String],
    ) -> Outcome<()> {
        let rounds = if self.growth { 1 } else { LOADS };
        for round in 0..rounds {
            for peer in self.peers().filter(|peer| peer.has_text || !text) {
                say(&format!("{measurement}, {}, {} of {rounds}", peer.name, round + 1));
                let path = self.file(&peer, text);
                remove(&path);
                let mut store = (peer.create)(Setting { path: Some(&path), text })?;
                let seconds = store.load(data, lines)?;
                self.costs.add(measurement, peer.name, seconds / self.nodes as f64);
            }
        }
        Ok(())
    }

    /// Bytes of the files, with every connection closed and so everything in the one file.
    fn sizes(&mut self, data: &Dataset) -> Outcome<()> {
        say("sizes");
        for peer in self.peers() {
            let bytes = std::fs::metadata(self.file(&peer, false))?.len() as f64;
            self.costs.add("bytes", peer.name, bytes / self.nodes as f64);
            // Only PluresDB keeps writes as well as rows; the others have no trace of how many
            // transactions there were, and nothing to forget.
            let (single, compacted) = if peer.name == OURS {
                let (single, compacted) = bytes_one_by_one(data)?;
                (single as f64, compacted as f64)
            } else {
                (bytes, bytes)
            };
            self.costs.add("bytes_single", peer.name, single / self.nodes as f64);
            self.costs.add("bytes_compacted", peer.name, compacted / self.nodes as f64);
        }
        Ok(())
    }

    fn open(&mut self) -> Outcome<()> {
        say("open");
        let mut random = Random::new(2);
        for round in 0..=self.plan.rounds {
            let id = Node::id_of(random.below(self.nodes));
            for peer in self.peers() {
                let path = self.file(&peer, false);
                let (seconds, found) = timed(|| {
                    let mut store = (peer.open)(&path)?;
                    let found = store.get(&id)?;
                    // What is measured ends here: closing is not part of it.
                    Ok::<_, Box<dyn std::error::Error>>((found, store))
                });
                require(found?.0, &id)?;
                self.note(round, "open", peer.name, seconds);
            }
        }
        Ok(())
    }

    fn reads(&mut self, stores: &mut Stores) -> Outcome<()> {
        say("get");
        let mut random = Random::new(3);
        for round in 0..=self.plan.rounds {
            let ids: Vec<String> =
                (0..self.plan.calls).map(|_| Node::id_of(random.below(self.nodes))).collect();
            for (name, store) in &mut *stores {
                let (seconds, found) = timed(|| all(&ids, |id| store.get(id)));
                require(found?, "one of the ids")?;
                let values = seconds / ids.len() as f64;
                self.note(round, "get", name, values);
                // The documents' JSON is an SQLite row as well: that would be SQLite twice.
                if ![OURS, FLOOR].contains(name) {
                    continue;
                }
                let (seconds, found) = timed(|| all(&ids, |id| store.get_json(id)));
                require(found?, "one of the ids")?;
                let json = seconds / ids.len() as f64;
                self.note(round, "get_json", name, json);
                let (seconds, found) = timed(|| all(&ids, |id| store.get_by_sql(id)));
                require(found?, "one of the ids")?;
                self.note(round, "get_sql", name, seconds / ids.len() as f64);
                // What a get costs here, against a select that leaves the JSON as it is.
                self.note(round, "get_bare", name, if *name == FLOOR { json } else { values });
            }
        }
        Ok(())
    }

    fn puts(&mut self, measurement: &'static str, stores: &mut Stores) -> Outcome<()> {
        say(measurement);
        for round in 0..=self.plan.rounds {
            let nodes = self.fresh(1, round, self.plan.writes);
            for (name, store) in &mut *stores {
                let seconds =
                    nodes.iter().map(|node| store.put(node)).collect::<Outcome<Vec<f64>>>()?;
                // The mean: now and then a put pays for many, and that belongs to its cost.
                self.note(
                    round,
                    measurement,
                    name,
                    seconds.iter().sum::<f64>() / nodes.len() as f64,
                );
            }
        }
        Ok(())
    }

    fn merges(&mut self, stores: &mut Stores, merge: Merge) -> Outcome<()> {
        let Merge { edits: key, creates: new, batch, first_version } = merge;
        say(key);
        let mut random = Random::new(4);
        for round in 0..=self.plan.rounds {
            let version = round as i64 + first_version;
            let wanted: BTreeMap<u64, Node> = (0..self.plan.calls)
                .map(|_| random.below(self.nodes))
                .map(|number| (number, Node::number(number).edited(version)))
                .collect();
            let mut edits: Vec<Node> = wanted.into_values().collect();
            // A replica that follows another gets records in the order of writing, not of rows.
            edits.sort_by_key(|node| Random::new(node.id.len() as u64 ^ hash(&node.id)).bits());
            let creates = new.map(|key| (key, self.fresh(2, round, self.plan.calls)));
            for (name, store) in &mut *stores {
                let creates = creates.as_ref().map(|(key, nodes)| (*key, nodes));
                for (measurement, nodes) in [(key, &edits)].into_iter().chain(creates) {
                    let changes = store.changes(nodes)?;
                    let (seconds, result) =
                        timed(|| changes.chunks(batch).try_for_each(|batch| store.merge(batch)));
                    result?;
                    self.note(round, measurement, name, seconds / changes.len() as f64);
                }
            }
        }
        Ok(())
    }

    /// The first round warms up and does not count.
    fn note(&mut self, round: usize, measurement: &'static str, peer: &str, cost: f64) {
        if round > 0 {
            self.costs.add(measurement, peer, cost);
        }
    }

    /// Nodes that no load and no other use has written.
    fn fresh(&self, usage: u64, round: usize, count: usize) -> Vec<Node> {
        let first = self.nodes + usage * 100_000_000 + (round * count) as u64;
        (first..first + count as u64).map(Node::number).collect()
    }

    fn stores(
        &self,
        wanted: impl Fn(&Peer) -> bool,
        open: impl Fn(&Self, &Peer) -> Outcome<Box<dyn Store>>,
    ) -> Outcome<Stores> {
        self.peers()
            .filter(|peer| wanted(peer))
            .map(|peer| Ok((peer.name, open(self, &peer)?)))
            .collect()
    }

    fn peers(&self) -> impl Iterator<Item = Peer> + use<> {
        let growth = self.growth;
        PEERS.into_iter().filter(move |peer| peer.grows || !growth)
    }

    fn file(&self, peer: &Peer, text: bool) -> PathBuf {
        let ending = if text { "-text" } else { "" };
        self.folder.join(format!("{}-{}{ending}.db", peer.name, self.nodes))
    }
}

type Stores = Vec<(&'static str, Box<dyn Store>)>;

fn all(ids: &[String], mut found: impl FnMut(&str) -> Outcome<bool>) -> Outcome<bool> {
    for id in ids {
        if !found(id)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn require(found: bool, id: &str) -> Outcome<()> {
    if found { Ok(()) } else { Err(format!("node {id} was loaded and is not there").into()) }
}

fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        // A file that is not there is as good as removed; one that stays makes `create` fail.
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0, |hash, byte| Random::new(hash ^ u64::from(byte)).bits())
}

/// What is going on, for whoever watches.
pub(crate) fn say(text: &str) {
    eprintln!("   {text}");
}
