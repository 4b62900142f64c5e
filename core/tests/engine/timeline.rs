//! A node through time, and records that are forgotten.

use crate::{DAY, FixedHost, log, text};
use pluresdb::crdt::TextEdit;
use pluresdb::model::{ActorId, Hlc, Stamp};
use pluresdb::sync::RelayId;
use pluresdb::{Database, Error, Map, Options, Path, Retention, SqlValue, object};

fn titles(db: &Database, times: &[u64]) -> Vec<Option<Map>> {
    times.iter().map(|ms| db.get_as_of("n", *ms).unwrap().map(|node| node.data)).collect()
}

/// A node made, changed, deleted and made again, a day apart; gives the times between.
fn eventful(host: &FixedHost, db: &mut Database) -> [u64; 5] {
    let mut times = [0; 5];
    for (number, time) in times.iter_mut().enumerate() {
        *time = host.now.get() + 10;
        match number {
            0 => {}
            1 => db.put("n", "Note", object([("title", text("one")), ("tag", 1.into())])).unwrap(),
            2 => db.patch("n", vec![(Path::field("title").unwrap(), Some(text("two")))]).unwrap(),
            3 => assert!(db.delete("n").unwrap()),
            _ => db.put("n", "Note", object([("title", text("three"))])).unwrap(),
        }
        host.jump(DAY as i64);
    }
    times
}

fn as_it_was() -> [Option<Map>; 5] {
    let one = object([("title", text("one")), ("tag", 1.into())]);
    let two = object([("title", text("two")), ("tag", 1.into())]);
    [None, Some(one), Some(two), None, Some(object([("title", text("three"))]))]
}

#[test]
fn a_node_is_read_as_of_any_time() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    let times = eventful(&host, &mut db);
    assert_eq!(titles(&db, &times), as_it_was());
}

#[test]
fn history_lists_what_each_transaction_did_in_the_order_in_which_it_counts() {
    let (host, other) = (FixedHost::new(1), FixedHost::new(50));
    let (mut db, mut ahead) = (host.replica(), other.replica());
    db.put("n", "Note", object([("title", text("one"))])).unwrap();
    ahead.apply(&log(&db)).unwrap();
    other.jump(2_000);
    ahead.patch("n", vec![(Path::field("title").unwrap(), Some(text("later")))]).unwrap();
    host.jump(1_000);
    db.patch("n", vec![(Path::field("title").unwrap(), Some(text("between")))]).unwrap();
    // The later change arrives first.
    let mut reader = host.replica();
    reader.apply(&log(&ahead)).unwrap();
    reader.apply(&log(&db)).unwrap();
    let history = reader.history("n").unwrap();
    let told: Vec<(ActorId, u64, bool)> =
        history.iter().map(|r| (r.stamp.actor, r.seq, r.put)).collect();
    let (first, second) = (db.actor().unwrap(), ahead.actor().unwrap());
    assert_eq!(told, [(first, 1, true), (first, 2, false), (second, 1, false)]);
    assert!(reader.history("unheard-of").unwrap().is_empty());
}

#[test]
fn a_compaction_changes_no_answer_and_forgets_only_what_is_old_enough() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    let times = eventful(&host, &mut db);
    db.put("m", "Note", object([("title", text("untouched since"))])).unwrap();
    let before = db.state_hash().unwrap();
    // Now is 10 ms before the fifth day ends; what is younger than two and a half days stays.
    db.set_retention(Retention { keep_ms: Some(2 * DAY + DAY / 2), unsynced: true }).unwrap();
    let done = db.compact().unwrap();
    assert_eq!(done.records, 2);
    assert_eq!(db.state_hash().unwrap(), before);
    assert_eq!(db.status().unwrap().records, 3);
    let forgotten = db.get_as_of("n", times[1]).unwrap_err();
    assert!(matches!(forgotten, Error::Forgotten { .. }), "{forgotten}");
    let recent = [times[2] + DAY / 2, times[3], times[4]];
    assert_eq!(titles(&db, &recent), as_it_was()[2..]);
    assert_eq!(db.history("n").unwrap().len(), 2);
}

#[test]
fn a_first_change_after_a_compaction_keeps_what_was_before_it() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    db.put("n", "Note", object([("title", text("old"))])).unwrap();
    host.jump(10 * DAY as i64);
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: true }).unwrap();
    assert_eq!(db.compact().unwrap().records, 1);
    let before = host.now.get();
    host.jump(1_000);
    db.put("n", "Note", object([("title", text("new"))])).unwrap();
    host.jump(1_000);
    let data = |ms| db.get_as_of("n", ms).unwrap().unwrap().data;
    assert_eq!(data(before), object([("title", text("old"))]));
    assert_eq!(data(host.now.get()), object([("title", text("new"))]));
}

#[test]
fn a_record_that_no_relay_holds_is_kept_unless_the_user_says_otherwise() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    for number in 0..4 {
        db.put(&format!("n{number}"), "Note", Map::new()).unwrap();
    }
    host.jump(10 * DAY as i64);
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: false }).unwrap();
    let done = db.compact().unwrap();
    assert_eq!((done.records, done.unsynced), (0, 1));
    let actor = db.actor().unwrap();
    db.confirm(RelayId([9; 16]), &[(actor, 3)].into_iter().collect()).unwrap();
    let done = db.compact().unwrap();
    assert_eq!((done.records, done.unsynced), (3, 1));
    let asked = db.records_of(actor, 1, 1_000).unwrap_err();
    assert!(matches!(asked, Error::RecordsForgotten { through: 3, .. }), "{asked}");
    assert_eq!(db.records_of(actor, 3, 1_000).unwrap().len(), 1);
}

