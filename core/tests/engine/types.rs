//! Types: what a definition refuses, fills in, renames and indexes, and what it must leave alone.

use super::{log, replica, text};
use pluresdb::codec::Frame;
use pluresdb::types::{FieldDef, Rule, TypeDef, ValueType};
use pluresdb::{ActorId, Database, Defined, Error, Map, Path, SqlValue, Value, object};

fn note() -> TypeDef {
    TypeDef::new("Note")
        .with("title", FieldDef::of(ValueType::String).required())
        .with("stars", FieldDef::of(ValueType::Integer))
}

fn sync(from: &Database, to: &mut Database) {
    to.apply(&log(from)).unwrap();
}

fn path(field: &str) -> Path {
    Path::field(field).unwrap()
}

fn data(db: &Database, id: &str) -> Map {
    db.get(id).unwrap().unwrap().data
}

#[test]
fn a_write_that_breaks_its_type_is_refused_with_path_rule_and_value() {
    let mut db = replica();
    db.define_type(&note()).unwrap();
    let error = db.put("n", "Note", object([("stars", text("many"))])).unwrap_err();
    assert_eq!(error.code(), "invalid");
    let said = error.to_string();
    assert!(said.contains("stars: must be a whole number, found \"many\" (type)"), "{said}");
    assert!(said.contains("title: must be there (required)"), "{said}");
    assert_eq!(db.get("n").unwrap(), None);

    db.put("n", "Note", object([("title", text("a"))])).unwrap();
    let error = db.patch("n", vec![(path("title"), None)]).unwrap_err();
    let Error::Invalid { id, kind, violations } = error else { panic!("{error}") };
    assert_eq!((id.as_str(), kind.as_str()), ("n", "Note"));
    assert_eq!(violations[0].rule, Rule::Required);
    db.put("x", "Other", object([("stars", text("many"))])).unwrap();
}

#[test]
fn a_definition_and_nodes_of_one_transaction_must_fit() {
    let mut db = replica();
    let outcome = db.transaction(|tx| {
        tx.put("n", "Note", object([]))?;
        tx.put("$type/Note", "$type", note().to_data())
    });
    assert_eq!(outcome.unwrap_err().code(), "invalid");
    assert_eq!(db.types().unwrap(), []);
}

#[test]
fn a_definition_that_contradicts_itself_is_refused() {
    let mut db = replica();
    let broken = object([("fields", [("a", Value::from([("type", text("strin"))]))].into())]);
    let error = db.put("$type/Note", "$type", broken.clone()).unwrap_err();
    assert_eq!(error.code(), "bad-type");
    assert!(error.to_string().contains("fields.a.type"), "{error}");
    for id in ["Note", "$type/", "$type/$type"] {
        assert_eq!(db.put(id, "$type", object([])).unwrap_err().code(), "bad-type", "{id}");
    }
    assert_eq!(db.type_def("Note").unwrap(), None);
}

#[test]
fn a_definition_syncs_and_then_counts_there() {
    let (mut a, mut b) = (replica(), replica());
    a.define_type(&note()).unwrap();
    sync(&a, &mut b);
    assert_eq!(b.type_def("Note").unwrap(), Some(note()));
    assert_eq!(b.put("n", "Note", object([])).unwrap_err().code(), "invalid");
}

#[test]
fn concurrent_definitions_of_two_fields_merge() {
    let (mut a, mut b) = (replica(), replica());
    a.define_type(&TypeDef::new("Note").with("a", FieldDef::counter())).unwrap();
    b.define_type(&TypeDef::new("Note").with("b", FieldDef::set())).unwrap();
    sync(&a, &mut b);
    let merged = b.type_def("Note").unwrap().unwrap();
    assert_eq!(merged.fields.keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn what_came_by_sync_is_kept_and_listed() {
    let (mut a, mut b) = (replica(), replica());
    a.define_type(&note()).unwrap();
    b.put("n", "Note", object([("title", 7.into()), ("more", 1.into())])).unwrap();
    sync(&b, &mut a);
    assert_eq!(data(&a, "n")["title"], Value::Int(7));
    let listed = a.violations(None, 10).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].id.as_str(), listed[0].violation.rule), ("n", Rule::Type));
    assert_eq!(listed[0].violation.path, "title");
    assert_eq!(listed[0].violation.value, "7");
    assert_eq!(a.violations(Some("Other"), 10).unwrap(), []);

    // The rest of it can be changed, the fault can be mended, and no new one be made.
    a.patch("n", vec![(path("more"), Some(2.into()))]).unwrap();
    assert_eq!(a.violations(None, 10).unwrap().len(), 1);
    let bad = vec![(path("stars"), Some(text("x")))];
    assert_eq!(a.patch("n", bad).unwrap_err().code(), "invalid");
    a.patch("n", vec![(path("title"), Some(text("seven")))]).unwrap();
    assert_eq!(a.violations(None, 10).unwrap(), []);
}

