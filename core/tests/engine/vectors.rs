//! Search by nearness: what is written, changed and deleted, here and elsewhere, counts at once; filters lose
//! nothing; what is no vector is refused or listed.

use crate::{log, replica, text};
use pluresdb::types::{FieldDef, Metric, TypeDef, ValueType};
use pluresdb::{
    Database, Error, FaultPlace, Leases, Map, Near, Options, Path, SqlValue, Statement, SystemHost,
    Value, object,
};
use rusqlite::Connection;
use std::collections::BTreeMap;
use tempfile::TempDir;

const METRICS: [Metric; 3] = [Metric::Cosine, Metric::Dot, Metric::L2];

fn doc(dimension: u32, metric: Metric) -> TypeDef {
    TypeDef::new("Doc")
        .with("at", FieldDef::vector(dimension, metric))
        .with("n", FieldDef::of(ValueType::Integer))
}

fn defined(dimension: u32, metric: Metric) -> Database {
    let mut db = replica();
    db.define_type(&doc(dimension, metric)).unwrap();
    db
}

fn value(vector: &[f32]) -> Value {
    Value::Array(vector.iter().map(|n| Value::number(f64::from(*n)).unwrap()).collect())
}

fn data(n: i64, vector: &[f32]) -> Map {
    object([("n", n.into()), ("at", value(vector))])
}

fn put(db: &mut Database, id: &str, vector: &[f32]) {
    db.put(id, "Doc", data(0, vector)).unwrap();
}

fn nearest<'a>(db: &Database, near: impl Into<Near<'a>>, limit: usize) -> Vec<String> {
    let hits = db.nearest("Doc", "at", near, limit, None).unwrap();
    hits.into_iter().map(|hit| hit.node.id).collect()
}

/// Vectors of a known kind, from a seed.
struct Draw(u64);

impl Draw {
    fn vector(&mut self, dimension: usize) -> Vec<f32> {
        let mut number = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 40) as f32 / (1_u32 << 24) as f32 - 0.5
        };
        (0..dimension).map(|_| number()).collect()
    }
}

fn score(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| f(f64::from(*a), f64::from(*b))).sum()
    };
    let dot = sum(&|a, b| a * b);
    match metric {
        Metric::Dot => dot,
        Metric::Cosine => dot / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt(),
        Metric::L2 => -sum(&|a, b| (a - b) * (a - b)).sqrt(),
    }
}

/// Nodes with vectors, written in few transactions, and the same beside the database.
fn filled(db: &mut Database, count: i64, dimension: usize) -> BTreeMap<String, (i64, Vec<f32>)> {
    let mut draw = Draw(3);
    let mut all = BTreeMap::new();
    let numbers: Vec<i64> = (0..count).collect();
    for some in numbers.chunks(500) {
        db.transaction(|tx| {
            for n in some {
                let (id, vector) = (format!("d{n}"), draw.vector(dimension));
                tx.put(&id, "Doc", data(*n, &vector))?;
                all.insert(id, (*n, vector));
            }
            Ok(())
        })
        .unwrap();
    }
    all
}

fn exact(
    all: &BTreeMap<String, (i64, Vec<f32>)>,
    metric: Metric,
    to: &[f32],
    limit: usize,
    meets: impl Fn(i64) -> bool,
) -> Vec<String> {
    let mut scored: Vec<(f64, &String)> = all
        .iter()
        .filter(|(_, (n, _))| meets(*n))
        .map(|(id, (_, vector))| (score(metric, to, vector), id))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(limit).map(|(_, id)| id.clone()).collect()
}

/// How many of the ids wanted were found, of a hundred.
fn percent(found: &[String], wanted: &[String]) -> usize {
    let kept = wanted.iter().filter(|id| found.contains(id)).count();
    if wanted.is_empty() { 100 } else { kept * 100 / wanted.len() }
}

#[test]
fn the_nearest_come_first_by_every_metric() {
    for metric in METRICS {
        let mut db = defined(8, metric);
        let all = filled(&mut db, 300, 8);
        let to = Draw(99).vector(8);
        let hits = db.nearest("Doc", "at", &to, 10, None).unwrap();
        let found: Vec<_> = hits.iter().map(|hit| hit.node.id.clone()).collect();
        assert_eq!(found, exact(&all, metric, &to, 10, |_| true), "{metric}");
        let (_, first) = &all[&found[0]];
        assert!((hits[0].score - score(metric, &to, first)).abs() < 1e-9, "{metric}");
        assert_eq!(db.check().unwrap(), []);
    }
}

