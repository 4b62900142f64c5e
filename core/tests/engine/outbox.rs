//! Tabs that append to one journal: all end equal, in whatever order they meet what others wrote.

use crate::{FixedHost, log, text};
use pluresdb::log::OtherWriter;
use pluresdb::model::{Head, Path};
use pluresdb::{ActorId, Database, Outbox, Value, object};
use std::collections::BTreeMap;

const HOUR: i64 = 60 * 60 * 1000;

/// Storage that several tabs append to.
#[derive(Default)]
struct Journal {
    records: Vec<Vec<u8>>,
    heads: BTreeMap<ActorId, Head>,
}

struct Tab {
    db: Database,
    outbox: Outbox,
    seen: usize,
}

impl Tab {
    /// Opens what the journal holds, as an actor of this seed.
    fn open(journal: &Journal, seed: u8) -> Self {
        let mut db = FixedHost::new(100 + seed).replica();
        let outbox = Outbox::of(&mut db).unwrap();
        let mut tab = Self { db, outbox, seen: 0 };
        tab.read(journal);
        tab.db.set_actor(ActorId([seed; 16])).unwrap();
        tab
    }

    fn read(&mut self, journal: &Journal) {
        let applied = self.outbox.catch_up(&mut self.db, &journal.records[self.seen..]).unwrap();
        assert!(applied.rejected.is_empty() && applied.waiting == 0, "{applied:?}");
        self.seen = journal.records.len();
    }

    fn take(&mut self, records: &[Vec<u8>]) {
        let applied = self.db.apply(records).unwrap();
        self.outbox.note(&self.db, &applied).unwrap();
    }

    fn store(&mut self, journal: &mut Journal) -> Result<(), OtherWriter> {
        self.outbox.collect(&self.db).unwrap();
        let Some(append) = self.outbox.begin(&self.db) else { return Ok(()) };
        let mut heads = journal.heads.clone();
        for succession in &append.successions {
            let found = heads.get(&succession.actor).copied().unwrap_or_default();
            match succession.after(found) {
                Ok(end) => drop(heads.insert(succession.actor, end)),
                Err(refused) => {
                    self.outbox.failed(&self.db).unwrap();
                    return Err(refused);
                }
            }
        }
        journal.heads = heads;
        journal.records.extend(append.records);
        self.outbox.stored(&self.db).unwrap();
        Ok(())
    }

    fn put(&mut self, id: &str) {
        self.db.put(id, "Note", object([("by", text(id))])).unwrap();
    }

    fn count(&mut self, by: i64) {
        self.db.increment("n", &Path::field("count").unwrap(), by).unwrap();
    }
}

/// All that tabs do when left alone: they read and store until nothing changes.
fn settle(journal: &mut Journal, tabs: &mut [&mut Tab]) {
    for _ in 0..4 {
        for tab in &mut *tabs {
            tab.read(journal);
            tab.store(journal).unwrap();
        }
    }
    let mut late = Tab::open(journal, 99);
    assert!(late.outbox.is_empty(), "the journal has all that follows from it");
    let hash = late.db.state_hash().unwrap();
    for tab in tabs {
        assert_eq!(tab.db.state_hash().unwrap(), hash);
        assert_eq!(*tab.outbox.durable(), tab.db.frontier().unwrap());
        assert!(tab.outbox.is_empty());
    }
    assert_eq!(late.db.check().unwrap(), []);
}

fn counted(tab: &Tab) -> Value {
    tab.db.get("n").unwrap().unwrap().data["count"].clone()
}

/// How often a record's content is in the log, under whatever address.
fn times(tab: &Tab, id: &str) -> usize {
    log(&tab.db)
        .iter()
        .filter(|record| record.windows(id.len()).any(|at| at == id.as_bytes()))
        .count()
}

#[test]
fn a_second_writer_of_an_actor_is_refused_and_goes_on_as_another() {
    let mut journal = Journal::default();
    let (mut one, mut other) = (Tab::open(&journal, 1), Tab::open(&journal, 1));
    one.put("n");
    other.put("m");
    one.store(&mut journal).unwrap();
    assert_eq!(other.store(&mut journal).unwrap_err().actor, ActorId([1; 16]));
    other.put("o");
    other.read(&journal);
    assert_eq!(other.db.actor(), None);
    other.store(&mut journal).unwrap();
    other.put("p");
    settle(&mut journal, &mut [&mut one, &mut other]);
    for id in ["n", "m", "o", "p"] {
        assert!(one.db.get(id).unwrap().is_some(), "{id}");
    }
}

