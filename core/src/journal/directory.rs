//! A journal in a directory of plain files.
//!
//! ```text
//! records-<position>   records from this position on (see `segment.rs`)
//! chunk-<hash>         one chunk of an image
//! checkpoint           the manifest of the newest checkpoint
//! checkpoint-before    the manifest of the one before
//! *.new                being written; of no meaning
//! ```
//!
//! Numbers are 16 hex digits, hashes 64. It knows no operating system: files are behind
//! [`Directory`], so that tests can crash between any two of its steps.

use super::segment::{self, Group, Scan};
use super::{ChunkHash, Journal, Manifest, Manifests, NotInstalled, Position, Read, Rotation};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::Range;

/// A flat directory of files, as an operating system has it.
///
/// What was written is durable once it was synced, and not before: the content of a file by
/// [`Directory::sync`], names by [`Directory::sync_names`]. In a crash any part of what was not
/// synced may be lost, and any part may have come through.
pub trait Directory {
    /// Why storage fails.
    type Error: core::error::Error + 'static;

    /// The names of all files.
    fn names(&self) -> Result<Vec<String>, Self::Error>;
    /// A file's content; `None` where there is none.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Self::Error>;
    /// Fills `into` from this offset of a file; a file that is too short is an error.
    fn read_at(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<(), Self::Error>;
    /// Makes a file of this content, or replaces the content.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Adds to the end of a file, making it where there is none.
    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Cuts a file to a length.
    fn truncate(&self, name: &str, length: u64) -> Result<(), Self::Error>;
    /// Gives a file another name, replacing what has it, in one step.
    fn rename(&self, from: &str, to: &str) -> Result<(), Self::Error>;
    /// Removes a file; nothing where there is none.
    fn remove(&self, name: &str) -> Result<(), Self::Error>;
    /// Makes a file's content durable.
    fn sync(&self, name: &str) -> Result<(), Self::Error>;
    /// Makes the names durable: files made, renamed and removed.
    fn sync_names(&self) -> Result<(), Self::Error>;
}

/// Why a journal in a directory fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError<E> {
    /// The directory's own failure.
    #[error(transparent)]
    Storage(#[from] E),
    /// Records that were stored cannot be read.
    #[error(
        "records {first} to {last} in {file} are damaged; the file was left as it is. Sync with \
         a device that has them, or restore the folder from a backup"
    )]
    Damaged {
        /// The file.
        file: String,
        /// The first position that cannot be read.
        first: Position,
        /// The last one.
        last: Position,
    },
}

const SEGMENT: &str = "records-";
const CHUNK: &str = "chunk-";
const NEWEST: &str = "checkpoint";
const PREVIOUS: &str = "checkpoint-before";
const NEW: &str = ".new";

/// A journal in a directory, which nothing else may write to.
#[derive(Debug)]
pub struct DirectoryJournal<D> {
    directory: D,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    /// Without gaps between them, the oldest first.
    segments: Vec<Segment>,
    /// The last record's position.
    last: Position,
    /// The next append begins a segment, so that the ones before can go.
    roll: bool,
    /// An append failed: the last segment may have bytes behind its end.
    torn: bool,
}

#[derive(Debug)]
struct Segment {
    name: String,
    base: Position,
    scan: Scan,
}

impl<D: Directory> DirectoryJournal<D> {
    /// Opens the journal, cutting what an append left that did not end.
    pub fn open(directory: D) -> Result<Self, DirectoryError<D::Error>> {
        let mut names = directory.names()?;
        names.sort_unstable();
        for name in names.iter().filter(|name| name.ends_with(NEW)) {
            // Never named by anything: a crash during the removal only leaves it for next time.
            directory.remove(name)?;
        }
        let mut segments: Vec<Segment> = Vec::new();
        for name in names {
            let Some(base) = base_of(&name) else { continue };
            let bytes = directory.read(&name)?.unwrap_or_default();
            let mut scan = segment::scan(&bytes, base);
            match segments.last_mut() {
                // The end of a full segment is damaged: the next one proves what was there.
                Some(before) if !before.scan.groups.is_empty() && before.scan.next < base => {
                    before.scan.holes.push(before.scan.next..base);
                    before.scan.next = base;
                }
                // Its first groups never became durable.
                Some(before) if before.scan.next != base => segments.clear(),
                _ => {}
            }
            scan.end = scan.end.min(bytes.len());
            segments.push(Segment { name, base, scan });
        }
        if let Some(last) = segments.last() {
            // Only what follows the last whole group goes, and it was never acknowledged. A crash
            // before the sync leaves it there or not, as it was before.
            directory.truncate(&last.name, last.scan.end as u64)?;
            directory.sync(&last.name)?;
        }
        let last = match segments.last() {
            Some(segment) => segment.scan.next - 1,
            None => 0,
        };
        let state = RefCell::new(State { segments, last, roll: false, torn: false });
        Ok(Self { directory, state })
    }