#[test]
fn a_new_definition_lists_what_is_there_and_a_deleted_one_nothing() {
    let mut db = replica();
    for i in 0..1_200 {
        db.put(&format!("n{i}"), "Note", object([("stars", i.into())])).unwrap();
    }
    db.define_type(&note()).unwrap();
    assert_eq!(db.violations(None, 10_000).unwrap().len(), 1_200);
    db.delete("$type/Note").unwrap();
    assert_eq!(db.violations(None, 10_000).unwrap(), []);
    assert_eq!(db.query("SELECT 1 FROM pdb_violation", &[]).unwrap().rows.len(), 0);
    db.put("n0", "Note", object([])).unwrap();
}

#[test]
fn a_node_that_is_deleted_or_gets_another_type_is_not_listed() {
    let (mut a, mut b) = (replica(), replica());
    a.define_type(&note()).unwrap();
    b.put("gone", "Note", object([])).unwrap();
    b.put("moved", "Note", object([])).unwrap();
    sync(&b, &mut a);
    assert_eq!(a.violations(None, 10).unwrap().len(), 2);
    a.delete("gone").unwrap();
    a.put("moved", "Other", object([])).unwrap();
    assert_eq!(a.violations(None, 10).unwrap(), []);
    assert_eq!(a.query("SELECT 1 FROM pdb_violation", &[]).unwrap().rows.len(), 0);
}

#[test]
fn concurrent_definitions_that_contradict_each_other_are_listed() {
    let (mut a, mut b) = (replica(), replica());
    let base = TypeDef::new("Note").with("a", FieldDef::of(ValueType::Integer));
    a.define_type(&base).unwrap();
    sync(&a, &mut b);
    let field = |def: &TypeDef| def.fields["a"].clone();
    a.define_type(&base.clone().with("a", field(&base).default_to(1))).unwrap();
    let mut other = field(&base);
    other.shape.ty = ValueType::String;
    b.define_type(&base.clone().with("a", other)).unwrap();
    sync(&a, &mut b);
    sync(&b, &mut a);
    let listed = b.violations(None, 10).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].id.as_str(), listed[0].violation.rule), ("$type/Note", Rule::Definition));
    assert_eq!(a.violations(None, 10).unwrap(), listed);
}

#[test]
fn declared_fields_merge_change_by_change_from_the_first_put() {
    let (mut a, mut b) = (replica(), replica());
    let def = TypeDef::new("Note")
        .with("count", FieldDef::counter())
        .with("tags", FieldDef::set())
        .with("body", FieldDef::text())
        .with("rows", FieldDef::list());
    a.define_type(&def).unwrap();
    let first = object([
        ("count", 5.into()),
        ("tags", Value::Array(vec![text("x")])),
        ("body", text("middle")),
        ("rows", Value::Array(vec![2.into()])),
    ]);
    a.put("n", "Note", first.clone()).unwrap();
    sync(&a, &mut b);
    assert_eq!(data(&b, "n"), first);
    let second = |count: i64, tag: &str, body: &str, rows: [i64; 2]| {
        object([
            ("count", count.into()),
            ("tags", Value::Array(vec![text("x"), text(tag)])),
            ("body", text(body)),
            ("rows", Value::Array(rows.map(Value::from).into())),
        ])
    };
    a.put("n", "Note", second(7, "a", "the middle", [1, 2])).unwrap();
    b.put("n", "Note", second(6, "b", "middle ages", [2, 3])).unwrap();
    sync(&a, &mut b);
    sync(&b, &mut a);
    assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
    let merged = data(&a, "n");
    assert_eq!(merged["count"], Value::Int(8));
    assert_eq!(merged["body"], text("the middle ages"));
    assert_eq!(merged["rows"], Value::Array(vec![1.into(), 2.into(), 3.into()]));
    let Value::Array(tags) = &merged["tags"] else { panic!() };
    assert!([text("a"), text("b"), text("x")].iter().all(|tag| tags.contains(tag)), "{tags:?}");
}

