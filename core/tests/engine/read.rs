//! Reading: lists, SQL, search.

use crate::text;
use pluresdb::{Database, Map, Options, SearchOptions, SqlValue, SystemHost, object};

fn library() -> Database {
    let mut db = Database::memory().unwrap();
    db.transaction(|tx| {
        tx.put("b1", "Book", object([("title", text("The Left Hand")), ("year", 1969.into())]))?;
        tx.put("b2", "Book", object([("title", text("Café Europa")), ("year", 1996.into())]))?;
        tx.put("p1", "Person", object([("name", text("Le Guin"))]))?;
        tx.link("p1", "wrote", "b1", Map::new())
    })
    .unwrap();
    db
}

#[test]
fn a_type_is_a_view_with_its_fields_as_columns() {
    let mut db = library();
    let rows = db.query("SELECT title FROM Book WHERE year > ?1", &[SqlValue::Int(1970)]).unwrap();
    assert_eq!(rows.columns, ["title"]);
    assert_eq!(rows.rows, [[SqlValue::Text("Café Europa".into())]]);
    // A field that appears later is a column at once.
    db.put("b3", "Book", object([("shelf", text("A"))])).unwrap();
    assert_eq!(db.query("SELECT shelf FROM Book WHERE id = 'b3'", &[]).unwrap().rows.len(), 1);
}

#[test]
fn odd_names_of_types_and_fields_are_columns_too() {
    let mut db = Database::memory().unwrap();
    let data = object([
        ("id", text("a field")),
        ("Title", 1.into()),
        ("title", 2.into()),
        ("with \"quotes\"", 3.into()),
        ("", 4.into()),
    ]);
    db.put("n", "My \"type\"", data).unwrap();
    let rows = db.query("SELECT * FROM \"My \"\"type\"\"\"", &[]).unwrap();
    assert_eq!(rows.columns.len(), 8, "{:?}", rows.columns);
    assert_eq!(rows.columns[0], "id");
    assert_eq!(rows.rows[0][0], SqlValue::Text("n".into()));
    assert!(rows.rows[0].contains(&SqlValue::Int(3)));
    assert!(rows.rows[0].contains(&SqlValue::Int(4)));
}

#[test]
fn a_type_whose_name_is_taken_has_no_view_and_status_says_so() {
    let mut db = library();
    db.put("x", "nodes", Map::new()).unwrap();
    db.put("y", "BOOK", object([("title", 1.into())])).unwrap();
    assert_eq!(db.query("SELECT count(*) FROM nodes", &[]).unwrap().rows[0][0], SqlValue::Int(5));
    assert_eq!(db.query("SELECT * FROM Book", &[]).unwrap().rows.len(), 2);
    let without = db.status().unwrap().types_without_view;
    assert_eq!(without, ["BOOK", "nodes"]);
}

#[test]
fn sql_joins_nodes_and_edges() {
    let db = library();
    let rows = db
        .query(
            "SELECT p.name, b.title FROM edges AS e
             JOIN Person AS p ON p.id = e.source JOIN Book AS b ON b.id = e.target",
            &[],
        )
        .unwrap();
    assert_eq!(
        rows.rows,
        [[SqlValue::Text("Le Guin".into()), SqlValue::Text("The Left Hand".into())]]
    );
}

#[test]
fn a_statement_that_writes_is_refused() {
    let db = library();
    for sql in [
        "DELETE FROM pdb_node",
        "INSERT INTO pdb_meta VALUES ('a', 1)",
        "UPDATE nodes SET data = '{}'",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t (x)",
        "DROP VIEW Book",
        "PRAGMA user_version = 5",
        "PRAGMA journal_mode = DELETE",
        "ATTACH ':memory:' AS other",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT s",
        "VACUUM",
        "REINDEX",
        "ANALYZE",
    ] {
        let refused = db.query(sql, &[]).unwrap_err();
        assert_eq!(refused.code(), "sql-read-only", "{sql}: {refused}");
    }
    assert_eq!(db.status().unwrap().nodes, 3);
}

#[test]
fn a_faulty_statement_says_what_and_where() {
    let db = library();
    let fault = db.query("SELECT colour FROM Book", &[]).unwrap_err();
    assert_eq!(fault.code(), "sql");
    assert!(fault.to_string().contains("no such column: colour"), "{fault}");
    assert_eq!(db.query("SELECT ?1", &[]).unwrap_err().code(), "sql");
    assert_eq!(db.query("SELECT 1; SELECT 2", &[]).unwrap_err().code(), "sql");
}

#[test]
fn reading_sql_can_use_ctes_windows_json_and_full_text() {
    let db = library();
    for sql in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n",
        "SELECT id, row_number() OVER (ORDER BY id) FROM nodes",
        "SELECT j.value FROM nodes, json_each(nodes.data) AS j",
        "SELECT rowid FROM pdb_text WHERE pdb_text MATCH 'hand'",
        "EXPLAIN QUERY PLAN SELECT * FROM Book",
        "SELECT * FROM pragma_table_info('nodes')",
    ] {
        db.query(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[test]
fn search_finds_words_and_beginnings_without_accents() {
    let db = library();
    let ids = |typed: &str| -> Vec<String> {
        db.search(typed, None, 10).unwrap().into_iter().map(|hit| hit.node.id).collect()
    };
    assert_eq!(ids("cafe eu"), ["b2"]);
    let mut other = Database::memory().unwrap();
    other.put("a", "T", object([("t", text("smørbrød łódź Straße œuvre"))])).unwrap();
    let options = SearchOptions { typos: false, ..SearchOptions::default() };
    for (typed, found) in
        [("SMØRBRØD", 1), ("ŁODZ", 1), ("smorbrod", 0), ("lodz", 0), ("strasse", 0), ("oeuvre", 0)]
    {
        assert_eq!(other.find(typed, &options).unwrap().hits.len(), found, "{typed}");
    }
    assert_eq!(ids("left HAN"), ["b1"]);
    assert!(ids("left zebra").is_empty());
    assert!(ids("\"; DROP").is_empty());
    assert_eq!(db.search("le", Some("Person"), 10).unwrap().len(), 1);
}

#[test]
fn search_follows_changes_and_deletes() {
    let mut db = library();
    db.put("b1", "Book", object([("title", text("Rocannon"))])).unwrap();
    assert!(db.search("hand", None, 10).unwrap().is_empty());
    assert_eq!(db.search("rocannon", None, 10).unwrap().len(), 1);
    db.delete("b1").unwrap();
    assert!(db.search("rocannon", None, 10).unwrap().is_empty());
}

#[test]
fn without_a_text_index_search_says_so() {
    let options = Options { text_index: false, ..Options::default() };
    let mut db = Database::in_memory(Box::new(SystemHost), options).unwrap();
    db.put("a", "Note", object([("t", text("word"))])).unwrap();
    assert_eq!(db.search("word", None, 1).unwrap_err().code(), "no-text-index");
}

#[test]
fn a_list_goes_on_after_an_id() {
    let db = library();
    let ids = |kind, after, limit| -> Vec<String> {
        db.list(kind, after, limit).unwrap().into_iter().map(|node| node.id).collect()
    };
    assert_eq!(ids(None, None, 10), ["b1", "b2", "p1"]);
    assert_eq!(ids(Some("Book"), Some("b1"), 10), ["b2"]);
    assert_eq!(ids(None, Some("b1"), 1), ["b2"]);
}
