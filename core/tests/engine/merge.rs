//! Replicas: whatever the order of arrival, the same records give the same state.

use crate::{log, replica, text};
use pluresdb::{Database, Error, Export, Map, Path, object};
use proptest::prelude::*;

fn same(a: &Database, b: &Database) {
    assert_eq!(a.state_hash().unwrap(), b.state_hash().unwrap());
    let dump = |db: &Database| {
        let mut lines = String::new();
        let mut export = Export::default();
        while let Some(piece) = export.next_piece(db).unwrap() {
            lines.push_str(&piece.text);
        }
        lines
    };
    assert_eq!(dump(a), dump(b));
}

#[test]
fn concurrent_changes_of_different_fields_are_both_kept() {
    let (mut a, mut b) = (replica(), replica());
    a.put("n", "Note", object([("title", text("old")), ("done", false.into())])).unwrap();
    b.apply(&log(&a)).unwrap();
    a.put("n", "Note", object([("title", text("new")), ("done", false.into())])).unwrap();
    b.put("n", "Note", object([("title", text("old")), ("done", true.into())])).unwrap();
    a.apply(&log(&b)).unwrap();
    b.apply(&log(&a)).unwrap();
    let merged = object([("title", text("new")), ("done", true.into())]);
    assert_eq!(a.get("n").unwrap().unwrap().data, merged);
    same(&a, &b);
}

#[test]
fn what_was_deleted_stays_deleted_against_a_stale_device() {
    let (mut a, mut b) = (replica(), replica());
    a.put("n", "Note", object([("title", text("findme"))])).unwrap();
    a.put("m", "Note", Map::new()).unwrap();
    a.link("m", "to", "n", Map::new()).unwrap();
    b.apply(&log(&a)).unwrap();
    a.delete("n").unwrap();
    // The stale device edits and links after the delete, without knowing of it.
    b.patch("n", vec![(Path::field("title").unwrap(), Some(text("findme again")))]).unwrap();
    b.link("n", "back", "m", Map::new()).unwrap();
    a.apply(&log(&b)).unwrap();
    b.apply(&log(&a)).unwrap();
    for db in [&a, &b] {
        assert!(db.get("n").unwrap().is_none());
        assert!(db.search("findme", None, 10).unwrap().is_empty());
        assert_eq!(db.query("SELECT * FROM edges", &[]).unwrap().rows.len(), 0);
        assert_eq!(db.status().unwrap().edges, 0);
    }
    same(&a, &b);
}

#[test]
fn an_edge_may_arrive_before_its_ends() {
    let (mut a, mut nodes, mut b) = (replica(), replica(), replica());
    nodes.put("x", "Note", Map::new()).unwrap();
    nodes.put("y", "Note", Map::new()).unwrap();
    a.apply(&log(&nodes)).unwrap();
    a.link("x", "to", "y", Map::new()).unwrap();
    let edge = log(&a).pop().unwrap();
    b.apply(&[edge]).unwrap();
    assert_eq!(b.status().unwrap().edges, 0);
    b.apply(&log(&nodes)).unwrap();
    assert_eq!(b.status().unwrap().edges, 1);
    same(&a, &b);
}

#[test]
fn a_record_of_another_space_is_rejected_and_told() {
    let mut a = Database::memory().unwrap();
    a.put("n", "Note", Map::new()).unwrap();
    let mut b = replica();
    let report = b.apply(&log(&a)).unwrap();
    assert_eq!(report.applied, 0);
    assert!(matches!(report.rejected[0].error, Error::OtherSpace { .. }));
}

#[test]
fn malformed_records_are_told_and_stop_no_others() {
    let (mut a, mut b) = (replica(), replica());
    a.put("n", "Note", object([("title", text("kept"))])).unwrap();
    let good = log(&a).remove(0);
    let mut torn = good.clone();
    torn.truncate(good.len() - 3);
    let report = b.apply(&[Vec::new(), torn, good]).unwrap();
    assert_eq!((report.applied, report.rejected.len()), (1, 2));
    assert_eq!(report.rejected[0].error.code(), "malformed");
}

/// One step of a random workload on one of three devices.
#[derive(Debug, Clone)]
enum Step {
    Put(usize, String, Map),
    Patch(usize, String, String, Option<i64>),
    Delete(usize, String),
    Link(usize, String, String),
    Unlink(usize, String, String),
    Sync(usize, usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    let device = 0..3_usize;
    let id = prop::sample::select(vec!["a", "b", "c"]).prop_map(String::from);
    let key = prop::sample::select(vec!["x", "y", "o"]).prop_map(String::from);
    let leaf = prop_oneof![
        (0..4_i64).prop_map(pluresdb::Value::Int),
        prop::collection::btree_map("[pq]", (0..4_i64).prop_map(pluresdb::Value::Int), 0..3)
            .prop_map(pluresdb::Value::Object),
    ];
    let data = prop::collection::btree_map(key.clone(), leaf, 0..3);
    prop_oneof![
        3 => (device.clone(), id.clone(), data).prop_map(|(d, id, data)| Step::Put(d, id, data)),
        2 => (device.clone(), id.clone(), key, prop::option::of(0..4_i64))
            .prop_map(|(d, id, key, value)| Step::Patch(d, id, key, value)),
        1 => (device.clone(), id.clone()).prop_map(|(d, id)| Step::Delete(d, id)),
        1 => (device.clone(), id.clone(), id.clone()).prop_map(|(d, s, t)| Step::Link(d, s, t)),
        1 => (device.clone(), id.clone(), id).prop_map(|(d, s, t)| Step::Unlink(d, s, t)),
        1 => (device.clone(), device).prop_map(|(a, b)| Step::Sync(a, b)),
    ]
}

fn run(devices: &mut [Database], step: &Step) {
    match step {
        Step::Put(d, id, data) => devices[*d].put(id, "Note", data.clone()).unwrap(),
        Step::Patch(d, id, key, value) => {
            let patch = vec![(Path::field(key).unwrap(), value.map(Into::into))];
            let outcome = devices[*d].patch(id, patch);
            assert!(matches!(outcome, Ok(()) | Err(Error::NotFound { .. })));
        }
        Step::Delete(d, id) => drop(devices[*d].delete(id).unwrap()),
        Step::Link(d, source, target) => {
            let outcome = devices[*d].link(source, "to", target, Map::new());
            assert!(matches!(outcome, Ok(()) | Err(Error::NotFound { .. })));
        }
        Step::Unlink(d, source, target) => {
            devices[*d].unlink(source, "to", target).unwrap();
        }
        Step::Sync(from, to) => {
            let records = log(&devices[*from]);
            devices[*to].apply(&records).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_workload_in_any_order_of_arrival_converges(
        steps in prop::collection::vec(any_step(), 1..40),
        shuffle in any::<prop::sample::Index>(),
    ) {
        let mut devices = [replica(), replica(), replica()];
        steps.iter().for_each(|step| run(&mut devices, step));
        let mut records: Vec<Vec<u8>> = devices.iter().flat_map(log).collect();
        for device in &mut devices {
            device.apply(&records).unwrap();
        }
        // A fourth replica hears everything in another order and half of it twice.
        let middle = shuffle.index(records.len().max(1));
        records.rotate_left(middle);
        records.reverse();
        let mut late = replica();
        for record in records.iter().chain(records.iter().step_by(2)) {
            late.apply(&[record]).unwrap();
        }
        same(&devices[0], &devices[1]);
        same(&devices[0], &devices[2]);
        same(&devices[0], &late);
    }
}
