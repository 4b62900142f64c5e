//! SQL that reads: parameters, limits, plans, and how values come out of views.

use crate::{FixedHost, replica, text};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Cancel, Database, Error, SqlLimits, SqlValue, Statement, Step, Value, object};
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
const MANY: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'abcd' FROM n";

fn sql_text(value: &str) -> SqlValue {
    SqlValue::Text(value.into())
}

#[test]
fn parameters_are_bound_by_place_and_by_name() {
    let db = replica();
    let read = |sql, values: &[SqlValue], named: &[(&str, SqlValue)]| {
        db.read(&Statement::new(sql).with(values).named(named)).map(|rows| rows.rows)
    };
    let (one, two) = (SqlValue::Int(1), SqlValue::Int(2));
    let named = [("a", one.clone()), ("@b", two.clone())];
    let row = [[one.clone(), two.clone(), one.clone()]];
    assert_eq!(read("SELECT :a, @b, :a", &[], &named).unwrap(), row);
    assert_eq!(read("SELECT ?2, ?1, ?2", &[two.clone(), one.clone()], &[]).unwrap(), row);
    assert_eq!(
        read("SELECT $a, ?2, $a", &[SqlValue::Null, two.clone()], &named[..1]).unwrap(),
        row
    );
    for (sql, values, named, part) in [
        ("SELECT :a, :c", &[][..], &named[..1], ":c"),
        ("SELECT :a", &[], &named[..], ":b"),
        ("SELECT ?, ?", std::slice::from_ref(&one), &[], "?2"),
        ("SELECT ?", &[one.clone(), two], &[], "2 values"),
    ] {
        let error = read(sql, values, named).unwrap_err();
        assert_eq!(error.code(), "sql");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_statement_that_runs_too_long_is_ended() {
    let db = replica();
    let limits = SqlLimits { time_ms: Some(50), ..SqlLimits::default() };
    for sql in [ENDLESS, MANY] {
        let began = Instant::now();
        let error =
            db.read_each(&Statement::new(sql).limited(limits), |_, _| ControlFlow::Continue(()));
        assert_eq!(error.unwrap_err().code(), "sql-time-limit");
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    assert_eq!(db.query("SELECT 1", &[]).unwrap().rows, [[SqlValue::Int(1)]]);
}

#[test]
fn a_statement_that_gives_too_much_is_ended() {
    let db = replica();
    let ends = |limits| db.read(&Statement::new(MANY).limited(limits)).unwrap_err().code();
    assert_eq!(ends(SqlLimits { rows: Some(10), ..SqlLimits::default() }), "sql-row-limit");
    assert_eq!(ends(SqlLimits { bytes: Some(399), ..SqlLimits::default() }), "sql-size-limit");
    let large = "SELECT length(zeroblob(500000000) || zeroblob(1))";
    let error = db.read(
        &Statement::new(large).limited(SqlLimits { bytes: Some(10), ..SqlLimits::default() }),
    );
    assert_eq!(error.unwrap_err().code(), "sql-size-limit");
    assert_eq!(db.query("SELECT zeroblob(2000000000)", &[]).unwrap_err().code(), "sql");
    let longer = db.query("SELECT length(zeroblob(2000000))", &[]).unwrap();
    assert_eq!(longer.rows, [[SqlValue::Int(2_000_000)]]);
    let hundred = format!("{MANY} LIMIT 100");
    let limits = SqlLimits { rows: Some(100), bytes: Some(400), ..SqlLimits::default() };
    assert_eq!(db.read(&Statement::new(&hundred).limited(limits)).unwrap().rows.len(), 100);
}

#[test]
fn rows_that_are_held_take_no_more_memory_than_they_may() {
    let mut db = replica();
    let limits = SqlLimits { memory: Some(1_000_000), ..SqlLimits::default() };
    let statement = Statement::new(MANY).limited(limits);
    let error = db.read(&statement).unwrap_err();
    assert_eq!(error.code(), "sql-size-limit");
    assert!(error.to_string().contains("page by page"), "{error}");
    assert_eq!(db.execute_with(&statement).unwrap_err().code(), "sql-size-limit");
    // A row of four letters takes 76 bytes or more to hold.
    let some = format!("{MANY} LIMIT 9000");
    assert_eq!(db.read(&Statement::new(&some).limited(limits)).unwrap().rows.len(), 9_000);
    let more = format!("{MANY} LIMIT 14000");
    assert!(db.read(&Statement::new(&more).limited(limits)).is_err());
}

#[test]
fn want_of_memory_has_a_code_of_its_own() {
    let found = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOMEM);
    let error = Error::from(rusqlite::Error::SqliteFailure(found, None));
    assert_eq!(error.code(), "out-of-memory");
}

/// A statement whose rows are read one by one.
type Paused<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, Error>> + 'a>>;

/// The next row of it was read, or it has ended so.
fn poll(rows: &mut Paused<'_>) -> Option<Result<Vec<String>, Error>> {
    match rows.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => None,
        Poll::Ready(outcome) => Some(outcome),
    }
}

#[test]
fn statements_that_pause_leave_their_limits_to_themselves() {
    let db = replica();
    let sleep = || std::thread::sleep(Duration::from_millis(60));
    let limited = |time_ms, bytes| SqlLimits { time_ms, bytes, ..SqlLimits::default() };
    let timed = Statement::new(MANY).limited(limited(Some(50), Some(1_000)));
    let cancel = Cancel::default();
    let stopped = Statement::new(MANY).until(&cancel);
    let mut first: Paused<'_> = Box::pin(db.read_paused(&timed, |_, _| Step::Pause));
    let mut second: Paused<'_> = Box::pin(db.read_paused(&stopped, |_, _| Step::Pause));
    assert!(poll(&mut first).is_none() && poll(&mut second).is_none());
    // The time of its reader is none of its own.
    sleep();
    assert!(poll(&mut first).is_none());
    // Neither ends what runs beside it, nor says how long values may be.
    cancel.cancel();
    let long = "SELECT length(zeroblob(2000000)), sum(i) FROM
                (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n)";
    assert_eq!(db.query(long, &[]).unwrap().rows[0][0], SqlValue::Int(2_000_000));
    assert!(poll(&mut first).is_none());
    assert_eq!(poll(&mut second).unwrap().unwrap_err().code(), "cancelled");
    // They end in any order.
    drop(first);
    drop(second);
    assert_eq!(db.query(long, &[]).unwrap().rows[0][0], SqlValue::Int(2_000_000));
    let busy = format!("SELECT 1 UNION ALL SELECT * FROM ({ENDLESS})");
    let timed = Statement::new(&busy).limited(limited(Some(50), None));
    let mut third: Paused<'_> = Box::pin(db.read_paused(&timed, |_, _| Step::Pause));
    assert!(poll(&mut third).is_none());
    let began = Instant::now();
    assert_eq!(poll(&mut third).unwrap().unwrap_err().code(), "sql-time-limit");
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_statement_that_pauses_gives_each_row_once_with_calls_in_it_too() {
    let mut db = replica();
    for id in ["a", "b", "c", "d", "e"] {
        db.put(id, "Note", object([("title", text("milk"))])).unwrap();
    }
    let sql = "SELECT n.id, (SELECT count(*) FROM traverse(n.id)) FROM Note AS n ORDER BY n.id";
    let mut ids = Vec::new();
    let statement = Statement::new(sql);
    let mut polls = 0;
    let columns = {
        let mut rows: Paused<'_> = Box::pin(db.read_paused(&statement, |_, row| {
            ids.push(row[0].clone());
            if ids.len() == 4 { Step::Stop } else { Step::Pause }
        }));
        loop {
            polls += 1;
            // Beside it.
            assert_eq!(db.query("SELECT count(*) FROM search('milk')", &[]).unwrap().rows.len(), 1);
            if let Some(columns) = poll(&mut rows) {
                break columns.unwrap();
            }
        }
    };
    assert_eq!((columns.len(), polls), (2, 4));
    assert_eq!(ids, ["a", "b", "c", "d"].map(sql_text));
}

