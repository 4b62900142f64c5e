//! Shared fields: whatever the order in which the actors' changes meet, the same state.
//!
//! Actors change their own replicas through what transactions use, and see each other's changes at
//! random times. Then their changes are folded in other orders, in which each actor's stay in order,
//! as its log is; and with repetitions.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use super::{Editor, Entity, Found, Hint, Leaves, Parts, SharedField, TextEdit, client_of};
use crate::model::{
    ActorId, Hlc, Map, Op, Part, Path, SharedChange, SharedKind, SharedOp, Stamp, Target, Value,
    Write,
};
use proptest::prelude::*;

const ACTORS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// An actor adds to the counter.
    Count(i64),
    /// It puts a value into the set, or takes it out.
    Put(u8),
    Take(u8),
    /// It edits the text or the list.
    Type(u8, u8, u8),
    Insert(u8, u8),
    /// It writes plainly at a shared field, at the object above all of them, or removes one.
    Plain(u8),
    Above,
    Remove(u8),
    /// It deletes the node, or puts it again.
    Delete,
    Create,
    /// It sees what another has done so far.
    Meet(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (-3..4_i64).prop_map(Step::Count),
        3 => (0..4_u8).prop_map(Step::Put),
        2 => (0..4_u8).prop_map(Step::Take),
        4 => any::<(u8, u8, u8)>().prop_map(|(at, remove, letter)| Step::Type(at, remove, letter)),
        3 => any::<(u8, u8)>().prop_map(|(at, number)| Step::Insert(at, number)),
        1 => (0..4_u8).prop_map(Step::Plain),
        1 => Just(Step::Above),
        1 => (0..4_u8).prop_map(Step::Remove),
        1 => Just(Step::Delete),
        1 => Just(Step::Create),
        5 => (0..ACTORS as u8).prop_map(Step::Meet),
    ]
}

type Change = (Stamp, Part);

#[derive(Debug, Clone, Default)]
struct World {
    entities: [Entity; ACTORS],
    logs: [Vec<Change>; ACTORS],
    seen: [[usize; ACTORS]; ACTORS],
    clocks: [u64; ACTORS],
}

fn actor(number: usize) -> ActorId {
    ActorId([number as u8 + 1; 16])
}

fn path(kind: SharedKind) -> Path {
    Path::field("o").unwrap().child(&kind.to_string()).unwrap()
}

const KINDS: [SharedKind; 4] =
    [SharedKind::Counter, SharedKind::Set, SharedKind::List, SharedKind::Text];

impl World {
    fn run(&mut self, number: usize, step: &Step) {
        if let Step::Meet(other) = step {
            self.meet(number, usize::from(*other));
            return;
        }
        self.clocks[number] += 1;
        let stamp = Stamp { hlc: Hlc::at(self.clocks[number]), actor: actor(number) };
        let mut part = Part {
            target: Target::Node("n".into()),
            delete: matches!(step, Step::Delete),
            put: matches!(step, Step::Create),
            kind: None,
            writes: Vec::new(),
        };
        part.writes.extend(self.write(number, step, stamp));
        self.entities[number].apply(part.clone(), stamp);
        self.logs[number].push((stamp, part));
        self.seen[number][number] += 1;
    }

    fn meet(&mut self, number: usize, other: usize) {
        let from = self.seen[number][other];
        for (stamp, part) in self.logs[other][from..].iter().cloned() {
            self.entities[number].apply(part, stamp);
            self.clocks[number] = self.clocks[number].max(stamp.hlc.ms());
        }
        self.seen[number][other] = self.logs[other].len();
    }

    fn write(&self, number: usize, step: &Step, stamp: Stamp) -> Option<Write> {
        let kind = match step {
            Step::Count(_) => SharedKind::Counter,
            Step::Put(_) | Step::Take(_) => SharedKind::Set,
            Step::Type(..) => SharedKind::Text,
            Step::Insert(..) => SharedKind::List,
            Step::Plain(which) => {
                let kind = KINDS[usize::from(*which)];
                let value = match kind {
                    SharedKind::Counter => Value::Int(40),
                    SharedKind::Text => Value::Text("plain".into()),
                    _ => Value::Array([1, 2].map(Value::Int).into()),
                };
                return Some(Write::set(path(kind), value));
            }
            Step::Above => return Some(Write::set(Path::field("o").unwrap(), Value::Null)),
            Step::Remove(which) => return Some(Write::remove(path(KINDS[usize::from(*which)]))),
            _ => return None,
        };
        let entity = &self.entities[number];
        let path = path(kind);
        let found = Found {
            path: &path,
            kind,
            field: entity.shared.get(&path, kind),
            ground: entity.ground(path.as_joined()),
            editor: Editor { client: client_of(&stamp.actor, 7), keep_undo: false },
        };
        let (wanted, hint) = wish(&found, step);
        let change = found.change(&wanted, hint).unwrap()?;
        let op = Op::Shared(SharedOp { floor: found.ground.floor, change: change.change });
        Some(Write { path: path.clone(), op })
    }
}

