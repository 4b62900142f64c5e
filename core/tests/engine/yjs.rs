//! Texts and lists as Yjs documents elsewhere have them: updates out, updates in.

use crate::{log, replica, text};
use pluresdb::codec::Draft;
use pluresdb::crdt::client_of;
use pluresdb::model::{
    Floor, Header, Hlc, Op, Part, RecordHash, SharedChange, SharedOp, Target, Write,
};
use pluresdb::types::{Rule, TypeDef};
use pluresdb::{
    ActorId, Database, ListEdit, Map, NodeViolation, Path, SharedKind, SpaceId, TextEdit, Value,
    object,
};
use yrs::updates::decoder::Decode;
use yrs::{
    Array, ClientID, Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact,
    Update,
};

/// A document of Yjs as an editor in a page has it.
fn document(client: u64) -> Doc {
    let mut options = Options::with_client_id(ClientID::new(client));
    options.offset_kind = OffsetKind::Utf16;
    Doc::with_options(options)
}

fn load(doc: &Doc, update: &[u8]) {
    doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
}

/// What is in a document beyond a state.
fn update_since(doc: &Doc, since: &StateVector) -> Vec<u8> {
    doc.transact().encode_state_as_update_v1(since)
}

fn state(doc: &Doc) -> StateVector {
    doc.transact().state_vector()
}

fn content(doc: &Doc) -> String {
    let text = doc.get_or_insert_text("value");
    text.get_string(&doc.transact())
}

fn insert(doc: &Doc, at: u32, inserted: &str) {
    let text = doc.get_or_insert_text("value");
    text.insert(&mut doc.transact_mut(), at, inserted);
}

fn body() -> Path {
    Path::field("body").unwrap()
}

fn note(content: &str) -> Database {
    let mut db = replica();
    db.put("n", "Note", object([("body", text(content))])).unwrap();
    db
}

fn stored(db: &Database) -> Value {
    db.get("n").unwrap().unwrap().data["body"].clone()
}

fn refused(db: &mut Database, update: &[u8]) -> String {
    let before = (db.status().unwrap().records, stored(db));
    let error = db.apply_update("n", &body(), SharedKind::Text, update).unwrap_err();
    assert_eq!(error.code(), "bad-field");
    assert_eq!((db.status().unwrap().records, stored(db)), before);
    error.to_string()
}

#[test]
fn an_update_may_leave_out_what_is_here() {
    let mut db = note("");
    let doc = document(77);
    let mut updates = Vec::new();
    for (at, word) in ["one ", "two ", "three "].into_iter().enumerate() {
        let before = state(&doc);
        insert(&doc, [0, 4, 8][at], word);
        updates.push(update_since(&doc, &before));
    }
    let body = body();
    for update in &updates[..2] {
        db.apply_update("n", &body, SharedKind::Text, update).unwrap();
    }
    let gap = yrs::merge_updates_v1([&updates[0], &updates[2]]).unwrap();
    db.apply_update("n", &body, SharedKind::Text, &gap).unwrap();
    assert_eq!(stored(&db), text("one two three "));

    let mut other = note("");
    refused(&mut other, &gap);
}