#[test]
fn a_running_statement_is_cancelled_from_another_thread() {
    let mut db = replica();
    db.put("a", "Note", object([("n", 1.into())])).unwrap();
    let before = db.state_hash().unwrap();
    let update = format!("UPDATE Note SET n = ({ENDLESS})");
    for sql in [ENDLESS, &update] {
        let cancel = Cancel::default();
        let later = cancel.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            later.cancel();
        });
        let error = db.execute_with(&Statement::new(sql).until(&cancel)).unwrap_err();
        assert_eq!(error.code(), "cancelled", "{error}");
        thread.join().unwrap();
        assert!(cancel.is_cancelled());
    }
    assert_eq!(db.state_hash().unwrap(), before);
    // A statement of the same database without that switch runs on.
    assert_eq!(db.query("SELECT n FROM Note", &[]).unwrap().rows, [[SqlValue::Int(1)]]);
}

#[test]
fn without_a_clock_to_ask_a_time_limit_ends_nothing() {
    let db = FixedHost::new(1).replica();
    let limits = SqlLimits { time_ms: Some(0), ..SqlLimits::default() };
    let sql = format!("{MANY} LIMIT 50000");
    assert_eq!(db.read(&Statement::new(&sql).limited(limits)).unwrap().rows.len(), 50_000);
}