#[test]
fn what_is_written_changed_and_deleted_counts_at_once() {
    let mut db = defined(2, Metric::L2);
    let origin = [0.0, 0.0];
    assert_eq!(nearest(&db, &origin, 9), [""; 0]);
    put(&mut db, "a", &[1.0, 0.0]);
    put(&mut db, "b", &[2.0, 0.0]);
    assert_eq!(nearest(&db, &origin, 9), ["a", "b"]);
    put(&mut db, "a", &[3.0, 0.0]);
    assert_eq!(nearest(&db, &origin, 9), ["b", "a"]);
    db.patch("b", vec![(Path::field("n").unwrap(), Some(7.into()))]).unwrap();
    assert_eq!(nearest(&db, &origin, 9), ["b", "a"]);
    db.delete("b").unwrap();
    assert_eq!(nearest(&db, &origin, 9), ["a"]);
    put(&mut db, "b", &[4.0, 0.0]);
    assert_eq!(nearest(&db, &origin, 9), ["a", "b"]);
    db.patch("a", vec![(Path::field("at").unwrap(), None)]).unwrap();
    assert_eq!(nearest(&db, &origin, 9), ["b"]);
    db.put("b", "Other", Map::new()).unwrap();
    assert_eq!(nearest(&db, &origin, 9), [""; 0]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn a_transaction_that_failed_was_never_found() {
    let mut db = defined(2, Metric::L2);
    put(&mut db, "a", &[1.0, 0.0]);
    assert_eq!(nearest(&db, &[0.0, 0.0], 9), ["a"]);
    let failed: Result<(), Error> = db.transaction(|tx| {
        tx.put("b", "Doc", data(0, &[0.5, 0.0]))?;
        tx.delete("a")?;
        // So that the tables hold it for now.
        assert_eq!(tx.execute("SELECT id FROM Doc", &[])?.rows.len(), 1);
        Err(Error::Torn)
    });
    assert!(failed.is_err());
    assert_eq!(nearest(&db, &[0.0, 0.0], 9), ["a"]);
    put(&mut db, "c", &[2.0, 0.0]);
    assert_eq!(nearest(&db, &[0.0, 0.0], 9), ["a", "c"]);
}

#[test]
fn what_comes_by_sync_counts_at_once_in_any_order() {
    let mut other = defined(2, Metric::L2);
    put(&mut other, "a", &[1.0, 0.0]);
    put(&mut other, "b", &[2.0, 0.0]);
    put(&mut other, "a", &[3.0, 0.0]);
    other.delete("b").unwrap();
    put(&mut other, "c", &[4.0, 0.0]);
    let records = log(&other);
    let mut db = replica();
    for record in &records[..3] {
        db.apply(std::slice::from_ref(record)).unwrap();
    }
    assert_eq!(nearest(&db, &[0.0, 0.0], 9), ["a", "b"]);
    db.apply(&records).unwrap();
    assert_eq!(nearest(&db, &[0.0, 0.0], 9), ["a", "c"]);
    assert_eq!(db.check().unwrap(), []);
    // The definition may come last.
    let mut late = replica();
    let mut reversed = records;
    reversed.reverse();
    late.apply(&reversed).unwrap();
    assert_eq!(nearest(&late, &[0.0, 0.0], 9), ["a", "c"]);
}

#[test]
fn filters_lose_nothing_however_few_nodes_meet_them() {
    let metric = Metric::Cosine;
    let mut db = defined(16, metric);
    let all = filled(&mut db, 6_000, 16);
    type Meets = fn(i64) -> bool;
    let cases: [(&str, Meets); 6] = [
        ("n >= 0", |_| true),
        ("n % 2 = 0", |n| n % 2 == 0),
        ("n % 100 = 7 -- a comment", |n| n % 100 == 7),
        ("Doc.n % 1000 = 7", |n| n % 1000 == 7),
        ("n = 4711 OR n = 1", |n| n == 4711 || n == 1),
        ("n < 0", |_| false),
    ];
    for (sql, meets) in cases {
        for seed in 0..4 {
            let to = Draw(seed).vector(16);
            let filter = Statement::new(sql);
            let hits = db.nearest("Doc", "at", &to, 10, Some(&filter)).unwrap();
            let found: Vec<_> = hits.into_iter().map(|hit| hit.node.id).collect();
            let wanted = exact(&all, metric, &to, 10, meets);
            assert_eq!(found.len(), wanted.len(), "{sql}");
            assert!(percent(&found, &wanted) >= 90, "{sql}: {found:?}, not {wanted:?}");
        }
    }
    let values = [SqlValue::Int(100), SqlValue::Int(7)];
    let named = [("least", SqlValue::Int(3_000))];
    let filter = Statement::new("n % ?1 = ?2 AND n > :least").with(&values).named(&named);
    let to = Draw(5).vector(16);
    let hits = db.nearest("Doc", "at", &to, 10, Some(&filter)).unwrap();
    let found: Vec<_> = hits.into_iter().map(|hit| hit.node.id).collect();
    assert_eq!(found, exact(&all, metric, &to, 10, |n| n % 100 == 7 && n > 3_000));
}

#[test]
fn filters_may_read_edges_and_nodes_of_types_without_a_view() {
    let mut db = replica();
    let def = TypeDef::new("nodes").with("at", FieldDef::vector(1, Metric::L2));
    db.define_type(&def).unwrap();
    for (id, at) in [("a", 1.0), ("b", 2.0), ("c", 3.0)] {
        db.put(id, "nodes", object([("at", value(&[at]))])).unwrap();
    }
    db.link("c", "likes", "a", Map::new()).unwrap();
    let liked = Statement::new("id IN (SELECT target FROM edges WHERE label = 'likes')");
    let hits = db.nearest("nodes", "at", &[3.0], 9, Some(&liked)).unwrap();
    assert_eq!(hits.iter().map(|hit| hit.node.id.as_str()).collect::<Vec<_>>(), ["a"]);
    let data = Statement::new("data ->> 'at' = '[2]'");
    let hits = db.nearest("nodes", "at", &[3.0], 9, Some(&data)).unwrap();
    assert_eq!(hits.iter().map(|hit| hit.node.id.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn what_cannot_be_searched_is_an_error_that_says_why() {
    let mut db = defined(2, Metric::Cosine);
    put(&mut db, "a", &[1.0, 0.0]);
    db.put("bare", "Doc", Map::new()).unwrap();
    let fails = |near: Near<'_>, field: &str, filter: &str, code: &str, says: &str| {
        let filter = Statement::new(filter);
        let error = db.nearest("Doc", field, near, 1, Some(&filter)).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    };
    fails(Near::Vector(&[1.0]), "at", "1", "bad-vector", "2 numbers, and this one 1");
    fails(Near::Vector(&[1.0, f32::NAN]), "at", "1", "bad-vector", "number 1");
    fails(Near::Vector(&[0.0, 0.0]), "at", "1", "bad-vector", "all zeros");
    fails(Near::Vector(&[1.0, 0.0]), "n", "1", "no-vector-field", "(but at)");
    fails(Near::Node("bare"), "at", "1", "no-vector", "\"bare\"");
    fails(Near::Node("nobody"), "at", "1", "not-found", "nobody");
    fails(Near::Vector(&[1.0, 0.0]), "at", "m > 1", "sql", "no such column: m");
    fails(Near::Vector(&[1.0, 0.0]), "at", "n = ?1", "sql", "no value for ?1");
    fails(Near::Vector(&[1.0, 0.0]), "at", "pdb_call(1)", "sql", "rewritten");
    let typed = db.nearest("Other", "at", &[1.0, 0.0], 1, None).unwrap_err();
    assert_eq!(typed.code(), "no-vector-field");
    let Err(Error::Sql { offset, .. }) =
        db.nearest("Doc", "at", &[1.0, 0.0], 1, Some(&Statement::new("n + m > 1")))
    else {
        panic!("no such column is no error");
    };
    assert_eq!(offset, Some(4));
}

#[test]
fn what_is_no_vector_is_refused_here_and_listed_where_it_came_by_sync() {
    let broken = [
        (vec![0.into(), Value::Float(-0.0)], "direction"),
        (vec![Value::Float(1e-300), 0.into()], "direction"),
        (vec![Value::Float(1.1e15), 1.into()], "maximum"),
        (vec![Value::Float(-1.0000000001e15), 1.into()], "minimum"),
        (vec![1.into()], "dimension"),
        (vec![1.into(), text("1")], "type"),
    ];
    let mut untyped = replica();
    let mut db = defined(2, Metric::Cosine);
    put(&mut db, "good", &[1.0, 1.0e15]);
    for (place, (numbers, rule)) in broken.iter().enumerate() {
        let id = format!("bad{place}");
        let data = object([("at", Value::Array(numbers.clone()))]);
        let Err(Error::Invalid { violations, .. }) = db.put(&id, "Doc", data.clone()) else {
            panic!("{rule} is not refused");
        };
        assert_eq!(violations[0].rule.word(), *rule);
        untyped.put(&id, "Doc", data).unwrap();
    }
    db.apply(&log(&untyped)).unwrap();
    assert_eq!(nearest(&db, &[1.0, 0.0], 9), ["good"]);
    let listed = db.violations(Some("Doc"), 99).unwrap();
    let rules: Vec<_> = listed.iter().map(|found| found.violation.rule.word()).collect();
    assert_eq!(rules, broken.map(|(_, rule)| rule));
    assert_eq!(db.check().unwrap(), []);
    // Zeros are a place, if no direction.
    db.define_type(&doc(2, Metric::L2)).unwrap();
    assert_eq!(nearest(&db, &[0.0, 0.0], 2), ["bad0", "bad1"]);
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn a_field_that_is_defined_anew_is_searched_as_it_is_now() {
    let mut db = replica();
    put(&mut db, "before", &[1.0, 2.0]);
    db.define_type(&doc(2, Metric::L2)).unwrap();
    put(&mut db, "far", &[30.0, 40.0]);
    assert_eq!(nearest(&db, &[1.0, 1.0], 9), ["before", "far"]);
    db.define_type(&doc(2, Metric::Dot)).unwrap();
    assert_eq!(nearest(&db, &[1.0, 1.0], 9), ["far", "before"]);
    db.define_type(&doc(3, Metric::Dot)).unwrap();
    assert_eq!(nearest(&db, &[1.0, 1.0, 1.0], 9), [""; 0]);
    put(&mut db, "far", &[3.0, 4.0, 5.0]);
    assert_eq!(nearest(&db, &[1.0, 1.0, 1.0], 9), ["far"]);
    db.define_type(&doc(2, Metric::Dot)).unwrap();
    assert_eq!(nearest(&db, &[1.0, 1.0], 9), ["before"]);
    assert_eq!(db.check().unwrap(), []);
    db.define_type(&TypeDef::new("Doc")).unwrap();
    let error = db.nearest("Doc", "at", &[1.0, 1.0], 9, None).unwrap_err();
    assert_eq!(error.code(), "no-vector-field");
    assert_eq!(db.check().unwrap(), []);
}

#[test]
fn a_vector_goes_with_its_node_also_where_its_field_went_in_the_same_transaction() {
    let (mut here, mut there) = (defined(2, Metric::Cosine), replica());
    put(&mut here, "a", &[1.0, 0.0]);
    put(&mut here, "b", &[0.0, 1.0]);
    there.apply(&log(&here)).unwrap();
    here.define_type(&TypeDef::new("Doc")).unwrap();
    here.delete("a").unwrap();
    here.transaction(|tx| {
        tx.define_type(&doc(3, Metric::Cosine))?;
        tx.delete("b")
    })
    .unwrap();
    there.apply(&log(&here)).unwrap();
    for db in [&mut here, &mut there] {
        assert_eq!(db.check().unwrap(), []);
        put(db, "c", &[1.0, 0.0, 0.0]);
        assert_eq!(nearest(db, &[1.0_f32, 0.0, 0.0][..], 5), ["c"]);
    }
}

#[test]
fn what_another_process_writes_counts_at_once() {
    let dir = TempDir::new().unwrap();
    let (path, leases) = (dir.path().join("db.pluresdb"), Leases::at(dir.path()));
    let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
    let mut other = Database::open_with(&path, &leases).unwrap();
    let undefined = db.nearest("Doc", "at", &[0.0, 0.0], 1, None).unwrap_err();
    assert_eq!(undefined.code(), "no-vector-field");
    other.define_type(&doc(2, Metric::L2)).unwrap();
    assert_eq!(nearest(&db, &[0.0, 0.0], 9), [""; 0]);
    other
        .transaction(|tx| {
            (1..=300_u16)
                .try_for_each(|n| tx.put(&format!("d{n}"), "Doc", data(0, &[f32::from(n), 0.0])))
        })
        .unwrap();
    assert_eq!(nearest(&db, &[0.0, 0.0], 2), ["d1", "d2"]);
    // More than the candidates that are looked at first.
    other
        .transaction(|tx| (1..=200).try_for_each(|n| tx.delete(&format!("d{n}")).map(|_| ())))
        .unwrap();
    put(&mut other, "d300", &[202.5, 0.0]);
    assert_eq!(nearest(&db, &[0.0, 0.0], 3), ["d201", "d202", "d300"]);
    put(&mut db, "own", &[0.0, 0.0]);
    assert_eq!(nearest(&other, &[0.0, 0.0], 2), ["own", "d201"]);
    drop((db, other));
    let db = Database::open_with(&path, &leases).unwrap();
    assert_eq!(nearest(&db, &[0.0, 0.0], 2), ["own", "d201"]);
}

#[test]
fn an_image_is_searched_as_what_it_was_made_of() {
    let mut db = defined(2, Metric::L2);
    put(&mut db, "a", &[1.0, 0.0]);
    put(&mut db, "b", &[2.0, 0.0]);
    let image = db.with_image(<[u8]>::to_vec).unwrap();
    put(&mut db, "c", &[0.0, 0.0]);
    let copy = Database::from_image(&image, Box::new(SystemHost), Options::default()).unwrap();
    assert_eq!(nearest(&copy, &[0.0, 0.0], 9), ["a", "b"]);
}

#[test]
fn what_is_like_a_node_is_not_the_node() {
    let mut db = defined(2, Metric::L2);
    for (id, at) in [("a", 1.0), ("b", 2.0), ("c", 4.0), ("twin", 1.0)] {
        put(&mut db, id, &[at, 0.0]);
    }
    assert_eq!(nearest(&db, Near::Node("a"), 2), ["twin", "b"]);
    assert_eq!(nearest(&db, Near::Node("a"), 0), [""; 0]);
    assert_eq!(db.vector("c", "at").unwrap(), Some(vec![4.0, 0.0]));
    assert_eq!(db.vector("c", "n").unwrap(), None);
}

#[test]
fn sql_searches_with_joins_filters_and_vectors_of_every_spelling() {
    let mut db = defined(2, Metric::L2);
    for n in 0..50_i16 {
        db.put(&format!("d{n:02}"), "Doc", data(n.into(), &[f32::from(n), 0.0])).unwrap();
    }
    let ids = |sql: &str, params: &[SqlValue]| -> Vec<String> {
        let rows = db.query(sql, params).unwrap().rows;
        rows.into_iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
    };
    let json = SqlValue::Text("[10, 0]".into());
    let blob = SqlValue::Blob([10.0_f32, 0.0].iter().flat_map(|n| n.to_le_bytes()).collect());
    for vector in [json.clone(), blob] {
        let sql =
            "SELECT d.n, v.score FROM vsearch('Doc', 'at', ?1, 2) AS v JOIN Doc AS d USING (id)
                   ORDER BY v.score DESC";
        assert_eq!(ids(sql, &[vector]), ["10 0", "9 -1"]);
    }
    let sql = "SELECT id FROM vsearch('Doc', 'at', ?1, 2, 'n % 20 = 7')";
    assert_eq!(ids(sql, std::slice::from_ref(&json)), ["d07", "d27"]);
    let sql = "SELECT id FROM vsearch('Doc', 'at', ?1, 2,
                 (SELECT json_group_array(id) FROM Doc WHERE n > ?2))";
    assert_eq!(ids(sql, &[json.clone(), SqlValue::Int(40)]), ["d41", "d42"]);
    let sql = "SELECT count(*) FROM vsearch('Doc', 'at', (SELECT at FROM Doc WHERE id = 'd03'))";
    assert_eq!(ids(sql, &[]), ["10"]);
    let sql = "SELECT count(*) FROM vsearch('Doc', 'at', NULL)";
    assert_eq!(ids(sql, &[]), ["0"]);
    // For each row of an outer query, and inside of a filter.
    let sql = "SELECT id, (SELECT group_concat(id) FROM vsearch('Doc', 'at', d.at, 1, 'id <> ''' || d.id || ''''))
               FROM Doc AS d WHERE n >= 48 ORDER BY id";
    assert_eq!(ids(sql, &[]), ["d48 d47", "d49 d48"]);
    let sql = "SELECT id FROM vsearch('Doc', 'at', '[0, 0]', 2,
                 'id IN (SELECT id FROM vsearch(''Doc'', ''at'', ''[30, 0]'', 3))')";
    assert_eq!(ids(sql, &[]), ["d29", "d30"]);

    for (sql, code) in [
        ("SELECT * FROM vsearch('Doc', 'at', '[1]')", "bad-vector"),
        ("SELECT * FROM vsearch('Doc', 'at', '[1, \"a\"]')", "bad-option"),
        ("SELECT * FROM vsearch('Doc', 'at', 'a text')", "bad-option"),
        ("SELECT * FROM vsearch('Doc', 'at', x'000000')", "bad-option"),
        ("SELECT * FROM vsearch('Doc', 'at', '[1, 2]', -1)", "bad-option"),
        ("SELECT * FROM vsearch('Doc', 'n', '[1, 2]')", "no-vector-field"),
        ("SELECT * FROM vsearch('Doc', 'at', '[1, 2]', 1, 'm > 1')", "sql"),
        ("SELECT * FROM vsearch('Doc', 'at', '[1, 2]', 1, 7)", "bad-option"),
        ("SELECT * FROM vsearch('Doc', 'at')", "sql"),
    ] {
        assert_eq!(db.query(sql, &[]).unwrap_err().code(), code, "{sql}");
    }
}

fn shown(value: &SqlValue) -> String {
    match value {
        SqlValue::Text(text) => text.clone(),
        SqlValue::Int(number) => number.to_string(),
        SqlValue::Real(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_live_query_follows_the_vectors() {
    let mut db = defined(1, Metric::L2);
    put(&mut db, "a", &[1.0]);
    let sql = "SELECT id FROM vsearch('Doc', 'at', '[0]', 1)";
    let (_, rows) = db.subscribe(sql, &[]).unwrap();
    assert_eq!(rows.rows, [[SqlValue::Text("a".into())]]);
    put(&mut db, "b", &[0.5]);
    let changes = db.take_changes().unwrap();
    assert_eq!(changes.len(), 1);
    let delta = changes[0].outcome.as_ref().unwrap();
    assert_eq!(delta.added[0].1, [SqlValue::Text("b".into())]);
    put(&mut db, "c", &[9.0]);
    assert!(db.take_changes().unwrap().is_empty());
}

#[test]
fn vectors_that_are_not_those_of_the_nodes_are_found_and_mended() {
    let damages = [
        "DELETE FROM pdb_vector WHERE nid = (SELECT nid FROM pdb_node WHERE id = 'a')",
        "UPDATE pdb_vector SET vector = x'0000803f00000000'",
        "UPDATE pdb_vector SET vector = x'00'",
        "UPDATE pdb_vector SET type = 'Other'",
        "UPDATE pdb_vector SET source = x'0000000000000000'",
        "INSERT INTO pdb_vector (nid, type, field, vector) SELECT 77, type, field, vector FROM pdb_vector LIMIT 1",
    ];
    for damage in damages {
        let dir = TempDir::new().unwrap();
        let (path, leases) = (dir.path().join("db.pluresdb"), Leases::at(dir.path()));
        let mut db = Database::create_with(&path, Options::default(), &leases).unwrap();
        db.define_type(&doc(2, Metric::L2)).unwrap();
        put(&mut db, "a", &[1.0, 2.0]);
        put(&mut db, "b", &[3.0, 4.0]);
        assert_eq!(db.check().unwrap(), []);
        drop(db);
        assert!(Connection::open(&path).unwrap().execute(damage, []).unwrap() > 0, "{damage}");

        let mut db = Database::open_with(&path, &leases).unwrap();
        let _ = db.nearest("Doc", "at", &[0.0, 0.0], 9, None);
        let faults = db.check().unwrap();
        assert!(faults.iter().any(|fault| fault.place == FaultPlace::Vectors), "{damage}");
        assert_eq!(db.repair().unwrap().left, [], "{damage}");
        assert_eq!(nearest(&db, &[0.0, 0.0], 9), ["a", "b"], "{damage}");
    }
}
