//! Statements of SQL as JavaScript runs them.

use crate::convert::{self, Parameters};
use crate::database::CoreDatabase;
use crate::error::Outcome;
use crate::rows::CoreRows;
use js_sys::{Array, Object};
use pluresdb::{Database, Rows, SqlLimits, Statement};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl CoreDatabase {
    /// Runs a statement that only reads; gives `{ columns, rows }`. A limit left out is none.
    pub fn select(
        &self,
        sql: &str,
        parameters: &JsValue,
        time_ms: Option<f64>,
        rows: Option<f64>,
        bytes: Option<f64>,
    ) -> Outcome<Object> {
        let limits = limits(time_ms, rows, bytes);
        let parameters = Parameters::read(parameters)?;
        let database = self.reading()?;
        let Rows { columns, rows } =
            parameters.with(sql, |statement| database.read(&statement.limited(limits)))?;
        Ok(convert::table(&columns, &rows))
    }

    /// Begins a statement that only reads; gives what its rows are taken from.
    pub fn rows(
        &self,
        sql: &str,
        parameters: &JsValue,
        time_ms: Option<f64>,
        rows: Option<f64>,
        bytes: Option<f64>,
    ) -> Outcome<CoreRows> {
        let limits = SqlLimits { memory: None, ..limits(time_ms, rows, bytes) };
        Ok(self.paged(sql, Parameters::read(parameters)?, limits))
    }

    /// Runs one statement, which may write; gives `{ columns, rows, changes }`.
    pub fn exec(
        &self,
        sql: &str,
        parameters: &JsValue,
        time_ms: Option<f64>,
        rows: Option<f64>,
        bytes: Option<f64>,
    ) -> Outcome<Object> {
        let limits = limits(time_ms, rows, bytes);
        let run = |database: &mut Database, statement: Statement<'_>| {
            database.execute_with(&statement.limited(limits))
        };
        let done = Parameters::read(parameters)?.with(sql, |statement| {
            Ok::<_, crate::error::Fault>(run(&mut *self.open()?, statement)?)
        })?;
        Ok(convert::executed(&done))
    }

    /// Runs a script; gives the same for each of its statements.
    #[wasm_bindgen(js_name = execScript)]
    pub fn exec_script(
        &self,
        sql: &str,
        parameters: &JsValue,
        time_ms: Option<f64>,
        rows: Option<f64>,
        bytes: Option<f64>,
    ) -> Outcome<Array> {
        let limits = limits(time_ms, rows, bytes);
        let mut database = self.open()?;
        let done = Parameters::read(parameters)?
            .with(sql, |statement| database.execute_script(&statement.limited(limits)))?;
        Ok(done.iter().map(convert::executed).collect())
    }

    /// How the rows of a statement are found, a line for each step.
    pub fn explain(&self, sql: &str) -> Outcome<Vec<String>> {
        Ok(self.open()?.explain(&Statement::new(sql))?)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn limits(time_ms: Option<f64>, rows: Option<f64>, bytes: Option<f64>) -> SqlLimits {
    let whole = |limit: Option<f64>| limit.filter(|limit| *limit >= 0.0).map(|limit| limit as u64);
    let (time_ms, rows, bytes) = (whole(time_ms), whole(rows), whole(bytes));
    SqlLimits { time_ms, rows, bytes, memory: Some(SqlLimits::MOST_HELD) }
}
