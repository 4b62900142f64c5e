//! What must be true at the end of a run.

use crate::clock::{SimHost, WallClock};
use crate::failure::{Checked, broken, engine};
use crate::ledger::{Id, Ids};
use crate::oracle;
use crate::rng::Rng;
use crate::world::{SPACE, World};
use pluresdb::codec::Frame;
use pluresdb::crypto::hash_record;
use pluresdb::model::{Head, Hlc, Place, RecordHash};
use pluresdb::{ActorId, Database, Direction, Options, SqlValue};
use std::collections::{BTreeMap, BTreeSet};

/// Checks every promise, once all is settled.
pub(crate) fn check(world: &mut World<'_>, seed: u64) -> Checked {
    let mut rng = Rng::of(seed, &[3]);
    let mut records = world.relay.records()?;
    let ids = world.ledger.ids(&records)?;
    let held: Ids = ids.iter().copied().collect();
    if held.len() < ids.len() && !world.may_repeat() {
        let records = |id: &Id| ids.iter().filter(|held| *held == id).count();
        let too_many = |id: &Id| records(id) > world.ledger.entry(*id).records;
        let names = world.ledger.name(held.iter().copied().filter(too_many));
        if !names.is_empty() {
            return broken("no transaction has two records", names);
        }
    }
    let mut missing = world.ledger.must().difference(&held).copied().peekable();
    if missing.peek().is_some() {
        let names = world.ledger.name(missing);
        return broken("no acknowledged write is lost", format!("the relay lacks {names}"));
    }
    let logs: Vec<Log> = world.databases().map(Log::of).collect::<Checked<_>>()?;
    for log in &logs {
        check_log(world, log, &records)?;
    }
    let mut expected = oracle::World::of(records.iter().map(Vec::as_slice));

    let mut fresh = rebuilt(world, &mut records, &mut rng)?;
    let hash = engine(fresh.state_hash())?;
    expected.take_merged(&read_all(&fresh)?);
    matches(&fresh, &expected)?;
    for db in world.databases() {
        let found = engine(db.state_hash())?;
        let faults = engine(db.check())?;
        if !faults.is_empty() {
            return broken("a check finds no fault", format!("{faults:?}"));
        }
        let status = engine(db.status())?;
        if status.waiting.records > 0 {
            return broken("nothing waits for ever", format!("{} wait", status.waiting.records));
        }
        if found != hash {
            matches(db, &expected)?;
            return broken("replicas are equal", format!("{found}, rebuilt {hash}"));
        }
    }
    // Projections are compared once: state is equal, and each has its own rows.
    let chosen = rng.next() as usize;
    let count = world.databases().count();
    if let Some(db) = world.databases().nth(chosen % count) {
        matches(db, &expected)?;
        same_counts(db, &mut fresh)?;
    }
    Ok(())
}

/// A database's log.
struct Log {
    records: Vec<Vec<u8>>,
    /// Where it begins, of actors whose first records were forgotten.
    begins: BTreeMap<ActorId, Head>,
}

impl Log {
    fn of(db: &mut Database) -> Checked<Self> {
        let records = engine(db.records_after(0, usize::MAX))?.records;
        let sql = "SELECT actor, forgotten, forgotten_hash FROM pdb_actor WHERE forgotten > 0";
        let mut begins = BTreeMap::new();
        for row in engine(db.query(sql, &[]))?.rows {
            let [SqlValue::Blob(actor), SqlValue::Int(seq), SqlValue::Blob(hash)] = &row[..] else {
                return broken("what was forgotten is known", format!("{row:?}"));
            };
            if let (Ok(actor), Ok(hash)) = (actor[..].try_into(), hash[..].try_into()) {
                let head = Head { seq: *seq as u64, hash: RecordHash(hash) };
                begins.insert(ActorId(actor), head);
            }
        }
        Ok(Self { records, begins })
    }

    fn has_forgotten(&self, record: &[u8]) -> bool {
        let begin = |frame: &Frame<'_>| self.begins.get(&frame.header.actor).copied();
        Frame::read(record)
            .is_ok_and(|frame| begin(&frame).is_some_and(|begin| frame.header.seq <= begin.seq))
    }
}

