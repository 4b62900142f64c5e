//! Files of earlier formats are brought to the present one by opening them, and lose nothing.

use pluresdb::{Database, Leases, Meaning, Near, Options, SystemHost};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A file of format 3: notes with vectors of their own, one of which is all zeros under the metric cosine,
/// two vectors made of texts and one to be made, a deleted node, an edge.
const FORMAT_3: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/format-3.pluresdb");

fn copied(dir: &TempDir) -> PathBuf {
    let path = dir.path().join("old.pluresdb");
    std::fs::copy(FORMAT_3, &path).unwrap();
    path
}

fn is_as_it_was(db: &mut Database) {
    assert_eq!(db.check().unwrap(), []);
    assert_eq!(db.search("animal doct", Some("Note"), 9).unwrap()[0].node.id, "vet");
    let ids = |near: Near<'_>, field: &str| -> Vec<String> {
        let hits = db.nearest("Note", field, near, 9, None).unwrap();
        hits.into_iter().map(|hit| hit.node.id).collect()
    };
    assert_eq!(ids(Near::Vector(&[3.0, 0.0]), "at"), ["tax", "vet"]);
    assert_eq!(ids(Near::Vector(&[1.0, 0.0]), "turn"), [""; 0]);
    assert_eq!(ids(Near::Node("vet"), "meaning"), ["tax"]);
    let model = "static-en-256/1";
    let progress = db.embedding(model, 256).unwrap();
    assert_eq!((progress.made, progress.pending), (2, 1));
    let pending = db.pending_texts(model, 256, 9).unwrap();
    assert_eq!(pending[0].text, "Made after the last embedding\n");
    let vector = db.vector("tax", "meaning").unwrap().unwrap();
    let hits = db.search_by_meaning(Meaning { model, vector: &vector }, None, 9).unwrap();
    assert_eq!(hits.iter().map(|hit| hit.node.id.as_str()).collect::<Vec<_>>(), ["tax", "vet"]);
    let violations = db.violations(None, 9).unwrap();
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].violation.rule.word(), "direction");
}

fn format(path: &Path) -> i64 {
    let sql = "SELECT value FROM pdb_meta WHERE key = 'format'";
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_file_of_format_3_is_brought_to_the_present_one() {
    let dir = TempDir::new().unwrap();
    let (path, leases) = (copied(&dir), Leases::at(dir.path()));
    assert_eq!(format(&path), 3);
    let mut db = Database::open_with(&path, &leases).unwrap();
    is_as_it_was(&mut db);
    drop(db);
    assert_eq!(format(&path), 4);
    is_as_it_was(&mut Database::open_with(&path, &leases).unwrap());
}

#[test]
fn an_image_of_format_3_is_brought_to_the_present_one() {
    let image = std::fs::read(FORMAT_3).unwrap();
    let mut db = Database::from_image(&image, Box::new(SystemHost), Options::default()).unwrap();
    is_as_it_was(&mut db);
}

#[test]
fn what_an_earlier_version_found_in_a_definition_and_this_one_does_not_is_listed_no_longer() {
    let dir = TempDir::new().unwrap();
    let path = copied(&dir);
    let found = "INSERT INTO pdb_violation
                   SELECT nid, 'fields.title.later', 'definition', 'is not known', ''
                   FROM pdb_node WHERE id = '$type/Note'";
    assert_eq!(Connection::open(&path).unwrap().execute(found, []).unwrap(), 1);
    is_as_it_was(&mut Database::open_with(&path, &Leases::at(dir.path())).unwrap());
}

#[test]
fn an_upgrade_that_fails_leaves_the_file_as_it_was() {
    let dir = TempDir::new().unwrap();
    let path = copied(&dir);
    let in_the_way = "CREATE TABLE pdb_vector_made (x)";
    Connection::open(&path).unwrap().execute(in_the_way, []).unwrap();
    assert!(Database::open_with(&path, &Leases::at(dir.path())).is_err());
    assert_eq!(format(&path), 3);
    let conn = Connection::open(&path).unwrap();
    conn.execute("DROP TABLE pdb_vector_made", []).unwrap();
    drop(conn);
    is_as_it_was(&mut Database::open_with(&path, &Leases::at(dir.path())).unwrap());
}

#[test]
fn formats_before_and_after_those_known_are_refused() {
    for found in [2, 5] {
        let dir = TempDir::new().unwrap();
        let path = copied(&dir);
        let sql = "UPDATE pdb_meta SET value = ?1 WHERE key = 'format'";
        Connection::open(&path).unwrap().execute(sql, [found]).unwrap();
        let error = Database::open_with(&path, &Leases::at(dir.path())).unwrap_err();
        assert_eq!(error.code(), "format");
        assert_eq!(format(&path), found);
    }
}
