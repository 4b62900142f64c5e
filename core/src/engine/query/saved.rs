//! Saved queries: statements by name, as nodes of the type `$query`, so that they sync and merge.
//!
//! A statement is looked at as it is saved. What another replica saved may need a type that is not
//! here; that is told when it is run.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::engine::live::set::Subscription;
use crate::engine::query::sql::{Rows, SqlValue};
use crate::engine::query::statement::Statement;
use crate::model::{Map, Value};

/// The type of saved queries.
const TYPE_OF_QUERIES: &str = "$query";

/// Most saved queries that are listed.
const MOST: usize = 100_000;

/// A statement with a name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SavedQuery {
    /// What it is called; its node is `$query/<name>`.
    pub name: String,
    /// One statement that reads. Its parameters have names: `:owner`.
    pub sql: String,
    /// Values of parameters that are not given when it is run, by their names without the sign.
    pub params: Map,
    /// What it is for.
    pub description: String,
}

impl SavedQuery {
    /// The id of the node that holds the query of a name.
    #[must_use]
    pub fn node_id(name: &str) -> String {
        format!("{TYPE_OF_QUERIES}/{name}")
    }

    fn to_data(&self) -> Map {
        let mut data = Map::new();
        data.insert("sql".into(), Value::Text(self.sql.clone()));
        data.insert("params".into(), Value::Object(self.params.clone()));
        data.insert("description".into(), Value::Text(self.description.clone()));
        data
    }

    /// What a node holds; what is of another shape counts as empty.
    fn read(name: &str, mut data: Map) -> Self {
        let mut text = |field: &str| match data.remove(field) {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        };
        let (sql, description) = (text("sql"), text("description"));
        let params = match data.remove("params") {
            Some(Value::Object(params)) => params,
            _ => Map::new(),
        };
        Self { name: name.into(), sql, params, description }
    }

    /// The values given, and the defaults of the others.
    ///
    /// # Errors
    /// [`Error::Option`] for a default that SQL has no value for, and for a query without a statement, as
    /// a replica of another version may write one.
    pub fn values<'a>(
        &'a self,
        given: &[(&'a str, SqlValue)],
    ) -> Result<Vec<(&'a str, SqlValue)>, Error> {
        if self.sql.trim().is_empty() {
            return Err(self.fault("there is no statement; save it anew".into()));
        }
        let mut values: Vec<(&str, SqlValue)> =
            given.iter().map(|(name, value)| (bare(name), value.clone())).collect();
        for (name, default) in &self.params {
            if values.iter().any(|(given, _)| given == name) {
                continue;
            }
            let value = sql_value(default).ok_or_else(|| {
                self.fault(format!("the default of :{name} is no text, number, truth or null"))
            })?;
            values.push((name, value));
        }
        Ok(values)
    }

    fn fault(&self, message: String) -> Error {
        Error::Option { option: Self::node_id(&self.name), message }
    }

    /// Says of which saved query an error of SQL is.
    fn named(&self, error: Error) -> Error {
        match error {
            Error::Sql { message, offset } => {
                let message = format!("the saved query {:?}: {message}", self.name);
                Error::Sql { message, offset }
            }
            other => other,
        }
    }

    /// Refuses what could not be run.
    fn check(&self, db: &Database) -> Result<(), Error> {
        if self.name.is_empty() {
            let message = "a saved query needs a name".into();
            return Err(Error::Option { option: "name".into(), message });
        }
        self.values(&[])?;
        let names = db.reader().parameters_of(&self.sql).map_err(|error| self.named(error))?;
        if names.iter().any(|name| name.as_ref().is_none_or(|name| name.starts_with('?'))) {
            return Err(self.fault("its parameters need names: write :owner in place of ?1".into()));
        }
        let known = |name: &str| names.iter().flatten().any(|known| bare(known) == name);
        match self.params.keys().find(|name| !known(name)) {
            Some(name) => Err(self.fault(format!("the statement has no parameter :{name}"))),
            None => Ok(()),
        }
    }
}

impl Database {
    /// Saves a query, or makes the one of this name exactly this.
    ///
    /// ```
    /// use pluresdb::{Database, SavedQuery, SqlValue, object};
    ///
    /// let mut db = Database::memory()?;
    /// db.put("a", "Task", object([("owner", "ada".into())]))?;
    /// db.save_query(&SavedQuery {
    ///     name: "by owner".into(),
    ///     sql: "SELECT id FROM Task WHERE owner = :owner".into(),
    ///     params: object([("owner", "ada".into())]),
    ///     ..SavedQuery::default()
    /// })?;
    /// assert_eq!(db.run_saved("by owner", &[])?.rows.len(), 1);
    /// let bob = [("owner", SqlValue::Text("bob".into()))];
    /// assert_eq!(db.run_saved("by owner", &bob)?.rows.len(), 0);
    /// # Ok::<(), pluresdb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Sql`] and [`Error::ReadOnly`] for a statement that cannot be run or writes,
    /// [`Error::Option`] for a parameter without a name or a default without a parameter.
    pub fn save_query(&mut self, query: &SavedQuery) -> Result<(), Error> {
        self.refresh()?;
        query.check(self)?;
        self.put(&SavedQuery::node_id(&query.name), TYPE_OF_QUERIES, query.to_data())
    }

