//! The stamps of one actor rise, else merging could not tell its records apart.

use crate::{DAY, FixedHost, log, text};
use pluresdb::codec::{Draft, Frame};
use pluresdb::crypto::hash_record;
use pluresdb::model::{ActorId, Header, Hlc, Part, Path, RecordHash, SpaceId, Target, Write};
use pluresdb::{Database, Retention};

const WRITER: ActorId = ActorId([5; 16]);

/// A record as a peer may make it, however wrong. Its stamp counts in this time's milliseconds.
fn forged(seq: u64, before: Option<&[u8]>, ms: u64, title: &str) -> Vec<u8> {
    let prev =
        before.map_or(RecordHash::ZERO, |before| hash_record(Frame::read(before).unwrap().hashed));
    let (space, actor, hlc) = (SpaceId([7; 16]), WRITER, Hlc::at(ms));
    let header = Header { space, actor, seq, prev, hlc, epoch: 0, deps: Vec::new() };
    let part = Part {
        target: Target::Node("n".into()),
        delete: false,
        put: true,
        kind: Some("Note".into()),
        writes: vec![Write::set(Path::field("title").unwrap(), text(title))],
    };
    Draft { header: &header, parts: &[part] }.encode().unwrap()
}

fn title(db: &Database) -> String {
    format!("{:?}", db.get("n").unwrap().unwrap().data["title"])
}

/// Gives the code of the refusal of a record, which must be the only one.
fn refusal(db: &mut Database, record: &[u8]) -> &'static str {
    let before = (log(db), db.state_hash().unwrap());
    let report = db.apply(&[record]).unwrap();
    assert_eq!((report.applied, report.waiting, report.forks.len()), (0, 0, 0));
    assert_eq!((log(db), db.state_hash().unwrap()), before, "a refused record left a trace");
    report.rejected[0].error.code()
}

#[test]
fn a_record_that_is_not_later_than_the_one_before_it_is_refused() {
    let now = 1_000 * DAY;
    let mut db = FixedHost::new(1).replica();
    let first = forged(1, None, now, "first");
    let second = forged(2, Some(&first), now + 2, "second");
    assert_eq!(db.apply(&[&first, &second]).unwrap().applied, 2);
    let same = forged(3, Some(&second), now + 2, "same");
    let earlier = forged(3, Some(&second), now + 1, "earlier");
    assert_eq!(refusal(&mut db, &same), "not-later");
    assert_eq!(refusal(&mut db, &earlier), "not-later");
    assert_eq!(db.apply(&[&first, &second]).unwrap().known, 2);
    let mut again = db
        .with_image(|image| {
            Database::from_image(image, Box::new(FixedHost::new(2)), Default::default())
        })
        .unwrap()
        .unwrap();
    assert_eq!(refusal(&mut again, &same), "not-later");
    let later = forged(3, Some(&second), now + 3, "later");
    assert_eq!(again.apply(&[later]).unwrap().applied, 1);
    assert!(title(&again).contains("later"));
}

#[test]
fn a_forks_branch_is_held_against_the_record_that_it_follows_alone() {
    let now = 1_000 * DAY;
    let mut db = FixedHost::new(1).replica();
    let first = forged(1, None, now, "first");
    let ours = forged(2, Some(&first), now + 100, "ours");
    db.apply(&[&first, &ours]).unwrap();
    assert_eq!(refusal(&mut db, &forged(2, Some(&first), now, "same")), "not-later");
    let theirs = forged(2, Some(&first), now + 1, "theirs");
    assert_eq!(db.apply(&[&theirs]).unwrap().forks.len(), 1);
    let next = forged(3, Some(&theirs), now + 2, "next");
    assert_eq!(refusal(&mut db, &forged(3, Some(&theirs), now + 1, "same")), "not-later");
    assert_eq!(db.apply(&[&next]).unwrap().applied, 1);
    assert!(title(&db).contains("ours"), "the latest stamp counts");
}

#[test]
fn what_follows_forgotten_records_is_held_against_them() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    let now = 1_000 * DAY;
    let first = forged(1, None, now, "first");
    db.apply(&[&first]).unwrap();
    host.jump(10 * DAY as i64);
    db.set_retention(Retention { keep_ms: Some(DAY), unsynced: true }).unwrap();
    assert_eq!(db.compact().unwrap().records, 1);
    assert_eq!(db.apply(&[&first]).unwrap().known, 1);
    assert_eq!(refusal(&mut db, &forged(2, Some(&first), now, "same")), "not-later");
    assert_eq!(db.apply(&[forged(2, Some(&first), now + 1, "next")]).unwrap().applied, 1);
    assert!(title(&db).contains("next"));
}
