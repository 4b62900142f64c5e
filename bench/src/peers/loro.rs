//! A Loro document for each node: objects as maps, arrays as values that are replaced whole.

use super::documents::{self, Document};
use super::{Outcome, Peer};
use loro::{ExportMode, LoroDoc, LoroMap, LoroValue};
use serde_json::{Map, Value};
use std::hint::black_box;

pub(super) const PEER: Peer = Peer {
    name: "loro",
    has_text: false,
    grows: false,
    create: documents::create::<LoroDoc>,
    open: documents::open::<LoroDoc>,
};

const ROOT: &str = "data";

impl Document for LoroDoc {
    fn new(replica: u8, data: &Map<String, Value>) -> Outcome<Self> {
        let document = Self::new();
        document.set_peer_id(replica.into())?;
        fill(&document.get_map(ROOT), data)?;
        document.commit();
        Ok(document)
    }

    fn load(bytes: &[u8]) -> Outcome<Self> {
        Ok(Self::from_snapshot(bytes)?)
    }

    fn save(&mut self) -> Outcome<Vec<u8>> {
        Ok(self.export(ExportMode::Snapshot)?)
    }

    fn set(&mut self, replica: u8, field: &str, value: i64) -> Outcome<Vec<u8>> {
        self.set_peer_id(replica.into())?;
        let before = self.oplog_vv();
        self.get_map(ROOT).insert(field, value)?;
        self.commit();
        Ok(self.export(ExportMode::updates(&before))?)
    }

    fn merge(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.import(bytes)?;
        Ok(())
    }

    fn json(&self) -> Outcome<String> {
        Ok(serde_json::to_string(&self.get_map(ROOT).get_deep_value())?)
    }

    fn read(&self) -> Outcome<()> {
        black_box(self.get_map(ROOT).get_deep_value());
        Ok(())
    }
}

fn fill(map: &LoroMap, data: &Map<String, Value>) -> Outcome<()> {
    for (key, value) in data {
        match value {
            Value::Object(inner) => fill(&map.insert_container(key, LoroMap::new())?, inner)?,
            value => map.insert(key, LoroValue::from(value.clone()))?,
        }
    }
    Ok(())
}
