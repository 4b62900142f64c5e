//! Changes of counters, sets, texts and lists. A key is always used as one kind.

use crate::rng::Rng;
use pluresdb::model::Path;
use pluresdb::{Error, ListEdit, Map, TextEdit, Transaction, Value};

pub(super) const COUNTER: &str = "count";
pub(super) const SET: &str = "tags";
pub(super) const TEXT: &str = "text";
pub(super) const LIST: &str = "list";

/// One change of a node's shared field. Places are any numbers, of those that there are then.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Count(i64),
    Add(Value),
    Take(Value),
    Text { at: u64, remove: u32, insert: String },
    List { at: u64, remove: u32, insert: Vec<Value> },
}

impl Change {
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let remove = if rng.percent(30) { rng.below(3) as u32 } else { 0 };
        match rng.below(10) {
            0..4 => Self::Count(rng.below(19) as i64 - 9),
            4 | 5 => Self::Add(tag(rng)),
            6 => Self::Take(tag(rng)),
            7 | 8 => Self::Text { at: rng.next(), remove, insert: word(rng) },
            _ => Self::List { at: rng.next(), remove, insert: vec![tag(rng)] },
        }
    }

    pub(super) fn run(&self, tx: &mut Transaction<'_, '_>, id: &str) -> Result<(), Error> {
        let data = tx.get(id)?.map(|(_, data)| data).unwrap_or_default();
        // Where it is, and how much of what is wanted can go.
        let place = |length: usize, at: u64, remove: u32| {
            let at = (at % (length as u64 + 1)) as u32;
            (at, remove.min(length as u32 - at))
        };
        match self {
            Self::Count(by) => tx.increment(id, &path(COUNTER), *by),
            Self::Add(value) => tx.add_to_set(id, &path(SET), std::slice::from_ref(value)),
            Self::Take(value) => tx.remove_from_set(id, &path(SET), std::slice::from_ref(value)),
            Self::Text { at, remove, insert } => {
                let length = match data.get(TEXT) {
                    Some(Value::Text(text)) => text.encode_utf16().count(),
                    _ => 0,
                };
                let (at, remove) = place(length, *at, *remove);
                tx.edit_text(id, &path(TEXT), &[TextEdit { at, remove, insert: insert.clone() }])
            }
            Self::List { at, remove, insert } => {
                let length = match data.get(LIST) {
                    Some(Value::Array(items)) => items.len(),
                    _ => 0,
                };
                let (at, remove) = place(length, *at, *remove);
                tx.edit_list(id, &path(LIST), &[ListEdit { at, remove, insert: insert.clone() }])
            }
        }
    }
}

/// Without the shared fields that are as they begin. One that was made by a first change stays
/// when that change is undone: others may have changed it too.
pub(super) fn without_empty(mut data: Map) -> Map {
    for key in [COUNTER, SET, TEXT, LIST] {
        let begins = [Value::Int(0), Value::Array(Vec::new()), Value::Text(String::new())];
        if data.get(key).is_some_and(|value| begins.contains(value)) {
            data.remove(key);
        }
    }
    data
}

/// A plain value of a shared field, which begins it anew.
pub(super) fn plain(rng: &mut Rng) -> (&'static str, Value) {
    match rng.below(4) {
        0 => (COUNTER, Value::Int(rng.below(100) as i64)),
        1 => (SET, Value::Array(vec![tag(rng)])),
        2 => (TEXT, Value::Text(word(rng))),
        _ => (LIST, Value::Array((0..rng.below(3)).map(|_| tag(rng)).collect())),
    }
}

fn tag(rng: &mut Rng) -> Value {
    Value::Text(format!("tag {}", rng.below(5)))
}

fn word(rng: &mut Rng) -> String {
    format!("{:04x} ", rng.below(1 << 16))
}

fn path(key: &str) -> Path {
    Path::field(key).expect("these are keys")
}
