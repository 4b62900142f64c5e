//! Records that cannot count yet: they wait in the database, and none is lost or counts too early.

use crate::{DAY, FixedHost, log, replica, text};
use pluresdb::codec::Draft;
use pluresdb::model::{Dependency, Header, Hlc, MAX_DRIFT_MS, RecordHash};
use pluresdb::{ActorId, Database, Map, SpaceId, object};

fn same(a: &Database, b: &Database) {
    assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
}

/// The same database after its process ended and began anew.
fn reopened(db: &mut Database, host: &FixedHost) -> Database {
    let image = db.with_image(<[u8]>::to_vec).unwrap();
    Database::from_image(&image, Box::new(host.clone()), pluresdb::Options::default()).unwrap()
}

#[test]
fn records_in_reverse_order_wait_and_then_apply() {
    let (mut a, mut b) = (replica(), replica());
    for i in 0..20 {
        a.put(&format!("n{i}"), "Note", object([("i", i.into())])).unwrap();
    }
    let mut records = log(&a);
    records.reverse();
    let (first, rest) = records.split_last().unwrap();
    let report = b.apply(rest).unwrap();
    assert_eq!((report.applied, report.waiting), (0, 19));
    assert_eq!(b.apply(rest).unwrap().waiting, 19, "the same again is one");
    let report = b.apply(&[first]).unwrap();
    assert_eq!((report.applied, report.waiting), (20, 0));
    same(&a, &b);
}

#[test]
fn what_waits_is_there_after_a_restart() {
    let (mut a, host) = (replica(), FixedHost::new(1));
    a.put("n", "Note", object([("title", text("first"))])).unwrap();
    a.put("n", "Note", object([("title", text("second"))])).unwrap();
    let records = log(&a);
    host.now.set(2_000_000_000_000_000);
    let mut b = host.replica();
    b.apply(&records[1..]).unwrap();
    let mut b = reopened(&mut b, &host);
    assert_eq!(b.status().unwrap().waiting.records, 1);
    assert_eq!(b.apply(&records[..1]).unwrap().applied, 2);
    same(&a, &b);
}

#[test]
fn a_record_that_comes_again_in_order_waits_no_longer() {
    let (mut a, mut b) = (replica(), replica());
    (0..3).for_each(|i| a.put("n", "Note", object([("i", i.into())])).unwrap());
    let records = log(&a);
    b.apply(&records[2..]).unwrap();
    let report = b.apply(&records).unwrap();
    assert_eq!((report.applied, report.waiting), (3, 0));
    assert_eq!(b.waiting().unwrap(), pluresdb::Waiting::default());
}

/// A record that depends on one of another actor, and does nothing.
fn building_on(actor: ActorId, seq: u64) -> Vec<u8> {
    let header = Header {
        space: SpaceId([7; 16]),
        actor: ActorId([3; 16]),
        seq: 1,
        prev: RecordHash::ZERO,
        hlc: Hlc::at(5),
        epoch: 0,
        deps: vec![Dependency { actor, seq }],
    };
    Draft { header: &header, parts: &[] }.encode().unwrap()
}

#[test]
fn a_record_waits_for_what_it_depends_on() {
    let (mut a, mut b) = (replica(), replica());
    a.put("n", "Note", Map::new()).unwrap();
    let dependent = building_on(a.actor().unwrap(), 1);
    assert_eq!(b.apply(&[dependent]).unwrap().waiting, 1);
    assert_eq!(b.apply(&log(&a)).unwrap().applied, 2);
}

#[test]
fn what_depends_on_a_branch_waits_no_longer_than_until_the_branch_is_moved() {
    let (mut original, mut copy) = (FixedHost::new(9).replica(), FixedHost::new(9).replica());
    original.put("n", "Note", object([("by", text("original"))])).unwrap();
    (0..2).for_each(|i| copy.put("m", "Note", object([("i", i.into())])).unwrap());
    let mut db = replica();
    db.apply(&log(&original)).unwrap();
    assert_eq!(db.apply(&[building_on(copy.actor().unwrap(), 2)]).unwrap().waiting, 1);
    // Storage gives the branch back, which moves as it comes. What has its second number may come under
    // its new address alone.
    let applied = db.replay(&log(&copy)[..1]).unwrap();
    assert_eq!((applied.applied, applied.waiting), (2, 0));
}

#[test]
fn what_has_no_room_to_wait_is_reported_and_comes_again() {
    let (mut a, mut b) = (replica(), replica());
    (0..4).for_each(|i| a.put("n", "Note", object([("i", i.into())])).unwrap());
    let records = log(&a);
    b.limit_waiting(records[1].len() as u64 + records[2].len() as u64);
    let report = b.apply(&records[1..]).unwrap();
    assert_eq!((report.waiting, report.rejected.len()), (2, 1));
    let unstored = report.unstored().unwrap();
    assert_eq!((unstored.error.code(), unstored.seq), ("waiting-full", 4));
    let report = b.apply(&records[..1]).unwrap();
    assert_eq!((report.applied, report.waiting), (3, 0));
    assert!(b.apply(&records).unwrap().unstored().is_none());
    same(&a, &b);
}

