//! Faults are found with their place, and mended from what is whole.

use crate::{FixedHost, log, replica, text};
use pluresdb::crdt::TextEdit;
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{
    Cancel, CheckProgress, CheckStep, Database, Direction, FaultPlace, Leases, Options, Path,
    Retention, SpaceId, SystemHost, object,
};
use rusqlite::Connection;
use tempfile::TempDir;

struct Bench {
    dir: TempDir,
    /// A replica with the same records, to fetch from and to compare with.
    twin: Database,
}

impl Bench {
    /// A file with nodes of two actors, edges, a text, a set, a deleted node, and a type whose
    /// definition renames, fills in, indexes, and finds a fault in the node `k0`.
    fn new() -> Self {
        let mut twin = replica();
        twin.put("t1", "Note", object([("title", text("from another"))])).unwrap();
        let bench = Self { dir: TempDir::new().unwrap(), twin };
        let options = Options { space: Some(SpaceId([7; 16])), ..Options::default() };
        let mut db = Database::create_with(bench.path(), options, &bench.leases()).unwrap();
        db.apply(&log(&bench.twin)).unwrap();
        for number in 0..20 {
            let fields = [("title", text("apple pear")), ("number", number.into())];
            db.put(&format!("n{number}"), "Note", object(fields)).unwrap();
        }
        db.link("n1", "to", "n2", object([("since", 1.into())])).unwrap();
        db.transaction(|tx| {
            let edit = TextEdit { at: 0, remove: 0, insert: "hello".into() };
            tx.edit_text("n3", &Path::field("body").unwrap(), &[edit])?;
            tx.add_to_set("n3", &Path::field("tags").unwrap(), &[text("a")])
        })
        .unwrap();
        db.delete("n4").unwrap();
        db.put("k0", "Task", object([("old", text("plum")), ("rank", text("x"))])).unwrap();
        let rank = FieldDef::of(ValueType::Integer).indexed().default_to(3);
        let name = FieldDef::of(ValueType::String).renamed_from("old");
        db.define_type(&TypeDef::new("Task").with("rank", rank).with("name", name)).unwrap();
        db.put("k1", "Task", object([("name", text("fig"))])).unwrap();
        assert_eq!(db.check().unwrap(), []);
        let mut bench = bench;
        bench.twin.apply(&log(&db)).unwrap();
        bench
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("db.pluresdb")
    }

    fn leases(&self) -> Leases {
        Leases::at(self.dir.path())
    }

    fn damage(&self, sql: &str) {
        let conn = Connection::open(self.path()).unwrap();
        assert!(conn.execute(sql, []).unwrap() > 0, "{sql}");
    }

    /// Changes bytes of the file where it has these, as a failing disk does: past SQLite, which would keep
    /// the indexes in step.
    fn damage_bytes(&self, found: &str, instead: &str) {
        assert_eq!(found.len(), instead.len());
        let mut bytes = std::fs::read(self.path()).unwrap();
        let places: Vec<usize> = (0..=bytes.len() - found.len())
            .filter(|&at| bytes[at..].starts_with(found.as_bytes()))
            .collect();
        assert!(!places.is_empty(), "{found}");
        for at in places {
            bytes[at..at + found.len()].copy_from_slice(instead.as_bytes());
        }
        std::fs::write(self.path(), bytes).unwrap();
    }

    fn open(&self) -> Database {
        Database::open_with(self.path(), &self.leases()).unwrap()
    }

    /// Damages the file, expects faults at these places, repairs, and expects none left and the
    /// state of the twin, after what is missing was fetched.
    fn shows(&mut self, sql: &str, places: &[&str]) {
        self.damage(sql);
        self.mends(sql, places);
    }

