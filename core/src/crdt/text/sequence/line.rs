//! A list of numbered things, each with a length: what covers an offset, and the offset of a thing,
//! without walking over all that is before it.
//!
//! The things are kept in chunks. Finding a place looks at each chunk before it once, and at the things of
//! one chunk.

use alloc::vec::Vec;

/// Most things in a chunk.
const MOST: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Line {
    chunks: Vec<Chunk>,
    /// The chunks, by their place.
    order: Vec<u32>,
    /// The chunk of each thing.
    homes: Vec<u32>,
    /// The length of each thing.
    lengths: Vec<u32>,
    total: u32,
}

#[derive(Debug, Default)]
struct Chunk {
    place: u32,
    /// Of its things together.
    length: u32,
    things: Vec<u32>,
}

#[expect(clippy::indexing_slicing, reason = "numbers are given out here and nothing is taken out")]
impl Line {
    /// How long all things are together.
    pub(super) const fn total(&self) -> u32 {
        self.total
    }

    /// Puts a new thing right behind another, or first; gives its number.
    pub(super) fn insert(&mut self, after: Option<u32>, length: u32) -> u32 {
        let thing = self.homes.len() as u32;
        if self.chunks.is_empty() {
            self.chunks.push(Chunk::default());
            self.order.push(0);
        }
        let (home, at) = match after {
            Some(left) => (self.homes[left as usize], self.within(left) + 1),
            None => (self.order[0], 0),
        };
        let chunk = &mut self.chunks[home as usize];
        chunk.things.insert(at, thing);
        chunk.length += length;
        self.homes.push(home);
        self.lengths.push(length);
        self.total += length;
        if self.chunks[home as usize].things.len() > MOST {
            self.halve(home);
        }
        thing
    }

    fn halve(&mut self, full: u32) {
        let number = self.chunks.len() as u32;
        let chunk = &mut self.chunks[full as usize];
        let things = chunk.things.split_off(MOST / 2);
        let length = things.iter().map(|thing| self.lengths[*thing as usize]).sum();
        chunk.length -= length;
        let place = chunk.place as usize + 1;
        for thing in &things {
            self.homes[*thing as usize] = number;
        }
        self.chunks.push(Chunk { place: 0, length, things });
        self.order.insert(place, number);
        for (place, number) in self.order.iter().enumerate().skip(place) {
            self.chunks[*number as usize].place = place as u32;
        }
    }

    /// Gives a thing another length.
    pub(super) fn set_length(&mut self, thing: u32, length: u32) {
        let before = core::mem::replace(&mut self.lengths[thing as usize], length);
        let chunk = &mut self.chunks[self.homes[thing as usize] as usize];
        chunk.length = chunk.length - before + length;
        self.total = self.total - before + length;
    }

    pub(super) fn first(&self) -> Option<u32> {
        self.order.first().map(|chunk| self.chunks[*chunk as usize].things[0])
    }

    /// The thing behind another.
    pub(super) fn next(&self, thing: u32) -> Option<u32> {
        let chunk = &self.chunks[self.homes[thing as usize] as usize];
        let next = || {
            let chunk = self.order.get(chunk.place as usize + 1)?;
            self.chunks[*chunk as usize].things.first()
        };
        chunk.things.get(self.within(thing) + 1).or_else(next).copied()
    }

    /// The thing that covers the unit at an offset, and how much of it is before that.
    pub(super) fn find(&self, at: u32) -> Option<(u32, u32)> {
        let mut rest = at;
        for chunk in &self.order {
            let chunk = &self.chunks[*chunk as usize];
            if rest >= chunk.length {
                rest -= chunk.length;
                continue;
            }
            for thing in &chunk.things {
                let length = self.lengths[*thing as usize];
                if rest < length {
                    return Some((*thing, rest));
                }
                rest -= length;
            }
        }
        None
    }

    /// How long all things before one are together.
    pub(super) fn offset(&self, thing: u32) -> u32 {
        let chunk = &self.chunks[self.homes[thing as usize] as usize];
        let before = self.order.iter().take(chunk.place as usize);
        let chunks: u32 = before.map(|chunk| self.chunks[*chunk as usize].length).sum();
        let beside = chunk.things.iter().take_while(|other| **other != thing);
        chunks + beside.map(|other| self.lengths[*other as usize]).sum::<u32>()
    }

    /// The things in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.order.iter().flat_map(|chunk| &self.chunks[*chunk as usize].things).copied()
    }

    /// The place of a thing in its chunk.
    fn within(&self, thing: u32) -> usize {
        let chunk = &self.chunks[self.homes[thing as usize] as usize];
        chunk.things.iter().position(|other| *other == thing).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_is_a_list(steps in prop::collection::vec((any::<u16>(), 0..4_u32, any::<bool>()), 1..600)) {
            let mut line = Line::default();
            let mut list: Vec<(u32, u32)> = Vec::new();
            for (place, length, change) in steps {
                let at = usize::from(place) % (list.len() + 1);
                if change && at < list.len() {
                    list[at].1 = length;
                    line.set_length(list[at].0, length);
                } else {
                    let left = at.checked_sub(1).map(|left| list[left].0);
                    list.insert(at, (line.insert(left, length), length));
                }
            }
            prop_assert_eq!(line.iter().collect::<Vec<_>>(), list.iter().map(|(thing, _)| *thing).collect::<Vec<_>>());
            prop_assert_eq!(line.first(), list.first().map(|(thing, _)| *thing));
            let mut offset = 0;
            for pair in list.windows(2) {
                prop_assert_eq!(line.next(pair[0].0), Some(pair[1].0));
            }
            for (thing, length) in list {
                prop_assert_eq!(line.offset(thing), offset);
                for unit in 0..length {
                    prop_assert_eq!(line.find(offset + unit), Some((thing, unit)));
                }
                offset += length;
            }
            prop_assert_eq!((line.total(), line.find(offset)), (offset, None));
        }
    }
}