    /// The directory, for tests and tools.
    pub const fn directory(&self) -> &D {
        &self.directory
    }

    /// Makes the last segment end where its last whole group or mark does.
    fn mend(&self, state: &mut State) -> Result<(), DirectoryError<D::Error>> {
        if state.torn
            && let Some(segment) = state.segments.last()
        {
            if self.directory.read(&segment.name)?.is_some() {
                self.directory.truncate(&segment.name, segment.scan.end as u64)?;
                self.directory.sync(&segment.name)?;
            }
            state.torn = false;
        }
        Ok(())
    }

    fn append_group(
        &self,
        state: &mut State,
        records: &[Vec<u8>],
    ) -> Result<Position, DirectoryError<D::Error>> {
        self.mend(state)?;
        let first = state.last + 1;
        if state.roll || state.segments.is_empty() {
            let scan = Scan { next: first, ..Scan::default() };
            state.segments.push(Segment { name: segment_name(first), base: first, scan });
            state.roll = false;
        }
        let Some(segment) = state.segments.last_mut() else {
            return Ok(state.last);
        };
        let bytes = segment::group(first, records);
        let last = state.last + records.len() as Position;
        let start = segment.scan.end;
        let is_new = start == 0;

        state.torn = true;
        // A crash during this leaves a torn group with nothing behind it: it is cut on open. Or it
        // leaves the whole group, and the records are there although nobody was told.
        self.directory.append(&segment.name, &bytes)?;
        self.directory.sync(&segment.name)?;
        if is_new {
            // Without its name the file would be lost with all that is in it.
            self.directory.sync_names()?;
        }
        // From here on the records are durable.
        segment.scan.end += bytes.len();
        segment.scan.groups.push(Group { first, next: last + 1, bytes: start..segment.scan.end });
        segment.scan.next = last + 1;
        state.last = last;
        // The mark needs no sync of its own: lost or torn in a crash, it is cut, and only proves
        // less. When it cannot be written the next append mends the end.
        let mark = segment::mark(last);
        if self.directory.append(&segment.name, &mark).is_ok() {
            segment.scan.end += mark.len();
            state.torn = false;
        }
        Ok(last)
    }

    fn read_group(
        &self,
        segment: &Segment,
        group: &Group,
    ) -> Result<Vec<Vec<u8>>, DirectoryError<D::Error>> {
        let mut bytes = alloc::vec![0; group.bytes.len()];
        self.directory.read_at(&segment.name, group.bytes.start as u64, &mut bytes)?;
        // It was whole when the journal was opened; a disk may fail later.
        segment::records(&bytes).ok_or_else(|| damaged(segment, &(group.first..group.next)))
    }

    /// A file is whole before it has its name.
    fn put_file(&self, name: &str, bytes: &[u8]) -> Result<(), DirectoryError<D::Error>> {
        let new = format!("{name}{NEW}");
        self.directory.write(&new, bytes)?;
        self.directory.sync(&new)?;
        Ok(self.directory.rename(&new, name)?)
    }

    fn read_manifests(&self) -> Result<Manifests, DirectoryError<D::Error>> {
        let newest = self.directory.read(NEWEST)?;
        Ok(Manifests { newest, previous: self.directory.read(PREVIOUS)? })
    }

    fn read_hashes(&self) -> Result<Vec<ChunkHash>, DirectoryError<D::Error>> {
        Ok(self.directory.names()?.iter().filter_map(|name| hash_of(name)).collect())
    }
}

impl<D: Directory> Journal for DirectoryJournal<D> {
    type Error = DirectoryError<D::Error>;
    type Chunk = Vec<u8>;

    async fn append(&self, records: &[Vec<u8>]) -> Result<Position, Self::Error> {
        let state = &mut *self.state.borrow_mut();
        if records.is_empty() {
            return Ok(state.last);
        }
        self.append_group(state, records)
    }

    async fn read(&self, after: Position, max_bytes: usize) -> Result<Read, Self::Error> {
        let state = self.state.borrow();
        let Some(oldest) = state.segments.first() else {
            return Ok(Read::Records { records: Vec::new(), last: after });
        };
        if after + 1 < oldest.base {
            return Ok(Read::Gone);
        }
        let (mut found, mut last, mut bytes) = (Vec::new(), after, 0);
        for segment in state.segments.iter().filter(|segment| segment.scan.next > after + 1) {
            for group in segment.scan.groups.iter().filter(|group| group.next > after + 1) {
                if let Some(hole) = hole_between(segment, last + 1, group.first) {
                    return at_hole(segment, hole, found, last);
                }
                for (record, position) in
                    self.read_group(segment, group)?.into_iter().zip(group.first..)
                {
                    if position <= last {
                        continue;
                    }
                    bytes += record.len();
                    if bytes > max_bytes && !found.is_empty() {
                        return Ok(Read::Records { records: found, last });
                    }
                    found.push(record);
                    last = position;
                }
            }
            if let Some(hole) = hole_between(segment, last + 1, segment.scan.next) {
                return at_hole(segment, hole, found, last);
            }
        }
        Ok(Read::Records { records: found, last })
    }

