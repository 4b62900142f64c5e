//! Segments: the files that hold a journal's records, and what a fault leaves of them.
//!
//! ```text
//! group   8   "PDBGROUP"
//!         u64 position of its first record
//!         u32 number of records
//!         u32 length of what follows the seal
//!         32  seal: BLAKE3 of the four fields before it and of what follows it
//!             the records (see `pack.rs`)
//! mark    8   "PDBMARK" and a zero byte
//!         u64 position of the last record of the group before it
//!         32  seal: BLAKE3 of the two fields before it
//! ```
//!
//! Little-endian. A group is what one append stores, all of it or nothing. Its mark is written once
//! the group is durable, so a mark proves that there was a whole group before it. That tells the
//! two faults apart: a group that cannot be read with nothing behind it was never acknowledged and
//! is cut; one with a mark or a later group behind it was, and is reported.

use super::pack::{pack, unpack};
use super::{ChunkHash, Position};
use alloc::vec::Vec;
use core::ops::Range;

const GROUP: &[u8; 8] = b"PDBGROUP";
const MARK: &[u8; 8] = b"PDBMARK\0";
const SEAL_BYTES: usize = 32;
const GROUP_HEAD: usize = 8 + 8 + 4 + 4;
const MARK_HEAD: usize = 8 + 8;

/// A group's place in its segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Position of its first record.
    pub(super) first: Position,
    /// Position behind its last record.
    pub(super) next: Position,
    /// Where its bytes are.
    pub(super) bytes: Range<usize>,
}

/// What a segment holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Groups that are whole.
    pub(super) groups: Vec<Group>,
    /// Positions of records that were stored and cannot be read.
    pub(super) holes: Vec<Range<Position>>,
    /// Position behind its last record.
    pub(super) next: Position,
    /// Bytes up to here are to be kept; what follows was never acknowledged.
    pub(super) end: usize,
}

/// A group's bytes, for records from `first` on.
pub(super) fn group(first: Position, records: &[Vec<u8>]) -> Vec<u8> {
    let payload = pack(records);
    let mut bytes = GROUP.to_vec();
    bytes.extend(first.to_le_bytes());
    bytes.extend((records.len() as u32).to_le_bytes());
    bytes.extend((payload.len() as u32).to_le_bytes());
    let seal = seal(&bytes, &payload);
    bytes.extend(seal);
    bytes.extend(payload);
    bytes
}

/// The mark behind a group that is durable.
pub(super) fn mark(last: Position) -> Vec<u8> {
    let mut bytes = MARK.to_vec();
    bytes.extend(last.to_le_bytes());
    let seal = seal(&bytes, &[]);
    bytes.extend(seal);
    bytes
}

/// The records of a whole group.
pub(super) fn records(group: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (header, payload) = read_group(group)?;
    (payload.len() + GROUP_HEAD + SEAL_BYTES == group.len()).then_some(())?;
    let (records, rest) = unpack(payload);
    (rest.is_empty() && records.len() == header.count as usize).then_some(records)
}

/// Reads a segment whose first record has the position `base`.
pub(super) fn scan(bytes: &[u8], base: Position) -> Scan {
    let mut scan = Scan { next: base, ..Scan::default() };
    while scan.end < bytes.len() {
        let rest = bytes.get(scan.end..).unwrap_or_default();
        let Some((skipped, piece)) = first_piece(rest, scan.next) else {
            break;
        };
        let from = scan.end + skipped;
        let durable = piece.proves();
        if durable > scan.next {
            scan.holes.push(scan.next..durable);
        }
        scan.end = from + piece.length();
        scan.next = durable;
        if let Piece::Group { header, length } = piece {
            scan.next += u64::from(header.count);
            scan.groups.push(Group {
                first: header.first,
                next: scan.next,
                bytes: from..from + length,
            });
        }
    }
    scan
}

#[derive(Debug, Clone, Copy)]
struct GroupHeader {
    first: Position,
    count: u32,
}

#[derive(Debug)]
enum Piece {
    Group { header: GroupHeader, length: usize },
    Mark { last: Position },
}

