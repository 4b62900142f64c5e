//! Search by words: what is found, how it is ranked, marked and mended, and that the index follows.

use crate::{log, replica, text};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Leases, Map, Marks, Options, SearchOptions, SqlValue, object};

fn string() -> FieldDef {
    FieldDef::of(ValueType::String)
}

pub(crate) fn note(title: &str, body: &str) -> Map {
    object([("title", text(title)), ("body", text(body))])
}

/// The ids that a search finds.
pub(crate) fn ids(db: &Database, typed: &str) -> Vec<String> {
    found(db, typed, None)
}

fn found(db: &Database, typed: &str, kind: Option<&str>) -> Vec<String> {
    let hits = db.search(typed, kind, 100).unwrap();
    hits.into_iter().map(|hit| hit.node.id).collect()
}

pub(crate) fn sound(db: &mut Database) {
    assert_eq!(db.check().unwrap(), []);
}

pub(crate) fn marked(typed: &str, db: &Database) -> pluresdb::Found {
    let marks = Marks { open: "[".into(), close: "]".into(), ..Marks::default() };
    let options = SearchOptions { marks: Some(marks), ..SearchOptions::default() };
    db.find(typed, &options).unwrap()
}

/// Notes of a type that says nothing of its texts.
pub(crate) fn plain() -> Database {
    let mut db = Database::memory().unwrap();
    db.put("shop", "Note", note("Shopping", "Buy oat milk and bread")).unwrap();
    db.put("cow", "Note", note("Cow", "Gives milk, no oat")).unwrap();
    db.put("sea", "Note", note("Café", "Gib mir ein Stück vom Meer")).unwrap();
    db
}

fn weighted(title: f64, body: f64) -> TypeDef {
    TypeDef::new("Note")
        .with("title", string().full_text(title))
        .with("body", string().full_text(body))
        .with("secret", string())
}

#[test]
fn phrases_beginnings_and_boolean_words_are_understood() {
    let db = plain();
    assert_eq!(ids(&db, "\"oat milk\""), ["shop"]);
    assert_eq!(ids(&db, "oat milk").len(), 2);
    assert_eq!(ids(&db, "shopp* bread "), ["shop"]);
    assert_eq!(ids(&db, "shopp bread ").len(), 0);
    assert_eq!(ids(&db, "milk -bread"), ["cow"]);
    assert_eq!(ids(&db, "milk NOT bread"), ["cow"]);
    assert_eq!(ids(&db, "bread OR meer ").len(), 2);
    assert_eq!(ids(&db, "(bread OR meer) cafe "), ["sea"]);
    assert_eq!(ids(&db, "cafe\u{301} stu\u{308}ck "), ["sea"]);
    assert_eq!(ids(&db, "-milk").len(), 0);
}

#[test]
fn a_word_in_a_field_of_more_weight_ranks_higher() {
    let mut db = Database::memory().unwrap();
    db.define_type(&weighted(10.0, 1.0)).unwrap();
    db.put("a", "Note", note("harbour", "a ship lies in it")).unwrap();
    db.put("b", "Note", note("ship", "it lies in the harbour")).unwrap();
    db.put("c", "Note", note("else", "nothing of it at all")).unwrap();
    assert_eq!(ids(&db, "harbour"), ["a", "b"]);
    db.define_type(&weighted(1.0, 10.0)).unwrap();
    assert_eq!(ids(&db, "harbour"), ["b", "a"]);
    sound(&mut db);
}

#[test]
fn only_declared_fields_are_searched_where_some_are() {
    let mut db = Database::memory().unwrap();
    let secret = object([("title", text("open")), ("secret", text("hidden"))]);
    db.put("a", "Note", secret.clone()).unwrap();
    db.put("b", "Other", secret).unwrap();
    assert_eq!(ids(&db, "hidden").len(), 2);
    db.define_type(&weighted(1.0, 1.0)).unwrap();
    assert_eq!(ids(&db, "hidden"), ["b"]);
    assert_eq!(ids(&db, "open").len(), 2);
    assert_eq!(found(&db, "open", Some("Note")), ["a"]);
    assert_eq!(found(&db, "open", Some("Other")), ["b"]);
    sound(&mut db);
    db.delete("$type/Note").unwrap();
    assert_eq!(ids(&db, "hidden").len(), 2);
    sound(&mut db);
}

