//! The operating system's files as a [`Directory`]: the one file of the journal that knows them.

use super::directory::Directory;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;

/// Held as long as the directory is open, so that only one process writes.
const LOCK: &str = "lock";

/// A folder of plain files, for one process at a time.
#[derive(Debug)]
pub struct FileDirectory {
    path: PathBuf,
    _lock: File,
}

impl FileDirectory {
    /// Opens a folder, making it where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] where another process has it open.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        fs::create_dir_all(&path)?;
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).open(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::Error(error)) => Err(error),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                ErrorKind::WouldBlock,
                std::format!("another process has {} open; close it first", path.display()),
            )),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Directory for FileDirectory {
    type Error = Error;

    fn names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            // A name that is not Unicode is none of ours.
            names.extend(entry?.file_name().into_string().ok().filter(|name| name != LOCK));
        }
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match fs::read(self.at(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read_at(&self, name: &str, offset: u64, into: &mut [u8]) -> Result<(), Error> {
        let mut file = File::open(self.at(name))?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(into)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        fs::write(self.at(name), bytes)
    }

    fn append(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        OpenOptions::new().append(true).create(true).open(self.at(name))?.write_all(bytes)
    }

    fn truncate(&self, name: &str, length: u64) -> Result<(), Error> {
        OpenOptions::new().write(true).open(self.at(name))?.set_len(length)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        fs::rename(self.at(from), self.at(to))
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        match fs::remove_file(self.at(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync(&self, name: &str) -> Result<(), Error> {
        OpenOptions::new().write(true).open(self.at(name))?.sync_all()
    }

    #[cfg(unix)]
    fn sync_names(&self) -> Result<(), Error> {
        File::open(&self.path)?.sync_all()
    }

    /// Elsewhere names are durable with the file.
    #[cfg(not(unix))]
    fn sync_names(&self) -> Result<(), Error> {
        Ok(())
    }
}
