//! Write-ahead files of SQLite: whatever is in one, it is told whether acknowledged transactions would
//! be lost, in bounded memory. A file that is whole stays so when its end is cut off, as a crash does.
//!
//! An input is `u16` the place of a cut, and the file.

use crate::memory::Bound;
use crate::seeds::must;
use pluresdb::{WalDamage, wal_damage};
use std::io::Cursor;

/// Frames of the largest pages, and the words of one.
const BOUND: Bound = Bound { fixed: 512 * 1024, per_byte: 4 };

const HEADER: usize = 32;
const PAGE: usize = 512;
const FRAME: usize = 24 + PAGE;
const SALTS: [u8; 8] = *b"saltsalt";

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Some((cut, file)) = bytes.split_first_chunk() else {
        return false;
    };
    let damage = damage(file);
    if damage.is_none() {
        let cut = usize::from(u16::from_le_bytes(*cut)) % (file.len() + 1);
        let (left, _) = file.split_at(cut);
        assert_eq!(self::damage(left), None, "a file that is cut at {cut} is no damaged one");
    }
    file.len() >= HEADER
}

fn damage(file: &[u8]) -> Option<WalDamage> {
    must(BOUND.check(file, || wal_damage(&mut Cursor::new(file))))
}

/// A file of three transactions of one, two and one pages.
fn whole() -> Vec<u8> {
    let word = |number: u32| number.to_be_bytes();
    let mut file = Vec::new();
    for number in [0x377f_0683, 3_007_000, PAGE as u32, 0] {
        file.extend(word(number));
    }
    file.extend(SALTS);
    let mut sums = sum(&file, (0, 0));
    file.extend([word(sums.0), word(sums.1)].concat());
    for (page, pages_after_commit) in [(1_u32, 2_u32), (2, 0), (1, 2), (2, 2)] {
        let head = [word(page), word(pages_after_commit)].concat();
        let content = [page as u8; PAGE];
        sums = sum(&content, sum(&head, sums));
        file.extend(head);
        file.extend(SALTS);
        file.extend([word(sums.0), word(sums.1)].concat());
        file.extend(content);
    }
    file
}

/// The checksum of SQLite's file format, of words read big-endian.
fn sum(bytes: &[u8], (mut a, mut b): (u32, u32)) -> (u32, u32) {
    let (words, _) = bytes.as_chunks::<4>();
    let (pairs, _) = words.as_chunks::<2>();
    for [first, second] in pairs {
        a = a.wrapping_add(u32::from_be_bytes(*first)).wrapping_add(b);
        b = b.wrapping_add(u32::from_be_bytes(*second)).wrapping_add(a);
    }
    (a, b)
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let whole = whole();
    assert_eq!(damage(&whole), None);
    let changed = |at: usize, expected| {
        let mut file = whole.clone();
        if let Some(byte) = file.get_mut(at) {
            *byte ^= 4;
        }
        assert_eq!(damage(&file), expected, "after a change at {at}");
        file
    };
    let in_page = changed(HEADER + FRAME + 100, Some(WalDamage::Frame { number: 2 }));
    let in_commit = changed(HEADER + 7, Some(WalDamage::Frame { number: 1 }));
    let in_header = changed(9, Some(WalDamage::Header));
    let mut torn = whole.clone();
    torn.truncate(HEADER + 3 * FRAME + 300);
    let mut earlier = whole.clone();
    earlier.extend_from_slice(whole.get(HEADER..).unwrap_or_default());
    let cut = (HEADER + FRAME + 3) as u16;
    let input = |file: Vec<u8>| [cut.to_le_bytes().to_vec(), file].concat();
    vec![
        ("whole", input(whole)),
        ("page", input(in_page)),
        ("commit", input(in_commit)),
        ("header", input(in_header)),
        ("torn", input(torn)),
        ("earlier-frames-behind", input(earlier)),
    ]
}
