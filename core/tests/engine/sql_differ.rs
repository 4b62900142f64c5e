//! SQL beside what must agree with it: reads beside plain tables of SQLite that hold the same values,
//! writes beside the same calls of the API.

use crate::{FixedHost, log, replica, text};
use pluresdb::types::{FieldDef, TypeDef, ValueType};
use pluresdb::{Database, Map, Path, SqlValue, Statement, Value, object};
use rusqlite::types::ValueRef;
use std::fmt::Write;

const SELECTS: u32 = 5_000;
const ROWS: u32 = 24;
const COLUMNS: [&str; 6] = ["id", "a", "b", "c", "d", "flag"];

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

const NUMBERS: [i64; 9] = [0, 1, -1, 2, 7, 1 << 53, (1 << 53) + 1, i64::MAX, i64::MIN];
const FLOATS: [f64; 7] = [0.5, -2.25, 0.1, 1e300, -1e-7, 3.5, 1e18];
const TEXTS: [&str; 9] = ["", "a", "A", "ab", "5", "5.0", "Äpfel", "it's", "2024-02-29"];

fn value(draw: &mut Draw) -> Value {
    match draw.below(8) {
        0 => Value::Null,
        1..4 => Value::Int(draw.of(&NUMBERS)),
        4 => Value::number(draw.of(&FLOATS)).unwrap(),
        _ => text(draw.of(&TEXTS)),
    }
}

/// The value as a plain table has it.
fn plain(value: Option<&Value>) -> rusqlite::types::Value {
    match value {
        None | Some(Value::Null) => rusqlite::types::Value::Null,
        Some(Value::Bool(truth)) => i64::from(*truth).into(),
        Some(Value::Int(number)) => (*number).into(),
        Some(Value::Float(number)) => (*number).into(),
        Some(Value::Text(text)) => text.clone().into(),
        other => panic!("{other:?} is not drawn"),
    }
}

/// Types `T` and `U` with the same rows here and there; some fields of `T` are declared and indexed.
fn both(draw: &mut Draw) -> (Database, rusqlite::Connection) {
    let mut db = replica();
    let def = TypeDef::new("T")
        .with("a", FieldDef::of(ValueType::Any).indexed())
        .with("c", FieldDef::of(ValueType::Any).indexed())
        .with("flag", FieldDef::of(ValueType::Boolean).indexed());
    db.define_type(&def).unwrap();
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    for kind in ["T", "U"] {
        // A field is an expression to SQLite, which has no affinity; a column of any table has one.
        let sql = format!(
            "CREATE TABLE {kind}_ (id TEXT, a, b, c, d, flag);
             CREATE VIEW {kind} AS
             SELECT id, +a AS a, +b AS b, +c AS c, +d AS d, +flag AS flag FROM {kind}_"
        );
        conn.execute_batch(&sql).unwrap();
        for row in 0..ROWS {
            let id = format!("{kind}{row}");
            let mut data = Map::new();
            for field in ["a", "b", "c", "d"] {
                if !draw.chance(6) {
                    data.insert(field.into(), value(draw));
                }
            }
            data.insert("flag".into(), Value::Bool(draw.chance(2)));
            let row = COLUMNS[1..].iter().map(|field| plain(data.get(*field)));
            let row = std::iter::once(id.clone().into()).chain(row);
            conn.execute(
                &format!("INSERT INTO {kind}_ VALUES (?, ?, ?, ?, ?, ?)"),
                rusqlite::params_from_iter(row),
            )
            .unwrap();
            db.put(&id, kind, data).unwrap();
        }
    }
    (db, conn)
}

fn column(draw: &mut Draw, tables: &[&str]) -> String {
    let table = draw.of(tables);
    format!("{table}.{}", draw.of(&COLUMNS))
}

fn literal(draw: &mut Draw) -> String {
    match value(draw) {
        Value::Int(number) if number < 0 => {
            format!("({number})").replace("-9223372036854775808", "-9223372036854775807 - 1")
        }
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:e}"),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        _ => "NULL".into(),
    }
}

