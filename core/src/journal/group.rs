//! What of an append is stored as one value, where storage takes its time for each value.
//!
//! ```text
//! record   as it is; it begins with its version, which is not 0
//! group    u8 0, then records (see `pack.rs`)
//! ```

use super::pack::{pack, unpack};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

const GROUP: u8 = 0;
/// Records are grouped up to so many bytes: what is read at once stays small, and what a fault takes too.
const GROUP_BYTES: usize = 64 * 1024;

/// The values for the records of one append.
#[must_use]
pub fn grouped(records: &[Vec<u8>]) -> Vec<Cow<'_, [u8]>> {
    let mut values = Vec::new();
    let mut rest = records;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take_while(|record| {
            bytes += record.len();
            bytes <= GROUP_BYTES
        });
        let (group, behind) = rest.split_at(fitting.count().max(1));
        values.push(match group {
            [record] => Cow::Borrowed(record.as_slice()),
            group => Cow::Owned([&[GROUP], pack(group).as_slice()].concat()),
        });
        rest = behind;
    }
    values
}

/// The records of a value. What of a group cannot be read comes as its last record, which is none.
#[must_use]
pub fn ungrouped(value: &[u8]) -> Vec<Vec<u8>> {
    let Some(packed) = value.strip_prefix(&[GROUP]) else { return vec![value.to_vec()] };
    let (mut records, rest) = unpack(packed);
    if !rest.is_empty() || records.is_empty() {
        records.push(rest.to_vec());
    }
    records
}

#[cfg(test)]
mod tests {
    use super::{GROUP_BYTES, grouped, ungrouped};
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn an_append_becomes_few_values() {
        let small: Vec<_> = (1..200_u8).map(|n| vec![n; 300]).collect();
        let large = [vec![1; GROUP_BYTES + 1], vec![2; GROUP_BYTES], vec![3], vec![4]];
        for (of, count) in [(&small[..1], 1), (&small[..], 1), (&large[..], 3), (&[], 0)] {
            let values = grouped(of);
            assert_eq!(values.len(), count);
            let back: Vec<_> = values.into_iter().flat_map(|value| ungrouped(&value)).collect();
            assert_eq!(back, of);
        }
    }

    #[test]
    fn what_is_left_of_a_damaged_group_is_seen() {
        let two = [vec![1; 40], vec![2; 40]];
        let values = grouped(&two);
        let [value] = &values[..] else { panic!("one group") };
        assert_eq!(ungrouped(&value[..60]), [vec![1; 40], value[45..60].to_vec()]);
        assert_eq!(ungrouped(&value[..1]), [[0_u8; 0]]);
        assert_eq!(ungrouped(&[]), [[0_u8; 0]]);
    }
}
