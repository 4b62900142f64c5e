//! Counters, sets, texts and lists through the engine: what devices change apart comes together.

use crate::{log, replica, text};
use pluresdb::{
    Database, Error, ListEdit, Map, Options, Path, SharedKind, SqlValue, TextEdit, Value, object,
};

fn field(key: &str) -> Path {
    Path::field(key).unwrap()
}

fn edit(at: u32, remove: u32, insert: &str) -> TextEdit {
    TextEdit { at, remove, insert: insert.into() }
}

fn list_edit(at: u32, remove: u32, insert: &[Value]) -> ListEdit {
    ListEdit { at, remove, insert: insert.to_vec() }
}

fn value(db: &Database, key: &str) -> Value {
    db.get("n").unwrap().unwrap().data.get(key).unwrap().clone()
}

fn ints(numbers: &[i64]) -> Value {
    Value::Array(numbers.iter().map(|number| Value::Int(*number)).collect())
}

/// Two devices that both have the node `n` with these fields.
fn pair(data: Map) -> (Database, Database) {
    let (mut a, mut b) = (replica(), replica());
    a.put("n", "Note", data).unwrap();
    b.apply(&log(&a)).unwrap();
    (a, b)
}

/// Brings two devices to hold the same; each hears the other's records twice.
fn meet(a: &mut Database, b: &mut Database) {
    let (of_a, of_b) = (log(a), log(b));
    for _ in 0..2 {
        a.apply(&of_b).unwrap();
        b.apply(&of_a).unwrap();
    }
    assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
    assert_eq!(a.get("n").unwrap().map(|n| n.data), b.get("n").unwrap().map(|n| n.data));
}

#[test]
fn increments_of_two_devices_add_up_on_top_of_the_plain_number() {
    let (mut a, mut b) = pair(object([("votes", 10.into())]));
    let votes = field("votes");
    a.increment("n", &votes, 2).unwrap();
    b.increment("n", &votes, -5).unwrap();
    b.increment("n", &votes, 1).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&a, "votes"), Value::Int(8));
    a.increment("n", &votes, 1).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "votes"), Value::Int(9));
    let rows = a.query("SELECT votes FROM Note", &[]).unwrap().rows;
    assert_eq!(rows, [[SqlValue::Int(9)]]);
}

#[test]
fn an_add_to_a_set_wins_over_a_remove_that_had_not_seen_it() {
    let (mut a, mut b) = pair(object([("tags", vec![text("old"), text("both")].into())]));
    let tags = field("tags");
    a.remove_from_set("n", &tags, &[text("old"), text("both")]).unwrap();
    b.add_to_set("n", &tags, &[text("both"), text("new")]).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&a, "tags"), Value::Array(vec![text("both"), text("new")]));
    b.remove_from_set("n", &tags, &[text("both")]).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&a, "tags"), Value::Array(vec![text("new")]));
}

#[test]
fn a_number_in_a_set_is_one_value_however_it_is_spelled() {
    let mut db = replica();
    db.put("n", "Note", Map::new()).unwrap();
    db.add_to_set("n", &field("s"), &[Value::Float(2.0), Value::Int(2)]).unwrap();
    assert_eq!(value(&db, "s"), ints(&[2]));
    db.remove_from_set("n", &field("s"), &[Value::Float(2.0)]).unwrap();
    assert_eq!(value(&db, "s"), ints(&[]));
}

#[test]
fn edits_of_a_text_at_two_places_are_both_kept() {
    let (mut a, mut b) = pair(object([("body", text("Buy milk"))]));
    let body = field("body");
    a.edit_text("n", &body, &[edit(0, 3, "Get"), edit(4, 0, "oat ")]).unwrap();
    b.edit_text("n", &body, &[edit(8, 0, " and bread")]).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&a, "body"), text("Get oat milk and bread"));
    assert_eq!(a.search("bread", None, 5).unwrap().len(), 1);
}

#[test]
fn edits_of_a_list_at_two_places_are_both_kept() {
    let (mut a, mut b) = pair(object([("steps", ints(&[1, 2, 3]))]));
    let steps = field("steps");
    a.edit_list("n", &steps, &[list_edit(0, 1, &[text("a"), text("b")])]).unwrap();
    b.edit_list("n", &steps, &[list_edit(2, 1, &[text("z")])]).unwrap();
    meet(&mut a, &mut b);
    let wanted = vec![text("a"), text("b"), 2.into(), text("z")];
    assert_eq!(value(&a, "steps"), Value::Array(wanted));
}

