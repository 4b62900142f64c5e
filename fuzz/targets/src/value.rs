//! Values, in our encoding and in JSON.

use crate::memory::Bound;
use crate::seeds::{everything, must};
use pluresdb::Value;
use pluresdb::codec::{DecodeError, Reader, Writer, read_value, write_value};

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Ok(value) = Bound::SMALL.check(bytes, || decode(bytes)) else {
        return false;
    };
    let encoded = encode(&value);
    let again = must(decode(&encoded));
    assert_eq!(again, value);
    assert_eq!(encode(&again), encoded);

    let json = must(serde_json::to_string(&value));
    assert_eq!(must(serde_json::from_str::<Value>(&json)), value, "{json}");
    true
}

fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut input = Reader::new(bytes);
    let value = read_value(&mut input)?;
    input.end()?;
    Ok(value)
}

fn encode(value: &Value) -> Vec<u8> {
    let mut out = Writer::new();
    write_value(&mut out, value);
    out.into_bytes()
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let all = Value::Object(everything());
    vec![
        ("every-kind", encode(&all)),
        ("float", encode(&Value::Float(1.0e300))),
        ("smallest-int", encode(&Value::Int(i64::MIN))),
        ("nested", encode(&(0..60).fold(Value::Null, |value, _| Value::Array(vec![value])))),
    ]
}