#[test]
fn an_editor_elsewhere_and_a_database_edit_one_text() {
    let mut db = note("Buy milk");
    let editor = document(7);
    load(&editor, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    assert_eq!(content(&editor), "Buy milk");

    let seen = state(&editor);
    insert(&editor, 8, " and 🦀");
    db.edit_text("n", &body(), &[TextEdit { at: 4, remove: 0, insert: "oat ".into() }]).unwrap();
    let update = update_since(&editor, &seen);
    db.apply_update("n", &body(), SharedKind::Text, &update).unwrap();
    assert_eq!(stored(&db), text("Buy oat milk and 🦀"));
    load(&editor, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    assert_eq!(content(&editor), "Buy oat milk and 🦀");
    assert!(state(&editor).iter().any(|(known, _)| known.get() >= 1 << 52));

    // Once more, or the whole document: nothing new, so no record.
    let records = db.status().unwrap().records;
    db.apply_update("n", &body(), SharedKind::Text, &update).unwrap();
    let whole = update_since(&editor, &StateVector::default());
    db.apply_update("n", &body(), SharedKind::Text, &whole).unwrap();
    assert_eq!(db.status().unwrap().records, records);

    let mut other = replica();
    other.apply(&log(&db)).unwrap();
    assert_eq!(stored(&other), stored(&db));
}

#[test]
fn the_same_updates_may_come_by_two_devices() {
    let mut a = note("x");
    let mut b = replica();
    b.apply(&log(&a)).unwrap();
    let editor = document(7);
    load(&editor, &a.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    insert(&editor, 1, "y");
    let first = update_since(&editor, &StateVector::default());
    insert(&editor, 2, "z");
    let second = update_since(&editor, &StateVector::default());
    a.apply_update("n", &body(), SharedKind::Text, &first).unwrap();
    b.apply_update("n", &body(), SharedKind::Text, &second).unwrap();
    let (of_a, of_b) = (log(&a), log(&b));
    a.apply(&of_b).unwrap();
    b.apply(&of_a).unwrap();
    assert_eq!((stored(&a), stored(&b)), (text("xyz"), text("xyz")));
    assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
}

#[test]
fn an_update_whose_beginning_is_missing_is_refused() {
    let editor = document(7);
    insert(&editor, 0, "begin");
    let seen = state(&editor);
    insert(&editor, 5, " end");
    let end = update_since(&editor, &seen);
    // The text of which the update is the end has never been here.
    assert!(refused(&mut note("x"), &end).contains("no Yjs update that follows"));

    // The first operations of a client are there, those in the middle are not.
    let mut db = note("x");
    let start = document(7);
    insert(&start, 0, "be");
    let start = update_since(&start, &StateVector::default());
    db.apply_update("n", &body(), SharedKind::Text, &start).unwrap();
    assert!(refused(&mut db, &end).contains("no Yjs update that follows"));
}

#[test]
fn bytes_that_are_no_update_are_refused() {
    let mut db = note("x");
    for bytes in [&b""[..], b"\xff", b"hello", &[1, 1, 255, 255, 255, 255, 255]] {
        assert!(refused(&mut db, bytes).contains("no Yjs update"), "{bytes:?}");
    }
}

#[test]
fn nobody_writes_in_the_name_of_another_device() {
    let mut db = note("x");
    let mut other = replica();
    other.put("m", "Note", Map::new()).unwrap();
    let forger = document(client_of(&other.actor().unwrap(), 9));
    load(&forger, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    insert(&forger, 0, "forged ");
    let update = update_since(&forger, &StateVector::default());
    assert!(refused(&mut db, &update).contains("who writes for another device"));
    // Also hidden in a document that another device's writes are taken from.
    let mut next = replica();
    next.apply(&log(&db)).unwrap();
    assert_eq!(stored(&next), text("x"));
}

#[test]
fn lists_go_both_ways_with_every_type_that_yjs_has() {
    let mut db = replica();
    db.put("n", "Note", Map::new()).unwrap();
    let values =
        vec![Value::Int((1 << 53) + 1), Value::Bytes(vec![1, 0]), Value::Array(vec![Value::Null])];
    let edits = [ListEdit { at: 0, remove: 0, insert: values.clone() }];
    db.edit_list("n", &body(), &edits).unwrap();
    let editor = document(7);
    let list = editor.get_or_insert_array("value");
    load(&editor, &db.field_update("n", &body(), SharedKind::List).unwrap().unwrap());
    {
        let mut txn = editor.transact_mut();
        list.remove(&mut txn, 1);
        list.insert(&mut txn, 0, yrs::Any::Undefined);
        list.insert(&mut txn, 0, yrs::Any::from(f64::NAN));
        let inner = list.insert(&mut txn, 0, yrs::MapPrelim::default());
        yrs::Map::insert(&inner, &mut txn, "k", 1.5);
    }
    let update = update_since(&editor, &StateVector::default());
    db.apply_update("n", &body(), SharedKind::List, &update).unwrap();
    // What no value here can be is null.
    let wanted = Value::Array(vec![
        Value::from([("k", 1.5.into())]),
        Value::Null,
        Value::Null,
        values[0].clone(),
        values[2].clone(),
    ]);
    assert_eq!(stored(&db), wanted);
    db.put("n", "Note", object([("body", wanted.clone())])).unwrap();
    assert_eq!(stored(&db), wanted);
}

#[test]
fn only_texts_and_lists_have_documents() {
    let mut db = note("x");
    db.increment("n", &Path::field("votes").unwrap(), 1).unwrap();
    for kind in [SharedKind::Counter, SharedKind::Set] {
        let path = Path::field("fresh").unwrap();
        let error = db.field_update("n", &path, kind).unwrap_err().to_string();
        assert!(error.contains("has no Yjs document"), "{error}");
        let error = db.apply_update("n", &path, kind, &[0, 0]).unwrap_err().to_string();
        assert!(error.contains("has no Yjs document"), "{error}");
    }
    assert_eq!(db.field_update("missing", &body(), SharedKind::Text).unwrap(), None);
}

#[test]
fn a_document_of_an_earlier_life_of_the_field_cannot_pass_for_one_of_the_present() {
    let mut db = note("old words");
    let stale = document(7);
    db.edit_text("n", &body(), &[TextEdit { at: 0, remove: 0, insert: "my ".into() }]).unwrap();
    load(&stale, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    db.delete("n").unwrap();
    db.put("n", "Note", object([("body", text("new words"))])).unwrap();
    db.edit_text("n", &body(), &[TextEdit { at: 0, remove: 0, insert: "its ".into() }]).unwrap();
    insert(&stale, 3, "very ");
    let whole = update_since(&stale, &StateVector::default());
    assert!(refused(&mut db, &whole).contains("who writes for another device"));
    assert_eq!(stored(&db), text("its new words"));
    // The other way round nothing of the two documents is taken for the same.
    load(&stale, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    assert!(content(&stale).contains("new words") && content(&stale).contains("old words"));
}

/// A record of another device that changes the text of the note by these bytes.
fn sent(db: &Database, update: Vec<u8>) -> Vec<u8> {
    let actor = ActorId([9; 16]);
    let shared = SharedOp { floor: floor(db), change: SharedChange::Text(update) };
    let write = Write { path: body(), op: Op::Shared(shared) };
    let target = Target::Node("n".into());
    let part = Part { target, delete: false, put: false, kind: None, writes: vec![write] };
    let header = Header {
        space: SpaceId([7; 16]),
        actor,
        seq: 1,
        prev: RecordHash::ZERO,
        hlc: Hlc(db.entity("n").unwrap().updated().unwrap().hlc.0 + 1),
        epoch: 0,
        deps: Vec::new(),
    };
    Draft { header: &header, parts: &[part] }.encode().unwrap()
}

/// What a change of the text stands on.
fn floor(db: &Database) -> Option<Floor> {
    db.entity("n").unwrap().ground("body").floor
}

#[test]
fn a_change_from_elsewhere_that_can_never_be_taken_in_is_listed() {
    let forged = document(client_of(&ActorId([3; 16]), 5));
    insert(&forged, 0, "in another's name");
    let forged = update_since(&forged, &StateVector::default());
    for update in [vec![1, 2, 3], forged] {
        let mut db = note("milk");
        let record = sent(&db, update);
        let applied = db.apply(std::slice::from_ref(&record)).unwrap();
        assert_eq!(applied.applied, 1);
        assert_eq!(stored(&db), text("milk"));
        let listed = db.violations(None, 10).unwrap();
        assert_eq!(listed.len(), 1, "{listed:?}");
        let NodeViolation { id, kind, violation } = &listed[0];
        assert_eq!((id.as_str(), kind.as_str()), ("n", "Note"));
        assert_eq!((violation.path.as_str(), violation.rule), ("body", Rule::Change));
        assert!(violation.value.contains("09090909"), "{violation}");
        assert_eq!(db.check().unwrap(), []);

        // It does not hinder anything, and stays listed until the field is replaced.
        db.edit_text("n", &body(), &[TextEdit { at: 0, remove: 0, insert: "oat ".into() }])
            .unwrap();
        assert_eq!(stored(&db), text("oat milk"));
        assert_eq!(db.violations(None, 10).unwrap().len(), 1);
        db.define_type(&TypeDef::new("Note")).unwrap();
        assert_eq!(db.violations(Some("Note"), 10).unwrap().len(), 1);
        assert_eq!(db.check().unwrap(), []);
        db.put("n", "Note", object([("body", 7.into())])).unwrap();
        assert_eq!(db.violations(None, 10).unwrap(), []);
    }
}

#[test]
fn an_update_that_no_record_can_hold_is_written_as_several() {
    let mut db = note("Before: ");
    let editor = document(77);
    load(&editor, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    let since = state(&editor);
    let pasted = "A long text, 漢字 and 🦀. ".repeat(20_000);
    insert(&editor, 8, &pasted);
    let update = update_since(&editor, &since);
    let one = db.transaction(|tx| tx.apply_update("n", &body(), SharedKind::Text, &update));
    assert_eq!(one.unwrap_err().code(), "too-large");
    let before = log(&db).len();
    db.apply_update("n", &body(), SharedKind::Text, &update).unwrap();
    assert!(log(&db).len() > before + 1);
    assert_eq!(stored(&db), text(&format!("Before: {pasted}")));
    // All of it again changes nothing.
    let before = log(&db).len();
    db.apply_update("n", &body(), SharedKind::Text, &update).unwrap();
    assert_eq!(log(&db).len(), before);
}

#[test]
fn edits_before_and_after_a_format_in_one_transaction_are_all_kept() {
    let mut db = note("Buy milk");
    let editor = document(77);
    load(&editor, &db.field_update("n", &body(), SharedKind::Text).unwrap().unwrap());
    let since = state(&editor);
    let bold = [("bold".into(), true.into())].into();
    let letters = editor.get_or_insert_text("value");
    letters.insert_with_attributes(&mut editor.transact_mut(), 8, " now", bold);
    let update = update_since(&editor, &since);
    let edit = |at, insert: &str| [TextEdit { at, remove: 0, insert: insert.into() }];
    db.transaction(|tx| {
        tx.edit_text("n", &body(), &edit(4, "oat "))?;
        tx.apply_update("n", &body(), SharedKind::Text, &update)?;
        tx.edit_text("n", &body(), &edit(0, "> "))
    })
    .unwrap();
    assert_eq!(stored(&db), text("> Buy oat milk now"));
    // Another device takes it in, and edits on.
    let mut other = replica();
    other.apply(&log(&db)).unwrap();
    other.edit_text("n", &body(), &edit(18, "!")).unwrap();
    assert_eq!(stored(&other), text("> Buy oat milk now!"));
}
