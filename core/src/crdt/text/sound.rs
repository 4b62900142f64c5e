//! Updates of Yjs, looked over before yrs reads them.
//!
//! yrs takes room for as many things as an update says it holds, follows values as deep as they are
//! nested, and adds clocks without a limit. So a few bytes can take gigabytes, and a nested value the
//! whole stack, which nothing catches. An update that passes here states no more than its bytes can
//! hold, is nested no deeper than [`MAX_NESTING`], and keeps its clocks and clients in their range.
//!
//! The format is version 1 of `lib0`'s encoding as Yjs and yrs write it. Numbers are read more
//! strictly than there, so that both agree on where each thing ends.

use crate::codec::{DecodeError, Fault, Reader};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// Deepest nesting of a value: more than readers are shown.
const MAX_NESTING: usize = 128;
/// Clients of Yjs have 53 bits.
const MAX_CLIENT: u64 = (1 << 53) - 1;

pub(super) const HAS_ORIGIN: u8 = 0b1000_0000;
pub(super) const HAS_RIGHT_ORIGIN: u8 = 0b0100_0000;
const HAS_PARENT_KEY: u8 = 0b0010_0000;
const KIND: u8 = 0b1111;
/// The whole first byte of what was deleted with the type that it was in.
const COLLECTED: u8 = 0;

/// The whole first byte of operations that are left out.
const LEFT_OUT: u8 = 10;

/// What an update holds.
pub(super) struct Update<'a> {
    /// What the clients wrote of it, each something.
    pub(super) clients: Vec<Written<'a>>,
    /// What was deleted: a client, a clock and how many operations.
    pub(super) deleted: Vec<(u64, u32, u32)>,
}

/// What one client wrote, without a gap.
pub(super) struct Written<'a> {
    pub(super) client: u64,
    /// The clock of its first operation.
    pub(super) first: u32,
    pub(super) blocks: Vec<Block<'a>>,
}

impl Written<'_> {
    /// The clock behind its last operation.
    pub(super) fn end(&self) -> u32 {
        self.blocks.iter().fold(self.first, |clock, block| clock + block.length)
    }
}

/// The update that bytes hold, if they are one that is safe to apply as far as its form goes, and
/// leaves no operation out.
pub(super) fn read(bytes: &[u8]) -> Option<Update<'_>> {
    update(&mut Reader::new(bytes), false).ok()
}

/// The same for an update that an editor brings, which may leave out what the document has: Yjs
/// merges updates so. A record never holds such a one.
pub(super) fn read_of_editor(bytes: &[u8]) -> Option<Update<'_>> {
    update(&mut Reader::new(bytes), true).ok()
}

type Sound = Result<(), DecodeError>;

/// The place of an operation: its client and clock.
pub(super) type Place = (u64, u32);

/// Operations of one client that follow each other, as an update holds them.
pub(super) struct Block<'a> {
    pub(super) info: u8,
    pub(super) origin: Option<Place>,
    pub(super) right_origin: Option<Place>,
    /// Where it is, if no neighbour says so, as it is encoded.
    pub(super) parent: &'a [u8],
    pub(super) content: Content<'a>,
    /// How many clocks it takes.
    pub(super) length: u32,
}

impl Block<'_> {
    /// Whether it went with the type that it was in.
    pub(super) const fn is_collected(&self) -> bool {
        self.info == COLLECTED
    }

    /// Whether it stands for operations that are left out.
    pub(super) const fn is_left_out(&self) -> bool {
        self.info == LEFT_OUT
    }

    /// What must be there before it: its neighbours, or what it is in.
    pub(super) fn builds_on(&self) -> impl Iterator<Item = Place> {
        // A parent that is no root is told by its place.
        let parent = self.parent.strip_prefix(&[0]).and_then(|it| place(&mut Reader::new(it)).ok());
        self.origin.into_iter().chain(self.right_origin).chain(parent)
    }

    /// Whether it is the value of a key.
    pub(super) const fn has_parent_key(&self) -> bool {
        self.info & HAS_PARENT_KEY != 0
    }
}

