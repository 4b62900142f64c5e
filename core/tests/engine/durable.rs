//! Files and images: what was written is there again.

use crate::{log, text};
use pluresdb::{Database, Leases, Options, SpaceId, SystemHost, object};

/// Leases that no other test sees.
fn leases(folder: &tempfile::TempDir) -> Leases {
    Leases::at(folder.path().join("state"))
}

#[test]
fn a_file_keeps_what_was_written_and_the_actor_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([("title", text("kept"))])).unwrap();
    let (actor, hash) = (db.actor(), db.state_hash().unwrap());
    drop(db);
    let mut db = Database::open_with(&path, &leases(&folder)).unwrap();
    assert_eq!(db.state_hash().unwrap(), hash);
    db.put("m", "Note", object([])).unwrap();
    assert_eq!(db.actor(), actor);
    assert_eq!(db.status().unwrap().actors, 1);
}

#[test]
fn a_copied_file_writes_as_another_actor() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("a.pluresdb"), folder.path().join("b.pluresdb"));
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    drop(db);
    std::fs::copy(&path, &copy).unwrap();
    let mut original = Database::open_with(&path, &leases(&folder)).unwrap();
    let mut copy = Database::open_with(&copy, &leases(&folder)).unwrap();
    original.put("x", "Note", object([("by", text("original"))])).unwrap();
    copy.put("x", "Note", object([("by", text("copy"))])).unwrap();
    assert_ne!(original.actor(), copy.actor());
    let report = original.apply(&log(&copy)).unwrap();
    assert!(report.rejected.is_empty());
}

#[test]
fn two_openings_of_one_file_write_as_two_actors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut a = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    a.put("a0", "Note", object([])).unwrap();
    let mut b = Database::open_with(&path, &leases(&folder)).unwrap();
    for i in 0..10 {
        a.put(&format!("a{i}"), "Note", object([("i", i.into())])).unwrap();
        b.put(&format!("b{i}"), "Note", object([("i", i.into())])).unwrap();
    }
    assert_ne!(a.actor(), b.actor());
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
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
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
    let image = Database::from_image(&[], Box::new(SystemHost), Options::default());
    assert_eq!(code(image), "not-a-database");
}

#[test]
fn a_database_of_another_space_or_a_later_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    drop(Database::create_with(&path, Options::default(), &leases(&folder)).unwrap());
    let bytes = std::fs::read(&path).unwrap();
    let options = Options { space: Some(SpaceId([1; 16])), ..Options::default() };
    let refused = Database::from_image(&bytes, Box::new(SystemHost), options).unwrap_err();
    assert_eq!(refused.code(), "other-space");

    rusqlite::Connection::open(&path)
        .unwrap()
        .execute("UPDATE pdb_meta SET value = 99 WHERE key = 'format'", [])
        .unwrap();
    assert_eq!(Database::open_with(&path, &leases(&folder)).unwrap_err().code(), "format");
}

#[test]
fn a_commit_is_on_the_disk_when_it_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    let mode = |pragma: &str| db.query(&format!("SELECT * FROM pragma_{pragma}"), &[]).unwrap();
    assert_eq!(mode("journal_mode").rows[0][0], pluresdb::SqlValue::Text("wal".into()));
    assert_eq!(mode("synchronous").rows[0][0], pluresdb::SqlValue::Int(2));
}

#[test]
fn a_backup_restored_in_place_writes_as_another_actor() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join("a.pluresdb"), folder.path().join("backup"));
    let open = || Database::open_with(&path, &leases(&folder)).unwrap();
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    let actor = db.actor();
    drop(db);
    std::fs::copy(&path, &backup).unwrap();

    // Nothing was written since: the backup is the file as it is, and its actor goes on.
    std::fs::copy(&backup, &path).unwrap();
    let mut db = open();
    db.put("lost", "Note", object([("by", text("lost"))])).unwrap();
    assert_eq!(db.actor(), actor);
    let lost = log(&db);
    drop(db);

    std::fs::copy(&backup, &path).unwrap();
    let mut db = open();
    assert_eq!(db.status().unwrap().actor, None);
    db.put("n", "Note", object([("by", text("restored"))])).unwrap();
    assert_ne!(db.actor(), actor);
    // What the relay still has of the lost writes fits in.
    let report = db.apply(&lost).unwrap();
    assert_eq!((report.applied, report.forks.len(), report.rejected.len()), (1, 0, 0));
}

#[test]
fn a_session_that_did_not_end_leaves_no_actor_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    let actor = db.actor();
    // Never dropped, as when the process is killed.
    std::mem::forget(db);
    let mut db = Database::open_with(&path, &leases(&folder)).unwrap();
    db.put("m", "Note", object([])).unwrap();
    assert_ne!(db.actor(), actor);
    let second = db.actor();
    drop(db);
    let mut db = Database::open_with(&path, &leases(&folder)).unwrap();
    assert_eq!(db.status().unwrap().actor, second, "it is told before anything is written");
    db.put("m", "Note", object([("i", 1.into())])).unwrap();
    assert_eq!(db.actor(), second);
}

#[test]
fn an_actor_is_taken_before_the_first_record_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    drop(db);
    let open = || Database::open_with(&path, &leases(&folder)).unwrap();
    let (mut one, mut other) = (open(), open());
    one.transaction(|_| Ok(())).unwrap();
    other.transaction(|_| Ok(())).unwrap();
    assert_ne!(one.actor(), other.actor());
}

#[test]
fn sessions_that_ended_leave_their_actors_to_later_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    drop(Database::create_with(&path, Options::default(), &leases(&folder)).unwrap());
    for round in 0..3 {
        let mut open: Vec<_> =
            (0..3).map(|_| Database::open_with(&path, &leases(&folder)).unwrap()).collect();
        for (i, db) in open.iter_mut().enumerate() {
            db.put(&format!("{round}-{i}"), "Note", object([])).unwrap();
        }
        assert_eq!(open[0].status().unwrap().actors, 3);
    }
}

#[test]
fn leases_that_cannot_be_read_or_written_cost_an_actor_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pluresdb");
    let nowhere = folder.path().join("a file");
    std::fs::write(&nowhere, "no folder").unwrap();
    let mut db = Database::create_with(&path, Options::default(), &Leases::at(&nowhere)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    drop(db);
    let mut db = Database::open_with(&path, &Leases::at(&nowhere)).unwrap();
    db.put("m", "Note", object([])).unwrap();
    assert_eq!(db.status().unwrap().actors, 2);
}

#[cfg(unix)]
#[test]
fn pools_of_databases_that_are_gone_do_not_pile_up() {
    let folder = tempfile::tempdir().unwrap();
    let pools = folder.path().join("state/leases");
    std::fs::create_dir_all(&pools).unwrap();
    for number in 0..1_100_u32 {
        std::fs::write(pools.join(format!("{number:032x}")), "").unwrap();
    }
    let path = folder.path().join("a.pluresdb");
    let mut db = Database::create_with(&path, Options::default(), &leases(&folder)).unwrap();
    db.put("n", "Note", object([])).unwrap();
    let actor = db.actor().unwrap();
    drop(db);
    assert!(std::fs::read_dir(&pools).unwrap().count() < 1_000);
    // The one that is in use was not among the oldest.
    let mut db = Database::open_with(&path, &leases(&folder)).unwrap();
    db.put("m", "Note", object([])).unwrap();
    assert_eq!(db.actor().unwrap(), actor);
}
