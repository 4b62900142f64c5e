//! A statement with the values of its parameters and what it may take.

use crate::engine::error::Error;
use crate::engine::query::limits::{Cancel, SqlLimits};
use crate::engine::query::sql::SqlValue;
use rusqlite::Statement as Compiled;

/// One statement of SQL, or a script of several.
///
/// ```
/// use pluresdb::{Database, SqlLimits, SqlValue, Statement};
///
/// let db = Database::memory()?;
/// let named = [("a", SqlValue::Text("x".into()))];
/// let statement = Statement::new("SELECT :a || ?2")
///     .named(&named)
///     .limited(SqlLimits { time_ms: Some(1_000), ..SqlLimits::default() });
/// assert_eq!(db.read(&statement).unwrap_err().code(), "sql"); // nothing was given for ?2
/// # Ok::<(), pluresdb::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Statement<'a> {
    pub(in crate::engine) sql: &'a str,
    pub(in crate::engine) values: &'a [SqlValue],
    pub(in crate::engine) named: &'a [(&'a str, SqlValue)],
    pub(in crate::engine) limits: SqlLimits,
    pub(in crate::engine) cancel: Option<&'a Cancel>,
    /// Whether the values are for other statements of a script as well.
    pub(in crate::engine) shared: bool,
}

impl<'a> Statement<'a> {
    /// A statement without parameters.
    #[must_use]
    pub fn new(sql: &'a str) -> Self {
        Self { sql, ..Self::default() }
    }

    /// The statement with values for its parameters in their order: `?`, `?2`.
    #[must_use]
    pub const fn with(mut self, values: &'a [SqlValue]) -> Self {
        self.values = values;
        self
    }

    /// The statement with values for its parameters by their names: `:a`, `@a` or `$a` takes that of
    /// `a`.
    #[must_use]
    pub const fn named(mut self, named: &'a [(&'a str, SqlValue)]) -> Self {
        self.named = named;
        self
    }

    /// The statement, ended where it takes more.
    #[must_use]
    pub const fn limited(mut self, limits: SqlLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The statement, ended when that is called.
    #[must_use]
    pub const fn until(mut self, cancel: &'a Cancel) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// The value of each parameter, by its number from 1 on; every one must have one.
    pub(in crate::engine) fn bound(&self, compiled: &Compiled<'_>) -> Result<Vec<SqlValue>, Error> {
        let count = compiled.parameter_count();
        (1..=count)
            .map(|number| {
                let name = compiled.parameter_name(number);
                let value = match name.filter(|name| !name.starts_with('?')) {
                    Some(name) => self.by_name(name).or_else(|| self.by_number(number)),
                    None => self.by_number(number),
                };
                let shown = name.map_or_else(|| format!("?{number}"), str::to_owned);
                value.cloned().ok_or_else(|| fault(format!("there is no value for {shown}")))
            })
            .collect()
    }

    /// Refuses values that no parameter takes.
    pub(in crate::engine) fn uses_all(&self, compiled: &Compiled<'_>) -> Result<(), Error> {
        if self.shared {
            return Ok(());
        }
        let count = compiled.parameter_count();
        if self.values.len() > count {
            let given = self.values.len();
            return Err(fault(format!("{given} values for a statement with {count} parameters")));
        }
        let names = || (1..=count).filter_map(|number| compiled.parameter_name(number));
        match self.named.iter().find(|(name, _)| !names().any(|known| is_named(known, name))) {
            Some((name, _)) => {
                Err(fault(format!("the statement has no parameter :{}", bare(name))))
            }
            None => Ok(()),
        }
    }

    fn by_name(&self, parameter: &str) -> Option<&SqlValue> {
        let mut named = self.named.iter();
        named.find(|(name, _)| is_named(parameter, name)).map(|(_, value)| value)
    }

    fn by_number(&self, number: usize) -> Option<&SqlValue> {
        self.values.get(number - 1)
    }
}

/// Whether a parameter bears a name, which may be given with its sign or without.
fn is_named(parameter: &str, name: &str) -> bool {
    parameter == name || parameter.get(1..) == Some(name)
}

fn bare(name: &str) -> &str {
    name.trim_start_matches([':', '@', '$'])
}

fn fault(message: String) -> Error {
    Error::Sql { message, offset: None }
}