#[test]
fn what_was_moved_while_an_append_was_under_way_is_stored_as_what_it_is_then() {
    let mut journal = Journal::default();
    let (mut one, mut other) = (Tab::open(&journal, 1), Tab::open(&journal, 1));
    other.put("m");
    other.outbox.collect(&other.db).unwrap();
    let append = other.outbox.begin(&other.db).unwrap();
    one.put("n");
    one.store(&mut journal).unwrap();
    other.read(&journal);
    let head = journal.heads[&ActorId([1; 16])];
    assert!(append.successions[0].after(head).is_err());
    other.outbox.failed(&other.db).unwrap();
    other.outbox.collect(&other.db).unwrap();
    assert_eq!(other.outbox.len(), 1, "the moved record alone");
    settle(&mut journal, &mut [&mut one, &mut other]);
}

#[test]
fn an_append_that_failed_and_was_stored_does_not_stop_the_writer() {
    let mut journal = Journal::default();
    let (mut one, mut other) = (Tab::open(&journal, 1), Tab::open(&journal, 1));
    one.put("n");
    one.outbox.collect(&one.db).unwrap();
    let append = one.outbox.begin(&one.db).unwrap();
    journal.heads.insert(ActorId([1; 16]), append.successions[0].after(Head::default()).unwrap());
    journal.records.extend(append.records);
    one.outbox.failed(&one.db).unwrap();
    other.read(&journal);
    // It has seen another writer of its actor.
    assert_eq!(other.db.actor(), None);
    settle(&mut journal, &mut [&mut one, &mut other]);
    one.put("m");
    settle(&mut journal, &mut [&mut one, &mut other]);
}

/// A copied database: its tabs have `n`, and the relay has another branch of actor 1 than the tab
/// that writes as it.
fn copied() -> (Journal, [Tab; 2], Vec<Vec<u8>>) {
    let mut journal = Journal::default();
    let mut writer = Tab::open(&journal, 1);
    writer.put("n");
    writer.store(&mut journal).unwrap();
    let other = Tab::open(&journal, 2);
    let mut original = FixedHost::new(200).replica();
    original.apply(&log(&writer.db)).unwrap();
    original.set_actor(ActorId([1; 16])).unwrap();
    let count = Path::field("count").unwrap();
    original.increment("n", &count, 10).unwrap();
    original.put("relay-2", "Note", object([])).unwrap();
    (journal, [writer, other], log(&original))
}

#[test]
fn tabs_that_meet_a_fork_in_opposite_order_end_equal_and_do_nothing_twice() {
    // Which comes first: the other tab takes the relay's branch, the writer stores its own, the
    // other tab stores what it took, it reads, the writer writes once more.
    for order in 0..24_u32 {
        let (mut journal, [mut writer, mut other], relay) = copied();
        writer.count(1);
        writer.put("own-1");
        let mut steps = vec![0, 1, 2, 3];
        let (mut places, mut sequence) = (order, Vec::new());
        for left in (1..=4_u32).rev() {
            sequence.push(steps.remove((places % left) as usize));
            places /= left;
        }
        for step in &sequence {
            match step {
                0 => other.take(&relay),
                1 => drop(writer.store(&mut journal)),
                2 => other.store(&mut journal).unwrap(),
                _ => other.read(&journal),
            }
        }
        writer.count(2);
        let _ = writer.store(&mut journal);
        settle(&mut journal, &mut [&mut writer, &mut other]);
        writer.take(&relay);
        other.take(&relay);
        settle(&mut journal, &mut [&mut writer, &mut other]);
        assert_eq!(counted(&writer), 13.into(), "{sequence:?}");
        assert_eq!((times(&writer, "relay-2"), times(&writer, "own-1")), (1, 1), "{sequence:?}");
    }
}

