//! A journal's file of records, whatever is in it: what can be read is, the rest is told, and
//! writing goes on.

use crate::memory::Bound;
use crate::seeds::{database, log, must};
use pluresdb::journal::{Directory, DirectoryError, DirectoryJournal, Journal, Position, Read};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::io::{Error, ErrorKind};
use std::task::{Context, Poll, Waker};

/// The file with the first record.
const FILE: &str = "records-0000000000000001";
const READ_BYTES: usize = 64 * 1024;

/// Files in memory.
#[derive(Debug, Default)]
struct Files(RefCell<BTreeMap<String, Vec<u8>>>);

pub(crate) fn run(bytes: &[u8]) -> bool {
    let files = Files::default();
    must(files.write(FILE, bytes));
    let opened = Bound::SMALL.check(bytes, || DirectoryJournal::open(files));
    let journal = must(opened);
    let before = read_all(&journal);
    let Some(found) = before else {
        return false;
    };
    let last = must(now(journal.append(&[b"more".to_vec()])));
    assert_eq!(last, found.len() as Position + 1);
    let after = read_all(&journal).unwrap_or_default();
    assert!(after.starts_with(&found) && after.len() == found.len() + 1);
    let reopened = must(DirectoryJournal::open(journal.directory().copy()));
    assert_eq!(read_all(&reopened), Some(after));
    !found.is_empty()
}

/// All records; `None` where some are damaged, and the journal says so.
fn read_all(journal: &DirectoryJournal<Files>) -> Option<Vec<Vec<u8>>> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        match now(journal.read(after, READ_BYTES)) {
            Ok(Read::Records { records, .. }) if records.is_empty() => return Some(all),
            Ok(Read::Records { records, last }) => {
                assert_eq!(last, after + records.len() as Position);
                all.extend(records);
                after = last;
            }
            Ok(Read::Gone) => panic!("nothing was removed"),
            Err(DirectoryError::Damaged { first, .. }) => {
                assert_eq!(first, after + 1);
                return None;
            }
            Err(DirectoryError::Storage(error)) => panic!("memory does not fail: {error}"),
        }
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("files in memory wait for nothing"),
    }
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let files = |appends: &[&[Vec<u8>]]| {
        let journal = must(DirectoryJournal::open(Files::default()));
        for records in appends {
            must(now(journal.append(records)));
        }
        must(journal.directory().read(FILE)).unwrap_or_default()
    };
    let records = log(&database());
    let (first, rest) = records.split_at(1);
    vec![("one", files(&[first])), ("groups", files(&[first, rest]))]
}

impl Files {
    fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Directory for Files {
    type Error = Error;

    fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.0.borrow().keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.borrow().get(name).cloned())
    }

    fn read_at(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<(), Error> {
        let files = self.0.borrow();
        let from = files.get(name).and_then(|file| file.get(offset as usize..));
        let from = from.and_then(|rest| rest.get(..into.len())).ok_or(ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(from);
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.0.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.0.borrow_mut().entry(name.to_owned()).or_default().extend(bytes);
        Ok(())
    }

    fn truncate(&self, name: &str, length: u64) -> Result<(), Error> {
        let mut files = self.0.borrow_mut();
        let file = files.get_mut(name).ok_or(ErrorKind::NotFound)?;
        file.truncate(length as usize);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        let file = self.0.borrow_mut().remove(from).ok_or(ErrorKind::NotFound)?;
        self.write(to, &file)
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        self.0.borrow_mut().remove(name);
        Ok(())
    }

    fn sync(&self, _name: &str) -> Result<(), Error> {
        Ok(())
    }

    fn sync_names(&self) -> Result<(), Error> {
        Ok(())
    }
}