#[test]
fn a_delete_takes_concurrent_changes_along_and_a_later_put_starts_anew() {
    let (mut a, mut b) = pair(object([("votes", 10.into()), ("body", text("old"))]));
    for db in [&mut a, &mut b] {
        db.increment("n", &field("votes"), 1).unwrap();
    }
    meet(&mut a, &mut b);
    a.delete("n").unwrap();
    b.increment("n", &field("votes"), 100).unwrap();
    b.edit_text("n", &field("body"), &[edit(0, 0, "more ")]).unwrap();
    b.add_to_set("n", &field("tags"), &[text("x")]).unwrap();
    meet(&mut a, &mut b);
    assert!(a.get("n").unwrap().is_none());
    assert!(matches!(a.increment("n", &field("votes"), 1), Err(Error::NotFound { .. })));

    b.put("n", "Note", Map::new()).unwrap();
    b.increment("n", &field("votes"), 1).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(a.get("n").unwrap().unwrap().data, object([("votes", 1.into())]));
}

#[test]
fn a_put_of_a_node_changes_its_shared_fields_as_little_as_it_can() {
    let tags = Value::from(vec![text("a"), text("b")]);
    let steps = ints(&[1, 2, 3]);
    let (mut a, mut b) = pair(Map::new());
    a.increment("n", &field("votes"), 5).unwrap();
    a.add_to_set("n", &field("tags"), &[text("a"), text("b")]).unwrap();
    a.edit_text("n", &field("body"), &[edit(0, 0, "one two three")]).unwrap();
    a.edit_list("n", &field("steps"), &[list_edit(0, 0, &[1.into(), 2.into(), 3.into()])]).unwrap();
    meet(&mut a, &mut b);
    let (seen_tags, seen_steps) = (value(&b, "tags"), value(&b, "steps"));
    assert_eq!((seen_tags, seen_steps), (tags, steps));

    // A whole node from one who knows of no kinds, while the other edits elsewhere.
    let whole = object([
        ("votes", 7.into()),
        ("tags", vec![text("b"), text("c")].into()),
        ("body", text("one 2 three")),
        ("steps", vec![1.into(), text("2"), 3.into()].into()),
    ]);
    a.put("n", "Note", whole).unwrap();
    b.increment("n", &field("votes"), 10).unwrap();
    b.add_to_set("n", &field("tags"), &[text("d")]).unwrap();
    b.edit_text("n", &field("body"), &[edit(13, 0, " four")]).unwrap();
    b.edit_list("n", &field("steps"), &[list_edit(0, 0, &[0.into()])]).unwrap();
    meet(&mut a, &mut b);
    let merged = object([
        ("votes", 17.into()),
        ("tags", vec![text("b"), text("c"), text("d")].into()),
        ("body", text("one 2 three four")),
        ("steps", vec![0.into(), 1.into(), text("2"), 3.into()].into()),
    ]);
    assert_eq!(a.get("n").unwrap().unwrap().data, merged);
}

#[test]
fn a_put_of_another_type_of_value_replaces_the_field() {
    let (mut a, mut b) = pair(Map::new());
    a.increment("n", &field("votes"), 5).unwrap();
    meet(&mut a, &mut b);
    a.put("n", "Note", object([("votes", text("none"))])).unwrap();
    b.increment("n", &field("votes"), 1).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "votes"), text("none"));
}

#[test]
fn a_file_gives_every_kind_back_and_goes_on_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pluresdb");
    let mut db = Database::create(&file, Options::default()).unwrap();
    db.put("n", "Note", object([("deep", Map::new().into())])).unwrap();
    let deep = field("deep").child("votes.é").unwrap();
    for turn in 0..3_i64 {
        db.increment("n", &deep, 1).unwrap();
        db.add_to_set("n", &field("tags"), &[turn.into()]).unwrap();
        db.edit_text("n", &field("body"), &[edit(0, 0, &turn.to_string())]).unwrap();
        db.edit_list("n", &field("steps"), &[list_edit(0, 0, &[turn.into()])]).unwrap();
        let (data, hash) = (db.get("n").unwrap().unwrap().data, db.state_hash().unwrap());
        drop(db);
        db = Database::open(&file).unwrap();
        assert_eq!(db.get("n").unwrap().unwrap().data, data);
        assert_eq!(db.state_hash().unwrap(), hash);
    }
    let wanted = object([
        ("deep", Value::from([("votes.é", 3.into())])),
        ("tags", ints(&[0, 1, 2])),
        ("body", text("210")),
        ("steps", ints(&[2, 1, 0])),
    ]);
    assert_eq!(db.get("n").unwrap().unwrap().data, wanted);
}

