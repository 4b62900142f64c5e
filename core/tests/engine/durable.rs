//! Files and images: what was written is there again.

use crate::{log, text};
use pluresdb::{Database, Options, SpaceId, SystemHost, object};

#[test]
fn a_file_keeps_what_was_written_and_the_actor_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create(&path, Options::default()).unwrap();
    db.put("n", "Note", object([("title", text("kept"))])).unwrap();
    let (actor, hash) = (db.actor(), db.state_hash().unwrap());
    drop(db);
    let mut db = Database::open(&path).unwrap();
    assert_eq!(db.state_hash().unwrap(), hash);
    db.put("m", "Note", object([])).unwrap();
    assert_eq!(db.actor(), actor);
    assert_eq!(db.status().unwrap().actors, 1);
}

#[test]
fn a_copied_file_writes_as_another_actor() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.pluresdb"), folder.path().join("b.pluresdb"));
    let mut db = Database::create(&path, Options::default()).unwrap();
    db.put("n", "Note", object([])).unwrap();
    drop(db);
    std::fs::copy(&path, &copy).unwrap();
    let mut original = Database::open(&path).unwrap();
    let mut copy = Database::open(&copy).unwrap();
    original.put("x", "Note", object([("by", text("original"))])).unwrap();
    copy.put("x", "Note", object([("by", text("copy"))])).unwrap();
    assert_ne!(original.actor(), copy.actor());
    let report = original.apply(&log(&copy)).unwrap();
    assert!(report.rejected.is_empty());
}

#[test]
fn two_openings_of_one_file_write_one_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut a = Database::create(&path, Options::default()).unwrap();
    a.put("a0", "Note", object([])).unwrap();
    let mut b = Database::open(&path).unwrap();
    for i in 0..10 {
        a.put(&format!("a{i}"), "Note", object([("i", i.into())])).unwrap();
        b.put(&format!("b{i}"), "Note", object([("i", i.into())])).unwrap();
    }
    assert_eq!(a.status().unwrap().nodes, 20);
    assert_eq!(a.frontier().unwrap(), b.frontier().unwrap());
    let mut elsewhere = Database::in_memory(
        Box::new(SystemHost),
        Options { space: Some(a.space()), ..Options::default() },
    )
    .unwrap();
    let report = elsewhere.apply(&log(&a)).unwrap();
    assert!(report.rejected.is_empty());
    assert_eq!(elsewhere.state_hash().unwrap(), a.state_hash().unwrap());
}

#[test]
fn an_image_opens_elsewhere_with_an_actor_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create(&path, Options::default()).unwrap();
    db.put("n", "Note", object([("title", text("kept"))])).unwrap();
    let hash = db.state_hash().unwrap();
    drop(db);
    // The file is in WAL mode, which memory has not.
    let bytes = std::fs::read(&path).unwrap();
    let mut image = Database::from_image(&bytes, Box::new(SystemHost), Options::default()).unwrap();
    assert_eq!(image.state_hash().unwrap(), hash);
    image.put("m", "Note", object([])).unwrap();
    assert_eq!(image.search("kept", None, 10).unwrap().len(), 1);
    assert_eq!(image.status().unwrap().actors, 2);
    let again = image.with_image(<[u8]>::to_vec).unwrap();
    let again = Database::from_image(&again, Box::new(SystemHost), Options::default()).unwrap();
    assert_eq!(again.state_hash().unwrap(), image.state_hash().unwrap());
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let code = |result: Result<Database, pluresdb::Error>| result.unwrap_err().code();
    let missing = folder.path().join("missing.pluresdb");
    assert_eq!(code(Database::open(&missing)), "no-database");
    assert!(!missing.exists());

    let noise = folder.path().join("noise.pluresdb");
    std::fs::write(&noise, "this is a text file, and a fairly long one ".repeat(50)).unwrap();
    let before = std::fs::read(&noise).unwrap();
    assert_eq!(code(Database::open(&noise)), "not-a-database");
    assert_eq!(code(Database::create(&noise, Options::default())), "exists");
    assert_eq!(std::fs::read(&noise).unwrap(), before);

    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert_eq!(code(Database::open(&other)), "not-a-database");
    let bytes = std::fs::read(&other).unwrap();
    let image = Database::from_image(&bytes, Box::new(SystemHost), Options::default());
    assert_eq!(code(image), "not-a-database");
}

#[test]
fn a_database_of_another_space_or_a_later_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    drop(Database::create(&path, Options::default()).unwrap());
    let bytes = std::fs::read(&path).unwrap();
    let options = Options { space: Some(SpaceId([1; 16])), ..Options::default() };
    let refused = Database::from_image(&bytes, Box::new(SystemHost), options).unwrap_err();
    assert_eq!(refused.code(), "other-space");

    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("UPDATE pdb_meta SET value = 99 WHERE key = 'format'", [])
        .unwrap();
    assert_eq!(Database::open(&path).unwrap_err().code(), "format");
}

#[test]
fn a_commit_is_on_the_disk_when_it_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create(&path, Options::default()).unwrap();
    db.put("n", "Note", object([])).unwrap();
    let mode = |pragma: &str| db.query(&format!("SELECT * FROM pragma_{pragma}"), &[]).unwrap();
    assert_eq!(mode("journal_mode").rows[0][0], pluresdb::SqlValue::Text("wal".into()));
    assert_eq!(mode("synchronous").rows[0][0], pluresdb::SqlValue::Int(2));
}