#[test]
fn an_empty_declared_field_is_there() {
    let mut db = replica();
    let def = TypeDef::new("Note")
        .with("count", FieldDef::counter().required())
        .with("tags", FieldDef::set().required())
        .with("body", FieldDef::text().required())
        .with("rows", FieldDef::list().required());
    db.define_type(&def).unwrap();
    let empty = object([
        ("count", 0.into()),
        ("tags", Value::Array(vec![])),
        ("body", text("")),
        ("rows", Value::Array(vec![])),
    ]);
    db.put("n", "Note", empty.clone()).unwrap();
    assert_eq!(data(&db, "n"), empty);
    assert_eq!(db.violations(None, 10).unwrap(), []);
}

#[test]
fn a_field_that_held_something_else_becomes_what_is_declared_by_a_plain_write() {
    let mut db = replica();
    db.put("n", "Note", object([("body", 7.into())])).unwrap();
    db.define_type(&TypeDef::new("Note").with("body", FieldDef::text())).unwrap();
    db.put("n", "Note", object([("body", text("seven"))])).unwrap();
    assert_eq!(data(&db, "n")["body"], text("seven"));
}

#[test]
fn a_definition_before_after_or_never_gives_one_state() {
    let def = note()
        .with("label", FieldDef::of(ValueType::String).renamed_from("name").default_to(text("-")))
        .with("count", FieldDef::counter());
    let mut writer = replica();
    writer.put("n", "Note", object([("title", 1.into()), ("name", text("old"))])).unwrap();
    writer.patch("n", vec![(path("count"), Some(3.into()))]).unwrap();
    let nodes = log(&writer);
    let mut definer = replica();
    definer.define_type(&def).unwrap();
    let definition = log(&definer);

    let (mut before, mut after) = (replica(), replica());
    before.apply(&definition).unwrap();
    before.apply(&nodes).unwrap();
    after.apply(&nodes).unwrap();
    after.apply(&definition).unwrap();
    assert_eq!(before.state_hash().unwrap(), after.state_hash().unwrap());
    assert_eq!(before.get("n").unwrap(), after.get("n").unwrap());
    assert_eq!(before.violations(None, 9).unwrap(), after.violations(None, 9).unwrap());
    let sql = "SELECT id, label, name, title, count, stars FROM Note";
    assert_eq!(before.query(sql, &[]).unwrap(), after.query(sql, &[]).unwrap());

    let mut never = replica();
    never.apply(&nodes).unwrap();
    after.delete("$type/Note").unwrap();
    assert_eq!(after.entity("n").unwrap(), never.entity("n").unwrap());
    assert_eq!(after.get("n").unwrap(), never.get("n").unwrap());
}

#[test]
fn defaults_are_written_into_new_nodes_and_shown_of_old_ones() {
    let (mut a, mut b) = (replica(), replica());
    a.put("old", "Note", object([("title", text("t"))])).unwrap();
    let stars = FieldDef::of(ValueType::Integer).required().default_to(3);
    a.define_type(&note().with("stars", stars)).unwrap();
    a.put("new", "Note", object([("title", text("t"))])).unwrap();
    assert_eq!(data(&a, "old")["stars"], Value::Int(3));
    let found = a.query("SELECT id FROM Note WHERE stars = 3 ORDER BY id", &[]).unwrap();
    assert_eq!(found.rows.len(), 2);
    assert_eq!(a.list(Some("Note"), None, 10).unwrap().len(), 2);
    assert!(a.list(Some("Note"), None, 10).unwrap().iter().all(|n| n.data.contains_key("stars")));

    // A replica without the definition sees what was written.
    let records = log(&a);
    b.apply(&[records[0].clone()]).unwrap();
    b.patch("old", vec![(path("stars"), Some(5.into()))]).unwrap();
    // A patch of another field writes no default over what was set elsewhere meanwhile.
    a.patch("old", vec![(path("title"), Some(text("u")))]).unwrap();
    sync(&b, &mut a);
    assert_eq!(data(&a, "old")["stars"], Value::Int(5));
    assert_eq!(a.entity("new").unwrap().object()["stars"], Value::Int(3));
}

