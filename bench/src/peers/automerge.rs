//! An Automerge document for each node: maps as maps, lists as lists, strings as scalars.

use super::documents::{self, Document};
use super::{Outcome, Peer};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, AutoSerde, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use serde_json::{Map, Value};
use std::hint::black_box;

pub(super) const PEER: Peer = Peer {
    name: "automerge",
    has_text: false,
    grows: false,
    create: documents::create::<AutoCommit>,
    open: documents::open::<AutoCommit>,
};

impl Document for AutoCommit {
    fn new(replica: u8, data: &Map<String, Value>) -> Outcome<Self> {
        let mut document = Self::new().with_actor(actor(replica));
        fill_map(&mut document, &ROOT, data)?;
        Ok(document)
    }

    fn load(bytes: &[u8]) -> Outcome<Self> {
        Ok(Self::load(bytes)?)
    }

    fn save(&mut self) -> Outcome<Vec<u8>> {
        Ok(Self::save(self))
    }

    fn set(&mut self, replica: u8, field: &str, value: i64) -> Outcome<Vec<u8>> {
        self.set_actor(actor(replica));
        self.put(ROOT, field, value)?;
        Ok(self.save_incremental())
    }

    fn merge(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.load_incremental(bytes)?;
        Ok(())
    }

    fn json(&self) -> Outcome<String> {
        Ok(serde_json::to_string(&AutoSerde::from(self))?)
    }

    fn read(&self) -> Outcome<()> {
        black_box(self.hydrate(ROOT, None)?);
        Ok(())
    }
}

fn actor(replica: u8) -> ActorId {
    ActorId::from([replica; 16])
}

fn fill_map(document: &mut AutoCommit, at: &ObjId, map: &Map<String, Value>) -> Outcome<()> {
    for (key, value) in map {
        match value {
            Value::Object(inner) => {
                let child = document.put_object(at, key, ObjType::Map)?;
                fill_map(document, &child, inner)?;
            }
            Value::Array(items) => {
                let child = document.put_object(at, key, ObjType::List)?;
                for (index, item) in items.iter().enumerate() {
                    document.insert(&child, index, scalar(item))?;
                }
            }
            value => document.put(at, key, scalar(value))?,
        }
    }
    Ok(())
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Bool(value) => ScalarValue::Boolean(*value),
        Value::String(value) => ScalarValue::Str(value.as_str().into()),
        Value::Number(number) => match number.as_i64() {
            Some(value) => ScalarValue::Int(value),
            None => ScalarValue::F64(number.as_f64().unwrap_or_default()),
        },
        _ => ScalarValue::Null,
    }
}
