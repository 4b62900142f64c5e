//! Two writers that were one actor: nothing is lost, and all replicas end equal.

use crate::{FixedHost, log, text};
use pluresdb::crdt::TextEdit;
use pluresdb::model::Header;
use pluresdb::sync::RelayId;
use pluresdb::{Database, Options, Path, Retention, object};
use std::collections::BTreeSet;

/// Two databases that write as one actor.
fn twins() -> (Database, Database) {
    (FixedHost::new(9).replica(), FixedHost::new(9).replica())
}

fn put(db: &mut Database, id: &str, by: &str) {
    db.put(id, "Note", object([("by", text(by))])).unwrap();
}

fn by(db: &Database, id: &str) -> Option<String> {
    let node = db.get(id).unwrap()?;
    match node.data.get("by") {
        Some(pluresdb::Value::Text(by)) => Some(by.clone()),
        _ => None,
    }
}

fn same(databases: &[&Database]) {
    let hashes: Vec<_> = databases.iter().map(|db| db.state_hash().unwrap()).collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
}

/// Ids of the nodes that a search finds.
fn found(db: &Database, word: &str) -> BTreeSet<String> {
    db.search(word, None, 20).unwrap().into_iter().map(|hit| hit.node.id).collect()
}

/// A relay: it takes what continues its logs and refuses forks.
#[derive(Default)]
struct Relay(Vec<Vec<u8>>);

impl Relay {
    fn header(record: &[u8]) -> Header {
        pluresdb::codec::decode_header(record).unwrap()
    }

    fn append(&mut self, records: &[Vec<u8>]) {
        for record in records {
            let header = Self::header(record);
            let mut known = self.0.iter().filter(|old| Self::header(old).actor == header.actor);
            let last = known.next_back().map(|last| pluresdb::codec::Frame::read(last).unwrap());
            let head = last.map_or_else(Default::default, |frame| pluresdb::model::Head {
                seq: frame.header.seq,
                hash: pluresdb::crypto::hash_record(frame.hashed),
            });
            if head.place(&header) == pluresdb::model::Place::Next {
                self.0.push(record.clone());
            }
        }
    }

    /// What a sync does, first what comes and then what goes.
    fn sync(&mut self, db: &mut Database) -> pluresdb::Applied {
        let applied = db.apply(&self.0).unwrap();
        assert!(applied.rejected.is_empty() && applied.astray.is_empty(), "{applied:?}");
        self.append(&log(db));
        applied
    }
}

#[test]
fn the_branch_of_the_relay_stays_and_the_other_goes_on_as_another_actor() {
    let (mut original, mut copy) = (FixedHost::new(9).replica(), FixedHost::new(20).replica());
    put(&mut original, "common", "both");
    copy.apply(&log(&original)).unwrap();
    let actor = original.actor().unwrap();
    copy.set_actor(actor).unwrap();
    put(&mut original, "n", "original");
    put(&mut original, "x", "original");
    original.delete("x").unwrap();
    original.link("common", "to", "n", object([])).unwrap();
    for i in 0..6 {
        put(&mut copy, &format!("c{i}"), "copy");
    }
    copy.link("c1", "to", "c2", object([])).unwrap();
    put(&mut copy, "n", "copy");

    let mut relay = Relay::default();
    relay.sync(&mut original);
    let applied = relay.sync(&mut copy);
    let [fork] = applied.forks.as_slice() else { panic!("{applied:?}") };
    assert_eq!((fork.actor, fork.seq), (actor, 2));
    assert_eq!(copy.forks().unwrap(), [*fork]);
    assert_eq!(copy.status().unwrap().forks, 1);
    assert_eq!(copy.frontier().unwrap().get(&actor), 5);
    assert_eq!(copy.frontier().unwrap().get(&fork.moved_to), 8);
    assert_eq!(copy.actor(), None, "it writes on as another actor");
    put(&mut copy, "later", "copy");
    assert!(copy.actor().is_some_and(|own| own != actor && own != fork.moved_to));

    relay.sync(&mut copy);
    relay.sync(&mut original);
    let mut late = FixedHost::new(50).replica();
    relay.sync(&mut late);
    same(&[&original, &copy, &late]);
    assert_eq!(by(&late, "c5").as_deref(), Some("copy"));
    assert_eq!(by(&late, "common").as_deref(), Some("both"));
    assert_eq!(late.status().unwrap().edges, 2);
    assert_eq!(found(&late, "copy").len(), 8);
    for word in ["copy", "original"] {
        assert_eq!(found(&late, word), found(&original, word));
        assert_eq!(found(&late, word), found(&copy, word));
    }
    // Nothing happens a second time.
    for db in [&mut original, &mut copy, &mut late] {
        let applied = relay.sync(db);
        assert_eq!((applied.applied, applied.forks.len(), applied.waiting), (0, 0, 0));
    }
}