#[test]
fn what_was_forgotten_comes_again_as_known_and_the_log_goes_on() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    for number in 0..4 {
        db.put(&format!("n{number}"), "Note", Map::new()).unwrap();
    }
    let records = log(&db);
    let before = db.state_hash().unwrap();
    host.jump(10 * DAY as i64);
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: true }).unwrap();
    db.compact().unwrap();
    let applied = db.apply(&records).unwrap();
    assert_eq!((applied.known, applied.rejected.len()), (4, 0));
    assert_eq!(db.state_hash().unwrap(), before);
    db.put("n5", "Note", Map::new()).unwrap();
    let stamp = Stamp { hlc: Hlc::at(0), actor: db.actor().unwrap() };
    assert_eq!(db.frontier().unwrap().get(&stamp.actor), 5);
}

#[test]
fn the_positions_of_forgotten_records_are_not_used_again() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    for number in 0..4 {
        db.put(&format!("n{number}"), "Note", Map::new()).unwrap();
    }
    let read_so_far = db.position().unwrap();
    host.jump(10 * DAY as i64);
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: true }).unwrap();
    assert_eq!(db.compact().unwrap().records, 4);
    // Opened anew, it knows no more than what is stored.
    let copy =
        |image: &[u8]| Database::from_image(image, Box::new(host.clone()), Options::default());
    let mut db = db.with_image(copy).unwrap().unwrap();
    db.put("n5", "Note", Map::new()).unwrap();
    assert_eq!(db.records_after(read_so_far, usize::MAX).unwrap().records.len(), 1);
}

#[test]
fn a_deleted_node_leaves_a_tombstone_of_bounded_size() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    let long = "x".repeat(10_000);
    for number in 0..50 {
        let id = format!("n{number}");
        db.put(&id, "Note", object([("title", text(&long))])).unwrap();
        let edit = TextEdit { at: 0, remove: 0, insert: long.clone() };
        db.transaction(|tx| tx.edit_text(&id, &Path::field("body").unwrap(), &[edit])).unwrap();
        db.delete(&id).unwrap();
    }
    host.jump(10 * DAY as i64);
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: true }).unwrap();
    let done = db.compact().unwrap();
    assert!(done.bytes_before > 100_000, "{done:?}");
    assert!(done.bytes_after < 150_000, "{done:?}");
}

#[test]
fn a_history_is_whole_when_its_first_entries_have_gone_over_to_those_of_earlier_records() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    let before = db.position().unwrap();
    db.put("n", "Note", object([("number", 0.into())])).unwrap();
    for number in 1..11_000_i64 {
        let id = if number % 1000 == 0 { "n".into() } else { format!("other {}", number % 7) };
        db.put(&id, "Note", object([("number", number.into())])).unwrap();
    }
    // A transaction that touches many nodes notes them at once where those of earlier records are.
    db.transaction(|tx| {
        tx.put("n", "Note", object([("number", 11_000.into())]))?;
        (0..70).try_for_each(|many| tx.put(&format!("many {many}"), "Note", object([])))
    })
    .unwrap();
    assert_eq!(db.position().unwrap() - before, 11_001);
    let entries = |db: &Database| {
        let sql =
            "SELECT (SELECT count(*) FROM pdb_touch), (SELECT count(*) FROM pdb_touch_recent)";
        db.query(sql, &[]).unwrap().rows[0].to_vec()
    };
    assert_eq!(entries(&db), [SqlValue::Int(9287), SqlValue::Int(1784)]);
    let mut numbers: Vec<u64> = db.history("n").unwrap().iter().map(|it| it.seq).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..=11).map(|at| at * 1000 + 1).collect::<Vec<_>>());
    assert_eq!(db.check().unwrap(), []);

    db.set_retention(Retention { keep_ms: Some(0), unsynced: true }).unwrap();
    host.jump(DAY as i64);
    db.compact().unwrap();
    assert_eq!(entries(&db), [SqlValue::Int(0), SqlValue::Int(0)]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn a_deleted_node_leaves_its_id_and_the_stamp_of_the_delete() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    let title = Path::field("title").unwrap();
    let long = "a text that is not short ".repeat(20);
    for number in 0..200 {
        let id = format!("n{number}");
        db.put(&id, "Note", object([("title", text(&long)), ("tag", number.into())])).unwrap();
        db.edit_text(&id, &title, &[TextEdit { at: 0, remove: 0, insert: "x".into() }]).unwrap();
        db.add_to_set(&id, &Path::field("tags").unwrap(), &[text(&long)]).unwrap();
        db.delete(&id).unwrap();
    }
    host.jump(DAY as i64);
    db.set_retention(Retention { keep_ms: Some(0), unsynced: true }).unwrap();
    assert_eq!(db.compact().unwrap().records, 800);
    // `data`, `docs`, `type`: nothing. `state`: the stamp, and the checksum of the row.
    let sizes = db.with_image(|image| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("copy");
        std::fs::write(&path, image).unwrap();
        let conn = rusqlite::Connection::open(path).unwrap();
        let sql = "SELECT count(*), max(length(state)), count(data), count(docs) FROM pdb_node";
        conn.query_row(sql, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))
    });
    let [nodes, state, data, docs]: [i64; 4] = sizes.unwrap().unwrap();
    assert_eq!((nodes, data, docs), (200, 0, 0));
    assert!(state < 64, "{state}");
}