fn indexed() -> Database {
    let mut db = replica();
    let def = TypeDef::new("Note")
        .with("stars", FieldDef::of(ValueType::Integer).indexed())
        .with("title", FieldDef::of(ValueType::String).indexed());
    db.define_type(&def).unwrap();
    for n in 0..100 {
        let fields = object([("stars", n.into()), ("title", text(&format!("t{n}")))]);
        db.put(&format!("n{n}"), "Note", fields).unwrap();
    }
    db
}

#[test]
fn explain_shows_the_index_of_a_declared_field() {
    let mut db = indexed();
    let plan = |db: &mut Database, sql: &str| db.explain(&Statement::new(sql)).unwrap().join("\n");
    for sql in [
        "SELECT id FROM Note WHERE stars = 5",
        "SELECT id FROM Note WHERE stars BETWEEN 3 AND ?1",
        "SELECT id FROM Note WHERE stars > ?1",
        "SELECT a.id FROM Note AS a JOIN Note AS b ON b.stars = a.stars + 1 WHERE a.title = 'x'",
    ] {
        assert!(
            plan(&mut db, sql).contains("pdb_field Note.stars"),
            "{sql}: {}",
            plan(&mut db, sql)
        );
    }
    assert!(!plan(&mut db, "SELECT id FROM Note WHERE stars + 1 = 5").contains("stars"));
    assert!(plan(&mut db, "SELECT * FROM Note").contains("pdb_node_type"));
    assert!(plan(&mut db, "SELECT * FROM Note WHERE id = 'n1'").contains("(id=?)"));
    let update = db.explain(&Statement::new("UPDATE Note SET title = '' WHERE stars = 5"));
    assert!(update.unwrap().join("\n").contains("pdb_field Note.stars"));
    let error = db.explain(&Statement::new("SELECT nothing FROM Note")).unwrap_err();
    assert!(matches!(error, pluresdb::Error::Sql { offset: Some(7), .. }), "{error:?}");
    assert_eq!(db.execute("UPDATE Note SET stars = 1 WHERE stars = 5", &[]).unwrap().changes, 1);
}

#[test]
fn whole_numbers_of_64_bits_are_exact_both_ways() {
    let mut db = replica();
    db.put("a", "N", object([("n", 0.into())])).unwrap();
    for number in [i64::MAX, i64::MIN, (1 << 53) + 1, -(1 << 53) - 1] {
        let value = [SqlValue::Int(number)];
        db.execute("UPDATE N SET n = ?", &value).unwrap();
        assert_eq!(db.get("a").unwrap().unwrap().data["n"], Value::Int(number));
        let found = db.query("SELECT n FROM N WHERE n = ?1 AND typeof(n) = 'integer'", &value);
        assert_eq!(found.unwrap().rows, [value]);
    }
}

#[test]
fn floats_are_exact_both_ways() {
    let mut db = replica();
    db.put("a", "N", object([("n", 0.into())])).unwrap();
    for number in [0.1, 1.0 / 3.0, 1e300, 5e-324, -2.5e-10, 123_456.789e-7, f64::MAX, 1e17 + 32.0] {
        db.execute("UPDATE N SET n = ?", &[SqlValue::Real(number)]).unwrap();
        assert_eq!(db.get("a").unwrap().unwrap().data["n"], Value::Float(number));
        let found = db.query("SELECT n FROM N", &[]).unwrap();
        assert_eq!(found.rows, [[SqlValue::Real(number)]]);
    }
}