const HOUR: i64 = 60 * 60 * 1000;

#[test]
fn a_branch_makes_room_at_once_where_the_one_that_stays_is_held() {
    let (there, here) = (FixedHost::new(9), FixedHost::new(9));
    let (mut original, mut copy) = (there.replica(), here.replica());
    there.jump(HOUR);
    put(&mut original, "n", "original");
    put(&mut copy, "n", "copy");
    let actor = copy.actor().unwrap();
    let applied = copy.apply(&log(&original)).unwrap();
    assert_eq!((applied.applied, applied.waiting), (0, 1));
    let [fork] = applied.forks.as_slice() else { panic!("{applied:?}") };
    assert_eq!((fork.actor, fork.seq, applied.retired), (actor, 1, Some(actor)));
    let frontier = copy.frontier().unwrap();
    assert_eq!((frontier.get(&actor), frontier.get(&fork.moved_to)), (0, 1));
    assert_eq!(by(&copy, "n").as_deref(), Some("copy"));

    here.jump(HOUR);
    assert_eq!(copy.settle().unwrap().unwrap().applied, 1);
    assert_eq!(by(&copy, "n").as_deref(), Some("original"));
    original.apply(&copy.records_of(fork.moved_to, 0, usize::MAX).unwrap()).unwrap();
    same(&[&original, &copy]);
}

