//! WalDamage in SQLite's write-ahead file, which SQLite itself takes for the file's end.
//!
//! A commit is a run of frames, and each frame's checksum goes on from that of the frame before. When
//! SQLite opens a database that nobody has open, it reads frames up to the first one that does not
//! fit. After a crash that is right: what does not fit was never acknowledged. After a flipped bit
//! it is not: the transactions behind that bit were acknowledged, and would go without a word.
//!
//! ```text
//! header   32 bytes, big-endian: magic 0x377f0682, or ..83 where checksums read words big-endian,
//!          version, page size, checkpoint number, 2 salts, 2 checksums of the 24 bytes before
//! frame    24 bytes: page number, pages of the database after a commit or 0, the salts,
//!          2 checksums of the first 8 bytes and the page; then the page
//! ```
//!
//! The first frame that does not fit is damage, not the end, when the frames behind it fit to it, and
//! one of these is true:
//!
//! - **A commit lies behind it, and another frame behind that.** The next transaction begins once
//!   the one before was synced, so the frame was whole on the disk.
//! - **One bit makes it fit, and a commit follows or is in it.** A power cut in the middle of the last
//!   transaction leaves sectors as they were before, not single bits.
//!
//! Else it may be what a power cut left of a transaction that nobody was told of, and the database
//! opens. Two things can look like damage and be none, after a power cut: another program wrote with
//! `synchronous = NORMAL`, so that commits were not synced one by one; or the sector that never came
//! differs by one bit from what was there before. Refusing is the right side to err on:
//! nothing is changed, a repair opens the database in one step, and the other way round
//! acknowledged transactions would be gone for good.

use crate::engine::error::Error;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const MAGIC: u32 = 0x377f_0682;
const PAGE_SIZES: [usize; 8] = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

/// How often to look again at a file that changes while it is read.
const LOOKS: usize = 3;

/// What of a write-ahead file is damaged; see [`wal_damage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalDamage {
    /// The header does not match its checksum, and the frames match each other.
    Header,
    /// The first frame that does not fit, from 1.
    Frame {
        /// Which one.
        number: u64,
    },
}

/// What of a write-ahead file of SQLite (`-wal`) is damaged such that SQLite would drop acknowledged
/// transactions without a word. Opening a database looks for it; this is for tools that read such
/// files themselves.
///
/// `None` for a whole file, one that a crash has cut, and anything that is no such file.
pub fn wal_damage(wal: &mut (impl Read + Seek)) -> io::Result<Option<WalDamage>> {
    Ok(examine(wal)?.map(|seen| seen.damage))
}