fn wish(found: &Found<'_>, step: &Step) -> (Value, Option<Hint>) {
    match (step, found.value()) {
        (Step::Count(by), Value::Int(number)) => (Value::Int(number + by), Some(Hint::Counter)),
        (Step::Put(value), Value::Array(mut items)) => {
            let value = Value::Int((*value).into());
            if !items.contains(&value) {
                items.push(value.clone());
            }
            (Value::Array(items), Some(Hint::Set(vec![value])))
        }
        (Step::Take(value), Value::Array(mut items)) => {
            items.retain(|item| *item != Value::Int((*value).into()));
            (Value::Array(items), None)
        }
        (Step::Type(at, remove, letter), Value::Text(text)) => {
            let mut draft = found.edit().unwrap();
            let length = text.len() as u32;
            let at = u32::from(*at) % (length + 1);
            let remove = u32::from(*remove % 3).min(length - at);
            let insert = char::from(b'a' + letter % 26).to_string();
            draft.edit_text(&TextEdit { at, remove, insert }).unwrap();
            (draft.content(), Some(Hint::Content(SharedKind::Text, Box::new(draft))))
        }
        (Step::Insert(at, number), Value::Array(mut items)) => {
            let at = usize::from(*at) % (items.len() + 1);
            if number % 3 == 0 && at < items.len() {
                items.remove(at);
            } else {
                items.insert(at, Value::Int((*number).into()));
            }
            (Value::Array(items), None)
        }
        other => panic!("a field of its kind: {other:?}"),
    }
}

fn any_world() -> impl Strategy<Value = World> {
    prop::collection::vec((0..ACTORS, any_step()), 1..40).prop_map(|steps| {
        let mut world = World::default();
        for (number, step) in &steps {
            world.run(*number, step);
        }
        world
    })
}

/// The logs merged in an order that the numbers choose, each record perhaps twice.
fn interleave(logs: &[Vec<Change>; ACTORS], choices: &[u8]) -> Entity {
    let mut entity = Entity::default();
    let mut at = [0; ACTORS];
    let mut choices = choices.iter().cycle();
    while at.iter().zip(logs).any(|(at, log)| *at < log.len()) {
        let choice = *choices.next().unwrap();
        let open = (0..ACTORS).cycle().skip(choice.into());
        let number = open.take(ACTORS).find(|number| at[*number] < logs[*number].len()).unwrap();
        let (stamp, part) = logs[number][at[number]].clone();
        if choice > 200 {
            entity.apply(part.clone(), stamp);
        }
        entity.apply(part, stamp);
        at[number] += 1;
    }
    entity
}

fn reread(entity: &Entity, visible: bool) -> Entity {
    let leaves = if visible { entity.leaves() } else { Leaves::new() };
    let stored = entity.encode(&leaves);
    let object: Option<Map> = visible.then(|| entity.object());
    let docs = stored.docs.as_deref();
    Entity::decode(Parts { state: &stored.state, docs, object, kind: None }).unwrap()
}

proptest! {
    #[test]
    fn any_interleaving_gives_the_same_state(
        world in any_world(),
        one in prop::collection::vec(any::<u8>(), 40),
        other in prop::collection::vec(any::<u8>(), 40),
    ) {
        let (a, b) = (interleave(&world.logs, &one), interleave(&world.logs, &other));
        prop_assert_eq!(a.object(), b.object());
        prop_assert_eq!(a.encode(&a.leaves()), b.encode(&b.leaves()));
        for (_, _, field) in a.shared.iter() {
            if let SharedField::Doc(doc) = field {
                prop_assert!(doc.waiting.is_empty(), "a change still waits");
            }
        }
    }

    #[test]
    fn a_replica_that_met_everyone_has_the_state_of_any_order(
        mut world in any_world(),
        order in prop::collection::vec(any::<u8>(), 40),
    ) {
        for other in 0..ACTORS {
            world.meet(0, other);
        }
        let folded = interleave(&world.logs, &order);
        let met = &world.entities[0];
        prop_assert_eq!(met.object(), folded.object());
        prop_assert_eq!(met.encode(&met.leaves()).state, folded.encode(&folded.leaves()).state);
    }

    #[test]
    fn a_state_reads_back_what_it_wrote(world in any_world()) {
        for entity in &world.entities {
            for visible in [true, false] {
                let read = reread(entity, visible);
                prop_assert_eq!(read.object(), entity.object());
                prop_assert_eq!(&read, entity);
            }
        }
    }
}

fn folded(changes: &[Change]) -> Entity {
    changes.iter().fold(Entity::default(), |mut entity, (stamp, part)| {
        entity.apply(part.clone(), *stamp);
        entity
    })
}