#[test]
fn a_text_of_100_kb_is_edited_in_records_of_the_edits_size() {
    let long: String = ('a'..='z').cycle().take(100_000).collect();
    let (mut a, mut b) = pair(object([("body", text(&long))]));
    let before = log(&a).len();
    a.edit_text("n", &field("body"), &[edit(50_000, 10, "in the middle")]).unwrap();
    b.edit_text("n", &field("body"), &[edit(100_000, 0, "at the end")]).unwrap();
    let records = log(&a);
    assert!(records[before..].iter().all(|record| record.len() < 400));
    meet(&mut a, &mut b);
    let wanted = format!("{}in the middle{}at the end", &long[..50_000], &long[50_010..]);
    assert_eq!(value(&a, "body"), Value::Text(wanted));
}

#[test]
fn places_in_a_text_count_utf_16_and_half_a_character_is_refused() {
    let (mut a, mut b) = pair(object([("body", text("a🦀b"))]));
    let body = field("body");
    for (at, remove) in [(2, 0), (0, 2), (2, 1), (1, 1)] {
        let refused = a.edit_text("n", &body, &[edit(at, remove, "x")]).unwrap_err();
        assert_eq!(refused.code(), "bad-field");
        assert!(refused.to_string().contains("half a character"), "{at} {remove}: {refused}");
    }
    for (at, remove) in [(5, 0), (4, 1), (0, u32::MAX), (u32::MAX, 1)] {
        let refused = a.edit_text("n", &body, &[edit(at, remove, "x")]).unwrap_err();
        assert!(refused.to_string().contains("has 4"), "{at} {remove}: {refused}");
    }
    assert_eq!(value(&a, "body"), text("a🦀b"));
    a.edit_text("n", &body, &[edit(3, 0, "👩‍👩‍👧"), edit(1, 2, "")]).unwrap();
    b.edit_text("n", &body, &[edit(0, 1, "ä")]).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "body"), text("ä👩‍👩‍👧b"));
}

#[test]
fn a_put_between_two_characters_that_share_a_half_keeps_both_whole() {
    // U+1F980 and U+1F981 have the same first half.
    let (mut a, mut b) = pair(object([("body", text("x"))]));
    a.edit_text("n", &field("body"), &[edit(0, 1, "🦀")]).unwrap();
    a.put("n", "Note", object([("body", text("🦁"))])).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "body"), text("🦁"));
}

/// Values at the edges of what there is.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        true.into(),
        Value::Int((1 << 53) + 1),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX - 1),
        Value::Int(1 << 60),
        Value::Float(-0.0),
        Value::Float(0.1),
        Value::Float(1e300),
        Value::Float(5e-324),
        Value::Float(2_f64.powi(63)),
        text(""),
        text("\u{0}é🦀\u{feff}"),
        Value::Bytes(vec![]),
        Value::Bytes(vec![0, 255]),
        Value::Array(vec![Value::Array(vec![Value::Bytes(vec![7]), Value::Array(vec![])])]),
    ]
}

#[test]
fn lists_and_sets_give_every_value_back_as_it_was() {
    let (mut a, mut b) = pair(Map::new());
    let mut values = odd_values();
    a.add_to_set("n", &field("set"), &values).unwrap();
    values.push(Value::from([("", 1.into()), ("a.b", Value::Object(Map::new()))]));
    a.edit_list("n", &field("list"), &[list_edit(0, 0, &values)]).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "list"), Value::Array(values.clone()));
    let Value::Array(read) = value(&b, "list") else { panic!("a list") };
    assert!(matches!(read[6], Value::Float(zero) if zero.is_sign_negative()));
    let Value::Array(set) = value(&b, "set") else { panic!("a list") };
    assert_eq!(set.len(), values.len() - 1);
    for wanted in odd_values() {
        assert!(set.contains(&wanted), "{wanted:?} is not in {set:?}");
    }
    a.remove_from_set("n", &field("set"), &odd_values()).unwrap();
    assert_eq!(value(&a, "set"), Value::Array(vec![]));
}

