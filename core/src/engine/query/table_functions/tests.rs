//! Rewriting by its text; calls by a function of the tests that counts.

use super::TableFunction;
use super::rewrite::rewrite;
use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::query::reader::Reader;
use crate::engine::query::sql::SqlValue;
use crate::engine::query::tokens::tokens;
use crate::model::object;
use proptest::prelude::*;

/// `counted(from, to)`: the numbers from one to the other, and their squares as text.
pub(super) static COUNTED: TableFunction = TableFunction {
    name: "counted",
    signature: "counted(from, to)",
    columns: &["number", "square"],
    arguments: 1..=2,
    rows: counted,
};

fn counted(_: Reader<'_>, arguments: &[SqlValue]) -> Result<Vec<Vec<SqlValue>>, Error> {
    let (from, to) = match arguments {
        [SqlValue::Int(from)] => (*from, from + 2),
        [SqlValue::Int(from), SqlValue::Int(to)] => (*from, *to),
        _ => return Err(Error::Sql { message: "counted takes integers".into(), offset: None }),
    };
    let row = |n: i64| vec![SqlValue::Int(n), SqlValue::Text((n * n).to_string())];
    Ok((from..=to).map(row).collect())
}

fn rewritten(sql: &str) -> String {
    rewrite(sql, &[&COUNTED], 7).unwrap().sql.into_owned()
}

fn calls(sql: &str) -> usize {
    rewritten(sql).matches("pdb_call(7, 'counted'").count()
}

fn answer(sql: &str, params: &[SqlValue]) -> Vec<Vec<SqlValue>> {
    Database::memory().unwrap().query(sql, params).unwrap().rows
}

fn numbers(sql: &str) -> Vec<i64> {
    let rows = answer(sql, &[]);
    let number = |row: Vec<SqlValue>| match row.first() {
        Some(SqlValue::Int(number)) => *number,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(number).collect()
}

fn offset(sql: &str) -> (String, Option<usize>) {
    match Database::memory().unwrap().query(sql, &[]).unwrap_err() {
        Error::Sql { message, offset } => (message, offset),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_where_a_table_may_stand_is_rewritten() {
    for sql in [
        "SELECT * FROM counted(1, 2)",
        "select * from COUNTED ( 1 , 2 ) as c",
        "SELECT * FROM nodes, counted(1)",
        "SELECT * FROM nodes AS n JOIN counted(1) ON number = n.id",
        "SELECT * FROM (counted(1) AS a JOIN nodes)",
        "SELECT (SELECT max(number) FROM counted(1))",
        "SELECT * FROM nodes WHERE id IN (SELECT number FROM counted(1))",
        "SELECT * FROM a LEFT JOIN b ON a.x = f(b.x, 1), counted(2)",
        "SELECT 1 UNION SELECT number FROM/* here */counted(1)-- and on",
        "WITH counted(a) AS (VALUES (1)) SELECT number FROM counted(1)",
        "SELECT x IS DISTINCT FROM y, z FROM counted(1)",
    ] {
        assert_eq!(calls(sql), 1, "{sql}: {}", rewritten(sql));
    }
    assert_eq!(calls("SELECT * FROM counted(1), counted((SELECT min(number) FROM counted(2)))"), 3);
}

#[test]
fn what_only_looks_like_a_call_is_left_alone() {
    for sql in [
        "SELECT counted(1)",
        "SELECT 1, counted(1) FROM nodes",
        "SELECT * FROM counted",
        "SELECT * FROM main.counted(1)",
        "SELECT ' FROM counted(1)'",
        "SELECT \" FROM counted(1)\" FROM t",
        "SELECT ` FROM counted(1)`, [ FROM counted(1)]",
        "SELECT 1 -- FROM counted(1)\n",
        "SELECT 1 /* FROM counted(1) */",
        "SELECT * FROM t WHERE x IN (1, counted(2))",
        "SELECT * FROM t JOIN u ON f(a, counted(2))",
        "SELECT x IS NOT DISTINCT FROM y, counted(1)",
        "SELECT * FROM counted_twice(1), my_counted(1)",
        "SELECT $a(FROM+counted(1)",
        "SELECT * FROM t ORDER BY a, counted(1)",
    ] {
        assert_eq!(rewritten(sql), sql);
    }
}

#[test]
fn a_call_gives_rows_with_the_values_as_they_are() {
    assert_eq!(
        answer("SELECT * FROM counted(2, 3)", &[]),
        [
            [SqlValue::Int(2), SqlValue::Text("4".into())],
            [SqlValue::Int(3), SqlValue::Text("9".into())]
        ]
    );
    assert_eq!(numbers("SELECT counted.number FROM counted(5)"), [5, 6, 7]);
    assert_eq!(numbers("SELECT c.number FROM counted(5) c WHERE c.square = '36'"), [6]);
    assert!(numbers("SELECT number FROM counted(2, 1)").is_empty());
}

#[test]
fn parameters_keep_their_numbers_and_arguments_may_be_expressions() {
    let [two, four, one] = [2, 4, 1].map(SqlValue::Int);
    let rows = answer(
        "SELECT number FROM counted(?, ?) WHERE number > ?",
        &[two.clone(), four.clone(), two.clone()],
    );
    assert_eq!(rows, [[SqlValue::Int(3)], [SqlValue::Int(4)]]);
    let rows = answer("SELECT ?2, number FROM counted(:from, max(?1, 2))", &[one, two, four]);
    assert_eq!(rows, Vec::<Vec<SqlValue>>::new());
    assert_eq!(
        numbers("WITH w AS (SELECT 8 AS n) SELECT number FROM counted((SELECT n FROM w))").len(),
        3
    );
}

#[test]
fn a_call_may_depend_on_each_row_of_an_outer_query() {
    let sql =
        "WITH RECURSIVE outside(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM outside WHERE n < 40)
               SELECT (SELECT sum(number) FROM counted(n, n + 1)) FROM outside";
    assert_eq!(numbers(sql), (1..=40).map(|n| 2 * n + 1).collect::<Vec<_>>());
    let nested = "SELECT number FROM counted((SELECT max(number) FROM counted(
                      (SELECT max(number) FROM counted((SELECT max(number) FROM counted(
                      (SELECT max(number) FROM counted(1))))))))) LIMIT 1";
    assert_eq!(numbers(nested), [9]);
}