fn renamed() -> TypeDef {
    TypeDef::new("Note")
        .with("label", FieldDef::of(ValueType::String).renamed_from("name"))
        .with("done", FieldDef::of(ValueType::Boolean))
}

fn word(value: &Value) -> String {
    let Value::Text(word) = value else { panic!("{value:?}") };
    word.clone()
}

/// The records of all but one writer.
fn log_without(db: &Database, actor: ActorId) -> Vec<Vec<u8>> {
    let is_of = |record: &Vec<u8>| Frame::read(record).unwrap().header.actor != actor;
    log(db).into_iter().filter(is_of).collect()
}

#[test]
fn old_and_new_clients_see_each_others_writes_under_their_own_name() {
    // The old client never gets the definition, which is of a third writer.
    let (mut old, mut new, mut definer) = (replica(), replica(), replica());
    definer.define_type(&renamed()).unwrap();
    let definer = (definer.actor().unwrap(), log(&definer));
    old.put("n", "Note", object([("name", text("first"))])).unwrap();
    sync(&old, &mut new);
    new.apply(&definer.1).unwrap();
    let seen = |new: &Database| {
        let node = data(new, "n")["label"].clone();
        assert_eq!(new.list(Some("Note"), None, 9).unwrap()[0].data["label"], node);
        let rows = new.query("SELECT label, name FROM Note", &[]).unwrap().rows;
        for value in &rows[0] {
            assert_eq!(*value, SqlValue::Text(word(&node)));
        }
        word(&node)
    };
    assert_eq!(seen(&new), "first");
    assert_eq!(data(&new, "n"), object([("label", text("first"))]));

    // What the new client writes, the old one sees.
    new.patch("n", vec![(path("label"), Some(text("second")))]).unwrap();
    old.apply(&log_without(&new, definer.0)).unwrap();
    assert_eq!(old.type_def("Note").unwrap(), None);
    assert_eq!(data(&old, "n")["name"], text("second"));
    assert_eq!(seen(&new), "second");

    // And the other way round.
    old.patch("n", vec![(path("name"), Some(text("third")))]).unwrap();
    sync(&old, &mut new);
    assert_eq!(seen(&new), "third");

    // A change of another field leaves all names alone: a concurrent write is kept.
    old.patch("n", vec![(path("name"), Some(text("fourth")))]).unwrap();
    new.patch("n", vec![(path("done"), Some(true.into()))]).unwrap();
    let put = object([("label", text("third")), ("done", false.into())]);
    new.put("n", "Note", put).unwrap();
    sync(&old, &mut new);
    assert_eq!(seen(&new), "fourth");

    // A removal counts as well, under each name.
    new.patch("n", vec![(path("name"), None)]).unwrap();
    assert_eq!(data(&new, "n"), object([("done", false.into())]));
    old.apply(&log_without(&new, definer.0)).unwrap();
    assert_eq!(data(&old, "n"), object([("done", false.into())]));
}

#[test]
fn undo_gives_back_what_a_renamed_field_showed() {
    let mut db = replica();
    db.put("n", "Note", object([("name", text("first"))])).unwrap();
    db.define_type(&renamed()).unwrap();
    db.keep_undo(10);
    db.put("n", "Note", object([("label", text("second"))])).unwrap();
    db.undo().unwrap();
    assert_eq!(data(&db, "n"), object([("label", text("first"))]));
    db.redo().unwrap();
    assert_eq!(data(&db, "n"), object([("label", text("second"))]));
    db.delete("n").unwrap();
    db.undo().unwrap();
    assert_eq!(data(&db, "n"), object([("label", text("second"))]));
}

#[test]
fn undo_of_a_delete_gives_back_the_name_that_was_written_last() {
    let mut db = replica();
    db.put("n", "Note", object([("label", text("early"))])).unwrap();
    db.patch("n", vec![(path("name"), Some(text("late")))]).unwrap();
    db.define_type(&renamed()).unwrap();
    db.keep_undo(10);
    db.delete("n").unwrap();
    db.undo().unwrap();
    assert_eq!(data(&db, "n"), object([("label", text("late"))]));
}