    /// The same of a file that is damaged already.
    fn mends(&mut self, sql: &str, places: &[&str]) {
        let mut db = self.open();
        let found = db.check().unwrap();
        let told: Vec<String> = found.iter().map(|fault| fault.place.to_string()).collect();
        for place in places {
            assert!(told.iter().any(|told| told.starts_with(place)), "{sql}: {found:?}");
        }
        let repaired = db.repair().unwrap();
        assert_eq!(repaired.left, [], "{sql}");
        db.apply(&log(&self.twin)).unwrap();
        assert_eq!(db.state_hash().unwrap(), self.twin.state_hash().unwrap(), "{sql}");
        assert_eq!(db.search("apple", None, 50).unwrap().len(), 19);
        assert_eq!(db.search("plum", Some("Task"), 50).unwrap().len(), 1);
        assert_eq!(db.get("k0").unwrap().unwrap().data["name"], text("plum"));
        assert_eq!(db.violations(None, 50).unwrap().len(), 1);
        assert_eq!(db.check().unwrap(), []);
    }
}

#[test]
fn a_changed_value_is_found_and_made_anew_from_the_log() {
    let sql = "UPDATE pdb_node SET data = replace(data, 'apple', 'apply') WHERE id = 'n7'";
    Bench::new().shows(sql, &["node \"n7\"", "the text index"]);
}

