//! Undo and redo of own transactions, also after others' edits.

use crate::{log, replica, text};
use pluresdb::crdt::{ListEdit, TextEdit};
use pluresdb::{Database, Direction, Map, Path, Undone, Value, object};
use proptest::prelude::*;

fn field(name: &str) -> Path {
    Path::field(name).unwrap()
}

fn data(db: &Database) -> Option<Map> {
    db.get("n").unwrap().map(|node| node.data)
}

/// The fields, with those that a transaction made and an undo emptied: they stay, so that what others
/// did to them meanwhile is not lost.
fn filled(db: &Database) -> Option<Map> {
    data(db).map(|mut data| {
        data.entry("votes".into()).or_insert(Value::Int(0));
        data.entry("tags".into()).or_insert(Value::Array(Vec::new()));
        data.entry("body".into()).or_insert_with(|| text(""));
        data
    })
}

/// Two replicas with one node; the first keeps undo.
fn pair() -> (Database, Database) {
    let (mut a, mut b) = (replica(), replica());
    let list = Value::Array([1, 2, 3].map(Value::Int).into());
    let fields = [("title", text("one")), ("body", text("hello")), ("list", list)];
    a.put("n", "Note", object(fields)).unwrap();
    a.keep_undo(10);
    b.apply(&log(&a)).unwrap();
    (a, b)
}

fn meet(a: &mut Database, b: &mut Database) {
    a.apply(&log(b)).unwrap();
    b.apply(&log(a)).unwrap();
    assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
}

fn insert(at: u32, what: &str) -> TextEdit {
    TextEdit { at, remove: 0, insert: what.into() }
}

#[test]
fn undo_takes_back_each_transaction_from_the_last_on_and_redo_does_them_again() {
    let mut db = replica();
    db.keep_undo(10);
    let mut states = vec![filled(&db)];
    db.put("n", "Note", object([("title", text("one"))])).unwrap();
    states.push(filled(&db));
    let size = Value::from([("w", 1.into()), ("h", 2.into())]);
    db.patch("n", vec![(field("size"), Some(size)), (field("title"), None)]).unwrap();
    states.push(filled(&db));
    db.transaction(|tx| {
        tx.increment("n", &field("votes"), 3)?;
        tx.add_to_set("n", &field("tags"), &[text("a"), text("b")])
    })
    .unwrap();
    states.push(filled(&db));
    db.delete("n").unwrap();
    states.push(filled(&db));
    for state in states.iter().rev().skip(1) {
        assert!(db.undo().unwrap().is_some());
        assert_eq!(filled(&db), *state);
    }
    assert_eq!(db.undo().unwrap(), None);
    for state in &states[1..] {
        assert!(db.redo().unwrap().is_some());
        assert_eq!(filled(&db), *state);
    }
    assert_eq!(db.redo().unwrap(), None);
}

#[test]
fn what_another_has_written_since_stays() {
    let (mut a, mut b) = pair();
    a.patch("n", vec![(field("title"), Some(text("mine"))), (field("new"), Some(1.into()))])
        .unwrap();
    b.apply(&log(&a)).unwrap();
    b.patch("n", vec![(field("title"), Some(text("theirs")))]).unwrap();
    a.apply(&log(&b)).unwrap();
    a.undo().unwrap();
    let fields = data(&a).unwrap();
    assert_eq!(fields.get("title"), Some(&text("theirs")));
    assert_eq!(fields.get("new"), None);
    meet(&mut a, &mut b);
}