#[test]
fn a_declared_field_has_a_column_before_any_node_has_it() {
    let mut db = replica();
    db.define_type(&note()).unwrap();
    let none = db.query("SELECT id, title, stars FROM Note", &[]).unwrap();
    assert_eq!(none.columns, ["id", "title", "stars"]);
    assert_eq!(none.rows.len(), 0);
}

fn plan(db: &Database, sql: &str) -> String {
    let rows = db.query(&format!("EXPLAIN QUERY PLAN {sql}"), &[SqlValue::Int(1)]).unwrap().rows;
    format!("{rows:?}")
}

#[test]
fn an_indexed_field_is_looked_up_through_the_view_while_the_definition_wants_it() {
    let mut db = replica();
    let sql = "SELECT id FROM Note WHERE stars = ?1";
    db.put("n", "Note", object([("stars", 1.into())])).unwrap();
    assert!(!plan(&db, sql).contains("pdb_field"));
    let indexed = |field: FieldDef| TypeDef::new("Note").with("stars", field.indexed());
    db.define_type(&indexed(FieldDef::of(ValueType::Integer))).unwrap();
    assert!(plan(&db, sql).contains("pdb_field Note.stars"), "{}", plan(&db, sql));
    db.define_type(&indexed(FieldDef::of(ValueType::Integer).default_to(1))).unwrap();
    assert!(plan(&db, sql).contains("pdb_field Note.stars"), "{}", plan(&db, sql));
    db.put("m", "Note", object([])).unwrap();
    assert_eq!(db.query(sql, &[SqlValue::Int(1)]).unwrap().rows.len(), 2);
    db.define_type(&TypeDef::new("Note")).unwrap();
    assert!(!plan(&db, sql).contains("pdb_field"), "{}", plan(&db, sql));
    let left = db.query("SELECT 1 FROM sqlite_schema WHERE name LIKE 'pdb_field %'", &[]).unwrap();
    assert_eq!(left.rows.len(), 0);
}

#[test]
fn two_nodes_with_one_value_of_a_unique_field_are_listed_and_not_refused() {
    let mut db = replica();
    let def = TypeDef::new("User").with("mail", FieldDef::of(ValueType::String).unique());
    db.define_type(&def).unwrap();
    for (id, mail) in [("a", "x"), ("b", "x"), ("c", "y")] {
        db.put(id, "User", object([("mail", text(mail))])).unwrap();
    }
    db.put("d", "User", object([])).unwrap();
    db.put("e", "User", object([])).unwrap();
    let listed = db.violations(None, 10).unwrap();
    let ids: Vec<_> = listed.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(listed[0].violation.rule, Rule::Unique);
    db.delete("b").unwrap();
    assert_eq!(db.violations(None, 10).unwrap(), []);
}

#[test]
fn an_import_line_that_breaks_its_type_is_named() {
    let mut db = replica();
    db.define_type(&note()).unwrap();
    let lines = "{\"id\":\"a\",\"type\":\"Note\",\"data\":{\"title\":\"t\"}}\n\n\
                 {\"id\":\"b\",\"type\":\"Note\",\"data\":{}}\n";
    let error = db.import_jsonl(lines, 1).unwrap_err();
    assert_eq!(error.code(), "import");
    let said = error.to_string();
    assert!(
        said.starts_with("line 3: node \"b\" is no valid Note: title: must be there"),
        "{said}"
    );
    assert_eq!(db.get("a").unwrap(), None);
}

#[test]
fn another_handle_of_the_file_learns_a_definition() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.pluresdb");
    let mut a = Database::create(&file, Default::default()).unwrap();
    let mut b = Database::open(&file).unwrap();
    a.define_type(&note()).unwrap();
    assert_eq!(b.put("n", "Note", object([])).unwrap_err().code(), "invalid");
    assert_eq!(b.types().unwrap().len(), 1);
    let c = Database::open(&file).unwrap().types().unwrap();
    assert_eq!(c, [note()]);
}

/// What programs of two versions define at each start.
fn two_versions() -> (TypeDef, TypeDef) {
    let old = TypeDef::new("Note").with("title", FieldDef::of(ValueType::String)).version(1);
    let label = FieldDef::of(ValueType::String).renamed_from("title");
    (old, TypeDef::new("Note").with("label", label).version(2))
}