#[test]
fn a_list_of_plain_values_becomes_shared_without_changing_one() {
    let (mut a, mut b) = pair(object([("list", odd_values().into())]));
    a.edit_list("n", &field("list"), &[list_edit(0, 0, &[text("first")])]).unwrap();
    meet(&mut a, &mut b);
    let mut wanted = odd_values();
    wanted.insert(0, text("first"));
    assert_eq!(value(&b, "list"), Value::Array(wanted));
}

#[test]
fn what_a_list_or_a_set_cannot_hold_is_refused() {
    let mut db = replica();
    db.put("n", "Note", Map::new()).unwrap();
    let deep = (0..200).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    let bytes_key = Value::from([("$bytes", text("AA=="))]);
    for bad in [Value::Float(f64::NAN), Value::Float(f64::INFINITY), deep, bytes_key] {
        let into_list =
            db.edit_list("n", &field("l"), &[list_edit(0, 0, std::slice::from_ref(&bad))]);
        assert_eq!(into_list.unwrap_err().code(), "bad-field", "{bad:?}");
        let into_set = db.add_to_set("n", &field("s"), std::slice::from_ref(&bad));
        assert_eq!(into_set.unwrap_err().code(), "bad-field", "{bad:?}");
    }
    let refused = db.add_to_set("n", &field("s"), &[Value::from([("x", 1.into())])]);
    assert!(refused.unwrap_err().to_string().starts_with("field s:"));
    assert_eq!(db.status().unwrap().records, 1);
}

#[test]
fn a_number_that_a_list_cannot_keep_is_refused_also_when_it_was_there_before() {
    for number in [Value::Int(i64::MAX), Value::Float(2_f64.powi(60))] {
        let mut db = replica();
        let plain = Value::Array(vec![Value::Array(vec![number.clone()])]);
        db.put("n", "Note", object([("plain", plain.clone())])).unwrap();
        assert_eq!(value(&db, "plain"), plain);
        for (key, insert) in [("plain", 1.into()), ("fresh", number)] {
            let refused = db.edit_list("n", &field(key), &[list_edit(0, 0, &[insert])]);
            let refused = refused.unwrap_err().to_string();
            assert!(refused.starts_with(&format!("field {key}: a list cannot keep")), "{refused}");
        }
    }
}

#[test]
fn a_field_of_another_kind_of_value_is_refused_by_its_name() {
    let mut db = replica();
    db.put("n", "Note", object([("x", true.into())])).unwrap();
    let x = field("x");
    let refusals = [
        db.increment("n", &x, 1),
        db.add_to_set("n", &x, &[1.into()]),
        db.edit_text("n", &x, &[edit(0, 0, "t")]),
        db.edit_list("n", &x, &[list_edit(0, 0, &[1.into()])]),
        db.field_update("n", &x, SharedKind::Text).map(drop),
    ];
    for refused in refusals {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "bad-field");
        assert!(refused.to_string().starts_with("field x holds"), "{refused}");
    }
    assert_eq!(value(&db, "x"), Value::Bool(true));
}

#[test]
fn a_transaction_reads_its_own_shared_writes_and_is_one_record() {
    let (mut a, mut b) = pair(object([("votes", 1.into()), ("body", text("abc"))]));
    let records = a.status().unwrap().records;
    a.transaction(|tx| {
        tx.increment("n", &field("votes"), 2)?;
        tx.increment("n", &field("votes"), 3)?;
        tx.add_to_set("n", &field("tags"), &[text("z"), text("x"), text("y")])?;
        tx.remove_from_set("n", &field("tags"), &[text("x")])?;
        tx.edit_text("n", &field("body"), &[edit(3, 0, "d")])?;
        tx.patch("n", vec![(field("body"), Some(text("abcde")))])?;
        tx.edit_text("n", &field("body"), &[edit(5, 0, "f")])?;
        tx.edit_list("n", &field("steps"), &[list_edit(0, 0, &[1.into()])])?;
        tx.edit_list("n", &field("steps"), &[list_edit(1, 0, &[2.into()])])?;
        let (_, data) = tx.get("n")?.unwrap();
        let wanted = object([
            ("votes", 6.into()),
            ("tags", vec![text("y"), text("z")].into()),
            ("body", text("abcdef")),
            ("steps", ints(&[1, 2])),
        ]);
        assert_eq!(data, wanted);
        Ok(())
    })
    .unwrap();
    assert_eq!(a.status().unwrap().records, records + 1);
    b.edit_text("n", &field("body"), &[edit(0, 0, "_")]).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "body"), text("_abcdef"));
    assert_eq!(value(&b, "votes"), Value::Int(6));
}

