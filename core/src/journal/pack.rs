//! Several records as one run of bytes: for each its length (`u32`, little-endian), then its bytes.

use alloc::vec::Vec;

/// Packs records.
pub(super) fn pack<B: AsRef<[u8]>>(records: &[B]) -> Vec<u8> {
    let bytes = records.iter().map(|record| 4 + record.as_ref().len()).sum();
    let mut packed = Vec::with_capacity(bytes);
    for record in records {
        let record = record.as_ref();
        packed.extend((record.len() as u32).to_le_bytes());
        packed.extend(record);
    }
    packed
}

/// The records, and what is behind the last whole one: nothing, unless the bytes were changed.
pub(super) fn unpack(mut packed: &[u8]) -> (Vec<Vec<u8>>, &[u8]) {
    let mut records = Vec::new();
    while let Some((record, behind)) = first(packed) {
        records.push(record.to_vec());
        packed = behind;
    }
    (records, packed)
}

fn first(packed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, behind) = packed.split_first_chunk()?;
    behind.split_at_checked(u32::from_le_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};
    use alloc::vec::Vec;

    #[test]
    fn gives_back_what_was_packed_and_the_rest_of_what_was_cut() {
        let records: [&[u8]; 3] = [b"one", b"", b"three"];
        let packed = pack(&records);
        for length in 0..=packed.len() {
            let (found, rest) = unpack(&packed[..length]);
            assert!(found.iter().zip(records).all(|(found, record)| found == record));
            let whole = pack(&found).len();
            assert_eq!(rest, &packed[whole..length]);
            let ends = [7, 11, packed.len()];
            assert_eq!(found.len(), ends.iter().filter(|end| **end <= length).count());
        }
        assert_eq!(unpack(&[]), (Vec::new(), [].as_slice()));
    }
}