#[test]
fn parts_of_words_are_found_where_a_field_is_declared_so() {
    let mut db = Database::memory().unwrap();
    let def = TypeDef::new("Code")
        .with("name", string().full_text_parts(2.0))
        .with("doc", string().full_text(1.0));
    db.define_type(&def).unwrap();
    let code = |name: &str, doc: &str| object([("name", text(name)), ("doc", text(doc))]);
    db.put("a", "Code", code("readFrameHeader", "reads what comes first")).unwrap();
    db.put("b", "Code", code("std::vec<T>::len()", "how many there are")).unwrap();
    assert_eq!(ids(&db, "ameHead"), ["a"]);
    assert_eq!(ids(&db, "vec<T>::le"), ["b"]);
    assert_eq!(ids(&db, "comes "), ["a"]);
    assert_eq!(marked("rameh", &db).hits[0].highlights["name"], "readF[rameH]eader");
    sound(&mut db);
    db.delete("a").unwrap();
    assert!(ids(&db, "ameHead").is_empty());
    sound(&mut db);
}

#[test]
fn a_word_that_must_not_be_there_is_looked_for_in_fields_of_either_kind() {
    let mut db = Database::memory().unwrap();
    let def = TypeDef::new("Code")
        .with("name", string().full_text_parts(2.0))
        .with("doc", string().full_text(1.0));
    db.define_type(&def).unwrap();
    let code = |name: &str, doc: &str| object([("name", text(name)), ("doc", text(doc))]);
    db.put("old", "Code", code("readFrame", "an old way to read")).unwrap();
    db.put("new", "Code", code("readFrame", "a way to read")).unwrap();
    db.put("part", "Code", code("oldFrame", "a way to write")).unwrap();
    db.put("note", "Note", note("a Frame", "a way of old")).unwrap();
    let sorted = |typed: &str| {
        let mut ids = ids(&db, typed);
        ids.sort();
        ids
    };
    assert_eq!(sorted("Frame "), ["new", "note", "old", "part"]);
    assert_eq!(sorted("Frame -old"), ["new"]);
    assert_eq!(sorted("way -old"), ["new"]);
    assert_eq!(sorted("(Frame -an)"), ["new", "note", "part"]);
    assert_eq!(sorted("Fra -old*"), ["new"]);
    // Of the fields that count alone.
    assert_eq!(found_in(&db, "Frame -old", &["name"]), ["new", "old"]);
}

#[test]
fn scripts_without_spaces_are_found_by_what_is_in_them() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", note("東京都に住んでいます", "")).unwrap();
    db.put("b", "Note", note("京都", "한국어를 배우다")).unwrap();
    db.put("c", "Note", note("สวัสดีครับ", "GPU搭載PC")).unwrap();
    assert_eq!(ids(&db, "東京"), ["a"]);
    assert_eq!(ids(&db, "京都").len(), 2);
    assert_eq!(ids(&db, "都京").len(), 0);
    assert_eq!(ids(&db, "국어"), ["b"]);
    assert_eq!(ids(&db, "ดีครับ"), ["c"]);
    assert_eq!(ids(&db, "gpu pc"), ["c"]);
    assert_eq!(marked("に住", &db).hits[0].highlights["title"], "東京都[に住]んでいます");
    sound(&mut db);
}

#[test]
fn what_was_found_is_marked() {
    let db = plain();
    let hits = marked("milk oa", &db).hits;
    let shop = hits.iter().find(|hit| hit.node.id == "shop").unwrap();
    assert_eq!(shop.snippet.as_deref(), Some("Buy [oat] [milk] and bread"));
    assert_eq!(shop.highlights.keys().collect::<Vec<_>>(), ["body"]);
    assert_eq!(marked("cafe", &db).hits[0].highlights["title"], "[Café]");
    assert_eq!(marked("\"oat milk\"", &db).hits[0].highlights["body"], "Buy [oat milk] and bread");
}