/// The write-ahead file of a database, where SQLite has it.
pub(in crate::engine) fn wal_of(database: &Path) -> PathBuf {
    // SQLite follows links.
    let database = database.canonicalize();
    let mut name = database.as_deref().unwrap_or_else(|_| Path::new("")).as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Fails where opening the database would lose acknowledged transactions. Nothing is changed.
///
/// Another process may be writing. It writes frames in their order, so a frame that a first look
/// found half written is whole in the next: only what two looks find in the same place counts.
pub(in crate::engine) fn check(database: &Path) -> Result<(), Error> {
    let wal = wal_of(database);
    let mut before = None;
    for _ in 0..LOOKS {
        // What cannot be read, SQLite meets as well, and says so.
        let Ok(Some(seen)) = look(&wal) else {
            return Ok(());
        };
        if before == Some(seen) {
            return Err(seen.error(&wal));
        }
        before = Some(seen);
    }
    Ok(())
}

/// Copies a damaged write-ahead file to a name that is free beside it.
pub(in crate::engine) fn copy_aside(wal: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    let (mut copy, name) = loop {
        let name = wal.with_added_extension(format!("damaged-{number}"));
        match File::create_new(&name) {
            Ok(file) => break (file, name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    };
    io::copy(&mut File::open(wal)?, &mut copy)?;
    copy.sync_all()?;
    Ok(name)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    header: [u8; HEADER_BYTES],
    damage: WalDamage,
}

impl Seen {
    fn error(self, wal: &Path) -> Error {
        let what = match self.damage {
            WalDamage::Header => "its header does not match its checksum, so opening the database \
                               would lose every transaction in it"
                .to_owned(),
            WalDamage::Frame { number } => format!(
                "frame {number} does not match its checksum, so opening the database would lose \
                 the transactions from there on"
            ),
        };
        Error::Damaged { place: format!("the write-ahead file {}", wal.display()), what }
    }
}

fn look(wal: &Path) -> io::Result<Option<Seen>> {
    let file = match File::open(wal) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    examine(&mut BufReader::new(file))
}

/// Two running sums over words, each taking in the other.
type Sum = (u32, u32);

/// How a write-ahead file is laid out.
#[derive(Debug, Clone, Copy)]
struct Layout {
    page: usize,
    /// Whether checksums read words big-endian.
    big: bool,
    salts: [u8; 8],
}

fn examine(wal: &mut (impl Read + Seek)) -> io::Result<Option<Seen>> {
    let mut header = [0; HEADER_BYTES];
    if !fill(wal, &mut header)? {
        return Ok(None);
    }
    let (magic, page) = (word(&header, 0), word(&header, 8) as usize);
    let (big, stored) = (magic & 1 == 1, pair(&header, 24));
    let computed = |big| sum(big, header.get(..24).unwrap_or_default(), (0, 0));
    let fits = magic & !1 == MAGIC && PAGE_SIZES.contains(&page) && computed(big) == stored;
    let damage = if fits {
        first_misfit(wal, Layout { page, big, salts: eight(&header, 16) }, stored)?
    } else {
        let mut damaged = false;
        for page in PAGE_SIZES {
            for big in [false, true] {
                for start in [stored, computed(big)] {
                    damaged = damaged || holds_commit(wal, page, big, start)?;
                }
            }
        }
        // SQLite syncs a new header before it writes a frame, so the frames are of this header.
        damaged.then_some(WalDamage::Header)
    };
    Ok(damage.map(|damage| Seen { header, damage }))
}

/// Whether frames of such pages, with a first checksum that goes on from `start`, hold a commit.
fn holds_commit(
    wal: &mut (impl Read + Seek),
    page: usize,
    big: bool,
    start: Sum,
) -> io::Result<bool> {
    wal.seek(SeekFrom::Start(HEADER_BYTES as u64))?;
    let mut frame = Frame::of(page);
    let mut chain = Chain::after(start);
    let mut salts = None;
    while frame.read(wal)? {
        let salts = *salts.get_or_insert_with(|| frame.salts());
        if !chain.take(&frame, Layout { page, big, salts }) {
            break;
        }
        if chain.commit {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Looks for the first frame that does not fit, and whether it is damage.
fn first_misfit(wal: &mut impl Read, layout: Layout, start: Sum) -> io::Result<Option<WalDamage>> {
    let mut frame = Frame::of(layout.page);
    let mut whole = Chain::after(start);
    let mut number = 1;
    loop {
        if !frame.read(wal)? {
            return Ok(None);
        }
        if !whole.take(&frame, layout) {
            break;
        }
        number += 1;
    }
    let (computed, stored) = (frame.sum(layout.big, whole.sum), frame.stored());
    let of_this_file = frame.salts() == layout.salts;
    let mended = frame.mended(layout, computed);
    let commit = mended.unwrap_or_else(|| of_this_file && frame.is_commit());
    // Where the page was damaged the stored checksum is right, and else the computed one.
    let mut chains = [stored, computed].map(|sum| Chain { commit, ..Chain::after(sum) });
    let mut behind_commit = false;
    while frame.read(wal)? {
        let mut any = false;
        for chain in &mut chains {
            let commit = chain.commit;
            if chain.fits && chain.take(&frame, layout) {
                any = true;
                behind_commit |= commit;
            }
        }
        if !any || behind_commit {
            break;
        }
    }
    let by_one_bit = mended.is_some() && chains.iter().any(|chain| chain.commit);
    Ok((behind_commit || by_one_bit).then_some(WalDamage::Frame { number }))
}

/// Frames that fit to each other.
#[derive(Debug, Clone, Copy)]
struct Chain {
    sum: Sum,
    fits: bool,
    /// Whether there is a commit among them.
    commit: bool,
}

impl Chain {
    const fn after(sum: Sum) -> Self {
        Self { sum, fits: true, commit: false }
    }

    /// Takes the next frame, if it fits.
    fn take(&mut self, frame: &Frame, layout: Layout) -> bool {
        self.fits = frame.salts() == layout.salts
            && frame.page_number() != 0
            && frame.sum(layout.big, self.sum) == frame.stored();
        if self.fits {
            self.sum = frame.stored();
            self.commit |= frame.is_commit();
        }
        self.fits
    }
}

#[derive(Debug, Clone)]
struct Frame(Vec<u8>);

impl Frame {
    fn of(page: usize) -> Self {
        Self(vec![0; FRAME_HEADER_BYTES + page])
    }

    /// False at the end of the file.
    fn read(&mut self, wal: &mut impl Read) -> io::Result<bool> {
        fill(wal, &mut self.0)
    }

    fn page_number(&self) -> u32 {
        word(&self.0, 0)
    }

    fn is_commit(&self) -> bool {
        word(&self.0, 4) != 0
    }

    fn salts(&self) -> [u8; 8] {
        eight(&self.0, 8)
    }

    fn stored(&self) -> Sum {
        pair(&self.0, 16)
    }

    /// The words that the checksum is of.
    fn summed(&self, big: bool) -> impl DoubleEndedIterator<Item = Sum> {
        let head = words(big, self.0.get(..8).unwrap_or_default());
        head.chain(words(big, self.0.get(FRAME_HEADER_BYTES..).unwrap_or_default()))
    }

    fn sum(&self, big: bool, start: Sum) -> Sum {
        let head = sum(big, self.0.get(..8).unwrap_or_default(), start);
        sum(big, self.0.get(FRAME_HEADER_BYTES..).unwrap_or_default(), head)
    }

    /// Where one bit is all that is wrong: whether it is a commit, rightly read.
    ///
    /// Salts that are others altogether are those of an earlier file, in a sector that never came.
    fn mended(&self, layout: Layout, computed: Sum) -> Option<bool> {
        let stored = self.stored();
        let in_salts = u64::from_le_bytes(self.salts()) ^ u64::from_le_bytes(layout.salts);
        if computed == stored {
            return (in_salts.count_ones() <= 1).then(|| self.is_commit());
        }
        if in_salts != 0 {
            return None;
        }
        let flipped = (computed.0 ^ stored.0).count_ones() + (computed.1 ^ stored.1).count_ones();
        if flipped == 1 {
            return Some(self.is_commit());
        }
        let flipped = self.flipped_word(layout.big, computed)?;
        Some(if flipped.pair == 0 && flipped.second {
            flipped.mended != 0
        } else {
            self.is_commit()
        })
    }

    /// The word of which one bit, flipped, gives the stored checksum.
    ///
    /// The sums are linear modulo 2^32: a word that is larger by `d` makes both sums of its pair larger
    /// by `d` (the first word) or the second one (the second word), and each later pair carries a
    /// difference `(a, b)` on to `(a + b, a + 2b)`. So the difference that the end has is followed
    /// back to each word in one pass.
    fn flipped_word(&self, big: bool, computed: Sum) -> Option<Flipped> {
        let stored = self.stored();
        let (mut a, mut b) = (stored.0.wrapping_sub(computed.0), stored.1.wrapping_sub(computed.1));
        let pairs: Vec<Sum> = self.summed(big).collect();
        for (pair, (first, second)) in pairs.into_iter().enumerate().rev() {
            let differs_by_a_bit = |word: u32| (word ^ word.wrapping_add(b)).is_power_of_two();
            if a == b && differs_by_a_bit(first) {
                return Some(Flipped { pair, second: false, mended: first.wrapping_add(b) });
            }
            if a == 0 && differs_by_a_bit(second) {
                return Some(Flipped { pair, second: true, mended: second.wrapping_add(b) });
            }
            b = b.wrapping_sub(a);
            a = a.wrapping_sub(b);
        }
        None
    }
}

/// A word with a flipped bit: its place, and what it was.
#[derive(Debug, Clone, Copy)]
struct Flipped {
    pair: usize,
    second: bool,
    mended: u32,
}

/// The sums after these bytes.
fn sum(big: bool, bytes: &[u8], (mut a, mut b): Sum) -> Sum {
    let (pairs, _) = bytes.as_chunks::<8>();
    for pair in pairs {
        let (first, second) = two_words(big, *pair);
        a = a.wrapping_add(first).wrapping_add(b);
        b = b.wrapping_add(second).wrapping_add(a);
    }
    (a, b)
}

fn words(big: bool, bytes: &[u8]) -> impl DoubleEndedIterator<Item = Sum> {
    let (pairs, _) = bytes.as_chunks::<8>();
    pairs.iter().map(move |pair| two_words(big, *pair))
}

fn two_words(big: bool, [a, b, c, d, e, f, g, h]: [u8; 8]) -> Sum {
    if big {
        (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
    } else {
        (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
    }
}

fn eight(bytes: &[u8], at: usize) -> [u8; 8] {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).copied().unwrap_or_default()
}

fn word(bytes: &[u8], at: usize) -> u32 {
    pair(bytes, at).0
}

/// Two words as the file stores its numbers.
fn pair(bytes: &[u8], at: usize) -> Sum {
    two_words(true, eight(bytes, at))
}

/// False where the file ends before.
fn fill(wal: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match wal.read_exact(bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::io::Cursor;

    const PAGE: usize = 512;
    const FRAME: usize = FRAME_HEADER_BYTES + PAGE;

    /// A write-ahead file of some transactions, behind those of an earlier one.
    fn wal(transactions: i64) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(
            "PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
             CREATE TABLE t (a, b); CREATE INDEX i ON t (b);",
        )
        .unwrap();
        let write = |n: i64| {
            let sql = "INSERT INTO t VALUES (?1, printf('%300d', ?1)), (?1, printf('%400d', ?1))";
            conn.execute(sql, [n]).unwrap();
        };
        (0..transactions * 3).for_each(write);
        conn.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        (0..transactions).for_each(write);
        std::fs::read(wal_of(&path)).unwrap()
    }

    fn damage(wal: &[u8]) -> Option<WalDamage> {
        wal_damage(&mut Cursor::new(wal)).unwrap()
    }

    /// The frames of this file, each with whether it is a commit.
    fn frames(wal: &[u8]) -> Vec<bool> {
        let own = |frame: &&[u8]| frame[8..16] == wal[16..24];
        let frames = wal[HEADER_BYTES..].chunks_exact(FRAME).take_while(own);
        frames.map(|frame| word(frame, 4) != 0).collect()
    }

    #[test]
    fn any_one_flipped_bit_is_damage() {
        let wal = wal(4);
        assert_eq!(damage(&wal), None);
        let frames = frames(&wal);
        assert!(frames.iter().filter(|commit| **commit).count() == 4 && frames.len() > 12);
        let own = HEADER_BYTES + frames.len() * FRAME;
        assert!(own < wal.len(), "nothing is left of the file before");
        for bit in (0..HEADER_BYTES * 8).chain((HEADER_BYTES * 8..own * 8).step_by(7)) {
            let mut flipped = wal.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let expected = match (bit / 8).checked_sub(HEADER_BYTES) {
                None => WalDamage::Header,
                Some(at) => WalDamage::Frame { number: (at / FRAME) as u64 + 1 },
            };
            assert_eq!(damage(&flipped), Some(expected), "bit {bit}");
        }
    }

    #[test]
    fn what_a_power_cut_leaves_of_the_last_transaction_is_no_damage() {
        let wal = wal(4);
        let frames = frames(&wal);
        let own = HEADER_BYTES + frames.len() * FRAME;
        let commits: Vec<usize> = (0..frames.len()).filter(|frame| frames[*frame]).collect();
        let last = HEADER_BYTES + (commits[2] + 1) * FRAME;
        for cut in last..own {
            assert_eq!(damage(&wal[..cut]), None, "cut at {cut}");
        }
        // Any one sector of it never came, and those behind it did.
        for sector in last.div_ceil(512)..own / 512 {
            let mut torn = wal.clone();
            torn[sector * 512..(sector + 1) * 512].fill(0);
            assert_eq!(damage(&torn), None, "sector {sector}");
        }
    }

    #[test]
    fn a_sector_of_an_earlier_file_in_the_last_transaction_is_no_damage() {
        let wal = wal(4);
        let frames = frames(&wal);
        let last = frames.iter().take(frames.len() - 1).rposition(|commit| *commit).unwrap() + 1;
        for frame in last..frames.len() {
            // The sector ends between the salts and the checksums, and began with equal bytes.
            let mut torn = wal.clone();
            let salts = HEADER_BYTES + frame * FRAME + 8;
            torn[salts..salts + 8].copy_from_slice(b"earlier!");
            assert_eq!(damage(&torn), None, "frame {frame}");
        }
    }

    #[test]
    fn a_damaged_sector_before_the_last_transaction_is_damage() {
        let wal = wal(4);
        let frames = frames(&wal);
        let commits: Vec<usize> = (0..frames.len()).filter(|frame| frames[*frame]).collect();
        for frame in 0..commits[2] {
            let mut damaged = wal.clone();
            let page = HEADER_BYTES + frame * FRAME + FRAME_HEADER_BYTES;
            damaged[page..page + PAGE].fill(0);
            let number = frame as u64 + 1;
            assert_eq!(damage(&damaged), Some(WalDamage::Frame { number }), "frame {frame}");
        }
    }

    #[test]
    fn what_is_no_write_ahead_file_is_no_damage() {
        for bytes in [&[][..], &[0; 20], &[0; 5000], &[0x37; 5000], &wal(1)[..HEADER_BYTES]] {
            assert_eq!(damage(bytes), None);
        }
    }
}