#[test]
fn a_record_from_a_clock_ahead_counts_when_its_time_has_come() {
    let (here, there) = (FixedHost::new(1), FixedHost::new(100));
    let (mut a, mut b) = (there.replica(), here.replica());
    a.put("n", "Note", object([("by", text("a"))])).unwrap();
    b.apply(&log(&a)).unwrap();
    there.jump(60 * 60 * 1000);
    a.put("n", "Note", object([("by", text("a, an hour ahead"))])).unwrap();
    there.jump(-60 * 60 * 1000);
    a.put("m", "Note", Map::new()).unwrap();
    let report = b.apply(&log(&a)).unwrap();
    assert_eq!((report.applied, report.waiting, report.stalled.len()), (0, 2, 0));
    let due = here.now.get() + 60 * 60 * 1000 - MAX_DRIFT_MS;
    let waiting = b.waiting().unwrap();
    assert_eq!((waiting.records, waiting.held, waiting.due), (2, 1, Some(due)));

    // A write here is not drawn into the future by what does not count yet.
    b.patch("n", vec![(pluresdb::Path::field("c").unwrap(), Some(1.into()))]).unwrap();
    assert_eq!(b.get("n").unwrap().unwrap().updated, here.now.get() as i64);

    here.jump(due as i64 - here.now.get() as i64 - 1);
    assert!(b.settle().unwrap().is_none());
    here.jump(1);
    let report = b.settle().unwrap().unwrap();
    assert_eq!((report.applied, report.waiting), (2, 0));
    // A replica that heard all of it at once, in time, has the same state.
    let mut c = here.replica();
    c.apply(&log(&b)).unwrap();
    c.apply(&log(&a)).unwrap();
    same(&b, &c);
    assert_eq!(b.get("n").unwrap().unwrap().data["by"], text("a, an hour ahead"));
}

#[test]
fn a_replay_does_not_bring_in_what_waited_for_its_time() {
    let (here, there) = (FixedHost::new(1), FixedHost::new(100));
    let (mut a, mut b) = (there.replica(), here.replica());
    there.jump(60 * 60 * 1000);
    a.put("n", "Note", Map::new()).unwrap();
    assert_eq!(b.apply(&log(&a)).unwrap().waiting, 1);
    here.jump(60 * 60 * 1000);
    // Storage has not got it, so a caller that replays would count it as stored.
    assert_eq!(b.replay::<&[u8]>(&[]).unwrap().applied, 0);
    assert_eq!(b.settle().unwrap().unwrap().applied, 1);
    same(&a, &b);
}

#[test]
fn an_actor_that_is_days_ahead_is_named() {
    let (here, there) = (FixedHost::new(1), FixedHost::new(100));
    let (mut a, mut b) = (there.replica(), here.replica());
    there.jump(3 * DAY as i64);
    a.put("n", "Note", Map::new()).unwrap();
    let report = b.apply(&log(&a)).unwrap();
    let due = there.now.get() - MAX_DRIFT_MS;
    let stalled = pluresdb::Stalled { actor: a.actor().unwrap(), due };
    assert_eq!(report.stalled, [stalled]);
    assert_eq!(b.status().unwrap().waiting.stalled, [stalled]);
    here.jump(3 * DAY as i64);
    assert_eq!(b.apply::<&[u8]>(&[]).unwrap().applied, 1, "any call releases what is due");
}

#[test]
fn what_counted_before_counts_again_whatever_the_clock_says_now() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    host.jump(2 * DAY as i64);
    db.put("n", "Note", Map::new()).unwrap();
    host.jump(-2 * DAY as i64);
    let mut again = host.replica();
    assert_eq!(again.replay(&log(&db)).unwrap().applied, 1);
    same(&db, &again);
}

#[test]
fn jumps_of_the_clock_stop_no_write_and_hide_none() {
    for jump in [2 * DAY as i64, -2 * DAY as i64] {
        let host = FixedHost::new(1);
        let (mut db, mut other) = (host.replica(), host.replica());
        other.put("n", "Note", object([("by", text("other"))])).unwrap();
        db.apply(&log(&other)).unwrap();
        for (step, by) in [(0, "before"), (jump, "during"), (-jump, "after")] {
            host.jump(step);
            for round in 0..3 {
                let data = object([("by", text(&format!("{by} {round}")))]);
                db.put("n", "Note", data.clone()).unwrap();
                assert_eq!(db.get("n").unwrap().unwrap().data, data, "{jump}");
                // What a new process knows of the clock is in the tables.
                db = reopened(&mut db, &host);
            }
        }
    }
}