#[test]
fn marks_of_html_escape_the_text_around_them() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", note("<img src=x onerror=\"go()\"> & milk", "")).unwrap();
    let options = SearchOptions { marks: Some(Marks::default()), ..SearchOptions::default() };
    let hit = db.find("milk", &options).unwrap().hits.remove(0);
    let safe = "&lt;img src=x onerror=&quot;go()&quot;&gt; &amp; <mark>milk</mark>";
    assert_eq!(hit.highlights["title"], safe);
}

#[test]
fn a_long_text_gives_the_part_around_what_was_found() {
    let mut db = Database::memory().unwrap();
    let long = format!("{} needle {}", "hay ".repeat(500), "hay ".repeat(500));
    db.put("a", "Note", note("t", &long)).unwrap();
    let snippet = marked("needle", &db).hits[0].snippet.clone().unwrap();
    assert!(snippet.contains("[needle]") && snippet.len() < 120, "{snippet}");
}

#[test]
fn a_node_that_becomes_another_type_leaves_the_old_index() {
    let mut db = Database::memory().unwrap();
    db.define_type(&weighted(1.0, 1.0)).unwrap();
    db.put("a", "Note", note("harbour", "ship")).unwrap();
    db.put("a", "Other", note("harbour", "ship")).unwrap();
    assert!(found(&db, "harbour", Some("Note")).is_empty());
    assert_eq!(found(&db, "harbour", Some("Other")), ["a"]);
    db.put("a", "Note", note("harbour", "ship")).unwrap();
    assert_eq!(ids(&db, "harbour"), ["a"]);
    sound(&mut db);
}

#[test]
fn a_definition_counts_for_what_its_own_transaction_writes() {
    let mut db = Database::memory().unwrap();
    db.transaction(|tx| {
        tx.put("a", "Note", object([("title", text("early")), ("secret", text("hidden"))]))?;
        tx.define_type(&weighted(2.0, 1.0))?;
        tx.put("b", "Note", object([("title", text("late")), ("secret", text("hidden"))]))
    })
    .unwrap();
    assert_eq!(ids(&db, "early"), ["a"]);
    assert_eq!(ids(&db, "late"), ["b"]);
    assert!(ids(&db, "hidden").is_empty());
    sound(&mut db);
    let failed = db.transaction(|tx| {
        tx.define_type(&TypeDef::new("Note"))?;
        tx.put("", "Note", Map::new())
    });
    assert!(failed.is_err());
    assert!(ids(&db, "hidden").is_empty());
    sound(&mut db);
}

#[test]
fn a_definition_counts_where_sql_looked_at_it_before_its_commit() {
    let mut db = Database::memory().unwrap();
    db.transaction(|tx| {
        tx.define_type(&weighted(2.0, 1.0))?;
        tx.execute("SELECT 1 FROM nodes", &[])?;
        tx.put("a", "Note", object([("title", text("late")), ("secret", text("hidden"))]))
    })
    .unwrap();
    assert_eq!(ids(&db, "late"), ["a"]);
    assert!(ids(&db, "hidden").is_empty());
    sound(&mut db);
    db.transaction(|tx| {
        tx.define_type(&TypeDef::new("Note").with("secret", string().full_text(1.0)))?;
        tx.execute("SELECT 1 FROM nodes", &[]).map(|_| ())
    })
    .unwrap();
    assert_eq!(ids(&db, "hidden"), ["a"]);
    sound(&mut db);
}

#[test]
fn a_renamed_field_is_searched_under_its_new_name() {
    let mut db = Database::memory().unwrap();
    db.put("a", "Note", note("harbour", "ship")).unwrap();
    let def = TypeDef::new("Note").with("name", string().full_text(1.0).renamed_from("title"));
    db.define_type(&def).unwrap();
    assert_eq!(ids(&db, "harbour"), ["a"]);
    assert!(ids(&db, "ship").is_empty());
    sound(&mut db);
}

#[test]
fn types_that_differ_in_letter_case_only_have_indexes_of_their_own() {
    let mut db = Database::memory().unwrap();
    for name in ["Note", "note"] {
        db.define_type(&TypeDef::new(name).with("title", string().full_text(1.0))).unwrap();
        db.put(name, name, note("harbour", "")).unwrap();
    }
    assert_eq!(found(&db, "harbour", Some("note")), ["note"]);
    assert_eq!(ids(&db, "harbour").len(), 2);
    sound(&mut db);
}