fn value(entity: &Entity, kind: SharedKind) -> Value {
    let Some(Value::Object(object)) = entity.object().remove("o") else { panic!("an object") };
    object.get(&kind.to_string()).cloned().unwrap()
}

#[test]
fn increments_of_two_actors_add_up() {
    let mut world = World::default();
    world.run(0, &Step::Count(2));
    world.run(1, &Step::Count(3));
    world.run(0, &Step::Count(2));
    world.meet(0, 1);
    assert_eq!(value(&world.entities[0], SharedKind::Counter), Value::Int(7));
}

#[test]
fn an_add_wins_over_a_concurrent_remove() {
    let mut world = World::default();
    world.run(0, &Step::Put(1));
    world.meet(1, 0);
    world.run(0, &Step::Put(1));
    world.run(1, &Step::Take(1));
    world.meet(0, 1);
    let kept = Value::Array(vec![Value::Int(1)]);
    assert_eq!(value(&world.entities[0], SharedKind::Set), kept);
    world.meet(1, 0);
    world.run(1, &Step::Take(1));
    assert_eq!(value(&world.entities[1], SharedKind::Set), Value::Array(vec![]));
}

#[test]
fn an_increment_that_saw_the_plain_number_counts_from_it_and_goes_with_a_later_one() {
    let mut world = World::default();
    world.run(0, &Step::Plain(0));
    world.run(0, &Step::Count(2));
    assert_eq!(value(&world.entities[0], SharedKind::Counter), Value::Int(42));
    world.meet(1, 0);
    world.run(1, &Step::Plain(0));
    world.run(0, &Step::Count(5));
    world.meet(0, 1);
    assert_eq!(value(&world.entities[0], SharedKind::Counter), Value::Int(40));
}

#[test]
fn a_plain_text_becomes_a_shared_one_at_its_first_edit_on_every_replica_alike() {
    let mut world = World::default();
    world.run(0, &Step::Plain(3));
    world.meet(1, 0);
    world.run(0, &Step::Type(0, 0, 0));
    world.run(1, &Step::Type(5, 0, 25));
    world.meet(0, 1);
    let text = Value::Text("aplainz".into());
    assert_eq!(value(&world.entities[0], SharedKind::Text), text);
    // What readers see is at hand when it is read again.
    let read = reread(&world.entities[0], true);
    let Some(SharedField::Doc(doc)) = read.shared.get(&path(SharedKind::Text), SharedKind::Text)
    else {
        panic!("a text");
    };
    assert_eq!(doc.content, Some(text));
}

#[test]
fn an_update_that_writes_in_anothers_name_is_not_taken() {
    let mut world = World::default();
    world.run(0, &Step::Type(0, 0, 0));
    let (stamp, part) = world.logs[0][0].clone();
    let forged = Stamp { actor: actor(1), ..stamp };
    let entity = folded(&[(forged, part.clone())]);
    assert_eq!(entity.shared.iter().len(), 0);
    assert_eq!(entity.shared.refused().len(), 1);
    assert_eq!(reread(&entity, false), entity);
    assert!(!folded(&[(stamp, part)]).shared.is_empty());
}

#[test]
fn what_can_never_be_integrated_is_told_alike_in_any_order_until_a_plain_write() {
    let mut world = World::default();
    world.run(0, &Step::Plain(3));
    let plain = world.logs[0][0].clone();
    let floor = Some(plain.0.floor());
    let junk = |ms: u64, number: usize, floor| {
        let stamp = Stamp { hlc: Hlc::at(ms), actor: actor(number) };
        let change = SharedChange::Text(vec![9; 3]);
        let write =
            Write { path: path(SharedKind::Text), op: Op::Shared(SharedOp { floor, change }) };
        let target = Target::Node("n".into());
        (stamp, Part { target, delete: false, put: false, kind: None, writes: vec![write] })
    };
    let late = 1 << 40;
    let mut changes =
        vec![plain, junk(late, 0, floor), junk(late + 5, 0, floor), junk(late, 1, floor)];
    let entity = folded(&changes);
    let refused: Vec<_> = entity.shared.refused().map(|(_, refused)| refused.by.clone()).collect();
    let latest = changes[2..].iter().map(|(stamp, _)| (stamp.actor, *stamp)).collect();
    assert_eq!(refused, [latest]);
    assert_eq!(value(&entity, SharedKind::Text), Value::Text("plain".into()));
    changes.reverse();
    assert_eq!(folded(&changes), entity);
    changes.extend(changes.clone());
    assert_eq!(folded(&changes), entity);
    assert_eq!(reread(&entity, true), entity);

    let end = Stamp { hlc: Hlc::at(late + 9), actor: actor(2) };
    let mut part = changes[0].1.clone();
    part.writes = vec![Write::set(path(SharedKind::Text), Value::Text("new".into()))];
    changes.push((end, part));
    let replaced = folded(&changes);
    assert_eq!(replaced.shared.refused().len(), 0);
    changes.reverse();
    assert_eq!(folded(&changes), replaced);
}