/// What operations made.
pub(super) enum Content<'a> {
    /// Nothing that is still there.
    Gone,
    Text(&'a str),
    /// Values of a list, encoded one after another.
    Values(&'a [u8]),
    /// One of something else, encoded.
    Other(&'a [u8]),
}

fn update<'a>(input: &mut Reader<'a>, may_leave_out: bool) -> Result<Update<'a>, DecodeError> {
    let mut named = BTreeSet::new();
    let mut clients = Vec::new();
    for _ in 0..count(input)? {
        let many = count(input)?;
        let (client, first) = place(input)?;
        if !named.insert(client) {
            return input.fail(Fault::Order);
        }
        let (mut blocks, mut clock) = (Vec::new(), first);
        for _ in 0..many {
            let block = block(input)?;
            // Nobody can stand left and right of something at once, and what is nothing has no place.
            let beside_itself = block.origin.is_some() && block.origin == block.right_origin;
            let left_out = block.is_left_out() && !may_leave_out;
            if beside_itself || left_out || block.length == 0 {
                return input.fail(Fault::Order);
            }
            clock = input.check(clock.checked_add(block.length).ok_or(Fault::Overflow))?;
            blocks.push(block);
        }
        if !blocks.is_empty() {
            clients.push(Written { client, first, blocks });
        }
    }
    let deleted = deletes(input)?;
    input.end()?;
    Ok(Update { clients, deleted })
}

fn deletes(input: &mut Reader<'_>) -> Result<Vec<(u64, u32, u32)>, DecodeError> {
    let mut deleted = Vec::new();
    for _ in 0..count(input)? {
        let client = client(input)?;
        for _ in 0..count(input)? {
            let (clock, length) = (u32_of(input)?, u32_of(input)?);
            if clock.checked_add(length).is_none() {
                return input.fail(Fault::Overflow);
            }
            // It may name what is nowhere, and would wait for that or not.
            if length == 0 {
                return input.fail(Fault::Order);
            }
            deleted.push((client, clock, length));
        }
    }
    Ok(deleted)
}

pub(super) fn block<'a>(input: &mut Reader<'a>) -> Result<Block<'a>, DecodeError> {
    let info = input.u8()?;
    let neighbour = |input: &mut Reader<'a>, has: u8| match info & has {
        0 => Ok(None),
        _ => place(input).map(Some),
    };
    let origin = neighbour(input, HAS_ORIGIN)?;
    let right_origin = neighbour(input, HAS_RIGHT_ORIGIN)?;
    let placed = info != COLLECTED && info != LEFT_OUT;
    let alone = origin.is_none() && right_origin.is_none() && placed;
    let ((), parent) = spelled(input, |input| if alone { parent(input, info) } else { Ok(()) })?;
    let (content, length) = match info {
        LEFT_OUT => (Content::Gone, u32_of(input)?),
        _ => content(input, info & KIND)?,
    };
    Ok(Block { info, origin, right_origin, parent, content, length })
}

fn parent(input: &mut Reader<'_>, info: u8) -> Sound {
    match u32_of(input)? {
        1 => text(input).map(|_| ())?,
        _ => place(input).map(|_| ())?,
    }
    if info & HAS_PARENT_KEY != 0 {
        text(input)?;
    }
    Ok(())
}

fn content<'a>(input: &mut Reader<'a>, kind: u8) -> Result<(Content<'a>, u32), DecodeError> {
    let fits = |length: usize| u32::try_from(length).map_err(|_| Fault::Overflow);
    let ((), encoded) = match kind {
        // What was deleted, alone or with what it was in.
        0 | 1 => return Ok((Content::Gone, u32_of(input)?)),
        // Bytes.
        3 => spelled(input, |input| bytes(input).map(|_| ()))?,
        4 => {
            let text = text(input)?;
            let length = fits(text.chars().map(char::len_utf16).sum());
            return Ok((Content::Text(text), input.check(length)?));
        }
        // An embedded value, as JSON.
        5 => spelled(input, |input| text(input).map(|_| ()))?,
        // A format: its key, and its value as JSON.
        6 => spelled(input, |input| text(input).and_then(|_| text(input)).map(|_| ()))?,
        // A type; an XML element has a name.
        7 => spelled(input, |input| match input.u8()? {
            3 => text(input).map(|_| ()),
            _ => Ok(()),
        })?,
        8 => {
            let values = count(input)?;
            let ((), encoded) =
                spelled(input, |input| (0..values).try_for_each(|_| value(input, 0)))?;
            return Ok((Content::Values(encoded), input.check(fits(values))?));
        }
        // A document: its name, and its options.
        9 => spelled(input, |input| text(input).and_then(|_| value(input, 0)))?,
        // 2 is a list of JSON texts, which Yjs has not written for years and yrs reads wrongly.
        kind => return input.fail(Fault::Tag { what: "content", tag: kind.into() }),
    };
    Ok((Content::Other(encoded), 1))
}