#[test]
fn fields_of_any_name_are_searched() {
    let mut db = Database::memory().unwrap();
    let names = ["rank", "rowid", "a\"b'c", "Rank", "select"];
    let fields = |def: TypeDef, name: &&str| def.with(*name, string().full_text(1.0));
    db.define_type(&names.iter().fold(TypeDef::new("T"), fields)).unwrap();
    for name in names {
        db.put(name, "T", object([(name, text(name)), ("x", text("no"))])).unwrap();
    }
    assert_eq!(ids(&db, "select"), ["select"]);
    assert_eq!(ids(&db, "rank ").len(), 2);
    assert!(ids(&db, "no ").is_empty());
    sound(&mut db);
}

#[test]
fn too_many_words_are_an_error_with_a_code() {
    let db = plain();
    let refused = db.search(&"a ".repeat(1_001), None, 1).unwrap_err();
    assert_eq!(refused.code(), "bad-option");
    assert!(db.search(&"a ".repeat(1_000), None, 1).unwrap().is_empty());
}

#[test]
fn sql_searches_and_joins() {
    let mut db = plain();
    db.put("task", "Task", object([("note", text("shop")), ("due", 3.into())])).unwrap();
    let rows = |sql: &str, params: &[SqlValue]| db.query(sql, params).unwrap().rows;
    let cell = |text: &str| SqlValue::Text(text.into());
    let joined = "SELECT s.id, t.due, s.snippet FROM search(?1, 'Note', 5) AS s
                  JOIN Task AS t ON t.note = s.id WHERE s.score > 0";
    let snippet = cell("Buy <mark>oat</mark> <mark>milk</mark> and bread");
    assert_eq!(rows(joined, &[cell("oat milk")]), [[cell("shop"), SqlValue::Int(3), snippet]]);
    let corrected = rows("SELECT id, type, corrected FROM search('braed ')", &[]);
    let words = cell("{\"braed\":\"bread\"}");
    assert_eq!(corrected, [[cell("shop"), cell("Note"), words]]);
    let options =
        r#"SELECT snippet FROM search('bread', NULL, NULL, '{"open":"[","close":"]","words":2}')"#;
    assert_eq!(rows(options, &[]), [[cell("…and [bread]")]]);
    assert!(rows("SELECT id FROM search(NULL)", &[]).is_empty());
    assert_eq!(rows("SELECT count(*) FROM search('milk', NULL, 1)", &[]), [[SqlValue::Int(1)]]);
    for (sql, what) in [
        ("SELECT * FROM search('a', 1)", "type: give a text"),
        ("SELECT * FROM search('a', NULL, -1)", "limit: give an integer"),
        ("SELECT * FROM search('a', NULL, 1, '{\"typo\": true}')", "typo: there is no such option"),
        (
            "SELECT * FROM search('milk', NULL, 1, '{\"words\": 99}')",
            "words: a snippet has 1 to 64",
        ),
        ("SELECT * FROM search('a', NULL, 1, '[')", "options: no JSON object"),
    ] {
        let error = db.query(sql, &[]).unwrap_err();
        assert_eq!(error.code(), "bad-option", "{sql}");
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[test]
fn a_subscribed_search_follows_writes_and_deletes() {
    let mut db = plain();
    let sql = "SELECT id FROM search('milk') ORDER BY id";
    let (subscription, rows) = db.subscribe(sql, &[]).unwrap();
    assert_eq!(rows.rows.len(), 2);
    db.delete("cow").unwrap();
    let changes = db.take_changes().unwrap();
    assert_eq!(changes.len(), 1, "{subscription:?}");
    db.put("tea", "Note", note("Tea", "with milk")).unwrap();
    assert_eq!(db.take_changes().unwrap().len(), 1);
    assert_eq!(db.query(sql, &[]).unwrap().rows.len(), 2);
}

#[test]
fn small_writes_after_an_import_go_on_with_all_that_was_open() {
    let folder = tempfile::tempdir().unwrap();
    let (path, leases) = (folder.path().join("a.pluresdb"), Leases::at(folder.path()));
    let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
    let sql = "SELECT id FROM search('milk') ORDER BY id";
    let (_, rows) = db.subscribe(sql, &[]).unwrap();
    assert_eq!(rows.rows.len(), 0);
    let lines = (0..200).map(|n| {
        let body = "word ".repeat(100);
        format!("{{\"id\":\"w{n}\",\"type\":\"Note\",\"data\":{{\"body\":\"{body}w{n}\"}}}}\n")
    });
    db.import_jsonl(&lines.collect::<String>(), 1).unwrap();
    for n in 1..=20 {
        let insert = "INSERT INTO Note (id, body) VALUES (?1, 'oat milk')";
        db.execute(insert, &[SqlValue::Text(format!("n{n:02}"))]).unwrap();
        db.take_changes().unwrap();
        assert_eq!(ids(&db, "milk").len(), n);
        assert_eq!(marked("mlik", &db).corrected[0].taken, "milk");
        assert_eq!(db.query(sql, &[]).unwrap().rows.len(), n);
    }
    sound(&mut db);
}

#[test]
fn what_comes_by_sync_is_found_and_what_is_deleted_there_is_gone() {
    let (mut here, mut there) = (replica(), replica());
    there.put("a", "Note", note("harbour", "ship")).unwrap();
    there.put("b", "Note", note("harbour", "boat")).unwrap();
    here.apply(&log(&there)).unwrap();
    assert_eq!(ids(&here, "harbour").len(), 2);
    there.delete("a").unwrap();
    there.put("b", "Note", note("quay", "boat")).unwrap();
    there.define_type(&weighted(1.0, 1.0)).unwrap();
    here.apply(&log(&there)).unwrap();
    assert!(ids(&here, "harbour").is_empty() && ids(&here, "ship").is_empty());
    assert_eq!(ids(&here, "quay"), ["b"]);
    sound(&mut here);
    there.delete("b").unwrap();
    here.apply(&log(&there)).unwrap();
    assert!(ids(&here, "quay").is_empty());
    sound(&mut here);
}

#[test]
fn of_very_many_nodes_with_a_beginning_those_with_the_word_come_first() {
    let mut db = Database::memory().unwrap();
    for thousand in 0..6 {
        let numbers = thousand * 1_000..(thousand + 1) * 1_000;
        db.transaction(|tx| {
            numbers.into_iter().try_for_each(|n| tx.put(&n.to_string(), "Note", note("wordy", "")))
        })
        .unwrap();
    }
    db.put("other", "Other", note("wordy", "")).unwrap();
    db.put("whole", "Note", note("word", "")).unwrap();
    let hits = db.search("word", None, 3).unwrap();
    assert_eq!(hits[0].node.id, "whole");
    assert!(hits[0].score > 0.0 && hits[1].score == 0.0 && hits.len() == 3);
    assert_eq!(found(&db, "word", Some("Other")), ["other"]);
    let all: Vec<_> = db.search("word", None, 9_000).unwrap();
    assert_eq!(all.len(), 6_002);
    let distinct: std::collections::HashSet<_> = all.iter().map(|hit| &hit.node.id).collect();
    assert_eq!(distinct.len(), 6_002);
}

/// Notes whose fields hold each other's words, beside nodes of types that say less of their texts.
fn in_fields() -> Database {
    let mut db = Database::memory().unwrap();
    let mut note_type = weighted(1.0, 1.0).with("code", string().full_text_parts(1.0));
    note_type.language = Some("en".into());
    db.define_type(&note_type).unwrap();
    let code = |title: &str, body: &str, code: &str| {
        let mut data = note(title, body);
        data.insert("code".into(), text(code));
        data
    };
    db.put("oat", "Note", code("Buying oat milk tone", "Not rice", "readFrame")).unwrap();
    db.put("rice", "Note", code("Rice tone", "buy milk of oats, bread tune", "oat")).unwrap();
    db.put("plain", "Other", note("oat milk", "oat milk")).unwrap();
    db
}

fn found_in(db: &Database, typed: &str, fields: &[&str]) -> Vec<String> {
    let options = SearchOptions { fields, typos: false, ..SearchOptions::default() };
    let hits = db.find(typed, &options).unwrap().hits;
    let mut ids: Vec<String> = hits.into_iter().map(|hit| hit.node.id).collect();
    ids.sort();
    ids
}

#[test]
fn a_search_may_be_kept_to_fields() {
    let db = in_fields();
    assert_eq!(found_in(&db, "oat ", &[]), ["oat", "plain", "rice"]);
    assert_eq!(found_in(&db, "oat ", &["title"]), ["oat"]);
    assert_eq!(found_in(&db, "oat ", &["body"]), ["rice"]);
    assert_eq!(found_in(&db, "oat ", &["title", "body"]), ["oat", "rice"]);
    // Words in different fields that count, phrases, beginnings, other forms.
    assert_eq!(found_in(&db, "rice milk ", &["title", "body"]), ["oat", "rice"]);
    assert_eq!(found_in(&db, "rice milk ", &["title"]), [""; 0]);
    assert_eq!(found_in(&db, "\"oat milk\"", &["title"]), ["oat"]);
    assert_eq!(found_in(&db, "\"oat milk\"", &["body"]), [""; 0]);
    assert_eq!(found_in(&db, "mil", &["title"]), ["oat"]);
    assert_eq!(found_in(&db, "ri*", &["title"]), ["rice"]);
    assert_eq!(found_in(&db, "buys ", &["title"]), ["oat"]);
    // What must not be there, must not be in these fields.
    assert_eq!(found_in(&db, "milk -rice", &["title"]), ["oat"]);
    assert_eq!(found_in(&db, "milk OR rice ", &["title"]), ["oat", "rice"]);
    // Parts of words.
    assert_eq!(found_in(&db, "adFra", &["code"]), ["oat"]);
    assert_eq!(found_in(&db, "adFra", &["title"]), [""; 0]);
}

#[test]
fn marks_and_typing_errors_are_of_the_fields_too() {
    let db = in_fields();
    let find = |typed: &str, fields: &[&str]| {
        let marks = Marks { open: "[".into(), close: "]".into(), ..Marks::default() };
        let options = SearchOptions { fields, marks: Some(marks), ..SearchOptions::default() };
        db.find(typed, &options).unwrap()
    };
    let found = find("oat ", &["body"]);
    assert_eq!(found.hits[0].snippet.as_deref(), Some("buy milk of [oats], bread tune"));
    assert_eq!(found.hits[0].highlights.keys().collect::<Vec<_>>(), ["body"]);
    // "braed" is near to "bread", which only bodies have.
    let found = find("braed ", &["body"]);
    assert_eq!((found.hits.len(), found.corrected[0].taken.as_str()), (1, "bread"));
    assert_eq!(find("braed ", &["title"]), pluresdb::Found::default());
    // More nodes have "tone", but none in its body.
    assert_eq!(find("tine ", &["body"]).corrected[0].taken, "tune");
    // It is spelled right, but for the fields that count.
    assert_eq!(find("bread ", &["title"]), pluresdb::Found::default());
    // While it is typed.
    assert_eq!(find("rixe", &["title"]).hits[0].node.id, "rice");
}

#[test]
fn a_field_that_no_type_declares_is_told_of() {
    let db = in_fields();
    let error = |kind, fields: &[&str]| {
        let options = SearchOptions { kind, fields, ..SearchOptions::default() };
        let error = db.find("oat", &options).unwrap_err();
        assert_eq!(error.code(), "bad-option");
        error.to_string()
    };
    let message = error(None, &["title", "secret"]);
    assert!(message.contains("\"secret\"") && message.contains("body, code, title"), "{message}");
    let message = error(Some("Other"), &["title"]);
    assert!(
        message.contains("\"Other\" does not declare") && message.contains("full_text"),
        "{message}"
    );
    let query = |options: &str| {
        let sql = "SELECT id FROM search('oat ', 'Note', NULL, ?1) ORDER BY id";
        db.query(sql, &[SqlValue::Text(options.into())]).map(|found| found.rows)
    };
    let rows = query(r#"{"fields": ["body"]}"#).unwrap();
    assert_eq!(rows, [[SqlValue::Text("rice".into())]]);
    for wrong in [r#"{"fields": ["secret"]}"#, r#"{"fields": "title"}"#, r#"{"fields": [1]}"#] {
        assert_eq!(query(wrong).unwrap_err().code(), "bad-option", "{wrong}");
    }
}
