//! Types against JSON Schema: both ways, and in agreement with another reader of schemas.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod agree;
mod random;
mod schema;

use pluresdb::Map;
use pluresdb::types::TypeDef;

/// An object from JSON.
fn json(text: &str) -> Map {
    serde_json::from_str(text).unwrap()
}

/// An object as another library's JSON.
fn foreign(map: &Map) -> serde_json::Value {
    serde_json::to_value(map).unwrap()
}

fn from_schema(text: &str) -> TypeDef {
    TypeDef::from_json_schema(Some("T"), json(text)).unwrap().def
}