#[test]
fn a_definition_does_not_replace_a_later_version_and_the_same_writes_nothing() {
    let mut db = replica();
    let (old, new) = two_versions();
    assert_eq!(db.define_type(&old).unwrap(), Defined::Written);
    assert_eq!(db.define_type(&new).unwrap(), Defined::Written);
    let records = log(&db).len();
    for _ in 0..3 {
        assert_eq!(db.define_type(&old).unwrap(), Defined::Kept { version: 2 });
        assert_eq!(db.define_type(&new).unwrap(), Defined::Same);
    }
    let unversioned = TypeDef::new("Note");
    assert_eq!(db.define_type(&unversioned).unwrap(), Defined::Kept { version: 2 });
    assert_eq!(log(&db).len(), records);
    assert_eq!(db.type_def("Note").unwrap(), Some(new));

    db.delete("$type/Note").unwrap();
    assert_eq!(db.define_type(&old).unwrap(), Defined::Written);
}

#[test]
fn devices_with_two_versions_of_a_definition_come_to_rest_at_the_later_one() {
    let (old, new) = two_versions();
    for old_writes_last in [false, true] {
        let (mut a, mut b) = (replica(), replica());
        // Each begins without knowing of the other.
        if !old_writes_last {
            a.define_type(&old).unwrap();
        }
        b.define_type(&new).unwrap();
        if old_writes_last {
            a.define_type(&old).unwrap();
        }
        let mut records = Vec::new();
        for _ in 0..6 {
            sync(&a, &mut b);
            sync(&b, &mut a);
            a.define_type(&old).unwrap();
            b.define_type(&new).unwrap();
            records.push(log(&b).len());
        }
        assert_eq!(records[2..], [records[2]; 4], "{records:?}");
        assert_eq!(a.type_def("Note").unwrap(), Some(new.clone()));
        assert_eq!(b.type_def("Note").unwrap(), Some(new.clone()));
        assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
    }
}

/// How well a search for a word finds each note.
fn scores(db: &Database, word: &str) -> Vec<(String, f64)> {
    db.search(word, Some("Note"), 10)
        .unwrap()
        .into_iter()
        .map(|hit| (hit.node.id, hit.score))
        .collect()
}

#[test]
fn a_renamed_field_is_searched_once() {
    let (mut db, mut plain) = (replica(), replica());
    let define = |db: &mut Database| {
        db.define_type(&TypeDef::new("Note").with("label", renamed_text())).unwrap()
    };
    // One node is there before the field is renamed, one comes after.
    db.put("a", "Note", object([("title", text("apple"))])).unwrap();
    define(&mut db);
    db.put("b", "Note", object([("label", text("apple pear"))])).unwrap();
    plain.put("a", "Note", object([("label", text("apple"))])).unwrap();
    plain.put("b", "Note", object([("label", text("apple pear"))])).unwrap();
    // The words of a definition are found as well.
    plain.put("c", "Other", db.type_def("Note").unwrap().unwrap().to_data()).unwrap();
    assert_eq!(scores(&db, "apple"), scores(&plain, "apple"));
    assert_eq!(db.check().unwrap(), []);

    db.delete("$type/Note").unwrap();
    assert_eq!(db.check().unwrap(), []);
    define(&mut db);
    assert_eq!(scores(&db, "apple"), scores(&plain, "apple"));
}

#[test]
fn what_a_default_shows_is_searched_while_it_is_shown() {
    let mut db = replica();
    db.put("a", "Note", object([])).unwrap();
    let state = |default: &str| FieldDef::of(ValueType::String).default_to(default);
    db.define_type(&TypeDef::new("Note").with("state", state("open"))).unwrap();
    assert_eq!(scores(&db, "open").len(), 1);
    db.define_type(&TypeDef::new("Note").with("state", state("fresh"))).unwrap();
    assert_eq!((scores(&db, "open").len(), scores(&db, "fresh").len()), (0, 1));
    db.patch("a", vec![(path("state"), Some(text("done")))]).unwrap();
    assert_eq!((scores(&db, "fresh").len(), scores(&db, "done").len()), (0, 1));
    assert_eq!(db.check().unwrap(), []);
}

fn renamed_text() -> FieldDef {
    FieldDef::of(ValueType::String).renamed_from("title")
}
