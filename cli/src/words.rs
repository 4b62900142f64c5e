//! What a user types in place of data: JSON, `key=value` fields, field paths, SQL parameters.

use crate::failure::{Failure, Outcome};
use pluresdb::{Map, Path, SqlValue, Value};
use std::io::Read;

/// The fields of an object, as the words of a command give them.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// A JSON object, or `-` for standard input.
    pub(crate) json: Option<String>,
    /// `key=text` and `key:=json`.
    pub(crate) fields: Vec<String>,
}

/// A change of single fields, as the engine takes it.
pub(crate) type Patch = Vec<(Path, Option<Value>)>;

impl Fields {
    /// The whole object.
    pub(crate) fn object(self) -> Outcome<Map> {
        let mut object = match self.json {
            Some(json) => parse_object(&json)?,
            None => Map::new(),
        };
        for field in &self.fields {
            let (path, value) = read_field(field)?;
            let keys: Vec<&str> = path.keys().collect();
            insert(&mut object, &keys, value);
        }
        Ok(object)
    }

    /// The change: each of these fields, and what is removed.
    pub(crate) fn patch(self, removed: &[String]) -> Outcome<Patch> {
        let mut patch = Patch::new();
        if let Some(json) = self.json {
            for (key, value) in parse_object(&json)? {
                patch.push((Path::field(&key).map_err(Failure::path)?, Some(value)));
            }
        }
        for field in &self.fields {
            let (path, value) = read_field(field)?;
            patch.push((path, Some(value)));
        }
        for path in removed {
            patch.push((dotted(path)?, None));
        }
        if patch.is_empty() {
            return Err(Failure::usage(
                "nothing to change; give a JSON object, --field or --remove",
            ));
        }
        Ok(patch)
    }
}

/// All of standard input where the word is `-`, else the word.
pub(crate) fn or_stdin(word: String) -> Outcome<String> {
    if word != "-" {
        return Ok(word);
    }
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(Failure::file("standard input cannot be read"))?;
    Ok(text)
}

/// A parameter of a statement: a number is a number, all else a text.
pub(crate) fn parameter(word: String, texts_only: bool) -> SqlValue {
    if texts_only {
        return SqlValue::Text(word);
    }
    // A number as JSON spells it, so that "007" stays the text that it is.
    match serde_json::from_str(&word) {
        Ok(serde_json::Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => SqlValue::Int(whole),
            (None, Some(real)) if !number.is_u64() => SqlValue::Real(real),
            _ => SqlValue::Text(word),
        },
        _ => SqlValue::Text(word),
    }
}

/// A value of a set or list, by the same rule.
pub(crate) fn value(word: String, texts_only: bool) -> Value {
    match parameter(word, texts_only) {
        SqlValue::Int(number) => Value::Int(number),
        SqlValue::Real(number) => Value::Float(number),
        SqlValue::Text(text) => Value::Text(text),
        SqlValue::Null | SqlValue::Blob(_) => Value::Null,
    }
}

pub(crate) fn parse_object(word: &str) -> Outcome<Map> {
    let text = or_stdin(word.to_owned())?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("the data is no JSON object: {error}")))
}

fn read_field(word: &str) -> Outcome<(Path, Value)> {
    let Some((key, text)) = word.split_once('=') else {
        return Err(Failure::usage(format!(
            "--field {word:?} has no `=`; write key=text or key:=json"
        )));
    };
    let Some(key) = key.strip_suffix(':') else {
        return Ok((dotted(key)?, Value::Text(text.to_owned())));
    };
    let value = serde_json::from_str(text).map_err(|error| {
        Failure::usage(format!(
            "--field {key}:= must be followed by JSON: {error}; for a text write {key}=..."
        ))
    })?;
    Ok((dotted(key)?, value))
}

/// A path with a dot between its keys. Keys that hold dots are written as JSON instead.
pub(crate) fn dotted(text: &str) -> Outcome<Path> {
    let mut keys = text.split('.');
    let first = keys.next().unwrap_or_default();
    let first = Path::field(first).map_err(Failure::path)?;
    keys.try_fold(first, |path, key| path.child(key)).map_err(Failure::path)
}

fn insert(object: &mut Map, keys: &[&str], value: Value) {
    let Some((key, rest)) = keys.split_first() else {
        return;
    };
    if rest.is_empty() {
        object.insert((*key).to_owned(), value);
        return;
    }
    let child = object.entry((*key).to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if !matches!(child, Value::Object(_)) {
        *child = Value::Object(Map::new());
    }
    if let Value::Object(child) = child {
        insert(child, rest, value);
    }
}

impl Failure {
    fn path(error: pluresdb::model::PathError) -> Self {
        Self::Usage(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pluresdb::object;

    fn fields(fields: &[&str]) -> Fields {
        Fields { json: None, fields: fields.iter().map(|&field| field.into()).collect() }
    }

    #[test]
    fn a_field_is_a_text_and_with_a_colon_it_is_json() {
        let given = fields(&["title=a=b", "count:=3", "tags:=[\"x\"]", "author.name=Ada"]);
        let wanted = object([
            ("title", "a=b".into()),
            ("count", 3.into()),
            ("tags", vec![Value::from("x")].into()),
            ("author", [("name", "Ada".into())].into()),
        ]);
        assert_eq!(given.object().unwrap(), wanted);
    }

    #[test]
    fn a_field_that_cannot_be_read_is_named() {
        for word in ["title", "count:=", "count:=1,"] {
            assert!(matches!(
                fields(&[word]).object(),
                Err(Failure::Usage(message)) if message.contains(word.split(':').next().unwrap())
            ));
        }
    }

    #[test]
    fn only_what_json_calls_a_number_is_a_number() {
        let read = |word: &str| parameter(word.into(), false);
        assert_eq!(read("-5"), SqlValue::Int(-5));
        assert_eq!(read("2.5"), SqlValue::Real(2.5));
        for text in ["007", "null", "true", "\"7\"", "", "18446744073709551615"] {
            assert_eq!(read(text), SqlValue::Text(text.into()));
        }
        assert_eq!(parameter("5".into(), true), SqlValue::Text("5".into()));
    }
}