#[test]
fn a_transaction_may_make_a_node_delete_it_and_make_it_again_with_shared_fields() {
    let (mut a, mut b) = pair(object([("body", text("old")), ("votes", 9.into())]));
    a.edit_text("n", &field("body"), &[edit(3, 0, "er")]).unwrap();
    a.transaction(|tx| {
        tx.edit_text("n", &field("body"), &[edit(0, 0, "lost ")])?;
        tx.delete("n")?;
        tx.put("n", "Note", object([("body", text("new"))]))?;
        tx.edit_text("n", &field("body"), &[edit(3, 0, "est")])?;
        tx.increment("n", &field("votes"), 1)
    })
    .unwrap();
    b.edit_text("n", &field("body"), &[edit(0, 3, "gone")]).unwrap();
    meet(&mut a, &mut b);
    let wanted = object([("body", text("newest")), ("votes", 1.into())]);
    assert_eq!(b.get("n").unwrap().unwrap().data, wanted);
}

#[test]
fn a_transaction_that_fails_leaves_nothing_of_its_shared_writes() {
    let mut db = replica();
    db.put("n", "Note", object([("votes", 1.into()), ("body", text("abc"))])).unwrap();
    let (hash, node) = (db.state_hash().unwrap(), db.get("n").unwrap());
    let outcome: Result<(), Error> = db.transaction(|tx| {
        tx.increment("n", &field("votes"), 2)?;
        tx.add_to_set("n", &field("tags"), &[text("x")])?;
        tx.edit_text("n", &field("body"), &[edit(0, 0, "z")])?;
        tx.edit_list("n", &field("steps"), &[list_edit(0, 0, &[1.into()])])?;
        Err(Error::NotFound { id: "on purpose".into() })
    });
    assert!(outcome.is_err());
    assert_eq!((db.state_hash().unwrap(), db.get("n").unwrap()), (hash, node));
    assert_eq!(db.status().unwrap().records, 1);
    db.increment("n", &field("votes"), 1).unwrap();
    assert_eq!(value(&db, "votes"), Value::Int(2));
}

#[test]
fn a_change_that_changes_nothing_writes_no_record() {
    let mut db = replica();
    db.put("n", "Note", object([("votes", 1.into()), ("body", text("abc"))])).unwrap();
    db.increment("n", &field("votes"), 0).unwrap();
    db.edit_text("n", &field("body"), &[]).unwrap();
    db.edit_text("n", &field("body"), &[edit(1, 0, "")]).unwrap();
    db.remove_from_set("n", &field("tags"), &[text("x")]).unwrap();
    assert_eq!(db.status().unwrap().records, 1);
}

#[test]
fn an_increment_beyond_64_bits_is_refused_and_a_sum_of_several_is_shown_as_the_largest() {
    let (mut a, mut b) = pair(object([("votes", (i64::MAX - 1).into())]));
    let refused = a.increment("n", &field("votes"), 2).unwrap_err();
    let why = "field votes: the whole number does not fit in 64 bits; store it as a text";
    assert_eq!((refused.code(), refused.to_string().as_str()), ("bad-field", why));
    assert_eq!(value(&a, "votes"), Value::Int(i64::MAX - 1));
    a.increment("n", &field("votes"), 1).unwrap();
    b.increment("n", &field("votes"), 1).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&a, "votes"), Value::Int(i64::MAX));
    b.increment("n", &field("votes"), -1).unwrap();
    meet(&mut a, &mut b);
    assert_eq!(value(&b, "votes"), Value::Int(i64::MAX));
}