#[test]
fn calls_join_with_nodes_in_every_kind_of_join() {
    let mut db = Database::memory().unwrap();
    for id in ["1", "2", "3"] {
        db.put(id, "Digit", object([("value", id.parse::<i64>().unwrap().into())])).unwrap();
    }
    for join in ["JOIN", "LEFT JOIN", "CROSS JOIN"] {
        let sql = format!(
            "SELECT d.id, row_number() OVER () FROM Digit AS d {join} counted(2, 9) AS c
             ON c.number = d.value ORDER BY d.id"
        );
        let wanted = if join == "LEFT JOIN" { 3 } else { 2 };
        assert_eq!(db.query(&sql, &[]).unwrap().rows.len(), wanted, "{join}");
    }
}

#[test]
fn a_callback_may_run_calls_of_its_own() {
    let db = Database::memory().unwrap();
    let mut seen = 0;
    db.query_each("SELECT number FROM counted(1, 3)", &[], |_, row| {
        let inner = db.query("SELECT count(*) FROM counted(?1, 9)", &row).unwrap();
        assert!(matches!(inner.rows[0][0], SqlValue::Int(7..=9)));
        seen += 1;
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(seen, 3);
    assert!(db.conn.is_autocommit());
}

#[test]
fn the_place_of_an_error_is_that_in_the_statement_as_written() {
    let sql = "SELECT number FROM counted(1) WHERE absent = 1";
    assert_eq!(offset(sql), ("no such column: absent".into(), sql.find("absent")));
    let sql = "SELECT * FROM counted(1, absent)";
    let (message, place) = offset(sql);
    assert!(message.starts_with("no such column: absent"), "{message}");
    assert_eq!(place, sql.find("absent"));
    let sql = "SELECT * FROM counted(1, 2, 3)";
    assert_eq!(
        offset(sql),
        ("counted(from, to) takes 1 to 2 arguments, not 3".into(), sql.find('('))
    );
    assert_eq!(
        offset("SELECT * FROM counted( )").0,
        "counted(from, to) takes 1 to 2 arguments, not 0"
    );
    let sql = "SELECT * FROM nodes AS n, counted(n.id)";
    let (message, place) = offset(sql);
    assert!(message.contains("cannot use tables beside it"), "{message}");
    assert_eq!(place, sql.rfind("n.id"));
    assert_eq!(offset("SELECT * FROM counted('a')").0, "counted takes integers");
}

#[test]
fn a_column_without_a_name_goes_by_its_text_as_it_was_written() {
    let text = "(SELECT max( number ) FROM counted(1, 3) -- all\n WHERE number <> 'ä')";
    let sql =
        format!("SELECT {text}, 1 + {text} || 'ü', (SELECT 2), {text} AS named FROM counted(5)");
    let columns = Database::memory().unwrap().query(&sql, &[]).unwrap().columns;
    let shown = [text, &format!("1 + {text} || 'ü'"), "(SELECT 2)", "named"];
    assert_eq!(columns, shown);
    let exists = "EXISTS(SELECT * FROM counted(1))";
    let columns = Database::memory().unwrap().query(&format!("SELECT {exists}"), &[]).unwrap();
    assert_eq!(columns.columns, [exists]);
}

#[test]
fn the_functions_behind_calls_refuse_to_be_called_by_hand() {
    for sql in ["SELECT pdb_call(0, 'counted', 1)", "SELECT pdb_cell(0, 1, 1)", "SELECT pdb_call()"]
    {
        assert!(offset(sql).0.contains("that the engine has rewritten"), "{sql}");
    }
}

proptest! {
    #[test]
    fn tokens_are_the_text(sql in "[ -~\n€'\"`\\[\\]x0-9?:$@#.()/*-]{0,60}") {
        let pieces: String = tokens(&sql).iter().map(|token| token.text).collect();
        prop_assert_eq!(&pieces, &sql);
        let _ = rewrite(&sql, &[&COUNTED], 0);
    }

    #[test]
    fn a_statement_without_calls_is_as_written(sql in "(SELECT|FROM|,|\\(|\\)|counted|x| |'|--|;){0,20}") {
        match rewrite(&sql, &[&COUNTED], 0) {
            Ok(rewritten) if rewritten.has_calls() => {}
            Ok(rewritten) => prop_assert_eq!(rewritten.sql.as_ref(), sql.as_str()),
            // A call without arguments, which it takes.
            Err(error) => prop_assert!(sql.contains("counted"), "{}", error),
        }
    }
}
