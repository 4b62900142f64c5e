//! Changes of texts and lists as two devices send them: whatever their bytes, they fold into a field in
//! either order and once again to the same state, which is stored and read back.
//!
//! An input is `u8` 0 for a text and 1 for a list, `u16` the length of the first change, the first, and
//! the second.

use crate::memory::Bound;
use crate::seeds::{empty, log, must};
use pluresdb::codec::decode_record;
use pluresdb::crdt::{Entity, Leaves, ListEdit, Parts, SharedField, TextEdit};
use pluresdb::model::{Hlc, Op, Part, SharedChange, SharedOp, Stamp, Target, Write};
use pluresdb::{ActorId, Database, Path, SharedKind, Value, object};
use std::cell::Cell;
use std::sync::{Once, OnceLock};

/// Each fold opens documents of yrs, whose items take some hundred bytes for each of the update.
const BOUND: Bound = Bound { fixed: 1024 * 1024, per_byte: 4096 };

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Some(([kind, a, b], updates)) = bytes.split_first_chunk() else {
        return false;
    };
    let kind = if kind & 1 == 0 { SharedKind::Text } else { SharedKind::List };
    let length = usize::from(u16::from_le_bytes([*a, *b])).min(updates.len());
    let (first, second) = updates.split_at(length);
    let (first, second) = (part(kind, first, 2), part(kind, second, 3));
    let one = BOUND.check(bytes, || folded([&first, &second]));
    let other = folded([&second, &first]);
    assert_eq!(canonical(&one), canonical(&other), "the order of two changes counts");
    if in_own_names(&one) {
        assert_eq!(one.object(), other.object(), "the order of two changes counts");
        assert_eq!(one.encode(&one.leaves()), other.encode(&other.leaves()));
    }
    assert_eq!(canonical(&folded([&first, &second, &first, &second])), canonical(&one));
    let stored = one.encode(&one.leaves());
    let (state, docs) = (stored.state.as_slice(), stored.docs.as_deref());
    let (object, kind_of) = (Some(one.object()), one.kind().map(str::to_owned));
    let again = must(Entity::decode(Parts { state, docs, object, kind: kind_of }));
    assert_eq!(again, one);
    assert_eq!(again.object(), one.object());
    one.shared.iter().any(|(_, found, _)| found == kind)
}

/// Whether nobody wrote in the name of a Yjs document elsewhere. Two who do may write different
/// operations under the same name; nothing says then which of them counts.
fn in_own_names(entity: &Entity) -> bool {
    entity.shared.iter().all(|(_, _, field)| match field {
        SharedField::Doc(doc) => doc.clients().all(|client| client >= 1 << 32),
        _ => true,
    })
}

fn folded<const N: usize>(changes: [&(Stamp, Part); N]) -> Entity {
    quietly(|| {
        changes.into_iter().fold(base().clone(), |mut entity, (stamp, part)| {
            entity.apply(part.clone(), *stamp);
            entity
        })
    })
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs a fold. Panics of yrs are caught inside it; telling of each would take more memory than the
/// fold, and libFuzzer's own hook would end the program.
fn quietly<R>(fold: impl FnOnce() -> R) -> R {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let inside_yrs = panic.location().is_some_and(|place| place.file().contains("/yrs-"));
            if !(QUIET.get() && inside_yrs) {
                told(panic);
            }
        }));
    });
    QUIET.set(true);
    let folded = fold();
    QUIET.set(false);
    folded
}

fn canonical(entity: &Entity) -> Vec<u8> {
    entity.encode(&Leaves::new()).state
}

fn path(kind: SharedKind) -> Path {
    must(Path::field(if kind == SharedKind::Text { "text" } else { "list" }))
}

/// A change by an actor that saw the base.
fn part(kind: SharedKind, update: &[u8], actor: u8) -> (Stamp, Part) {
    let path = path(kind);
    let floor = base().ground(path.as_joined()).floor;
    let change = match kind {
        SharedKind::Text => SharedChange::Text(update.to_vec()),
        _ => SharedChange::List(update.to_vec()),
    };
    let writes = vec![Write { path, op: Op::Shared(SharedOp { floor, change }) }];
    let target = Target::Node("n".into());
    let stamp = Stamp { hlc: Hlc::at(1_800_000_000_000), actor: ActorId([actor; 16]) };
    (stamp, Part { target, delete: false, put: false, kind: None, writes })
}

/// A node with a plain text and a plain list.
fn base() -> &'static Entity {
    static BASE: OnceLock<Entity> = OnceLock::new();
    BASE.get_or_init(|| must(with_base(1).entity("n")))
}

fn with_base(seed: u8) -> Database {
    let mut first = empty(1, false);
    let list = Value::Array(vec![1.into(), "two".into()]);
    must(first.put("n", "Note", object([("text", "Buy milk".into()), ("list", list)])));
    if seed == 1 {
        return first;
    }
    let mut db = empty(seed, false);
    must(db.apply(&log(&first)));
    db
}

/// The bytes that a device sends for what it does to the base.
fn sent(seed: u8, edit: impl FnOnce(&mut Database)) -> Vec<u8> {
    let mut db = with_base(seed);
    edit(&mut db);
    let record = log(&db).pop().map(|bytes| must(decode_record(&bytes)));
    let writes = record.into_iter().flat_map(|record| record.parts).flat_map(|part| part.writes);
    let mut updates = writes.filter_map(|write| match write.op {
        Op::Shared(SharedOp {
            change: SharedChange::Text(update) | SharedChange::List(update),
            ..
        }) => Some(update),
        _ => None,
    });
    updates.next_back().unwrap_or_default()
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text = |seed, at, remove, insert: &str| {
        let edit = TextEdit { at, remove, insert: insert.into() };
        sent(seed, |db| must(db.edit_text("n", &path(SharedKind::Text), &[edit])))
    };
    let list = |seed, at, remove, insert| {
        let edit = ListEdit { at, remove, insert };
        sent(seed, |db| must(db.edit_list("n", &path(SharedKind::List), &[edit])))
    };
    let input = |kind: u8, first: Vec<u8>, second: Vec<u8>| {
        [vec![kind], (first.len() as u16).to_le_bytes().to_vec(), first, second].concat()
    };
    let nested = || vec![Value::Object(object([("x", Value::Null)])), Value::Float(-0.0)];
    vec![
        ("text-and-text", input(0, text(2, 4, 0, "oat 🦀 "), text(3, 0, 3, "Get"))),
        ("text-and-nothing", input(0, text(2, 8, 0, "!"), Vec::new())),
        ("list-and-list", input(1, list(2, 1, 0, nested()), list(3, 0, 2, vec!["new".into()]))),
        ("text-in-anothers-name", input(0, text(2, 0, 8, ""), text(2, 4, 0, "forged "))),
    ]
}
