//! Sequences against documents of yrs that were given the same.

use super::super::canonical::canonical;
use super::super::sound;
use super::*;
use proptest::prelude::*;
use yrs::updates::decoder::Decode;
use yrs::{
    ClientID, Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, Update,
};

/// One who writes, with the same text held twice.
struct Writer {
    client: u64,
    sequence: Sequence,
    doc: Doc,
    /// What it wrote, to be sent.
    updates: Vec<Vec<u8>>,
    /// For each writer, how many of its updates came here.
    had: Vec<usize>,
}

impl Writer {
    fn new(client: u64, writers: usize) -> Self {
        let mut options = Options::with_client_id(ClientID::new(client));
        options.offset_kind = OffsetKind::Utf16;
        let doc = Doc::with_options(options);
        let _ = doc.get_or_insert_text("value");
        Self {
            client,
            sequence: Sequence::default(),
            doc,
            updates: Vec::new(),
            had: vec![0; writers],
        }
    }

    fn take(&mut self, update: &[u8]) {
        let read = sound::read(update).unwrap();
        assert_eq!(self.sequence.take(read), Ok(Taken::Done));
        self.doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
    }

    /// Edits one of the two and tells the other.
    fn edit(&mut self, at: u32, remove: u32, insert: &str, by_yrs: bool) {
        let update = if by_yrs {
            let text = self.doc.get_or_insert_text("value");
            let mut txn = self.doc.transact_mut();
            text.remove_range(&mut txn, at, remove);
            text.insert(&mut txn, at, insert);
            let update = txn.encode_update_v1();
            drop(txn);
            let read = sound::read(&update).unwrap();
            assert_eq!(self.sequence.take(read), Ok(Taken::Done));
            update
        } else {
            let mark = self.sequence.mark();
            self.sequence.remove(at, remove);
            self.sequence.insert(at, insert, self.client);
            let update = self.sequence.changes(&mark);
            self.doc.transact_mut().apply_update(Update::decode_v1(&update).unwrap()).unwrap();
            update
        };
        self.updates.push(update);
    }

    fn check(&mut self) {
        let text = self.doc.get_or_insert_text("value").get_string(&self.doc.transact());
        assert_eq!(self.sequence.content(), text);
        assert_eq!(self.sequence.length() as usize, text.encode_utf16().count());
        let state = self.doc.transact().encode_state_as_update_v1(&StateVector::default());
        assert_eq!(self.sequence.state(), canonical(&state).unwrap());
        let mut again = Sequence::read(&self.sequence.state()).unwrap();
        assert_eq!(again.content(), text);
        assert_eq!(again.state(), self.sequence.state());
    }
}