/// What `read` reads, and the bytes of it.
fn spelled<'a, R>(
    input: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<R, DecodeError>,
) -> Result<(R, &'a [u8]), DecodeError> {
    let start = input.clone();
    let found = read(input)?;
    let bytes = start.clone().raw(input.position() - start.position())?;
    Ok((found, bytes))
}

fn value(input: &mut Reader<'_>, depth: usize) -> Sound {
    if depth > MAX_NESTING {
        let (what, limit) = ("the nesting of a value", MAX_NESTING as u64);
        return input.fail(Fault::Limit { what, found: limit + 1, limit });
    }
    match input.u8()? {
        // Undefined, null, false, true.
        127 | 126 | 121 | 120 => Ok(()),
        // A whole number: its first byte holds a sign, and each says whether more follow.
        125 => input.varint().map(|_| ()),
        124 => input.raw(4).map(|_| ()),
        123 | 122 => input.raw(8).map(|_| ()),
        119 => text(input).map(|_| ()),
        118 => {
            for _ in 0..count(input)? {
                text(input)?;
                value(input, depth + 1)?;
            }
            Ok(())
        }
        117 => {
            for _ in 0..count(input)? {
                value(input, depth + 1)?;
            }
            Ok(())
        }
        116 => bytes(input).map(|_| ()),
        tag => input.fail(Fault::Tag { what: "value", tag: tag.into() }),
    }
}

/// A number of things, each of which takes a byte at least.
pub(super) fn count(input: &mut Reader<'_>) -> Result<usize, DecodeError> {
    input.length("a count", input.remaining())
}

fn u32_of(input: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let number = input.varint()?;
    input.check(u32::try_from(number).map_err(|_| Fault::Overflow))
}

fn client(input: &mut Reader<'_>) -> Result<u64, DecodeError> {
    match input.varint()? {
        client @ 0..=MAX_CLIENT => Ok(client),
        _ => input.fail(Fault::Overflow),
    }
}

pub(super) fn place(input: &mut Reader<'_>) -> Result<Place, DecodeError> {
    Ok((client(input)?, u32_of(input)?))
}

fn text<'a>(input: &mut Reader<'a>) -> Result<&'a str, DecodeError> {
    input.text("a text", input.remaining())
}

fn bytes<'a>(input: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    input.block("bytes", input.remaining())
}

#[cfg(test)]
mod tests {
    use super::*;
    use yrs::Update;
    use yrs::updates::decoder::Decode;
    use yrs::updates::encoder::Encode;
    use yrs::{Any, Array, Doc, Map, ReadTxn, StateVector, Text, Transact, XmlFragment};

    fn decode(bytes: &[u8]) -> Option<Update> {
        read(bytes)?;
        Update::decode_v1(bytes).ok()
    }

    #[test]
    fn counts_that_the_bytes_cannot_hold_are_refused() {
        // Clients, blocks of a client, values of a block, deletes.
        let huge = [255, 255, 255, 255, 15];
        let head = [1, 1, 5, 0, 8, 1, 1, b'r'];
        for (start, end) in [(&[][..], &[0][..]), (&[1], &[5, 0, 0]), (&head, &[0]), (&[0], &[1])] {
            let bytes = [start, &huge, end].concat();
            let refused = update(&mut Reader::new(&bytes), false).err().unwrap();
            assert!(matches!(refused.fault, Fault::Limit { .. }), "{start:?}: {refused}");
        }
        assert!(decode(&[&head[..], &[1, 126, 0]].concat()).is_some());
    }

