//! PluresDB itself, through its public functions only.

use super::{Change, Outcome, Peer, Setting, Store};
use crate::clock::timed;
use pluresdb::{Database, Map, Options, Retention, SqlValue, SystemHost};
use pluresdb_bench_common::{Dataset, Node};
use std::hint::black_box;
use std::path::Path;

pub(super) const PEER: Peer = Peer { name: "PluresDB", has_text: true, grows: true, create, open };

struct PluresDb {
    database: Database,
    /// The other replica, once there is one.
    replica: Option<Database>,
}

fn create(setting: Setting<'_>) -> Outcome<Box<dyn Store>> {
    let options = Options { text_index: setting.text, ..Options::default() };
    let database = match setting.path {
        Some(path) => Database::create(path, options)?,
        None => Database::in_memory(Box::new(SystemHost), options)?,
    };
    Ok(Box::new(PluresDb { database, replica: None }))
}

fn open(path: &Path) -> Outcome<Box<dyn Store>> {
    Ok(Box::new(PluresDb { database: Database::open(path)?, replica: None }))
}

/// The size of a database in which each node and each edge was a transaction, so a record, of its
/// own, and after all of these records are forgotten. It is in memory, since so many transactions
/// would wait for the disk for minutes.
pub(crate) fn bytes_one_by_one(data: &Dataset) -> Outcome<(u64, u64)> {
    let options = Options { text_index: false, ..Options::default() };
    let mut database = Database::in_memory(Box::new(SystemHost), options)?;
    for node in &data.nodes {
        database.put(&node.id, node.kind, serde_json::from_str(&node.json)?)?;
    }
    for edge in &data.edges {
        database.link(&edge.source, edge.label, &edge.target, Map::new())?;
    }
    database.set_retention(Retention { keep_ms: Some(0), unsynced: true })?;
    let done = database.compact()?;
    if done.records < data.nodes.len() as u64 {
        return Err(format!("compaction forgot {} records only", done.records).into());
    }
    Ok((done.bytes_before, done.bytes_after))
}

impl Store for PluresDb {
    fn load(&mut self, _: &Dataset, lines: &[String]) -> Outcome<f64> {
        let (seconds, result) = timed(|| {
            let mut first_line = 1;
            for batch in lines {
                let counts = self.database.import_jsonl(batch, first_line)?;
                first_line += counts.nodes + counts.edges;
            }
            Ok::<_, pluresdb::Error>(())
        });
        result?;
        Ok(seconds)
    }

    fn put(&mut self, node: &Node) -> Outcome<f64> {
        let data: Map = serde_json::from_str(&node.json)?;
        let (seconds, result) = timed(|| self.database.put(&node.id, node.kind, data));
        result?;
        Ok(seconds)
    }

    fn get(&mut self, id: &str) -> Outcome<bool> {
        Ok(black_box(self.database.get(id)?).is_some())
    }

    fn get_json(&mut self, id: &str) -> Outcome<bool> {
        Ok(black_box(self.database.get_json(id)?).is_some())
    }

    fn get_by_sql(&mut self, id: &str) -> Outcome<bool> {
        let rows = self
            .database
            .query("SELECT data FROM nodes WHERE id = ?1", &[SqlValue::Text(id.to_owned())])?;
        Ok(!black_box(rows).rows.is_empty())
    }

    fn changes(&mut self, wanted: &[Node]) -> Outcome<Vec<Change>> {
        let replica = match self.replica.take() {
            Some(replica) => replica,
            None => {
                let copy = |image: &[u8]| {
                    Database::from_image(image, Box::new(SystemHost), Options::default())
                };
                self.database.with_image(copy)??
            }
        };
        let replica = self.replica.insert(replica);
        let before = replica.position()?;
        for node in wanted {
            replica.put(&node.id, node.kind, serde_json::from_str(&node.json)?)?;
        }
        let records = replica.records_after(before, usize::MAX)?.records;
        if records.len() != wanted.len() {
            return Err(format!("{} puts gave {} records", wanted.len(), records.len()).into());
        }
        let change = |(node, bytes): (&Node, Vec<u8>)| Change {
            id: node.id.clone(),
            kind: node.kind,
            bytes,
        };
        Ok(wanted.iter().zip(records).map(change).collect())
    }

    fn merge(&mut self, changes: &[Change]) -> Outcome<()> {
        let records: Vec<&[u8]> = changes.iter().map(|change| change.bytes.as_slice()).collect();
        let report = self.database.apply(&records)?;
        if report.applied != changes.len() {
            return Err(format!("of {} records {report:?}", changes.len()).into());
        }
        Ok(())
    }
}