#[test]
fn what_came_later_under_the_number_of_a_held_record_stays() {
    let (there, here) = (FixedHost::new(9), FixedHost::new(50));
    let (mut original, mut copy) = (there.replica(), FixedHost::new(9).replica());
    there.jump(HOUR);
    put(&mut original, "n", "original");
    original.increment("n", &Path::field("count").unwrap(), 5).unwrap();
    put(&mut copy, "n", "copy");
    put(&mut copy, "m", "copy");
    // The relay has the one branch, loses it, and is filled with the other.
    let mut db = here.replica();
    assert_eq!(db.apply(&log(&original)).unwrap().waiting, 2);
    assert_eq!(db.apply(&log(&copy)).unwrap().applied, 2);
    here.jump(HOUR);
    assert_eq!(db.settle().unwrap().unwrap().waiting, 0);

    let mut in_time = here.replica();
    in_time.apply(&log(&original)).unwrap();
    assert_eq!(in_time.apply(&log(&copy)).unwrap().forks.len(), 1);
    assert_eq!(db.frontier().unwrap(), in_time.frontier().unwrap());
    same(&[&db, &in_time]);
    assert_eq!(by(&db, "n").as_deref(), Some("original"));
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn of_two_branches_that_are_held_the_one_that_came_later_stays() {
    let (there, away) = (FixedHost::new(9), FixedHost::new(9));
    let (mut original, mut copy) = (there.replica(), away.replica());
    there.jump(HOUR);
    put(&mut original, "n", "original");
    original.increment("n", &Path::field("count").unwrap(), 5).unwrap();
    put(&mut original, "o", "original");
    away.jump(2 * HOUR);
    put(&mut copy, "n", "copy");
    copy.increment("n", &Path::field("count").unwrap(), 3).unwrap();
    for [first, later] in [[&original, &copy], [&copy, &original]] {
        let here = FixedHost::new(50);
        let mut db = here.replica();
        let waiting = |db: &mut Database, of| db.apply(&log(of)).unwrap().waiting;
        let counts = [first, later].map(|branch| log(branch).len());
        assert_eq!(waiting(&mut db, first), counts[0]);
        assert_eq!(waiting(&mut db, later), counts[0] + counts[1]);
        // It came, and comes again.
        assert_eq!(waiting(&mut db, later), counts[0] + counts[1]);
        here.jump(2 * HOUR);
        assert_eq!(db.settle().unwrap().unwrap().waiting, 0);

        let mut in_time = here.replica();
        in_time.apply(&log(first)).unwrap();
        assert_eq!(in_time.apply(&log(later)).unwrap().forks.len(), 1);
        assert_eq!(db.frontier().unwrap(), in_time.frontier().unwrap());
        same(&[&db, &in_time]);
        assert_eq!(db.check().unwrap(), []);
    }
}

#[test]
fn a_moved_record_that_came_before_its_branch_was_moved_here_waits_no_longer() {
    let (mut a, mut b) = twins();
    put(&mut a, "n", "a");
    put(&mut b, "n", "b");
    put(&mut b, "m", "b");
    let mut c = FixedHost::new(50).replica();
    c.apply(&log(&b)).unwrap();
    let fork = b.apply(&log(&a)).unwrap().forks[0];
    let moved = b.records_of(fork.moved_to, 1, usize::MAX).unwrap();
    assert_eq!(c.apply(&moved).unwrap().waiting, 1);
    assert_eq!(c.apply(&log(&a)).unwrap().waiting, 0);
    same(&[&b, &c]);
}

#[test]
fn a_branch_that_forked_before_it_was_moved_loses_neither_end() {
    let (mut original, mut copy) = twins();
    put(&mut original, "o", "original");
    put(&mut copy, "c", "copy");
    // The copy is copied once more, and all three write on as one actor.
    let mut again = FixedHost::new(20).replica();
    again.apply(&log(&copy)).unwrap();
    again.set_actor(copy.actor().unwrap()).unwrap();
    for i in 0..3 {
        put(&mut copy, &format!("c{i}"), "copy");
    }
    put(&mut again, "a", "again");
    again.increment("c", &Path::field("count").unwrap(), 5).unwrap();

    let mut relay = Relay::default();
    relay.sync(&mut original);
    relay.sync(&mut again);
    // Its moved records come before the record that reveals the fork.
    copy.apply(&relay.0[1..]).unwrap();
    let applied = relay.sync(&mut copy);
    let [fork] = applied.forks.as_slice() else { panic!("{applied:?}") };
    let forks = copy.forks().unwrap();
    assert_eq!(forks.len(), 2);
    assert!(forks.iter().any(|next| next.actor == fork.moved_to && next.seq == 2));
    relay.sync(&mut original);
    relay.sync(&mut again);
    let mut late = FixedHost::new(50).replica();
    relay.sync(&mut late);
    same(&[&original, &copy, &again, &late]);
    for (id, writer) in [("o", "original"), ("c2", "copy"), ("c", "copy"), ("a", "again")] {
        assert_eq!(by(&late, id).as_deref(), Some(writer), "{id}");
    }
    assert_eq!(late.check().unwrap(), []);
}

#[test]
fn replicas_that_held_the_branch_move_it_to_the_same_records() {
    let (mut original, mut copy) = twins();
    put(&mut original, "n", "original");
    (0..3).for_each(|i| put(&mut copy, &format!("c{i}"), "copy"));
    // Two others got the copy's records another way, one of them not all.
    let (mut one, mut two) = (FixedHost::new(50).replica(), FixedHost::new(60).replica());
    one.apply(&log(&copy)).unwrap();
    two.apply(&log(&copy)[..2]).unwrap();
    let mut relay = Relay::default();
    relay.sync(&mut original);
    for _ in 0..2 {
        for db in [&mut two, &mut copy, &mut one, &mut original] {
            relay.sync(db);
        }
    }
    same(&[&original, &copy, &one, &two]);
    assert_eq!(relay.0.len(), 4);
    assert_eq!(one.status().unwrap().actors, 2);
    assert_eq!(by(&two, "c2").as_deref(), Some("copy"));
}

#[test]
fn a_relay_that_was_wiped_and_filled_by_the_other_branch_makes_that_one_stay() {
    let (mut original, mut copy) = twins();
    put(&mut original, "n", "original");
    put(&mut original, "o", "original");
    put(&mut copy, "n", "copy");
    put(&mut copy, "c", "copy");
    let mut other = FixedHost::new(50).replica();
    let mut relay = Relay::default();
    relay.sync(&mut original);
    relay.sync(&mut other);
    let mut relay = Relay::default();
    relay.sync(&mut copy);
    for _ in 0..2 {
        for db in [&mut other, &mut copy, &mut original] {
            relay.sync(db);
        }
    }
    same(&[&original, &copy, &other]);
    for (id, writer) in [("o", "original"), ("c", "copy")] {
        assert_eq!(by(&other, id).as_deref(), Some(writer));
    }
    assert_eq!(other.forks().unwrap().len(), 1);
    assert_eq!(original.actor(), None);
    put(&mut original, "later", "original");
}

#[test]
fn the_other_branch_waits_until_the_record_at_which_the_logs_part() {
    let (mut original, mut copy) = twins();
    (0..4).for_each(|i| put(&mut original, &format!("o{i}"), "original"));
    (0..3).for_each(|i| put(&mut copy, &format!("c{i}"), "copy"));
    let records = log(&original);
    let report = copy.apply(&[&records[3], &records[2], &records[1]]).unwrap();
    let actor = original.actor().unwrap();
    assert_eq!(report.astray, [(actor, 4), (actor, 3), (actor, 2)]);
    assert_eq!((report.applied, report.waiting), (0, 3));
    put(&mut copy, "c3", "copy");
    let report = copy.apply(&records[..1]).unwrap();
    assert_eq!((report.applied, report.waiting, report.forks.len()), (4, 0, 1));
    original.apply(&log(&copy)).unwrap();
    same(&[&original, &copy]);
}

#[test]
fn a_fork_found_while_storage_fails_changes_nothing() {
    let (mut original, mut copy) = twins();
    put(&mut original, "n", "original");
    put(&mut copy, "n", "copy");
    let before = (copy.state_hash().unwrap(), copy.frontier().unwrap(), copy.actor());
    // A record of the log that cannot be read makes the folding of the log fail.
    let mut image = copy.with_image(<[u8]>::to_vec).unwrap();
    let record = log(&copy).remove(0);
    let at = image.windows(record.len()).position(|bytes| bytes == record).unwrap();
    image[at] = 99;
    let host = Box::new(FixedHost::new(9));
    let mut copy = Database::from_image(&image, host, pluresdb::Options::default()).unwrap();
    copy.set_actor(original.actor().unwrap()).unwrap();
    let error = copy.apply(&log(&original)).unwrap_err();
    assert_eq!(error.code(), "malformed");
    let after = (copy.state_hash().unwrap(), copy.frontier().unwrap(), copy.actor());
    assert_eq!(before, after);
    assert!(copy.forks().unwrap().is_empty());
}

#[test]
fn a_branch_that_storage_gives_back_is_moved_to_its_end() {
    let (mut original, mut copy) = twins();
    put(&mut original, "n", "original");
    (0..4).for_each(|i| put(&mut copy, &format!("c{i}"), "copy"));
    let mut db = FixedHost::new(50).replica();
    db.apply(&log(&original)).unwrap();
    // Its last records have numbers that the log which stays does not reach.
    let applied = db.replay(&log(&copy)).unwrap();
    assert_eq!((applied.applied, applied.waiting), (4, 0));
    copy.apply(&log(&original)).unwrap();
    same(&[&db, &copy]);
}

#[test]
fn counters_sets_and_texts_keep_what_both_branches_did() {
    let (mut original, mut copy) = (FixedHost::new(9).replica(), FixedHost::new(20).replica());
    let data = object([("count", 10.into()), ("tags", pluresdb::Value::Array(vec![]))]);
    original.put("n", "Note", data).unwrap();
    copy.apply(&log(&original)).unwrap();
    copy.set_actor(original.actor().unwrap()).unwrap();
    let path = |name: &str| pluresdb::Path::field(name).unwrap();
    for (db, by, word) in [(&mut original, 1, "one"), (&mut copy, 5, "other")] {
        for round in 0..3 {
            db.transaction(|tx| {
                let tag = text(&format!("{word} {round}"));
                tx.increment("n", &path("count"), by)?;
                tx.add_to_set("n", &path("tags"), std::slice::from_ref(&tag))?;
                let (at, insert) = (0, format!("{word}{round} "));
                tx.edit_text("n", &path("text"), &[TextEdit { at, remove: 0, insert }])
            })
            .unwrap();
        }
    }
    let mut relay = Relay::default();
    let mut late = FixedHost::new(50).replica();
    for db in [&mut original, &mut copy, &mut late] {
        relay.sync(db);
    }
    relay.sync(&mut original);
    same(&[&original, &copy, &late]);
    let data = late.get("n").unwrap().unwrap().data;
    assert_eq!(data["count"], 28.into());
    let pluresdb::Value::Array(tags) = &data["tags"] else { panic!("{data:?}") };
    assert_eq!(tags.len(), 6);
    let pluresdb::Value::Text(words) = &data["text"] else { panic!("{data:?}") };
    for word in ["one0 ", "one1 ", "one2 ", "other0 ", "other1 ", "other2 "] {
        assert!(words.contains(word), "{words}");
    }
}

#[test]
fn what_was_taken_out_of_a_set_stays_out_when_the_branch_that_added_it_moves() {
    let (mut original, mut copy) = (FixedHost::new(9).replica(), FixedHost::new(20).replica());
    let tags = || pluresdb::Value::Array(vec![]);
    original.put("n", "Note", object([("tags", tags())])).unwrap();
    copy.apply(&log(&original)).unwrap();
    copy.set_actor(original.actor().unwrap()).unwrap();
    let (path, tag) = (Path::field("tags").unwrap(), [text("a")]);
    put(&mut original, "o", "original");
    copy.add_to_set("n", &path, &tag).unwrap();
    // It took the value out as one of the actor that the log of the copy was.
    let mut other = FixedHost::new(60).replica();
    other.apply(&log(&copy)).unwrap();
    other.remove_from_set("n", &path, &tag).unwrap();

    let (mut relay, mut late) = (Relay::default(), FixedHost::new(50).replica());
    for _ in 0..2 {
        for db in [&mut original, &mut copy, &mut other, &mut late] {
            relay.sync(db);
        }
    }
    same(&[&original, &copy, &other, &late]);
    assert_eq!(late.get("n").unwrap().unwrap().data["tags"], tags());
}

#[test]
fn the_history_of_a_node_follows_its_records() {
    let (mut original, mut copy) = twins();
    put(&mut original, "n", "original");
    put(&mut copy, "n", "copy");
    put(&mut copy, "c", "copy");
    let mut relay = Relay::default();
    let mut late = FixedHost::new(50).replica();
    relay.sync(&mut original);
    relay.sync(&mut copy);
    relay.sync(&mut late);
    let moved_to = copy.forks().unwrap()[0].moved_to;
    for id in ["n", "c"] {
        assert_eq!(copy.history(id).unwrap(), late.history(id).unwrap());
        assert!(copy.history(id).unwrap().iter().any(|change| change.stamp.actor == moved_to));
    }
}

#[test]
fn a_fork_after_a_compaction_keeps_what_was_forgotten() {
    let host = FixedHost::new(9);
    let (mut original, mut copy) = (host.replica(), FixedHost::new(20).replica());
    put(&mut original, "old", "both");
    put(&mut original, "n", "both");
    original.link("old", "to", "n", object([("kept", true.into())])).unwrap();
    copy.apply(&log(&original)).unwrap();
    copy.set_actor(original.actor().unwrap()).unwrap();
    let mut relay = Relay::default();
    relay.sync(&mut original);

    let days = 10 * crate::DAY as i64;
    host.jump(days);
    let image = copy.with_image(<[u8]>::to_vec).unwrap();
    let later = FixedHost::new(30);
    later.jump(days);
    let mut copy = Database::from_image(&image, Box::new(later), Options::default()).unwrap();
    copy.set_actor(original.actor().unwrap()).unwrap();
    copy.set_retention(Retention { keep_ms: Some(crate::DAY), unsynced: true }).unwrap();
    assert_eq!(copy.compact().unwrap().records, 3);
    let path = pluresdb::Path::field("more").unwrap();
    copy.patch("n", vec![(path, Some(1.into()))]).unwrap();
    put(&mut original, "o", "original");
    relay.sync(&mut original);

    // All of the relay's log comes, with the records that were forgotten here.
    let applied = copy.apply(&relay.0).unwrap();
    assert_eq!((applied.known, applied.applied, applied.forks.len()), (3, 1, 1));
    let data = object([("by", text("both")), ("more", 1.into())]);
    assert_eq!(copy.get("n").unwrap().unwrap().data, data);
    assert_eq!(copy.edges("old", pluresdb::Direction::Out, None, 9).unwrap().len(), 1);
    let moved = copy.records_of(applied.forks[0].moved_to, 0, usize::MAX).unwrap();
    relay.append(&moved);
    relay.sync(&mut original);
    same(&[&original, &copy]);
    assert_eq!(copy.history("n").unwrap().len(), 1);
}

#[test]
fn what_a_moved_branch_wrote_is_its_new_actors_after_a_compaction_too() {
    // The actor of the log is a greater one than that of the branch, and would win.
    for seed in 240..243 {
        let (host, later) = (FixedHost::new(seed), FixedHost::new(20));
        let (mut original, mut copy) = (host.replica(), later.replica());
        put(&mut original, "a", "both");
        put(&mut original, "b", "both");
        original.link("a", "old", "b", object([])).unwrap();
        copy.apply(&log(&original)).unwrap();
        copy.set_actor(original.actor().unwrap()).unwrap();
        let mut relay = Relay::default();
        relay.sync(&mut original);

        host.jump(10 * crate::DAY as i64);
        later.jump(10 * crate::DAY as i64);
        copy.set_retention(Retention { keep_ms: Some(crate::DAY), unsynced: true }).unwrap();
        assert_eq!(copy.compact().unwrap().records, 3);
        copy.link("a", "new", "b", object([("by", text("copy"))])).unwrap();
        // Older than what is kept, and in the log all the same: no relay has it.
        put(&mut copy, "c", "copy");
        copy.increment("c", &Path::field("count").unwrap(), 5).unwrap();
        let mut other = FixedHost::new(60).replica();
        put(&mut other, "x", "other");
        copy.apply(&log(&other)).unwrap();
        relay.append(&log(&other));
        let held = [(other.actor().unwrap(), 1)].into_iter().collect();
        copy.confirm(RelayId([9; 16]), &held).unwrap();
        host.jump(10 * crate::DAY as i64);
        later.jump(10 * crate::DAY as i64);
        copy.set_retention(Retention { keep_ms: Some(crate::DAY), unsynced: false }).unwrap();
        assert_eq!(copy.compact().unwrap().records, 1);
        copy.increment("c", &Path::field("count").unwrap(), 2).unwrap();
        copy.unlink("a", "old", "b").unwrap();
        put(&mut original, "o", "original");
        relay.sync(&mut original);
        let [fork] = copy.apply(&relay.0).unwrap().forks[..] else { panic!("a fork") };
        relay.append(&copy.records_of(fork.moved_to, 0, usize::MAX).unwrap());
        relay.sync(&mut original);
        same(&[&original, &copy]);
    }
}

#[test]
fn who_follows_the_log_sees_the_record_that_stays() {
    let (mut original, mut copy) = twins();
    put(&mut original, "n", "original");
    (0..3).for_each(|i| put(&mut copy, &format!("c{i}"), "copy"));
    let old = log(&copy);
    let mut relay = Relay::default();
    relay.sync(&mut original);
    relay.sync(&mut copy);
    // The moved records are here before those that they were, which end the log.
    let mut db = FixedHost::new(50).replica();
    db.apply(&relay.0[1..]).unwrap();
    db.apply(&old).unwrap();
    let position = db.position().unwrap();
    assert_eq!(db.apply(&relay.0).unwrap().forks.len(), 1);
    let news = db.records_after(position, usize::MAX).unwrap().records;
    assert_eq!(news, relay.0[..1]);
    same(&[&db, &copy]);
}