#[test]
fn an_edit_of_a_text_is_taken_back_where_it_is_now() {
    let (mut a, mut b) = pair();
    let body = field("body");
    a.transaction(|tx| {
        tx.edit_text("n", &body, &[TextEdit { at: 1, remove: 3, insert: "🦀ay".into() }])
    })
    .unwrap();
    b.apply(&log(&a)).unwrap();
    b.transaction(|tx| tx.edit_text("n", &body, &[insert(0, ">> "), insert(6, "!")])).unwrap();
    a.apply(&log(&b)).unwrap();
    assert_eq!(data(&a).unwrap().get("body"), Some(&text(">> h🦀!ayo")));
    a.undo().unwrap();
    assert_eq!(data(&a).unwrap().get("body"), Some(&text(">> hell!o")));
    a.redo().unwrap();
    let again = data(&a).unwrap();
    let Some(Value::Text(again)) = again.get("body") else { panic!("a text") };
    let mut letters: Vec<char> = again.chars().collect();
    letters.sort_unstable();
    assert!(
        again.starts_with(">> h") && letters.iter().collect::<String>() == " !>>ahoy🦀",
        "{again}"
    );
    meet(&mut a, &mut b);
}

#[test]
fn an_edit_of_a_list_is_taken_back_where_it_is_now() {
    let (mut a, mut b) = pair();
    let list = field("list");
    let edit = |at, remove, insert: &[i64]| ListEdit {
        at,
        remove,
        insert: insert.iter().copied().map(Value::Int).collect(),
    };
    a.transaction(|tx| tx.edit_list("n", &list, &[edit(1, 1, &[7, 8])])).unwrap();
    b.apply(&log(&a)).unwrap();
    b.transaction(|tx| tx.edit_list("n", &list, &[edit(0, 1, &[]), edit(3, 0, &[9])])).unwrap();
    a.apply(&log(&b)).unwrap();
    a.undo().unwrap();
    let expected = Value::Array([2, 3, 9].map(Value::Int).into());
    assert_eq!(data(&a).unwrap().get("list"), Some(&expected));
    meet(&mut a, &mut b);
}

#[test]
fn increments_of_others_survive_an_undo() {
    let (mut a, mut b) = pair();
    a.transaction(|tx| tx.increment("n", &field("votes"), 5)).unwrap();
    b.apply(&log(&a)).unwrap();
    b.transaction(|tx| tx.increment("n", &field("votes"), 2)).unwrap();
    a.apply(&log(&b)).unwrap();
    a.undo().unwrap();
    assert_eq!(data(&a).unwrap().get("votes"), Some(&2.into()));
    meet(&mut a, &mut b);
}

#[test]
fn a_made_node_stays_when_another_has_changed_it_since() {
    let (mut a, mut b) = (replica(), replica());
    a.keep_undo(10);
    a.put("n", "Note", object([("title", text("mine"))])).unwrap();
    b.apply(&log(&a)).unwrap();
    b.patch("n", vec![(field("more"), Some(1.into()))]).unwrap();
    a.apply(&log(&b)).unwrap();
    assert_eq!(a.undo().unwrap(), Some(Undone { changed: 0, kept: 1 }));
    assert!(data(&a).is_some());
}

#[test]
fn an_undone_delete_brings_the_edges_back() {
    let mut db = replica();
    db.put("n", "Note", Map::new()).unwrap();
    db.put("m", "Note", Map::new()).unwrap();
    db.link("n", "to", "m", object([("since", 1.into())])).unwrap();
    db.keep_undo(10);
    db.delete("n").unwrap();
    assert!(db.edges("m", Direction::In, None, 10).unwrap().is_empty());
    db.undo().unwrap();
    assert_eq!(db.edges("m", Direction::In, None, 10).unwrap().len(), 1);
    db.unlink("n", "to", "m").unwrap();
    db.undo().unwrap();
    let edges = db.edges("m", Direction::In, None, 10).unwrap();
    assert_eq!(edges[0].data, object([("since", 1.into())]));
}

#[test]
fn a_new_transaction_ends_what_could_be_redone_and_the_stack_is_bounded() {
    let mut db = replica();
    db.keep_undo(3);
    for number in 0..5 {
        db.put("n", "Note", object([("i", number.into())])).unwrap();
    }
    assert_eq!(db.undo_depth(), (3, 0));
    db.undo().unwrap();
    assert_eq!(db.undo_depth(), (2, 1));
    db.put("n", "Note", object([("i", 9.into())])).unwrap();
    assert_eq!(db.undo_depth(), (3, 0));
}