#[derive(Debug, Clone)]
enum Step {
    Edit { who: usize, at: u16, remove: u8, insert: String, by_yrs: bool },
    Send { from: usize, to: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let edit = (0..3_usize, any::<u16>(), 0..6_u8, "[a-cé漢]{1,4}", any::<bool>()).prop_map(
        |(who, at, remove, insert, by_yrs)| Step::Edit { who, at, remove, insert, by_yrs },
    );
    let send = (0..3_usize, 0..3_usize).prop_map(|(from, to)| Step::Send { from, to });
    prop::collection::vec(prop_oneof![3 => edit, 2 => send], 1..60)
}

fn send(writers: &mut [Writer], from: usize, to: usize, all: bool) {
    while writers[to].had[from] < writers[from].updates.len() && from != to {
        let update = writers[from].updates[writers[to].had[from]].clone();
        // It may build on what a third wrote.
        let read = sound::read(&update).unwrap();
        if !writers[to].sequence.follows(&read) {
            return;
        }
        writers[to].take(&update);
        writers[to].had[from] += 1;
        if !all {
            return;
        }
    }
}

proptest! {
    #[test]
    fn a_sequence_is_what_yrs_makes_of_it(steps in steps()) {
        let mut writers: Vec<_> = [7, 3, 9].map(|client| Writer::new(client, 3)).into();
        for step in steps {
            match step {
                Step::Edit { who, at, remove, insert, by_yrs } => {
                    let writer = &mut writers[who];
                    let at = u32::from(at) % (writer.sequence.length() + 1);
                    let remove = u32::from(remove).min(writer.sequence.length() - at);
                    writer.edit(at, remove, &insert, by_yrs);
                }
                Step::Send { from, to } => send(&mut writers, from, to, false),
            }
            writers.iter_mut().for_each(Writer::check);
        }
        for _ in 0..3 {
            for (from, to) in (0..3).flat_map(|from| (0..3).map(move |to| (from, to))) {
                send(&mut writers, from, to, true);
            }
        }
        writers.iter_mut().for_each(Writer::check);
        prop_assert_eq!(writers[0].sequence.state(), writers[1].sequence.state());
        prop_assert_eq!(writers[0].sequence.content(), writers[1].sequence.content());
        prop_assert_eq!(writers[0].sequence.content(), writers[2].sequence.content());
    }

    #[test]
    fn each_unit_is_found_again(steps in steps()) {
        let mut writer = Writer::new(5, 3);
        for step in steps {
            if let Step::Edit { at, remove, insert, .. } = step {
                let at = u32::from(at) % (writer.sequence.length() + 1);
                let remove = u32::from(remove).min(writer.sequence.length() - at);
                let gone = (at..at + remove).map(|at| writer.sequence.identity(at).unwrap());
                let gone: Vec<_> = gone.collect();
                writer.edit(at, remove, &insert, false);
                for place in gone {
                    prop_assert!(!writer.sequence.offset(place).unwrap().1);
                }
                for at in 0..writer.sequence.length() {
                    let place = writer.sequence.identity(at).unwrap();
                    prop_assert_eq!(writer.sequence.offset(place), Some((at, true)));
                }
            }
        }
    }
}

/// A client and a clock.
type Small = (u8, u8);

/// A letter by a client between two others.
fn letter(client: u8, clock: u8, between: (Option<Small>, Option<Small>)) -> Vec<u8> {
    let (left, right) = between;
    let flags = if left.is_some() { 0x80 } else { 0 } | if right.is_some() { 0x40 } else { 0 };
    let mut update = vec![1, 1, client, clock, 4 | flags];
    for (client, clock) in left.into_iter().chain(right) {
        update.extend([client, clock]);
    }
    if left.is_none() && right.is_none() {
        update.extend(spell::ROOT);
    }
    update.extend([1, b'a' + client, 0]);
    update
}

fn take(sequence: &mut Sequence, update: &[u8]) -> Result<Taken, Unfit> {
    sequence.take(sound::read(update).unwrap())
}

#[test]
fn neighbours_that_never_stood_side_by_side_are_not_for_a_sequence() {
    let mut sequence = Sequence::beginning("abc", 1);
    // Left of the first and right of the last, with two letters in between that the writer has seen.
    assert_eq!(take(&mut sequence, &letter(2, 0, (Some((1, 0)), Some((1, 2))))), Err(Unfit));
    let mut sequence = Sequence::beginning("abc", 1);
    // The right one stands left of the left one.
    assert_eq!(take(&mut sequence, &letter(2, 0, (Some((1, 2)), Some((1, 0))))), Err(Unfit));
    // What the author of the right neighbour had seen, the writer has seen too.
    let mut sequence = Sequence::beginning("a", 1);
    for (client, left, right) in [(2, None, (1, 0)), (3, None, (2, 0))] {
        assert_eq!(take(&mut sequence, &letter(client, 0, (left, Some(right)))), Ok(Taken::Done));
    }
    assert_eq!(take(&mut sequence, &letter(4, 0, (None, Some((1, 0))))), Ok(Taken::Done));
    assert_eq!(take(&mut sequence, &letter(5, 0, (None, Some((4, 0))))), Ok(Taken::Done));
    assert_eq!(take(&mut sequence, &letter(5, 1, (Some((3, 0)), Some((1, 0))))), Err(Unfit));
}

#[test]
fn what_comes_before_what_it_builds_on_changes_nothing() {
    let mut sequence = Sequence::beginning("ab", 1);
    let before = sequence.state();
    for update in [
        letter(2, 1, (Some((1, 0)), Some((1, 1)))),
        letter(2, 0, (Some((1, 1)), Some((3, 0)))),
        // A deletion of what is not here.
        vec![0, 1, 1, 1, 1, 2],
    ] {
        assert_eq!(take(&mut sequence, &update), Ok(Taken::Early));
        assert_eq!(sequence.state(), before);
    }
}

#[test]
fn two_that_wait_for_each_other_are_not_for_a_sequence() {
    let [mut both, second] =
        [letter(2, 0, (Some((3, 0)), None)), letter(3, 0, (Some((2, 0)), None))];
    both[0] = 2;
    both.pop();
    both.extend(&second[1..]);
    assert_eq!(take(&mut Sequence::default(), &both), Err(Unfit));
}

#[test]
fn half_a_character_and_formats_are_not_for_a_sequence() {
    let mut sequence = Sequence::beginning("🦀", 1);
    assert!(!sequence.is_boundary(1) && sequence.is_boundary(2) && !sequence.is_boundary(3));
    assert_eq!(take(&mut sequence, &letter(2, 0, (Some((1, 0)), Some((1, 1))))), Err(Unfit));
    let doc = Doc::with_client_id(4);
    let text = doc.get_or_insert_text("value");
    text.insert_with_attributes(
        &mut doc.transact_mut(),
        0,
        "bold",
        [("b".into(), true.into())].into(),
    );
    let state = doc.transact().encode_state_as_update_v1(&StateVector::default());
    assert_eq!(Sequence::read(&state).err(), Some(Unfit));
}
