//! Times in words that people and programs read alike. SQLite knows the calendar.

use crate::failure::{Failure, Outcome};
use pluresdb::{Database, SqlValue};

/// Milliseconds since 1970 as a time of the calendar, to the second.
pub(crate) fn words(database: &Database, ms: i64) -> Outcome<String> {
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', ?1, 'unixepoch')";
    match ask(database, sql, SqlValue::Int(ms.div_euclid(1_000)))? {
        Some(SqlValue::Text(date)) => Ok(date),
        _ => Ok(format!("{ms} ms")),
    }
}

/// Milliseconds since 1970 of a time in RFC 3339, or of these milliseconds themselves.
pub(crate) fn read(database: &Database, words: &str) -> Outcome<u64> {
    if let Ok(ms) = words.parse() {
        return Ok(ms);
    }
    // SQLite reads more than that, `now` and the time alone among it.
    let is_date = words.get(..11).is_some_and(|date| {
        let digits = date.bytes().filter(u8::is_ascii_digit).count();
        digits == 8 && date.ends_with(['T', 't', ' '])
    });
    let sql = "SELECT CAST(round(unixepoch(?1, 'subsec') * 1000) AS INTEGER)";
    let found = match is_date {
        true => ask(database, sql, SqlValue::Text(words.to_uppercase()))?,
        false => None,
    };
    match found {
        Some(SqlValue::Int(ms)) if ms >= 0 => Ok(ms.unsigned_abs()),
        _ => Err(Failure::usage(format!(
            "{words:?} is no time; give one like 2026-01-31T12:00:00Z, or milliseconds since 1970"
        ))),
    }
}

fn ask(database: &Database, sql: &str, value: SqlValue) -> Outcome<Option<SqlValue>> {
    Ok(database.query(sql, &[value])?.rows.into_iter().flatten().next())
}