#[test]
fn a_value_compares_as_what_it_is() {
    let mut db = replica();
    let def = TypeDef::new("T")
        .with("flag", FieldDef::of(ValueType::Boolean))
        .with("n", FieldDef::of(ValueType::Integer));
    db.define_type(&def).unwrap();
    db.put("a", "T", object([("flag", true.into()), ("n", 5.into()), ("free", text("5"))]))
        .unwrap();
    let sql = "SELECT flag = 1, n = '5', n = 5.0, free = 5, free = '5', flag = 'true' FROM T";
    let truths = [1, 0, 1, 0, 1, 0].map(SqlValue::Int);
    assert_eq!(db.query(sql, &[]).unwrap().rows, [truths]);
    // Ids are texts, and a number is compared with one as its digits.
    db.execute("INSERT INTO T (id) VALUES (7)", &[]).unwrap();
    assert_eq!(db.query("SELECT id FROM T WHERE id = 7", &[]).unwrap().rows, [[sql_text("7")]]);
}

/// The answers are those of SQLite 3.40 with functions of its own.
#[test]
fn mathematical_functions_answer_as_those_of_sqlite() {
    let mut db = replica();
    db.put("a", "Point", object([("x", 3.into()), ("y", 4.into()), ("n", text("2.5"))])).unwrap();
    for (expression, answer) in [
        ("sqrt(x * x + y * y)", "5.0"),
        ("sqrt(-x)", "NULL"),
        ("sqrt(' 4 ')", "2.0"),
        ("sqrt('inf')", "NULL"),
        ("sqrt('0x10')", "NULL"),
        ("pow(2, 10)", "1024.0"),
        ("power(2, -1)", "0.5"),
        ("log(100)", "2.0"),
        ("log(2, 8)", "3.0"),
        ("log(1, 5)", "NULL"),
        ("log(0)", "NULL"),
        ("ln(exp(1))", "1.0"),
        ("log2(8)", "3.0"),
        ("floor(x)", "3"),
        ("floor(9007199254740993)", "9007199254740993"),
        ("floor(-2.5)", "-3.0"),
        ("floor(n)", "2.0"),
        ("floor('5.0')", "5.0"),
        ("ceiling('7')", "7"),
        ("ceil(2.1)", "3.0"),
        ("trunc(-2.7)", "-2.0"),
        ("floor('x')", "NULL"),
        ("floor('')", "NULL"),
        ("floor(NULL)", "NULL"),
        ("floor(x'31')", "NULL"),
        ("mod(7.5, 2)", "1.5"),
        ("mod(7, 0)", "NULL"),
        ("exp(1000)", "9.0e+999"),
        ("degrees(pi())", "180.0"),
        ("radians(180) = pi()", "1"),
        ("atan2(1, 1) * 4 = pi()", "1"),
        ("acos(2)", "NULL"),
        ("sin(0) + cos(0) + tanh(0)", "1.0"),
    ] {
        let rows = db.query(&format!("SELECT quote({expression}) FROM Point"), &[]).unwrap().rows;
        assert_eq!(rows, [[sql_text(answer)]], "{expression}");
    }
}

#[test]
fn collations_and_dates_work_on_fields() {
    let mut db = replica();
    for (id, title, day) in
        [("a", "Äpfel", "2024-02-28"), ("b", "zebra", "2024-03-01"), ("c", "Zoo", "2023-12-31")]
    {
        db.put(id, "T", object([("title", text(title)), ("day", text(day))])).unwrap();
    }
    let column = |sql: &str| -> Vec<SqlValue> {
        db.query(sql, &[]).unwrap().rows.into_iter().flatten().collect()
    };
    let ids = |ids: [&str; 3]| ids.map(sql_text).to_vec();
    assert_eq!(column("SELECT id FROM T ORDER BY title"), ids(["c", "b", "a"]));
    assert_eq!(column("SELECT id FROM T ORDER BY title COLLATE NOCASE"), ids(["b", "c", "a"]));
    assert_eq!(column("SELECT id FROM T WHERE title = 'ZEBRA' COLLATE NOCASE"), [sql_text("b")]);
    assert_eq!(column("SELECT id FROM T WHERE title = 'äPFEL' COLLATE NOCASE"), []);
    assert_eq!(column("SELECT id FROM T WHERE title LIKE 'äPF%'"), []);
    assert_eq!(column("SELECT lower('ÄB'), upper('äb')"), [sql_text("Äb"), sql_text("äB")]);
    let sql = "SELECT id FROM T WHERE date(day, '+2 days') >= '2024-03-01' ORDER BY day";
    assert_eq!(column(sql), [sql_text("a"), sql_text("b")]);
    let sql = "SELECT count(*) FROM T WHERE datetime(updated / 1000, 'unixepoch') > '2000'";
    assert_eq!(column(sql), [SqlValue::Int(3)]);
}