impl Piece {
    /// All records before this position were stored once.
    fn proves(&self) -> Position {
        match self {
            Self::Group { header, .. } => header.first,
            Self::Mark { last } => last.saturating_add(1).min(Position::MAX - 1),
        }
    }

    fn length(&self) -> usize {
        match self {
            Self::Group { length, .. } => *length,
            Self::Mark { .. } => MARK_HEAD + SEAL_BYTES,
        }
    }
}

/// The first whole piece that says something new, and where it is. Usually that is at once; what
/// is skipped is damaged.
fn first_piece(bytes: &[u8], next: Position) -> Option<(usize, Piece)> {
    (0..bytes.len()).find_map(|at| {
        let rest = bytes.get(at..)?;
        let piece = read_piece(rest)?;
        (piece.proves() >= next).then_some((at, piece))
    })
}

fn read_piece(bytes: &[u8]) -> Option<Piece> {
    if let Some((header, payload)) = read_group(bytes) {
        return Some(Piece::Group { header, length: GROUP_HEAD + SEAL_BYTES + payload.len() });
    }
    let (head, rest) = bytes.split_at_checked(MARK_HEAD)?;
    let last = head.strip_prefix(MARK)?.first_chunk()?;
    let stored = rest.first_chunk::<SEAL_BYTES>()?;
    (seal(head, &[]) == *stored).then(|| Piece::Mark { last: u64::from_le_bytes(*last) })
}

fn read_group(bytes: &[u8]) -> Option<(GroupHeader, &[u8])> {
    let (head, rest) = bytes.split_at_checked(GROUP_HEAD)?;
    let (first, sizes) = head.strip_prefix(GROUP)?.split_first_chunk()?;
    let (count, length) = sizes.split_first_chunk()?;
    let length = u32::from_le_bytes(*length.first_chunk()?) as usize;
    let (stored, rest) = rest.split_first_chunk::<SEAL_BYTES>()?;
    let payload = rest.get(..length)?;
    let header =
        GroupHeader { first: u64::from_le_bytes(*first), count: u32::from_le_bytes(*count) };
    // Positions end long before their numbers do; only a made-up group comes so far.
    header.first.checked_add(u64::from(header.count) + 1)?;
    (seal(head, payload) == *stored).then_some((header, payload))
}

fn seal(head: &[u8], payload: &[u8]) -> [u8; SEAL_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(head).update(payload);
    ChunkHash(hasher.finalize().into()).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const BASE: Position = 4;

    /// Three groups with their marks: records 4, 5 and 6, 7.
    fn segment() -> Vec<u8> {
        let mut bytes = Vec::new();
        for (first, count) in [(4, 1), (5, 2), (7, 1)] {
            let records = vec![vec![first as u8; 9]; count];
            bytes.extend(group(first, &records));
            bytes.extend(mark(first + count as u64 - 1));
        }
        bytes
    }

    #[test]
    fn groups_read_back() {
        let bytes = segment();
        let scan = scan(&bytes, BASE);
        assert_eq!((scan.next, scan.end, scan.holes.len()), (8, bytes.len(), 0));
        let second = bytes.get(scan.groups[1].bytes.clone()).unwrap();
        assert_eq!(records(second), Some(vec![vec![5; 9]; 2]));
    }

    #[test]
    fn a_torn_tail_is_cut_at_the_last_whole_group() {
        let whole = segment();
        let starts: Vec<usize> =
            scan(&whole, BASE).groups.iter().map(|group| group.bytes.end).collect();
        for cut in 0..whole.len() {
            let found = scan(&whole[..cut], BASE);
            let groups = starts.iter().filter(|end| **end <= cut).count();
            assert_eq!((found.groups.len(), found.holes.len()), (groups, 0), "cut at {cut}");
            assert!(found.end <= cut);
        }
    }

    #[test]
    fn any_flipped_bit_costs_nothing_or_leaves_a_hole() {
        let whole = segment();
        let expected = scan(&whole, BASE);
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = scan(&bytes, BASE);
            let harmless = found.groups == expected.groups && found.next == expected.next;
            assert!(harmless || !found.holes.is_empty(), "bit {bit} goes unnoticed: {found:?}");
        }
    }
}
