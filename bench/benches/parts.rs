//! What the parts of a write, a merge and a read take without storage, for one node of the dataset.
//!
//! Where a figure of the whole is missed, these say which part to look at.

use divan::{Bencher, black_box};
use pluresdb::codec::{Draft, Frame, decode_record, read_parts};
use pluresdb::crdt::{Entity, Parts, Stored, replace};
use pluresdb::crypto::hash_record;
use pluresdb::model::Record;
use pluresdb::{Database, Map};
use pluresdb_bench_common::Node;

fn main() {
    divan::main();
}

const ID: u64 = 7;

fn fields() -> Map {
    parse(&Node::number(ID).json)
}

fn parse(json: &str) -> Map {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("the dataset is JSON: {error}"))
}

/// The record of one put, and the state it leaves.
fn put() -> (Vec<u8>, Entity) {
    let written = || {
        let node = Node::number(ID);
        let mut database = Database::memory()?;
        database.put(&node.id, node.kind, fields())?;
        let records = database.records_after(0, usize::MAX)?.records;
        Ok::<_, pluresdb::Error>((records, database.entity(&node.id)?))
    };
    match written() {
        Ok((mut records, entity)) if records.len() == 1 => (records.remove(0), entity),
        other => panic!("one put is one record: {other:?}"),
    }
}

fn record() -> Record {
    decode_record(&put().0).unwrap_or_else(|error| panic!("a record just written: {error}"))
}

/// What the user wants, as the fewest writes of a node that is new.
#[divan::bench]
fn diff_new_node(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(fields).bench_values(|fields| replace(None, fields, |_| None));
}

/// The same of a node that has all of the fields already.
#[divan::bench]
fn diff_same_node(bencher: Bencher<'_, '_>) {
    let (_, entity) = put();
    bencher.with_inputs(fields).bench_values(|fields| replace(Some(&entity), fields, |_| None));
}

#[divan::bench]
fn record_encode(bencher: Bencher<'_, '_>) {
    let Record { header, parts } = record();
    bencher.bench(|| Draft { header: &header, parts: &parts }.encode());
}

#[divan::bench]
fn record_hash(bencher: Bencher<'_, '_>) {
    let (bytes, _) = put();
    bencher.bench(|| Frame::read(black_box(&bytes)).map(|frame| hash_record(frame.hashed)));
}

#[divan::bench]
fn record_decode(bencher: Bencher<'_, '_>) {
    let (bytes, _) = put();
    bencher.bench(|| {
        let frame = Frame::read(black_box(&bytes))?;
        frame.body().and_then(|body| read_parts(&body, frame.header.stamp()))
    });
}

#[divan::bench]
fn fold_into_new_state(bencher: Bencher<'_, '_>) {
    let record = record();
    let stamp = record.header.stamp();
    bencher.with_inputs(|| record.parts.clone()).bench_values(|parts| {
        let mut entity = Entity::default();
        parts.into_iter().for_each(|part| entity.apply(part, stamp));
        entity
    });
}

#[divan::bench]
fn state_encode(bencher: Bencher<'_, '_>) {
    let (_, entity) = put();
    let leaves = entity.leaves();
    bencher.bench(|| entity.encode(&leaves));
}

#[divan::bench]
fn state_decode(bencher: Bencher<'_, '_>) {
    let (_, entity) = put();
    let Stored { state, docs } = entity.encode(&entity.leaves());
    let parts = || Parts {
        state: &state,
        docs: docs.as_deref(),
        object: Some(fields()),
        kind: entity.kind().map(str::to_owned),
    };
    bencher.with_inputs(parts).bench_values(Entity::decode);
}

#[divan::bench]
fn state_to_object(bencher: Bencher<'_, '_>) {
    let (_, entity) = put();
    bencher.bench(|| entity.object());
}

#[divan::bench]
fn json_write(bencher: Bencher<'_, '_>) {
    let fields = fields();
    bencher.bench(|| serde_json::to_string(&fields));
}

/// JSON text to fields: what a get could do in place of reading the state.
#[divan::bench]
fn json_read(bencher: Bencher<'_, '_>) {
    let json = Node::number(ID).json;
    bencher.bench(|| parse(black_box(&json)));
}
