//! One spelling of a document for each set of operations.
//!
//! yrs keeps operations of a client that were made one after another as one block where it happens to
//! have seen them stand side by side, so replicas that hold the same operations may spell them
//! differently. And it puts each operation where it belongs among those that are there already; that
//! comes to the same in any order for what an editor sends, but not for what a forger makes up. So a
//! document is stored in blocks that are as long as they can be, and what readers see is what yrs makes
//! of these bytes: the same operations, the same content, whatever the order they came in.

use super::sound::{Block, Content, HAS_ORIGIN, HAS_RIGHT_ORIGIN, Place, block, count, place};
use crate::codec::{DecodeError, Reader, Writer};
use alloc::vec::Vec;

/// The one spelling of a document that yrs encoded.
pub(super) fn canonical(state: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut input = Reader::new(state);
    let mut out = Writer::new();
    let clients = count(&mut input)?;
    out.length(clients);
    for _ in 0..clients {
        client(&mut input, &mut out)?;
    }
    // What was deleted is a set of ranges, which yrs keeps in order and apart.
    out.raw(input.clone().raw(input.remaining())?);
    Ok(out.into_bytes())
}

/// Writes a block as it is.
pub(super) fn write(block: Block<'_>, out: &mut Writer) {
    Run::of(block).write(out);
}

fn client(input: &mut Reader<'_>, out: &mut Writer) -> Result<(), DecodeError> {
    let blocks = count(input)?;
    let (client, first) = place(input)?;
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut clock = first;
    for _ in 0..blocks {
        let next = block(input)?;
        clock += next.length;
        match runs.last_mut() {
            Some(run) if run.goes_on_with(&next, (client, clock - next.length)) => run.take(&next),
            _ => runs.push(Run::of(next)),
        }
    }
    out.length(runs.len());
    out.varint(client);
    out.varint(first.into());
    runs.iter().for_each(|run| run.write(out));
    Ok(())
}

/// Blocks that can be one.
struct Run<'a> {
    first: Block<'a>,
    length: u32,
    /// What the blocks made, encoded, of texts and values.
    pieces: Vec<&'a [u8]>,
}

impl<'a> Run<'a> {
    fn of(first: Block<'a>) -> Self {
        let pieces = piece(&first).into_iter().collect();
        Self { length: first.length, first, pieces }
    }

    /// Whether a block at a place is of the same kind, was made right behind this run, and has the
    /// same neighbour on its right.
    fn goes_on_with(&self, next: &Block<'_>, (client, clock): Place) -> bool {
        let plain = |info: u8| info & !(HAS_ORIGIN | HAS_RIGHT_ORIGIN);
        let last = clock.checked_sub(1).map(|clock| (client, clock));
        let same_content = match (&self.first.content, &next.content) {
            (Content::Gone, Content::Gone) if self.first.is_collected() => {
                return next.is_collected();
            }
            (Content::Gone, Content::Gone)
            | (Content::Text(_), Content::Text(_))
            | (Content::Values(_), Content::Values(_)) => true,
            _ => false,
        };
        same_content
            && plain(self.first.info) == plain(next.info)
            && next.origin == last
            && next.right_origin == self.first.right_origin
    }

    fn take(&mut self, next: &Block<'a>) {
        self.length += next.length;
        self.pieces.extend(piece(next));
    }

    fn write(&self, out: &mut Writer) {
        let Block { info, origin, right_origin, parent, content, .. } = &self.first;
        out.u8(*info);
        for (client, clock) in origin.iter().chain(right_origin) {
            out.varint(*client);
            out.varint((*clock).into());
        }
        out.raw(parent);
        match content {
            Content::Gone | Content::Values(_) => out.varint(self.length.into()),
            Content::Text(_) => out.length(self.pieces.iter().map(|piece| piece.len()).sum()),
            Content::Other(_) => {}
        }
        self.pieces.iter().for_each(|piece| out.raw(piece));
    }
}

fn piece<'a>(block: &Block<'a>) -> Option<&'a [u8]> {
    match block.content {
        Content::Gone => None,
        Content::Text(text) => Some(text.as_bytes()),
        Content::Values(encoded) | Content::Other(encoded) => Some(encoded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yrs::updates::decoder::Decode;
    use yrs::{Array, Doc, GetString, ReadTxn, StateVector, Text, Transact, Update};

    fn state(doc: &Doc) -> Vec<u8> {
        doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    fn read(state: &[u8]) -> Doc {
        let doc = Doc::new();
        doc.transact_mut().apply_update(Update::decode_v1(state).unwrap()).unwrap();
        doc
    }

    #[test]
    fn blocks_that_were_made_one_after_another_are_one() {
        let letter = |clock: u8, letter: u8| [0x84, 5, clock, 1, letter];
        let split =
            [&[1, 3, 5, 0, 4, 1, 1, b't', 1, b'a'][..], &letter(0, b'b'), &letter(1, b'c'), &[0]];
        let whole = [1, 1, 5, 0, 4, 1, 1, b't', 3, b'a', b'b', b'c', 0];
        assert_eq!(canonical(&split.concat()).unwrap(), whole);
        assert_eq!(canonical(&whole).unwrap(), whole);
        // Behind another letter than the last, it was made elsewhere.
        let apart =
            [&[1, 3, 5, 0, 4, 1, 1, b't', 1, b'a'][..], &letter(0, b'b'), &letter(0, b'c'), &[0]];
        let expected = [1, 2, 5, 0, 4, 1, 1, b't', 2, b'a', b'b', 0x84, 5, 0, 1, b'c', 0];
        assert_eq!(canonical(&apart.concat()).unwrap(), expected);
    }

    #[test]
    fn a_document_of_every_kind_reads_the_same() {
        let doc = Doc::new();
        let (text, list) = (doc.get_or_insert_text("t"), doc.get_or_insert_array("l"));
        for (at, word) in ["milk 🦀", " and more", "oat "].into_iter().enumerate() {
            text.insert(&mut doc.transact_mut(), at as u32, word);
            list.insert(&mut doc.transact_mut(), at as u32 / 2, word);
        }
        text.insert_with_attributes(
            &mut doc.transact_mut(),
            2,
            "b",
            [("b".into(), true.into())].into(),
        );
        list.insert(&mut doc.transact_mut(), 1, yrs::MapPrelim::from([("key", 1)]));
        list.insert(&mut doc.transact_mut(), 1, yrs::MapPrelim::from([("gone", 1)]));
        list.remove_range(&mut doc.transact_mut(), 1, 1);
        for at in [9, 4, 5] {
            text.remove_range(&mut doc.transact_mut(), at, 2);
        }
        let bytes = canonical(&state(&doc)).unwrap();
        let again = read(&bytes);
        let letters = |doc: &Doc| doc.get_or_insert_text("t").get_string(&doc.transact());
        assert_eq!(letters(&again), letters(&doc));
        assert_eq!(canonical(&state(&again)).unwrap(), bytes);
    }
}