    #[test]
    fn a_value_that_is_nested_without_end_is_refused() {
        let nested = |depth: usize| {
            let mut update = vec![1, 1, 5, 0, 8, 1, 1, b'r', 1];
            update.extend([117, 1].repeat(depth));
            update.extend([126, 0]);
            update
        };
        assert!(decode(&nested(MAX_NESTING)).is_some());
        assert!(decode(&nested(MAX_NESTING + 1)).is_none());
        assert!(decode(&nested(100_000)).is_none());
    }

    #[test]
    fn clocks_and_clients_stay_in_their_range() {
        let last = [255, 255, 255, 255, 15];
        let deleted =
            |clock: &[u8], client: &[u8]| [&[1, 1], client, clock, &[1, 1, 1, b'r', 2, 0]].concat();
        assert!(decode(&deleted(&[7], &[5])).is_some());
        assert!(decode(&deleted(&last, &[5])).is_none());
        assert!(decode(&deleted(&[7], &[255, 255, 255, 255, 255, 255, 255, 31])).is_none());
        let set = |clock: &[u8]| [&[0, 1, 5, 1], clock, &[1]].concat();
        assert!(decode(&set(&[7])).is_some());
        assert!(decode(&set(&last)).is_none());
    }

    #[test]
    fn what_yrs_writes_is_taken() {
        let doc = Doc::new();
        let (text, list) = (doc.get_or_insert_text("value"), doc.get_or_insert_array("list"));
        let xml = doc.get_or_insert_xml_fragment("xml");
        let mut txn = doc.transact_mut();
        text.insert(&mut txn, 0, "milk 🦀 and more");
        text.insert_with_attributes(&mut txn, 2, "bold", [("b".into(), true.into())].into());
        text.insert_embed(&mut txn, 3, Any::from_json(r#"{"a": [1, null]}"#).unwrap());
        text.remove_range(&mut txn, 1, 4);
        let values = [Any::Null, Any::Undefined, 7.into(), i64::MAX.into(), 0.5.into()];
        list.insert_range(&mut txn, 0, values);
        list.insert(&mut txn, 2, Any::from_json(r#"{"deep": [[], {"x": "y"}, true]}"#).unwrap());
        list.insert(&mut txn, 0, Any::Buffer(vec![1, 2].into()));
        list.insert(&mut txn, 1, yrs::MapPrelim::from([("key", 1)])).insert(&mut txn, "k", "v");
        list.insert(&mut txn, 1, Doc::new());
        list.remove_range(&mut txn, 2, 2);
        xml.insert(&mut txn, 0, yrs::XmlElementPrelim::empty("p"));
        drop(txn);
        let whole = doc.transact().encode_state_as_update_v1(&StateVector::default());
        assert!(decode(&whole).is_some());
        // A later part has places of operations that are not in it, and a skipped beginning.
        let later = StateVector::from_iter([(doc.client_id(), 5)]);
        assert!(decode(&doc.transact().encode_diff_v1(&later)).is_some());
    }

    #[test]
    fn what_no_editor_sends_is_refused() {
        let letter = |clock: u8, letter: u8| [1, 1, 5, clock, 4, 1, 1, b'r', 1, letter, 0];
        assert!(decode(&letter(0, b'a')).is_some());
        // Operations left out between two.
        let apart = [letter(0, b'a'), letter(9, b'b')].map(|it| Update::decode_v1(&it).unwrap());
        assert!(decode(&Update::merge_updates(apart).encode_v1()).is_none());
        // A client named twice, an empty text, a delete of nothing, more bytes behind the end.
        assert!(decode(&[2, 1, 5, 0, 4, 1, 1, b'r', 1, b'a', 1, 5, 1, 0, 1, 0]).is_none());
        assert!(decode(&[1, 1, 5, 0, 4, 1, 1, b'r', 0, 0]).is_none());
        let deletes = |length: u8| [0, 1, 5, 1, 7, length];
        assert!(decode(&deletes(1)).is_some());
        assert!(decode(&deletes(0)).is_none());
        assert!(decode(&[&letter(0, b'a')[..], &[0]].concat()).is_none());
        // One place as the neighbour on both sides.
        let between = |right: u8| [1, 1, 6, 0, 0b1100_0100, 5, 0, 5, right, 1, b'c', 0];
        assert!(decode(&between(1)).is_some());
        assert!(decode(&between(0)).is_none());
    }
}