/// Each record once, of each actor the whole chain, and all that the relay holds.
fn check_log(world: &World<'_>, log: &Log, held: &[Vec<u8>]) -> Checked {
    let here: BTreeSet<&Vec<u8>> = log.records.iter().collect();
    let there: BTreeSet<&Vec<u8>> =
        held.iter().filter(|record| !log.has_forgotten(record)).collect();
    if here.len() != log.records.len() {
        let (all, once) = (log.records.len(), here.len());
        return broken("nothing is applied twice", format!("{all} of {once}"));
    }
    if here != there {
        let name = |record: &&Vec<u8>| {
            let header = Frame::read(record).map(|frame| frame.header);
            let name = header.map(|header| format!("{} of {}", header.seq, header.actor));
            name.unwrap_or_default()
        };
        let lacks: Vec<_> = there.difference(&here).take(4).map(name).collect();
        let extra: Vec<_> = here.difference(&there).take(4).map(name).collect();
        let detail = format!("a device lacks {lacks:?} and has beside the relay {extra:?}");
        return broken("replicas hold the same log", detail);
    }
    let begins = log.begins.iter().map(|(actor, head)| (*actor, (*head, Hlc::default())));
    let mut heads: BTreeMap<ActorId, (Head, Hlc)> = begins.collect();
    for record in &log.records {
        let Ok(frame) = Frame::read(record) else {
            return broken("a record stays as it was written", "a record cannot be read");
        };
        let (head, last) = heads.entry(frame.header.actor).or_default();
        if head.place(&frame.header) != Place::Next {
            let name = world.ledger.name(world.ledger.id(record));
            return broken("a log is one chain", name);
        }
        if *last >= frame.header.hlc {
            let name = world.ledger.name(world.ledger.id(record));
            return broken("an actor's stamps rise", name);
        }
        *last = frame.header.hlc;
        *head = Head { seq: frame.header.seq, hash: hash_record(frame.hashed) };
    }
    Ok(())
}

/// A database made of these records in any order, some of them twice.
fn rebuilt(world: &World<'_>, records: &mut Vec<Vec<u8>>, rng: &mut Rng) -> Checked<Database> {
    let host = SimHost::boxed(&WallClock::right(world.time()), rng.clone());
    let options = Options { space: Some(SPACE), text_index: false };
    let mut db = engine(Database::in_memory(host, options))?;
    let again: Vec<Vec<u8>> = records.iter().filter(|_| rng.percent(20)).cloned().collect();
    records.extend(again);
    rng.shuffle(records);
    while !records.is_empty() {
        let batch =
            records.split_off(records.len() - rng.between(1, records.len() as u64) as usize);
        let applied = engine(db.apply(&batch))?;
        if let Some(rejected) = applied.rejected.first() {
            return broken("a sound record is taken", format!("{rejected:?}"));
        }
    }
    Ok(db)
}

/// All that readers see.
fn read_all(db: &Database) -> Checked<oracle::World> {
    let mut found = oracle::World::default();
    for node in engine(db.list(None, None, usize::MAX >> 1))? {
        for edge in engine(db.edges(&node.id, Direction::Out, None, usize::MAX >> 1))? {
            found.edges.insert((edge.source, edge.label, edge.target, edge.key), edge.data);
        }
        found.nodes.insert(node.id, (node.kind, node.data));
    }
    Ok(found)
}

/// Readers see what the records mean, by calls and by SQL.
fn matches(db: &Database, expected: &oracle::World) -> Checked {
    let found = read_all(db)?;
    for (id, node) in &expected.nodes {
        if found.nodes.get(id) != Some(node) {
            let detail = format!("{id}: read {:?}, meant {node:?}", found.nodes.get(id));
            return broken("readers see what the log means", detail);
        }
    }
    for (edge, data) in &expected.edges {
        if found.edges.get(edge) != Some(data) {
            let detail = format!("{edge:?}: read {:?}, meant {data:?}", found.edges.get(edge));
            return broken("readers see what the log means", detail);
        }
    }
    if found != *expected {
        return broken("readers see what the log means", "something is there that is not meant");
    }
    rows_match(db, expected)
}

fn rows_match(db: &Database, expected: &oracle::World) -> Checked {
    let rows = engine(db.query("SELECT id, type, data FROM nodes ORDER BY id", &[]))?.rows;
    if rows.len() != expected.nodes.len() {
        return broken("rows follow the state", format!("{} rows", rows.len()));
    }
    for (row, (id, (kind, data))) in rows.iter().zip(&expected.nodes) {
        let [SqlValue::Text(found_id), SqlValue::Text(found_kind), SqlValue::Text(json)] = &row[..]
        else {
            return broken("rows follow the state", format!("{row:?}"));
        };
        let found: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        let meant = serde_json::to_value(data).unwrap_or_default();
        if found_id != id || found_kind != kind || found != meant {
            return broken("rows follow the state", format!("{id}: row {row:?}, meant {meant}"));
        }
    }
    Ok(())
}

fn same_counts(db: &mut Database, fresh: &mut Database) -> Checked {
    let (here, there) = (engine(db.status())?, engine(fresh.status())?);
    let counts = |status: &pluresdb::Status| (status.nodes, status.edges, status.actors);
    if counts(&here) != counts(&there) || engine(db.frontier())? != engine(fresh.frontier())? {
        return broken("counts follow the state", format!("{here:?}, rebuilt {there:?}"));
    }
    Ok(())
}
