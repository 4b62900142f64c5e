//! Live queries: their rows are at each moment those of the statement run anew, and what is told of
//! them leads there.

use crate::{log, replica, text};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{
    Database, Delta, Map, Options, Path, SqlRow, SqlValue, Statement, Subscription, Value, object,
};
use proptest::prelude::*;

/// Statements of each kind that are kept up to date in another way, and whether their order counts.
const STATEMENTS: [(&str, &[&str], bool); 21] = [
    // By value.
    ("SELECT id, title FROM Task WHERE owner = ?1", &["ada"], false),
    ("SELECT id FROM Task AS t WHERE 'bob' = t.owner AND title IS NOT NULL", &[], false),
    ("SELECT title, id FROM Task WHERE owner = ? ORDER BY title, id", &["eve"], true),
    ("SELECT count(*) AS n FROM Task WHERE \"owner\" = 5", &[], true),
    ("SELECT * FROM Task WHERE id = ?1", &["n3"], false),
    ("SELECT id, type, data FROM nodes WHERE id = 'n2'", &[], false),
    ("SELECT target, label FROM edges WHERE source = 'n1'", &[], false),
    ("SELECT source FROM edges WHERE label = 'to' AND target = 'n4'", &[], false),
    ("SELECT id FROM Task WHERE :who = owner AND ? <> :who", &["ada", "bob"], false),
    // By node.
    ("SELECT * FROM Task", &[], false),
    ("SELECT id, updated FROM Note -- all of them\n", &[], false),
    ("SELECT owner FROM Task WHERE owner IS NOT NULL", &[], false),
    ("SELECT id FROM nodes WHERE type = 'Task' OR type = 'Note' -- both", &[], false),
    // As a whole.
    ("SELECT id, owner FROM Task ORDER BY owner DESC, id LIMIT 3", &[], true),
    ("SELECT owner, count(*) FROM Task GROUP BY owner ORDER BY 1", &[], true),
    ("SELECT source, label, target, key FROM edges ORDER BY 1, 2, 3, 4", &[], true),
    ("SELECT t.id, e.target FROM Task t JOIN edges e ON e.source = t.id ORDER BY 1, 2", &[], true),
    ("SELECT type, count(*) FROM pdb_node WHERE alive GROUP BY type ORDER BY 1", &[], true),
    ("SELECT id FROM Task WHERE owner = 'ada' OR owner = 'bob' ORDER BY id", &[], true),
    ("SELECT DISTINCT owner FROM Task WHERE NOT owner = 'ada' ORDER BY 1", &[], true),
    (
        "SELECT n.id, depth FROM traverse(?, 2) JOIN nodes AS n USING (id) ORDER BY 2, 1",
        &["n1"],
        true,
    ),
];

struct Follower {
    sql: &'static str,
    params: Vec<SqlValue>,
    ordered: bool,
    subscription: Subscription,
    rows: Vec<SqlRow>,
}