/// An expression over columns of some tables.
fn expression(draw: &mut Draw, tables: &[&str], depth: usize) -> String {
    if depth == 0 || draw.chance(4) {
        return match draw.chance(3) {
            true => literal(draw),
            false => column(draw, tables),
        };
    }
    let mut inner = || expression(draw, tables, depth - 1);
    let (x, y, z) = (inner(), inner(), inner());
    match draw.below(16) {
        0 => format!("({x} {} {y})", draw.of(&["+", "-", "*", "/", "%", "||"])),
        1..4 => {
            format!("({x} {} {y})", draw.of(&["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]))
        }
        4 => format!("({x} {} {y})", draw.of(&["AND", "OR"])),
        5 => format!("(NOT {x})"),
        6 => format!("({x} BETWEEN {y} AND {z})"),
        7 => format!("({x} IN ({y}, {z}))"),
        8 => format!("CASE WHEN {x} THEN {y} ELSE {z} END"),
        9 => format!("coalesce({x}, {y})"),
        10 => format!("{}({x})", draw.of(&["typeof", "length", "upper", "quote", "hex", "likely"])),
        11 => format!("substr({x}, 1, 2)"),
        12 => format!("({x} LIKE {})", draw.of(&["'a%'", "'%5%'", "'_'"])),
        13 => format!("({x} = {y} COLLATE {})", draw.of(&["NOCASE", "BINARY", "RTRIM"])),
        14 => format!("CAST({x} AS {})", draw.of(&["TEXT", "INTEGER", "REAL", "BLOB"])),
        _ => format!("({x} ISNULL)"),
    }
}

fn select(draw: &mut Draw) -> String {
    let one = &["T"][..];
    let two = &["T", "U"][..];
    let condition = |draw: &mut Draw, tables| match draw.below(3) {
        0 => String::new(),
        1 => format!(" WHERE {}", expression(draw, tables, 3)),
        _ => format!(" WHERE {} = {}", column(draw, tables), literal(draw)),
    };
    match draw.below(8) {
        0..3 => {
            let (x, y) = (expression(draw, one, 2), expression(draw, one, 2));
            format!("SELECT id, {x}, {y} FROM T{}", condition(draw, one))
        }
        3 => {
            let join = draw.of(&["JOIN", "LEFT JOIN"]);
            let on = format!("{} = {}", column(draw, one), column(draw, &["U"]));
            format!("SELECT T.id, U.id FROM T {join} U ON {on}{}", condition(draw, two))
        }
        4 => {
            let aggregate = draw.of(&["count", "min", "max", "total", "group_concat"]);
            let (group, x) = (column(draw, one), column(draw, one));
            let order = if aggregate == "group_concat" { " ORDER BY id" } else { "" };
            format!(
                "SELECT typeof({group}), {aggregate}({x}{order}) FROM T{} GROUP BY typeof({group})",
                condition(draw, one)
            )
        }
        5 => {
            let (x, y) = (column(draw, one), column(draw, &["U"]));
            let not = draw.of(&["", "NOT "]);
            format!(
                "SELECT id FROM T WHERE {not}EXISTS (SELECT 1 FROM U WHERE {x} < {y} AND U.id > T.b)"
            )
        }
        6 => {
            let (x, y) = (column(draw, one), column(draw, one));
            format!(
                "SELECT id, row_number() OVER (PARTITION BY {x} ORDER BY {y}, id), lag(d) OVER (ORDER BY {x}, id) FROM T"
            )
        }
        _ => {
            let limit = draw.below(5);
            let order = column(draw, &["T"]);
            format!("WITH s AS (SELECT * FROM T{}) SELECT * FROM s UNION SELECT * FROM (SELECT * FROM T ORDER BY {order}, id LIMIT {limit})", condition(draw, one))
                .replace("SELECT * FROM s", "SELECT id, a, b, c, d, flag FROM s")
                .replace("SELECT * FROM (", "SELECT id, a, b, c, d, flag FROM (")
        }
    }
}

/// The rows of a plain table in an order of their own, or nothing where SQLite finds a fault.
fn plain_rows(conn: &rusqlite::Connection, sql: &str) -> Option<Vec<String>> {
    let mut statement = conn.prepare(sql).ok()?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).ok()?;
    let mut found = Vec::new();
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(_) => return None,
        };
        let mut line = String::new();
        for at in 0..columns {
            let value = match row.get_ref(at).unwrap() {
                ValueRef::Null => SqlValue::Null,
                ValueRef::Integer(number) => SqlValue::Int(number),
                ValueRef::Real(number) => SqlValue::Real(number),
                ValueRef::Text(text) => SqlValue::Text(String::from_utf8_lossy(text).into()),
                ValueRef::Blob(bytes) => SqlValue::Blob(bytes.into()),
            };
            let _ = write!(line, "{value:?} ");
        }
        found.push(line);
    }
    found.sort();
    Some(found)
}