#[derive(Debug, Clone)]
enum Act {
    Put(u8),
    Patch(u8, u8),
    Count(i8),
    Add(u8),
    Take(u8),
    Type(u8, u8, char),
    Delete,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        any::<u8>().prop_map(Act::Put),
        any::<(u8, u8)>().prop_map(|(key, value)| Act::Patch(key, value)),
        any::<i8>().prop_map(Act::Count),
        (0..3_u8).prop_map(Act::Add),
        (0..3_u8).prop_map(Act::Take),
        (any::<u8>(), any::<u8>(), prop::sample::select(vec!['a', 'é', '🦀']))
            .prop_map(|(at, remove, letter)| Act::Type(at, remove, letter)),
        Just(Act::Delete),
    ]
}

fn act(db: &mut Database, act: &Act) {
    if data(db).is_none() && !matches!(act, Act::Put(_)) {
        return;
    }
    match act {
        Act::Put(value) => {
            let fields = [("a", (*value).into_value()), ("body", text("start"))];
            db.put("n", "Note", object(fields)).unwrap();
        }
        Act::Patch(key, value) => {
            let path = field(["a", "b", "c"][usize::from(key % 3)]);
            let path = if key % 2 == 0 { path } else { path.child("x").unwrap() };
            let value = (value % 4 > 0).then(|| (*value).into_value());
            db.patch("n", vec![(path, value)]).unwrap();
        }
        Act::Count(by) => {
            db.transaction(|tx| tx.increment("n", &field("votes"), (*by).into())).unwrap();
        }
        Act::Add(value) => {
            let values = [(*value).into_value()];
            db.transaction(|tx| tx.add_to_set("n", &field("tags"), &values)).unwrap();
        }
        Act::Take(value) => {
            let values = [(*value).into_value()];
            db.transaction(|tx| tx.remove_from_set("n", &field("tags"), &values)).unwrap();
        }
        Act::Type(at, remove, letter) => {
            let fields = data(db).unwrap();
            let letters: Vec<char> = match fields.get("body") {
                Some(Value::Text(body)) => body.chars().collect(),
                _ => Vec::new(),
            };
            let units = |letters: &[char]| letters.iter().map(|c| c.len_utf16() as u32).sum();
            let at = usize::from(*at) % (letters.len() + 1);
            let end = (at + usize::from(remove % 3)).min(letters.len());
            let (at, remove) = (units(&letters[..at]), units(&letters[at..end]));
            let edit = TextEdit { at, remove, insert: letter.to_string() };
            db.transaction(|tx| tx.edit_text("n", &field("body"), &[edit])).unwrap();
        }
        Act::Delete => {
            db.delete("n").unwrap();
        }
    }
}

trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for u8 {
    fn into_value(self) -> Value {
        Value::Int(self.into())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn undoing_alone_walks_back_through_every_state_and_redoing_forth(
        acts in prop::collection::vec(any_act(), 1..15),
    ) {
        let mut db = replica();
        db.keep_undo(100);
        let mut states = vec![filled(&db)];
        for one in &acts {
            let before = db.undo_depth();
            act(&mut db, one);
            if db.undo_depth() != before {
                states.push(filled(&db));
            }
        }
        for state in states.iter().rev().skip(1) {
            db.undo().unwrap().unwrap();
            prop_assert_eq!(&filled(&db), state);
        }
        for state in &states[1..] {
            db.redo().unwrap().unwrap();
            prop_assert_eq!(&filled(&db), state);
        }
    }

    #[test]
    fn undos_among_the_edits_of_others_still_converge(
        steps in prop::collection::vec((any::<bool>(), prop::option::of(any_act())), 1..25),
    ) {
        let (mut a, mut b) = pair();
        b.keep_undo(10);
        for (first, step) in &steps {
            let db = if *first { &mut a } else { &mut b };
            match step {
                Some(one) => act(db, one),
                None => {
                    db.undo().unwrap();
                }
            }
            if step.is_none() {
                meet(&mut a, &mut b);
            }
        }
        meet(&mut a, &mut b);
    }
}