#[test]
fn a_row_whose_json_is_broken_is_made_anew_though_a_field_of_it_is_indexed() {
    let mut bench = Bench::new();
    bench.damage_bytes(r#"{"old":"plum""#, r#"{"old":"plum'"#);
    bench.mends("broken JSON", &["node \"k0\""]);
}

#[test]
fn a_row_whose_id_is_damaged_goes_and_the_one_that_it_was_is_made_anew() {
    for instead in ["q7Note", "n8Note", "n9Note"] {
        let mut bench = Bench::new();
        bench.damage_bytes("n7Note", instead);
        bench.mends(instead, &["the file"]);
        let (db, id) = (bench.open(), &instead[..2]);
        assert_eq!(db.get(id).unwrap().is_some(), id != "q7");
    }
}

#[test]
fn an_edge_whose_label_is_damaged_goes_and_the_one_that_it_was_is_made_anew() {
    let mut bench = Bench::new();
    // Between the label and the data stands the number of the node `n2`.
    bench.damage_bytes("to\u{4}{\"since\":1}", "ta\u{4}{\"since\":1}");
    bench.mends("label", &["edge \"n1\" \"ta\" \"n2\"", "edge \"n1\" \"to\" \"n2\""]);
    assert_eq!(bench.open().edges("n1", Direction::Out, None, 9).unwrap().len(), 1);
}

#[test]
fn whatever_page_is_lost_what_the_others_hold_is_taken_into_a_whole_file() {
    let pages = |bench: &Bench| -> Vec<(String, i64)> {
        let sql = "SELECT name, rootpage FROM sqlite_schema
                   WHERE rootpage > 0 AND name NOT IN ('pdb_meta', 'pdb_actor') ORDER BY name";
        let conn = Connection::open(bench.path()).unwrap();
        let mut statement = conn.prepare(sql).unwrap();
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        found.collect::<Result<_, _>>().unwrap()
    };
    let count = pages(&Bench::new()).len();
    assert!(count > 20, "{count}");
    for at in 0..count {
        let mut bench = Bench::new();
        let (name, page) = pages(&bench).swap_remove(at);
        let mut bytes = std::fs::read(bench.path()).unwrap();
        let end = usize::try_from(page).unwrap() * 4096;
        bytes[end - 4096..end].fill(0);
        std::fs::write(bench.path(), bytes).unwrap();
        let opened = Database::open_with(bench.path(), &bench.leases()).map(drop);
        if let Err(error) = opened {
            assert_eq!(error.code(), "damaged", "{name}: {error}");
            drop(Database::open_to_repair(bench.path(), &bench.leases()).unwrap());
            bench.mends(&name, &[]);
        } else {
            bench.mends(&name, &["the file"]);
        }
    }
}

#[test]
fn rows_beyond_the_faults_that_are_listed_are_made_anew_too() {
    let dir = TempDir::new().unwrap();
    let leases = Leases::at(dir.path());
    let path = dir.path().join("many.pluresdb");
    let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
    db.transaction(|tx| {
        for number in 0..2_100 {
            tx.put(&format!("n{number:04}"), "Note", object([("title", text("apple"))]))?;
        }
        Ok(())
    })
    .unwrap();
    let hash = db.state_hash().unwrap();
    drop(db);
    let conn = Connection::open(&path).unwrap();
    conn.execute("UPDATE pdb_node SET data = replace(data, 'apple', 'apply')", []).unwrap();
    drop(conn);
    let mut db = Database::open_with(&path, &leases).unwrap();
    let repaired = db.repair().unwrap();
    assert_eq!((repaired.found.len(), repaired.rows, repaired.left.len()), (1_001, 2_100, 0));
    assert_eq!(db.state_hash().unwrap(), hash);
}

/// Changes the content of a record into another that can be read as well.
fn reword(found: &str, instead: &str, number: u64) -> String {
    format!(
        "UPDATE pdb_record SET bytes = unhex(replace(hex(bytes), hex('{found}'), hex('{instead}')))
         WHERE seq = {number} AND instr(hex(bytes), hex('{found}')) > 0"
    )
}

#[test]
fn a_record_that_reads_otherwise_than_its_follower_says_is_fetched_again_and_takes_no_row_with_it()
{
    // The last record has no follower; the end of the log says what it was.
    for (id, field, found, instead) in
        [("n7", "title", "apple pear", "apple peas"), ("k1", "name", "fig", "fog")]
    {
        let bench = Bench::new();
        let seq = bench.open().history(id).unwrap().last().unwrap().seq;
        bench.damage(&reword(found, instead, seq));
        let mut db = bench.open();
        assert_ne!(db.check().unwrap(), []);
        let repaired = db.repair().unwrap();
        assert_eq!(repaired.left, []);
        assert_eq!(repaired.cut.iter().map(|(_, from)| *from).collect::<Vec<_>>(), [seq]);
        assert_eq!(db.get(id).unwrap().unwrap().data[field], text(found));
        assert_eq!(db.apply(&log(&bench.twin)).unwrap().forks, []);
        assert_eq!(db.state_hash().unwrap(), bench.twin.state_hash().unwrap());
        assert_eq!(db.check().unwrap(), []);
    }
}

#[test]
fn a_repair_tells_how_far_its_checks_are() {
    let bench = Bench::new();
    bench.damage("UPDATE pdb_node SET state = x'00' WHERE id = 'n3'");
    let mut files = 0;
    let mut tell = |now: CheckProgress| files += usize::from(now.step == CheckStep::File);
    assert_eq!(bench.open().repair_watched(&mut tell).unwrap().rows, 1);
    assert_eq!(files, 2);
}

#[test]
fn a_row_that_is_whole_is_not_set_back_to_what_is_left_of_a_log() {
    let bench = Bench::new();
    let mut db = bench.open();
    db.patch("n5", vec![(Path::field("title").unwrap(), Some(text("plum pie")))]).unwrap();
    let seq = db.history("n5").unwrap().last().unwrap().seq;
    drop(db);
    bench.damage(&format!("UPDATE pdb_record SET bytes = x'00' WHERE seq = {seq}"));
    let mut db = bench.open();
    let repaired = db.repair().unwrap();
    assert_eq!((repaired.rows, repaired.left), (0, vec![]));
    assert_eq!(db.get("n5").unwrap().unwrap().data["title"], text("plum pie"));
}

#[test]
fn an_index_whose_definition_is_damaged_does_not_keep_the_file_from_being_repaired() {
    let mut bench = Bench::new();
    bench.damage_bytes("ON pdb_waiting (due)", "ON pdb_waiting (dua)");
    let error = Database::open_with(bench.path(), &bench.leases()).unwrap_err();
    assert_eq!(error.code(), "damaged", "{error}");
    drop(Database::open_to_repair(bench.path(), &bench.leases()).unwrap());
    bench.mends("index", &[]);
}

#[test]
fn a_damaged_definition_is_made_anew() {
    let sql = "UPDATE pdb_node SET data = replace(data, 'rank', 'rang') WHERE id = '$type/Task'";
    Bench::new().shows(sql, &["node \"$type/Task\""]);
}

#[test]
fn a_damaged_row_is_an_error_to_its_readers() {
    let bench = Bench::new();
    bench.damage("UPDATE pdb_node SET data = replace(data, 'apple', 'apply') WHERE id = 'n7'");
    let db = bench.open();
    assert_eq!(db.get("n7").unwrap_err().code(), "damaged");
    assert!(db.get("n8").unwrap().is_some());
}

#[test]
fn each_column_of_a_row_is_held_against_its_state() {
    for set in ["alive = 0", "type = 'Nota'", "updated = 5", "state = x'00'", "alive = 1 - alive"] {
        Bench::new().shows(&format!("UPDATE pdb_node SET {set} WHERE id = 'n3'"), &["node \"n3\""]);
    }
    let sql = "UPDATE pdb_node SET docs = zeroblob(40) WHERE id = 'n3'";
    Bench::new().shows(sql, &["node \"n3\""]);
    Bench::new().shows("UPDATE pdb_edge SET data = '{}'", &["edge \"n1\" \"to\" \"n2\""]);
    Bench::new().shows("DELETE FROM pdb_edge", &["edge \"n1\" \"to\" \"n2\""]);
}

#[test]
fn a_row_that_is_whole_but_not_what_the_log_says_is_found() {
    let sql = "UPDATE pdb_node SET (data, state) =
                 (SELECT data, state FROM pdb_node WHERE id = 'n5') WHERE id = 'n6'";
    Bench::new().shows(sql, &["node \"n6\""]);
}

#[test]
fn a_log_is_cut_before_its_bad_record_and_fetched_again() {
    for set in ["bytes = substr(bytes, 1, 60)", "bytes = zeroblob(200)", "seq = seq + 100"] {
        let sql = format!("UPDATE pdb_record SET {set} WHERE pos = 9");
        Bench::new().shows(&sql, &["record"]);
    }
    Bench::new().shows("DELETE FROM pdb_record WHERE pos = 9", &["record"]);
    Bench::new().shows("UPDATE pdb_actor SET hash = zeroblob(32)", &["record"]);
    Bench::new().shows("UPDATE pdb_actor SET seq = seq + 1", &["record"]);
}

#[test]
fn after_a_cut_of_the_own_log_writing_goes_on_as_a_new_actor() {
    let bench = Bench::new();
    let before = bench.open().status().unwrap().actor.unwrap();
    bench.damage("DELETE FROM pdb_record WHERE pos = 9");
    let mut db = bench.open();
    let repaired = db.repair().unwrap();
    assert_eq!(repaired.cut.len(), 1);
    db.put("new", "Note", object([])).unwrap();
    assert_ne!(db.actor().unwrap(), before);
}

#[test]
fn after_another_program_has_cut_its_log_a_database_goes_on_as_a_new_actor() {
    let bench = Bench::new();
    let mut db = bench.open();
    db.put("here", "Note", object([])).unwrap();
    let before = db.actor().unwrap();
    bench.damage("DELETE FROM pdb_record WHERE pos = 9");
    let [(cut, first)] = bench.open().repair().unwrap().cut[..] else { panic!("a log is cut") };
    assert_eq!(cut, before);
    db.put("new", "Note", object([])).unwrap();
    assert_ne!(db.actor().unwrap(), before);
    assert_eq!(db.frontier().unwrap().get(&before), first - 1);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn an_actor_whose_log_another_program_has_cut_is_given_to_nobody() {
    let bench = Bench::new();
    let mut db = bench.open();
    db.put("here", "Note", object([])).unwrap();
    let before = db.actor();
    bench.damage("DELETE FROM pdb_record WHERE pos = 9");
    assert_eq!(bench.open().repair().unwrap().cut.len(), 1);
    drop(db);
    let mut db = bench.open();
    db.put("new", "Note", object([])).unwrap();
    assert_ne!(db.actor(), before);
}

#[test]
fn a_view_that_is_no_text_is_told_and_made_anew_in_a_file_and_refused_in_an_image() {
    let bench = Bench::new();
    let conn = Connection::open(bench.path()).unwrap();
    let damage = "PRAGMA writable_schema = ON;
                  UPDATE sqlite_schema SET sql = replace(sql, 'title', CAST(x'74ff74' AS TEXT))
                    WHERE type = 'view' AND name = 'Note';
                  PRAGMA wal_checkpoint(TRUNCATE)";
    conn.execute_batch(damage).unwrap();
    drop(conn);
    let image = std::fs::read(bench.path()).unwrap();
    let refused = Database::from_image(&image, Box::new(SystemHost), Options::default());
    assert_eq!(refused.unwrap_err().code(), "damaged");
    let mut db = bench.open();
    assert!(db.query("SELECT * FROM Note", &[]).is_err());
    assert_ne!(db.check().unwrap(), []);
    assert_eq!(db.repair().unwrap().left, []);
    assert_eq!(db.query("SELECT title FROM Note WHERE id = 'n7'", &[]).unwrap().rows.len(), 1);
}

#[test]
fn derived_tables_are_found_and_made_anew() {
    Bench::new().shows("DELETE FROM pdb_touch_recent WHERE pos = 9", &["the index of changes"]);
    Bench::new().shows("INSERT INTO pdb_touch VALUES (3, 9)", &["the index of changes"]);
    Bench::new().shows("DELETE FROM pdb_type_field", &["the types seen"]);
    Bench::new().shows("DELETE FROM pdb_text WHERE rowid = 9", &["the text index"]);
    Bench::new()
        .shows("INSERT INTO pdb_text (rowid, text) VALUES (9000, 'x')", &["the text index"]);
}

#[test]
fn what_a_node_shows_is_held_against_its_state_and_definition() {
    let sql = "UPDATE pdb_node SET shown = replace(shown, 'plum', 'prune') WHERE id = 'k0'";
    Bench::new().shows(sql, &["what node \"k0\" shows", "the text index"]);
    for set in ["shown = NULL", "shown_seal = NULL", "shown_seal = zeroblob(8)"] {
        let sql = format!("UPDATE pdb_node SET {set} WHERE id = 'k1'");
        Bench::new().shows(&sql, &["what node \"k1\" shows"]);
    }
    let sql = "UPDATE pdb_node SET shown = data WHERE id = 'n7'";
    Bench::new().shows(sql, &["what node \"n7\" shows"]);
}

#[test]
fn violations_are_held_against_the_definition() {
    let of = &["the violations of node \"k0\""];
    Bench::new().shows("DELETE FROM pdb_violation", of);
    for set in ["path = 'rang'", "rule = 'kind'", "rule = 'of a later version'"] {
        Bench::new().shows(&format!("UPDATE pdb_violation SET {set}"), of);
    }
    let add = |nid: &str| format!("INSERT INTO pdb_violation VALUES ({nid}, 'a', 'type', '', '')");
    let of_n7 = "(SELECT nid FROM pdb_node WHERE id = 'n7')";
    Bench::new().shows(&add(of_n7), &["the violations of node \"n7\""]);
    Bench::new().shows(&add("9000"), &["the file"]);
}

#[test]
fn what_another_version_said_of_a_violation_is_no_fault_and_is_told_in_the_words_of_this_one() {
    let bench = Bench::new();
    let told = bench.open().violations(None, 50).unwrap();
    assert_eq!(told[0].violation.to_string(), "rank: must be a whole number, found \"x\" (type)");
    bench.damage("UPDATE pdb_violation SET message = 'in other words', value = 'cut otherwise'");
    bench.damage("INSERT INTO pdb_violation SELECT nid, '', 'later', '', '' FROM pdb_node");
    let mut db = bench.open();
    assert_eq!(db.check().unwrap(), []);
    assert_eq!(db.violations(None, 50).unwrap(), told);
}

#[test]
fn indexes_of_fields_are_held_against_the_definitions() {
    let index = |bench: &Bench| -> (String, String) {
        let conn = Connection::open(bench.path()).unwrap();
        let sql = "SELECT name, sql FROM sqlite_schema WHERE name LIKE 'pdb_field %'";
        conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let bench = Bench::new();
    let (name, sql) = index(&bench);
    let changes = [
        (format!("DROP INDEX \"{name}\""), name.as_str()),
        (sql.replace(&name, "pdb_field Other"), "pdb_field Other"),
        (format!("DROP INDEX \"{name}\"; {}", sql.replace("rank", "rang")), "pdb_field Task.rang"),
    ];
    for (change, named) in changes {
        let bench = Bench::new();
        Connection::open(bench.path()).unwrap().execute_batch(&change).unwrap();
        let mut db = bench.open();
        let found = db.check().unwrap();
        let place = format!("the index \"{named}");
        assert!(found.iter().any(|fault| fault.to_string().starts_with(&place)), "{found:?}");
        assert_eq!(db.repair().unwrap().left, []);
        drop(db);
        assert_eq!(index(&bench), (name.clone(), sql.clone()));
    }
}

#[test]
fn what_was_forgotten_is_no_fault() {
    let host = FixedHost::new(1);
    let mut db = host.replica();
    for number in 0..6 {
        db.put(&format!("n{}", number % 3), "Note", object([("number", number.into())])).unwrap();
        host.jump(1_000);
    }
    db.link("n1", "to", "n2", object([])).unwrap();
    host.jump(1_000);
    db.set_retention(Retention { keep_ms: Some(3_500), unsynced: true }).unwrap();
    assert!(db.compact().unwrap().records > 0);
    db.put("n0", "Note", object([("number", 9.into())])).unwrap();
    assert_eq!(db.check().unwrap(), []);
    assert!(db.repair().unwrap().found.is_empty());
}

#[test]
fn a_fault_says_where_it_is() {
    let bench = Bench::new();
    bench.damage("UPDATE pdb_node SET updated = 5 WHERE id = 'n3'");
    let found = bench.open().check().unwrap();
    assert_eq!(found.len(), 1);
    assert!(matches!(&found[0].place, FaultPlace::Row(_)));
    assert_eq!(found[0].to_string(), "node \"n3\": its columns are not what its state says");
}

#[test]
fn a_view_that_is_not_as_its_fields_are_is_found_and_defined_anew() {
    for (from, to) in [("title", "titlf"), ("0.4", "0.5")] {
        let mut bench = Bench::new();
        let conn = Connection::open(bench.path()).unwrap();
        conn.execute_batch(&format!(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}') WHERE name = 'Note'"
        ))
        .unwrap();
        drop(conn);
        bench.shows("UPDATE pdb_meta SET value = value WHERE key = 'format'", &["the types seen"]);
    }
}

#[test]
fn a_check_tells_how_far_it_is_and_can_be_ended_at_any_step() {
    let mut db = replica();
    for number in 0..700 {
        let fields = [("number", number.into()), ("title", text("apple pear"))];
        db.put(&format!("n{number}"), "Note", object(fields)).unwrap();
    }
    db.link("n1", "to", "n2", object([])).unwrap();
    let mut told: Vec<CheckProgress> = Vec::new();
    assert_eq!(db.check_watched(None, &mut |now| told.push(now)).unwrap(), []);
    let steps: Vec<_> = told.iter().map(|now| (now.step, now.done, now.total)).collect();
    // Rows are held against the log, so both are read: 701 records, 700 nodes, an edge.
    let expected = [
        (CheckStep::File, 0, 0),
        (CheckStep::Log, 0, 701),
        (CheckStep::Rows, 0, 1402),
        (CheckStep::Rows, 1000, 1402),
        (CheckStep::Derived, 0, 701),
        (CheckStep::Words, 0, 700),
        (CheckStep::Text, 0, 0),
        (CheckStep::Text, 1_000, 0),
        (CheckStep::Text, 2_000, 0),
    ];
    assert_eq!(steps, expected);
    for at in 0..expected.len() {
        let (cancel, mut number) = (Cancel::default(), 0);
        let ended = db.check_watched(Some(&cancel), &mut |_| {
            if number == at {
                cancel.cancel();
            }
            number += 1;
        });
        assert_eq!(ended.unwrap_err().code(), "cancelled");
        assert_eq!(number, at + 1, "it went on");
    }
    assert_eq!(db.check().unwrap(), []);
}