fn our_rows(db: &Database, sql: &str) -> Option<Vec<String>> {
    let rows = db.query(sql, &[]).ok()?.rows;
    let lines = rows.iter().map(|row| {
        row.iter().fold(String::new(), |mut line, value| {
            let _ = write!(line, "{value:?} ");
            line
        })
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    Some(lines)
}

#[test]
fn random_selects_give_what_plain_tables_give() {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let (mut db, mut conn) = both(&mut draw);
    let (mut faults, mut rows) = (0, 0);
    for round in 0..SELECTS {
        if round % 500 == 499 {
            (db, conn) = both(&mut draw);
        }
        let sql = select(&mut draw);
        let expected = plain_rows(&conn, &sql);
        assert_eq!(our_rows(&db, &sql), expected, "{sql}");
        faults += usize::from(expected.is_none());
        rows += expected.map_or(0, |rows| rows.len());
    }
    // The test would agree on nothing as well.
    assert!(faults < 250 && rows > 20_000, "{faults} faults, {rows} rows");
}

/// One change, as a statement and as calls.
struct Step {
    sql: String,
    calls: Box<dyn Fn(&mut Database)>,
}

fn field_sql(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Bool(truth) => i64::from(*truth).to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Int(i64::MIN) => "(-9223372036854775807 - 1)".into(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:e}"),
        other => format!("'{}'", serde_json::to_string(other).unwrap().replace('\'', "''")),
    }
}

fn field_value(draw: &mut Draw, field: &str) -> Value {
    match field {
        "flag" => Value::Bool(draw.chance(2)),
        "list" => {
            Value::Array((0..draw.below(4)).map(|_| Value::Int(draw.of(&NUMBERS[..4]))).collect())
        }
        "shape" => Value::Object(object([(draw.of(&["x", "y"]), Value::Int(draw.of(&NUMBERS)))])),
        _ => loop {
            let value = value(draw);
            if value != Value::Null {
                return value;
            }
        },
    }
}

const FIELDS: [&str; 5] = ["flag", "list", "shape", "n", "t"];

fn step(draw: &mut Draw) -> Step {
    let id = format!("n{}", draw.below(12));
    let field = draw.of(&FIELDS);
    let value = field_value(draw, field);
    let sql = field_sql(&value);
    match draw.below(8) {
        0 | 1 => {
            let other = draw.of(&FIELDS[3..]);
            let number = draw.of(&NUMBERS);
            let mut data = object([(field, value)]);
            data.insert(other.into(), number.into());
            let sql = if field == other {
                format!(
                    "INSERT OR REPLACE INTO D (id, {other}) VALUES ('{id}', {})",
                    field_sql(&data[other])
                )
            } else {
                format!(
                    "REPLACE INTO D (id, {field}, {other}) SELECT '{id}', {sql}, {}",
                    field_sql(&data[other])
                )
            };
            Step { sql, calls: Box::new(move |db| db.put(&id, "D", data.clone()).unwrap()) }
        }
        2 | 3 => {
            let sql = format!("UPDATE D SET {field} = {sql} WHERE id = '{id}'");
            let path = Path::field(field).unwrap();
            let calls = move |db: &mut Database| {
                let mut patch = vec![(path.clone(), Some(value.clone()))];
                patch.insert(0, (path.clone(), None));
                if db.get(&id).unwrap().is_some() {
                    db.patch(&id, patch).unwrap();
                } else {
                    db.transaction(|_| Ok(())).unwrap();
                }
            };
            Step { sql, calls: Box::new(calls) }
        }
        4 => {
            let sql = format!("UPDATE D SET {field} = NULL WHERE id = '{id}'");
            let path = Path::field(field).unwrap();
            let calls = move |db: &mut Database| {
                if db.get(&id).unwrap().is_some() {
                    db.patch(&id, vec![(path.clone(), None)]).unwrap();
                } else {
                    db.transaction(|_| Ok(())).unwrap();
                }
            };
            Step { sql, calls: Box::new(calls) }
        }
        5 => {
            let sql = format!("DELETE FROM D WHERE id = '{id}'");
            Step { sql, calls: Box::new(move |db| _ = db.delete(&id).unwrap()) }
        }
        6 => {
            let other = format!("n{}", draw.below(12));
            let sql = format!(
                "INSERT OR REPLACE INTO edges (source, label, target, data)
                 SELECT a.id, 'to', b.id, json_object('n', 1) FROM nodes AS a, nodes AS b
                 WHERE a.id = '{id}' AND b.id = '{other}'"
            );
            let calls = move |db: &mut Database| {
                let alive = |id| db.get(id).unwrap().is_some();
                if alive(&id) && alive(&other) {
                    db.link(&id, "to", &other, object([("n", 1.into())])).unwrap();
                } else {
                    db.transaction(|_| Ok(())).unwrap();
                }
            };
            Step { sql, calls: Box::new(calls) }
        }
        _ => {
            let sql = format!("DELETE FROM edges WHERE source = '{id}'");
            let calls = move |db: &mut Database| {
                let edges = db.edges(&id, Default::default(), None, 99).unwrap();
                db.transaction(|tx| {
                    edges
                        .iter()
                        .try_for_each(|edge| tx.unlink(&edge.source, "to", &edge.target).map(drop))
                })
                .unwrap();
            };
            Step { sql, calls: Box::new(calls) }
        }
    }
}

/// Two databases that draw the same actors and stamps, with the type of the steps.
fn twins() -> (Database, Database) {
    let twin = || {
        let mut db = FixedHost::new(3).replica();
        let def = TypeDef::new("D")
            .with("flag", FieldDef::of(ValueType::Boolean))
            .with("list", FieldDef::list())
            .with("shape", FieldDef::of(ValueType::Object))
            .with("n", FieldDef::of(ValueType::Any).indexed())
            .with("t", FieldDef::of(ValueType::Any));
        db.define_type(&def).unwrap();
        db
    };
    (twin(), twin())
}

#[test]
fn each_statement_that_writes_makes_the_record_that_the_api_makes() {
    let mut draw = Draw(0x0123_4567_89ab_cdef);
    for _ in 0..6 {
        let (mut sql, mut api) = twins();
        for _ in 0..150 {
            let step = step(&mut draw);
            sql.execute(&step.sql, &[]).unwrap_or_else(|error| panic!("{}: {error}", step.sql));
            (step.calls)(&mut api);
            assert_eq!(sql.state_hash().unwrap(), api.state_hash().unwrap(), "{}", step.sql);
        }
        assert_eq!(log(&sql), log(&api));
        assert!(log(&sql).len() > 60);
        assert!(sql.check().unwrap().is_empty());
    }
}

/// A whole script is compared with its statements one by one: the states end equal, though the script
/// is one record.
#[test]
fn a_script_ends_in_the_state_of_its_statements() {
    let mut draw = Draw(0xfeed_beef_1234_5678);
    for _ in 0..40 {
        let (mut whole, mut single) = twins();
        for _ in 0..5 {
            let mut script = String::from("BEGIN;\n");
            for _ in 0..draw.below(12) {
                let step = step(&mut draw);
                script += &step.sql;
                if !step.sql.contains("SELECT") && draw.chance(2) {
                    script += " RETURNING *";
                }
                script += ";\n";
                single.execute(&step.sql, &[]).unwrap();
                if draw.chance(2) {
                    let count =
                        "SELECT count(*), group_concat(n) FROM (SELECT n FROM D ORDER BY id)";
                    script += count;
                    script += ";\n";
                }
            }
            let end =
                "SELECT id, data FROM nodes ORDER BY id; SELECT * FROM edges ORDER BY 1, 2, 3";
            script += end;
            script += ";\nCOMMIT";
            let length = log(&whole).len();
            let done = whole.execute_script(&Statement::new(&script)).unwrap();
            assert!(log(&whole).len() <= length + 1);
            let [.., nodes, edges] = done.as_slice() else { panic!("two results") };
            let expected = single.execute_script(&Statement::new(end)).unwrap();
            assert_eq!(
                (&nodes.rows, &edges.rows),
                (&expected[0].rows, &expected[1].rows),
                "{script}"
            );
            let after = whole.execute_script(&Statement::new(end)).unwrap();
            assert_eq!((&nodes.rows, &edges.rows), (&after[0].rows, &after[1].rows), "{script}");
        }
        assert!(whole.check().unwrap().is_empty());
    }
}
