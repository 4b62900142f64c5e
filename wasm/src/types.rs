//! Types as JavaScript defines and reads them. A definition is plain data with the type's name in it.

use crate::convert::{self, Keys, object};
use crate::database::CoreDatabase;
use crate::error::{Fault, Outcome};
use js_sys::{Array, Object};
use pluresdb::types::{FromSchema, TypeDef, Violation};
use pluresdb::{Defined, Map, NodeViolation, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl CoreDatabase {
    /// Defines a type; gives `{ result, version }`.
    #[wasm_bindgen(js_name = defineType)]
    pub fn define_type(&self, definition: &JsValue) -> Outcome<Object> {
        let mut data = convert::data(definition)?;
        let name = match data.remove("name") {
            Some(Value::Text(name)) => name,
            Some(_) => return Err(Fault::new("bad-value", "name: expected a text")),
            None => return Err(Fault::new("bad-value", "name: is missing; a type needs one")),
        };
        self.define(&TypeDef::parse(&name, data).map_err(pluresdb::Error::from)?)
    }

    /// Defines a type by a JSON Schema; gives `{ result, version, ignored }`.
    #[wasm_bindgen(js_name = defineJsonSchema)]
    pub fn define_json_schema(&self, schema: &JsValue, name: Option<String>) -> Outcome<Object> {
        let schema = convert::data(schema)?;
        let FromSchema { def, ignored } =
            TypeDef::from_json_schema(name.as_deref(), schema).map_err(pluresdb::Error::from)?;
        let defined = self.define(&def)?;
        let ignored: Array = ignored.into_iter().map(JsValue::from).collect();
        convert::set(&defined, &"ignored".into(), &ignored);
        Ok(defined)
    }

    /// All definitions, by name.
    pub fn types(&self) -> Outcome<Array> {
        let types = self.open()?.types()?;
        let mut keys = Keys::default();
        let definition = |def: &TypeDef| {
            let mut data = def.to_data();
            data.insert("name".into(), def.name.as_str().into());
            convert::value(&Value::Object(data), &mut keys)
        };
        Ok(types.iter().map(definition).collect())
    }

    /// A definition as a JSON Schema, or null.
    #[wasm_bindgen(js_name = jsonSchema)]
    pub fn json_schema(&self, name: &str) -> Outcome<JsValue> {
        let schema: Option<Map> = self.open()?.type_def(name)?.map(|def| def.to_json_schema());
        let value = |schema| convert::value(&Value::Object(schema), &mut Keys::default());
        Ok(schema.map_or(JsValue::NULL, value))
    }

    /// What breaks types, an array of `{ id, type, path, rule, message, value }`.
    pub fn violations(&self, kind: Option<String>, limit: u32) -> Outcome<Array> {
        let found = self.open()?.violations(kind.as_deref(), limit as usize)?;
        let row = |NodeViolation { id, kind, violation }: &NodeViolation| {
            let row = violation_object(violation);
            convert::set(&row, &"id".into(), &id.as_str().into());
            convert::set(&row, &"type".into(), &kind.as_str().into());
            row
        };
        Ok(found.iter().map(row).collect())
    }
}

impl CoreDatabase {
    #[expect(clippy::cast_precision_loss, reason = "versions are counted")]
    fn define(&self, def: &TypeDef) -> Outcome<Object> {
        let (result, version) = match self.open()?.define_type(def)? {
            Defined::Written => ("written", def.version),
            Defined::Same => ("same", def.version),
            Defined::Kept { version } => ("kept", version),
        };
        Ok(object(&[("result", result.into()), ("version", (version as f64).into())]))
    }
}

/// A violation as `{ path, rule, message, value }`; the value is null where there is none.
pub(crate) fn violation_object(violation: &Violation) -> Object {
    let value = match violation.value.as_str() {
        "" => JsValue::NULL,
        value => value.into(),
    };
    object(&[
        ("path", violation.path.as_str().into()),
        ("rule", violation.rule.word().into()),
        ("message", violation.message.as_str().into()),
        ("value", value),
    ])
}
