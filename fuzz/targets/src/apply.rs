//! Records of a peer in the engine: whatever bodies it sends, two replicas that take them in any
//! order are equal, and what readers see can be exported and imported.
//!
//! An input is two bodies: `u16` the length of the first, the first, the second.

use crate::lines::comes_out_again;
use crate::record::{parts_seeds, with_body};
use crate::seeds::{empty, must};
use pluresdb::Database;

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Some((length, bodies)) = bytes.split_first_chunk() else {
        return false;
    };
    let length = usize::from(u16::from_le_bytes(*length)).min(bodies.len());
    let (first, second) = bodies.split_at(length);
    let (first, second) = (with_body(first, 1), with_body(second, 2));

    let mut one = empty(3, true);
    let taken = take(&mut one, [&first, &second]);
    if taken == 0 {
        return false;
    }
    let mut other = empty(4, false);
    assert_eq!(take(&mut other, [&second, &first]), taken);
    assert_eq!(must(one.state_hash()), must(other.state_hash()));
    comes_out_again(&one);
    true
}

/// How many of the records are in; what is in is known when it comes again.
fn take(db: &mut Database, records: [&[u8]; 2]) -> usize {
    let report = must(db.apply(&records));
    assert_eq!(report.applied + report.rejected.len(), records.len());
    assert_eq!(must(db.apply(&records)).known, report.applied);
    report.applied
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let bodies = parts_seeds();
    let pair = |first: &[u8], second: &[u8]| {
        let mut input = (first.len() as u16).to_le_bytes().to_vec();
        input.extend(first);
        input.extend(second);
        input
    };
    bodies
        .iter()
        .zip(bodies.iter().cycle().skip(4))
        .map(|((name, first), (_, second))| (*name, pair(first, second)))
        .collect()
}
