//! An update of Yjs as several smaller ones, for one that no record can hold.

use super::canonical;
use super::order::in_order;
use super::sound::{self, Block, Content, HAS_ORIGIN, Written};
use crate::codec::Writer;
use alloc::vec::Vec;

/// More than what a block takes beside its content.
const BLOCK_BYTES: usize = 64;
/// The same for what was deleted in a row.
const DELETED_BYTES: usize = 24;

/// Updates of about `limit` bytes that together are this one. Each builds on those before it alone, so they are
/// to be taken in one after another. Texts are cut, values that were inserted at once are not. What is no update is given
/// as it is.
#[must_use]
pub fn parts_of_update(bytes: &[u8], limit: usize) -> Vec<Vec<u8>> {
    if bytes.len() > limit
        && let Some(update) = sound::read_of_editor(bytes)
        && let Some(parts) = Parts::of(update, limit)
    {
        return parts;
    }
    [bytes.into()].into()
}

struct Parts<'a> {
    limit: usize,
    /// How much is in the part at hand, about.
    bytes: usize,
    /// The part at hand.
    clients: Vec<Written<'a>>,
    done: Vec<Vec<u8>>,
}

impl<'a> Parts<'a> {
    /// `None` where blocks wait for each other.
    fn of(update: sound::Update<'a>, limit: usize) -> Option<Vec<Vec<u8>>> {
        let mut parts = Self { limit, bytes: 0, clients: Vec::new(), done: Vec::new() };
        for (client, clock, block) in in_order(update.clients)? {
            parts.put(client, clock, block);
        }
        Some(parts.finish(update.deleted))
    }

    fn put(&mut self, client: u64, mut clock: u32, mut block: Block<'a>) {
        while let Content::Text(text) = block.content
            && self.bytes + BLOCK_BYTES + text.len() > self.limit
        {
            let room = self.limit.saturating_sub(self.bytes + BLOCK_BYTES);
            let at = text.floor_char_boundary(room);
            if let (true, Some((front, rest))) = (at > 0, text.split_at_checked(at)) {
                let length = front.chars().map(|character| character.len_utf16() as u32).sum();
                let front = Block { content: Content::Text(front), length, ..block };
                self.push(client, clock, front);
                clock += length;
                block.origin = Some((client, clock - 1));
                block.info |= HAS_ORIGIN;
                block.parent = &[];
                block.content = Content::Text(rest);
                block.length -= length;
            } else if self.clients.is_empty() {
                break;
            }
            self.flush(&[]);
        }
        if self.bytes + block.bytes() > self.limit {
            self.flush(&[]);
        }
        self.push(client, clock, block);
    }

    fn push(&mut self, client: u64, clock: u32, block: Block<'a>) {
        self.bytes += block.bytes();
        match self.clients.iter_mut().find(|written| written.client == client) {
            Some(written) => written.blocks.push(block),
            None => {
                self.clients.push(Written { client, first: clock, blocks: [block].into() });
            }
        }
    }

    fn flush(&mut self, deleted: &[(u64, u32, u32)]) {
        if self.clients.is_empty() && deleted.is_empty() {
            return;
        }
        let mut out = Writer::new();
        out.length(self.clients.len());
        for Written { client, first, blocks } in self.clients.drain(..) {
            out.length(blocks.len());
            out.varint(client);
            out.varint(first.into());
            blocks.into_iter().for_each(|block| canonical::write(block, &mut out));
        }
        let of_one = |left: &(u64, u32, u32), right: &(u64, u32, u32)| left.0 == right.0;
        out.length(deleted.chunk_by(of_one).count());
        for ranges in deleted.chunk_by(of_one) {
            out.varint(ranges.first().map_or(0, |(client, ..)| *client));
            out.length(ranges.len());
            for (_, clock, length) in ranges {
                out.varint((*clock).into());
                out.varint((*length).into());
            }
        }
        self.done.push(out.into_bytes());
        self.bytes = 0;
    }

    fn finish(mut self, deleted: Vec<(u64, u32, u32)>) -> Vec<Vec<u8>> {
        if self.bytes + deleted.len() * DELETED_BYTES > self.limit {
            self.flush(&[]);
        }
        for deleted in deleted.chunks((self.limit / DELETED_BYTES).max(1)) {
            self.flush(deleted);
        }
        self.flush(&[]);
        self.done
    }
}

impl Block<'_> {
    /// About how much it takes.
    fn bytes(&self) -> usize {
        BLOCK_BYTES
            + match self.content {
                Content::Gone => 0,
                Content::Text(text) => text.len(),
                Content::Values(encoded) | Content::Other(encoded) => encoded.len(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yrs::updates::decoder::Decode;
    use yrs::{
        ClientID, Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, Transact, Update,
    };

    const LIMIT: usize = 4_000;

    fn doc(client: u64) -> Doc {
        let mut options = Options::with_client_id(ClientID::new(client));
        options.offset_kind = OffsetKind::Utf16;
        Doc::with_options(options)
    }

    fn state(doc: &Doc) -> Vec<u8> {
        doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    fn take(doc: &Doc, update: &[u8]) {
        let mut txn = doc.transact_mut();
        txn.apply_update(Update::decode_v1(update).unwrap()).unwrap();
        assert!(!txn.has_missing_updates());
    }

    #[test]
    fn parts_in_their_order_are_the_whole() {
        let (one, other) = (doc(9), doc(4));
        let [text, same] = [&one, &other].map(|doc| doc.get_or_insert_text("value"));
        text.insert(&mut one.transact_mut(), 0, &"a long text, 漢字 and 🦀; ".repeat(1_000));
        take(&other, &state(&one));
        for n in 0..300 {
            same.insert(&mut other.transact_mut(), n * 70, "in between ");
            same.remove_range(&mut other.transact_mut(), n * 60 + 7, 2);
        }
        take(&one, &state(&other));
        text.insert(&mut one.transact_mut(), 5_000, &"and more ".repeat(900));
        text.insert_with_attributes(
            &mut one.transact_mut(),
            9,
            "bold",
            [("b".into(), true.into())].into(),
        );
        let whole = state(&one);
        let parts = parts_of_update(&whole, LIMIT);
        assert!(parts.len() > whole.len() / LIMIT, "{} parts", parts.len());
        let again = doc(1);
        for part in &parts {
            assert!(part.len() <= LIMIT && sound::read(part).is_some(), "{} bytes", part.len());
            take(&again, part);
        }
        assert_eq!(canonical::canonical(&state(&again)), canonical::canonical(&whole));
        let text = again.get_or_insert_text("value").get_string(&again.transact());
        assert_eq!(text, one.get_or_insert_text("value").get_string(&one.transact()));
    }

    #[test]
    fn what_is_small_or_no_update_stays_as_it_is() {
        let small = doc(3);
        small.get_or_insert_text("value").insert(&mut small.transact_mut(), 0, "small");
        assert_eq!(parts_of_update(&state(&small), LIMIT), [state(&small)]);
        let noise = alloc::vec![7; 2 * LIMIT];
        assert_eq!(parts_of_update(&noise, LIMIT), core::slice::from_ref(&noise));
    }
}