    /// The saved query of a name.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none.
    pub fn saved_query(&self, name: &str) -> Result<SavedQuery, Error> {
        let id = SavedQuery::node_id(name);
        match self.get(&id)?.filter(|node| node.kind == TYPE_OF_QUERIES) {
            Some(node) => Ok(SavedQuery::read(name, node.data)),
            None => Err(Error::NotFound { id }),
        }
    }

    /// All saved queries, by name.
    pub fn saved_queries(&self) -> Result<Vec<SavedQuery>, Error> {
        let start = SavedQuery::node_id("");
        let nodes = self.list(Some(TYPE_OF_QUERIES), None, MOST)?.into_iter();
        let read = nodes.filter_map(|node| {
            let name = node.id.strip_prefix(&start)?.to_owned();
            Some(SavedQuery::read(&name, node.data))
        });
        Ok(read.collect())
    }

    /// Removes a saved query; false where there is none.
    pub fn remove_query(&mut self, name: &str) -> Result<bool, Error> {
        match self.saved_query(name) {
            Ok(_) => self.delete(&SavedQuery::node_id(name)),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Runs a saved query with some values in the place of its defaults.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Sql`] with the name of the query, where it does not run here or a
    /// parameter has neither value nor default.
    pub fn run_saved(&self, name: &str, given: &[(&str, SqlValue)]) -> Result<Rows, Error> {
        let query = self.saved_query(name)?;
        let values = query.values(given)?;
        let statement = Statement::new(&query.sql).named(&values);
        self.read(&statement).map_err(|error| query.named(error))
    }

    /// Subscribes to a saved query as it is now: see [`Database::subscribe`].
    ///
    /// # Errors
    /// As [`Database::run_saved`].
    pub fn subscribe_saved(
        &mut self,
        name: &str,
        given: &[(&str, SqlValue)],
    ) -> Result<(Subscription, Rows), Error> {
        let query = self.saved_query(name)?;
        let values = query.values(given)?;
        let statement = Statement::new(&query.sql).named(&values);
        self.subscribe_to(&statement).map_err(|error| query.named(error))
    }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches([':', '@', '$'])
}

fn sql_value(value: &Value) -> Option<SqlValue> {
    Some(match value {
        Value::Null => SqlValue::Null,
        Value::Bool(truth) => SqlValue::Int((*truth).into()),
        Value::Int(number) => SqlValue::Int(*number),
        Value::Float(number) => SqlValue::Real(*number),
        Value::Text(text) => SqlValue::Text(text.clone()),
        Value::Bytes(bytes) => SqlValue::Blob(bytes.clone()),
        _ => return None,
    })
}