impl Follower {
    fn start(db: &mut Database, statement: (&'static str, &[&str], bool)) -> Self {
        let (sql, params, ordered) = statement;
        let params: Vec<SqlValue> =
            params.iter().map(|value| SqlValue::Text((*value).into())).collect();
        let (subscription, rows) = db.subscribe(sql, &params).unwrap();
        Self { sql, params, ordered, subscription, rows: rows.rows }
    }

    fn follow(&mut self, delta: &Delta) {
        let mut kept: Vec<Option<SqlRow>> = self.rows.drain(..).map(Some).collect();
        for (place, row) in &delta.removed {
            assert_eq!(kept[*place].take().as_ref(), Some(row), "{}", self.sql);
        }
        let moved = delta.moved.iter().map(|(from, to)| (*to, kept[*from].take().unwrap()));
        let mut come: Vec<(usize, SqlRow)> = moved.collect();
        come.extend(delta.added.iter().cloned());
        come.sort_by_key(|(place, _)| *place);
        self.rows = kept.into_iter().flatten().collect();
        for (place, row) in come {
            self.rows.insert(place, row);
        }
        for (place, row) in &delta.changed {
            assert_ne!(&self.rows[*place], row, "a change that changes nothing: {}", self.sql);
            self.rows[*place].clone_from(row);
        }
    }

    fn agrees(&self, db: &Database) {
        let mut fresh = db.query(self.sql, &self.params).unwrap().rows;
        let mut known = self.rows.clone();
        assert_eq!(db.live_rows(self.subscription).unwrap().1, known, "{}", self.sql);
        if !self.ordered {
            let sort = |rows: &mut Vec<SqlRow>| rows.sort_by_key(|row| format!("{row:?}"));
            sort(&mut fresh);
            sort(&mut known);
        }
        assert_eq!(known, fresh, "{}", self.sql);
    }
}

fn tell(db: &mut Database, followers: &mut [Follower]) {
    let changes = db.take_changes().unwrap();
    let mut last = None;
    for change in changes {
        assert!(last < Some(change.subscription), "in the order of subscribing");
        last = Some(change.subscription);
        let delta = change.outcome.unwrap();
        assert!(!delta.is_empty(), "nothing is told of what did not change");
        let follower = followers.iter_mut().find(|one| one.subscription == change.subscription);
        follower.unwrap().follow(&delta);
    }
    for follower in followers {
        follower.agrees(db);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, bool, u8, u8),
    Title(u8, u8),
    NewField(u8, u8),
    Delete(u8),
    Link(u8, u8),
    Unlink(u8, u8),
    Fail(u8),
    Remote(Box<Self>),
    Rename,
    Undo,
    Late,
    Tell,
}

fn steps() -> impl Strategy<Value = Step> {
    let local = prop_oneof![
        6 => (0_u8..6, prop::bool::ANY, 0_u8..6, 0_u8..4)
            .prop_map(|(id, task, owner, title)| Step::Put(id, task, owner, title)),
        3 => (0_u8..6, 0_u8..4).prop_map(|(id, title)| Step::Title(id, title)),
        1 => (0_u8..6, 0_u8..3).prop_map(|(id, field)| Step::NewField(id, field)),
        3 => (0_u8..6).prop_map(Step::Delete),
        3 => (0_u8..6, 0_u8..6).prop_map(|(a, b)| Step::Link(a, b)),
        2 => (0_u8..6, 0_u8..6).prop_map(|(a, b)| Step::Unlink(a, b)),
    ];
    let local = local.boxed();
    prop_oneof![
        8 => local.clone(),
        4 => local.prop_map(|step| Step::Remote(Box::new(step))),
        1 => (0_u8..6).prop_map(Step::Fail),
        1 => Just(Step::Rename),
        1 => Just(Step::Undo),
        1 => Just(Step::Late),
        4 => Just(Step::Tell),
    ]
}

fn owner(number: u8) -> Value {
    match number {
        0 => text("ada"),
        1 => text("bob"),
        2 => text("eve"),
        3 => Value::Int(5),
        4 => text("5"),
        _ => Value::Null,
    }
}

fn node(id: u8) -> String {
    format!("n{id}")
}

fn take(db: &mut Database, step: &Step) {
    match step {
        Step::Put(id, task, by, title) => {
            let kind = if *task { "Task" } else { "Note" };
            let data = [("owner", owner(*by)), ("title", Value::Int(i64::from(*title)))];
            db.put(&node(*id), kind, object(data)).unwrap();
        }
        Step::Title(id, title) => {
            let title = Value::Int(i64::from(*title));
            let _ = db.patch(&node(*id), vec![(Path::field("title").unwrap(), Some(title))]);
        }
        Step::NewField(id, field) => {
            let field = Path::field(&format!("more{field}")).unwrap();
            let _ = db.patch(&node(*id), vec![(field, Some(true.into()))]);
        }
        Step::Delete(id) => _ = db.delete(&node(*id)).unwrap(),
        Step::Link(a, b) => _ = db.link(&node(*a), "to", &node(*b), Map::new()),
        Step::Unlink(a, b) => _ = db.unlink(&node(*a), "to", &node(*b)).unwrap(),
        Step::Fail(id) => {
            let failed = db.transaction(|tx| {
                tx.put(&node(*id), "Task", object([("owner", text("ada"))]))?;
                tx.link(&node(*id), "to", "no such node", Map::new())
            });
            failed.unwrap_err();
        }
        Step::Rename => {
            let field =
                FieldDef { renamed_from: vec!["title".into()], ..FieldDef::of(ValueType::Any) };
            let task = TypeDef::new("Task").with("name", field);
            db.define_type(&task).unwrap();
        }
        Step::Undo => _ = db.undo().unwrap(),
        Step::Remote(_) | Step::Late | Step::Tell => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn what_is_told_leads_to_what_a_fresh_run_gives(
        steps in prop::collection::vec(steps(), 1..40),
    ) {
        let (mut db, mut other) = (replica(), replica());
        for kind in ["Task", "Note"] {
            // So that the views are there.
            db.put("first", kind, object([("owner", text("x")), ("title", 0.into())])).unwrap();
        }
        other.apply(&log(&db)).unwrap();
        let mut followers: Vec<Follower> = Vec::new();
        let mut late = STATEMENTS.into_iter();
        followers.extend(late.by_ref().take(12).map(|statement| Follower::start(&mut db, statement)));
        for step in &steps {
            match step {
                Step::Remote(step) => {
                    take(&mut other, step);
                    db.apply(&log(&other)).unwrap();
                    other.apply(&log(&db)).unwrap();
                }
                Step::Late => {
                    let next = late.next().map(|statement| Follower::start(&mut db, statement));
                    followers.extend(next);
                }
                Step::Tell => tell(&mut db, &mut followers),
                step => take(&mut db, step),
            }
        }
        tell(&mut db, &mut followers);
    }
}

#[test]
fn a_commit_tells_only_those_whose_rows_changed() {
    let mut db = replica();
    db.put("a", "Task", object([("owner", text("ada")), ("title", text("x"))])).unwrap();
    let sql = "SELECT id, title FROM Task WHERE owner = ?1";
    let (ada, _) = db.subscribe(sql, &[SqlValue::Text("ada".into())]).unwrap();
    let (bob, _) = db.subscribe(sql, &[SqlValue::Text("bob".into())]).unwrap();
    db.patch("a", vec![(Path::field("owner").unwrap(), Some(text("bob")))]).unwrap();
    let changes = db.take_changes().unwrap();
    let told: Vec<Subscription> = changes.iter().map(|change| change.subscription).collect();
    assert_eq!(told, [ada, bob]);
    assert_eq!(changes[0].outcome.as_ref().unwrap().removed.len(), 1);
    assert_eq!(changes[1].outcome.as_ref().unwrap().added.len(), 1);

    db.put("b", "Task", object([("owner", text("eve"))])).unwrap();
    assert!(db.take_changes().unwrap().is_empty());
    assert!(db.unsubscribe(bob) && !db.unsubscribe(bob));
    db.delete("a").unwrap();
    assert!(db.take_changes().unwrap().is_empty());
}

#[test]
fn a_row_that_another_node_gives_now_is_no_change() {
    let mut db = replica();
    db.put("a", "Task", object([("owner", text("ada"))])).unwrap();
    db.put("b", "Task", object([("owner", text("bob"))])).unwrap();
    let sql = "SELECT owner FROM Task WHERE owner = 'ada'";
    let (subscription, _) = db.subscribe(sql, &[]).unwrap();
    let swap = |db: &mut Database, from: &str, to: &str| {
        let owner = Path::field("owner").unwrap();
        db.transaction(|tx| {
            tx.patch(from, vec![(owner.clone(), Some(text("bob")))])?;
            tx.patch(to, vec![(owner, Some(text("ada")))])
        })
        .unwrap();
    };
    swap(&mut db, "a", "b");
    assert!(db.take_changes().unwrap().is_empty());
    // A statement that is run for the touched nodes tells its rows apart by them.
    let (owners, _) = db.subscribe("SELECT owner FROM Task", &[]).unwrap();
    db.patch("a", vec![(Path::field("owner").unwrap(), Some(text("eve")))]).unwrap();
    let changes = db.take_changes().unwrap();
    assert_eq!(changes.iter().map(|change| change.subscription).collect::<Vec<_>>(), [owners]);
    assert_eq!(changes[0].outcome.as_ref().unwrap().changed.len(), 1);
    db.unsubscribe(owners);
    // The row is the other node's from then on.
    db.delete("a").unwrap();
    assert!(db.take_changes().unwrap().is_empty());
    db.delete("b").unwrap();
    assert_eq!(db.take_changes().unwrap()[0].outcome.as_ref().unwrap().removed.len(), 1);
    assert!(db.live_rows(subscription).unwrap().1.is_empty());
}

#[test]
fn an_edge_is_told_when_one_of_its_ends_comes_or_goes() {
    let mut db = replica();
    for id in ["a", "b", "c"] {
        db.put(id, "Town", Map::new()).unwrap();
    }
    db.link("a", "rail", "b", Map::new()).unwrap();
    let by = |db: &mut Database, column: &str, end: &str| {
        let sql = format!("SELECT source, target FROM edges WHERE {column} = :end");
        let named = [("end", SqlValue::Text(end.into()))];
        db.subscribe_to(&Statement::new(&sql).named(&named)).unwrap().0
    };
    let (from_a, to_b, to_c) =
        (by(&mut db, "source", "a"), by(&mut db, "target", "b"), by(&mut db, "target", "c"));
    let all = db.subscribe("SELECT count(*) FROM edges", &[]).unwrap().0;
    let mut told = |write: &dyn Fn(&mut Database)| {
        write(&mut db);
        let changes = db.take_changes().unwrap().into_iter();
        changes.map(|change| change.subscription).collect::<Vec<_>>()
    };
    assert_eq!(told(&|db| _ = db.delete("b").unwrap()), [from_a, to_b, all]);
    assert_eq!(told(&|db| db.put("b", "Town", Map::new()).unwrap()), [from_a, to_b, all]);
    assert_eq!(told(&|db| _ = db.delete("a").unwrap()), [from_a, to_b, all]);
    assert_eq!(told(&|db| _ = db.delete("c").unwrap()), []);
    assert_eq!(told(&|db| db.put("new", "Town", Map::new()).unwrap()), []);
    let both = |db: &mut Database| {
        db.put("a", "Town", Map::new()).unwrap();
        db.put("c", "Town", Map::new()).unwrap();
        db.link("a", "rail", "c", Map::new()).unwrap();
    };
    assert_eq!(told(&both), [from_a, to_b, to_c, all]);
}

#[test]
fn a_node_with_very_many_edges_is_told_to_all_who_read_edges() {
    let mut db = replica();
    db.transaction(|tx| {
        tx.put("hub", "Town", Map::new())?;
        for number in 0..300 {
            tx.put(&format!("t{number}"), "Town", Map::new())?;
            tx.link("hub", "rail", &format!("t{number}"), Map::new())?;
        }
        Ok(())
    })
    .unwrap();
    let sql = "SELECT source FROM edges WHERE target = ?1";
    let last = db.subscribe(sql, &[SqlValue::Text("t299".into())]).unwrap().0;
    db.delete("hub").unwrap();
    let changes = db.take_changes().unwrap();
    assert_eq!(changes.iter().map(|change| change.subscription).collect::<Vec<_>>(), [last]);
}

#[test]
fn a_statement_that_writes_or_is_wrong_is_no_live_query() {
    let mut db = replica();
    assert_eq!(db.subscribe("SELECT * FROM Nothing", &[]).unwrap_err().code(), "sql");
    let refused = db.subscribe("DELETE FROM nodes", &[]).unwrap_err();
    assert_eq!(refused.code(), "sql-read-only");
    assert!(db.take_changes().unwrap().is_empty());
}

#[test]
fn another_process_that_writes_to_the_file_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.pluresdb");
    let mut db = Database::create(&path, Options::default()).unwrap();
    db.put("a", "Task", object([("owner", text("ada"))])).unwrap();
    let (_, rows) = db.subscribe("SELECT id FROM Task WHERE owner = 'ada'", &[]).unwrap();
    assert_eq!(rows.rows.len(), 1);
    let mut other = Database::open(&path).unwrap();
    other.put("b", "Task", object([("owner", text("ada"))])).unwrap();
    let changes = db.take_changes().unwrap();
    assert_eq!(changes[0].outcome.as_ref().unwrap().added.len(), 1);
}