#[test]
fn a_tab_that_begins_again_from_the_journal_keeps_what_it_has_not_stored() {
    let (mut journal, [mut writer, mut other], relay) = copied();
    writer.count(1);
    writer.store(&mut journal).unwrap();
    other.put("own-1");
    other.take(&relay[..2]);
    // The last record waits for the one before it.
    let mut third = FixedHost::new(210).replica();
    third.apply(&relay).unwrap();
    third.put("late-1", "Note", object([])).unwrap();
    third.put("late-2", "Note", object([])).unwrap();
    other.take(&log(&third)[log(&third).len() - 1..]);
    let Tab { db: mut new, outbox, seen } = Tab::open(&journal, 2);
    let applied = other.outbox.reload(&other.db, &mut new, outbox).unwrap();
    assert_eq!(applied.forks.len(), 1);
    other.db = new;
    other.seen = seen;
    assert_eq!(other.db.waiting().unwrap().records, 1);
    other.take(&log(&third));
    writer.take(&log(&third));
    settle(&mut journal, &mut [&mut writer, &mut other]);
    assert_eq!(counted(&writer), 11.into());
    for id in ["own-1", "late-1", "late-2"] {
        assert_eq!(times(&writer, id), 1, "{id}");
    }
}

#[test]
fn what_waited_for_a_record_of_the_journal_is_stored_when_that_comes() {
    let mut journal = Journal::default();
    let (mut one, mut other) = (Tab::open(&journal, 1), Tab::open(&journal, 2));
    let mut device = FixedHost::new(200).replica();
    device.put("a", "Note", object([])).unwrap();
    device.put("b", "Note", object([])).unwrap();
    let records = log(&device);
    other.take(&records[1..]);
    one.take(&records[..1]);
    one.store(&mut journal).unwrap();
    settle(&mut journal, &mut [&mut one, &mut other]);
    assert!(one.db.get("b").unwrap().is_some());
}

#[test]
fn a_record_that_a_failed_append_had_stored_stays_moved_while_the_one_that_stays_waits() {
    let mut journal = Journal::default();
    let (here, there) = (FixedHost::new(101), FixedHost::new(200));
    let mut db = here.replica();
    let outbox = Outbox::of(&mut db).unwrap();
    db.set_actor(ActorId([1; 16])).unwrap();
    let mut writer = Tab { db, outbox, seen: 0 };
    // The append fails, and has stored all the same.
    writer.put("own-1");
    writer.outbox.collect(&writer.db).unwrap();
    journal.records.extend(writer.outbox.begin(&writer.db).unwrap().records);
    writer.outbox.failed(&writer.db).unwrap();
    // The relay has another branch, of a clock that is ahead.
    there.jump(HOUR);
    let mut original = there.replica();
    original.set_actor(ActorId([1; 16])).unwrap();
    original.put("relay-1", "Note", object([])).unwrap();
    let relay = log(&original);
    writer.take(&relay);
    writer.store(&mut journal).unwrap();
    writer.outbox.catch_up(&mut writer.db, &journal.records).unwrap();
    assert_eq!((times(&writer, "own-1"), times(&writer, "relay-1")), (1, 0));
    here.jump(HOUR);
    let applied = writer.db.settle().unwrap().unwrap();
    assert_eq!((applied.applied, applied.waiting), (1, 0));
    assert!(log(&writer.db).contains(&relay[0]), "it stands under its own name");
}

#[test]
fn what_another_tab_stored_is_moved_where_the_record_that_stays_waits() {
    let mut journal = Journal::default();
    let mut writer = Tab::open(&journal, 1);
    writer.put("own-1");
    writer.store(&mut journal).unwrap();
    let (here, there) = (FixedHost::new(102), FixedHost::new(200));
    there.jump(HOUR);
    let mut original = there.replica();
    original.set_actor(ActorId([1; 16])).unwrap();
    original.put("relay-1", "Note", object([])).unwrap();
    let relay = log(&original);
    // It hears of the relay's branch first, and has nothing of its own to move.
    let mut db = here.replica();
    let outbox = Outbox::of(&mut db).unwrap();
    let mut other = Tab { db, outbox, seen: 0 };
    other.take(&relay);
    other.outbox.catch_up(&mut other.db, &journal.records).unwrap();
    assert!(other.db.get("own-1").unwrap().is_some());
    here.jump(HOUR);
    other.db.settle().unwrap().unwrap();
    assert_eq!((times(&other, "own-1"), times(&other, "relay-1")), (1, 1));
    assert!(log(&other.db).contains(&relay[0]), "it stands under its own name");
}