    async fn manifests(&self) -> Result<Manifests, Self::Error> {
        self.read_manifests()
    }

    async fn chunk_hashes(&self) -> Result<Vec<ChunkHash>, Self::Error> {
        self.read_hashes()
    }

    async fn read_chunks(&self, hashes: &[ChunkHash]) -> Result<Vec<Option<Vec<u8>>>, Self::Error> {
        hashes.iter().map(|hash| Ok(self.directory.read(&chunk_name(hash))?)).collect()
    }

    async fn add_chunks(&self, chunks: &[(ChunkHash, &[u8])]) -> Result<(), Self::Error> {
        for (hash, bytes) in chunks {
            self.put_file(&chunk_name(hash), bytes)?;
        }
        // Chunks that a crash loses before this are named by no manifest yet.
        Ok(self.directory.sync_names()?)
    }

    async fn install(&self, manifest: &Manifest) -> Result<Result<(), NotInstalled>, Self::Error> {
        let state = &mut *self.state.borrow_mut();
        let stored = self.read_manifests()?;
        let plan = match Rotation::plan(stored.clone(), &self.read_hashes()?, manifest) {
            Ok(plan) => plan,
            Err(why) => return Ok(Err(why)),
        };
        let new = format!("{NEWEST}{NEW}");
        self.directory.write(&new, &manifest.encode())?;
        self.directory.sync(&new)?;
        // Of these two renames a crash may keep either, in any order. The first alone leaves the
        // old newest as the one before, the second alone leaves the new one with an older one
        // behind it: both are whole, since no chunk and no record goes until both are durable.
        if plan.previous.is_none() {
            self.directory.remove(PREVIOUS)?;
        } else if plan.previous == stored.newest {
            self.directory.rename(NEWEST, PREVIOUS)?;
        }
        self.directory.rename(&new, NEWEST)?;
        self.directory.sync_names()?;
        // What goes now is needed by neither. A crash that keeps some of it leaves chunks that the
        // next checkpoint removes, and segments that are behind a gap, which opening passes over.
        for hash in &plan.drop_chunks {
            self.directory.remove(&chunk_name(hash))?;
        }
        while let [oldest, next, ..] = state.segments.as_slice()
            && next.base <= plan.drop_through + 1
        {
            self.directory.remove(&oldest.name)?;
            state.segments.remove(0);
        }
        state.roll = state.segments.last().is_some_and(|segment| !segment.scan.groups.is_empty());
        Ok(Ok(()))
    }

    async fn discard(&self, chunks: &[ChunkHash]) -> Result<(), Self::Error> {
        for hash in chunks {
            self.directory.remove(&chunk_name(hash))?;
        }
        Ok(())
    }
}

/// The part of a segment's holes that lies in `from..to`.
fn hole_between(segment: &Segment, from: Position, to: Position) -> Option<Range<Position>> {
    let holes = segment.scan.holes.iter();
    let mut parts = holes.map(|hole| hole.start.max(from)..hole.end.min(to));
    parts.find(|part| !part.is_empty())
}

/// What was found before a hole is given out first; the next read begins at it.
fn at_hole<E>(
    segment: &Segment,
    hole: Range<Position>,
    records: Vec<Vec<u8>>,
    last: Position,
) -> Result<Read, DirectoryError<E>> {
    if records.is_empty() {
        Err(damaged(segment, &hole))
    } else {
        Ok(Read::Records { records, last })
    }
}

fn damaged<E>(segment: &Segment, hole: &Range<Position>) -> DirectoryError<E> {
    DirectoryError::Damaged { file: segment.name.clone(), first: hole.start, last: hole.end - 1 }
}

fn segment_name(base: Position) -> String {
    format!("{SEGMENT}{base:016x}")
}

fn base_of(name: &str) -> Option<Position> {
    let base = Position::from_str_radix(name.strip_prefix(SEGMENT)?, 16).ok()?;
    (base > 0 && segment_name(base) == name).then_some(base)
}

fn chunk_name(hash: &ChunkHash) -> String {
    format!("{CHUNK}{hash:?}")
}

fn hash_of(name: &str) -> Option<ChunkHash> {
    let digits = name.strip_prefix(CHUNK)?;
    let mut hash = ChunkHash([0; 32]);
    for (byte, at) in hash.0.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
    }
    (chunk_name(&hash) == name).then_some(hash)
}
