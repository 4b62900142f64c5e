//! check and repair.

use crate::support::Room;
use serde_json::json;

#[test]
fn a_whole_database_has_no_faults() {
    let room = Room::with_notes();
    assert_eq!(room.json(&["check", "db"]), json!({ "faults": [] }));
    assert_eq!(room.json(&["repair", "db"])["found"], json!([]));
}

#[test]
fn a_damaged_row_is_found_told_and_mended() {
    let room = Room::with_notes();
    let conn = rusqlite::Connection::open(room.path("db")).expect("the file is open to SQLite");
    let sql = "UPDATE pdb_node SET data = replace(data, 'milk', 'mill') WHERE id = 'milk'";
    assert_eq!(conn.execute(sql, []).expect("the file is open to SQLite"), 1);
    drop(conn);
    assert_eq!(room.fails(&["get", "db", "milk"], 1), "damaged");
    let checked = room.run(&["check", "db", "--json"]);
    assert_eq!((checked.code, &checked.error()["code"]), (Some(1), &json!("faults")));
    assert!(checked.out.contains("its checksum does not fit"), "{checked:?}");
    let repaired = room.json(&["repair", "db"]);
    assert_eq!(repaired["found"][0]["place"], json!("node \"milk\""));
    assert_eq!((&repaired["rows"], &repaired["left"]), (&json!(1), &json!([])));
    assert_eq!(room.json(&["check", "db"]), json!({ "faults": [] }));
    assert_eq!(room.json(&["get", "db", "milk"])["data"]["title"], json!("Buy milk"));
}
