//! Forgets the pools of database files that have not been written for longest, so that their folder
//! stays small however many databases come and go.
//!
//! A pool that is gone costs its database a new actor at the next write and nothing else. A pool is
//! removed under its lock and together with it; whoever waits for that lock sees that it is not the
//! one at its place any more, and takes a new one.

use crate::model::ActorId;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Pools in one folder from which on the oldest go.
const MAX_POOLS: usize = 1_024;
/// Pools that stay then.
const KEPT_POOLS: usize = 768;

/// The lock's file of a pool. It is a file of its own, since the pool's file is replaced.
pub(in crate::engine) fn lock_of(pool: &Path) -> PathBuf {
    pool.with_added_extension("lock")
}

/// Takes the lock of a pool.
pub(in crate::engine) fn lock(pool: &Path) -> io::Result<File> {
    let path = lock_of(pool);
    loop {
        let lock = File::options().create(true).truncate(false).write(true).open(&path)?;
        lock.lock()?;
        if is_at(&lock, &path) {
            return Ok(lock);
        }
    }
}

/// Removes the oldest pools of a folder where there are too many. What cannot be removed stays.
pub(in crate::engine) fn prune(folder: &Path) {
    prune_to(folder, MAX_POOLS, KEPT_POOLS);
}

fn prune_to(folder: &Path, most: usize, kept: usize) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut pools: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| name.parse::<ActorId>().is_ok())
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    if pools.len() <= most {
        return;
    }
    pools.sort();
    let surplus = pools.len() - kept;
    for (_, pool) in pools.into_iter().take(surplus) {
        let _ = remove(&pool);
    }
}

fn remove(pool: &Path) -> io::Result<()> {
    let path = lock_of(pool);
    let lock = File::options().create(true).truncate(false).write(true).open(&path)?;
    // One that is locked is in use.
    if lock.try_lock().is_ok() && is_at(&lock, &path) {
        fs::remove_file(pool)?;
        fs::remove_file(&path)?;
    }
    Ok(())
}

/// Whether an open file is the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let number = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let at = fs::metadata(path).map(number);
    matches!((file.metadata().map(number), at), (Ok(file), Ok(at)) if file == at)
}

/// No system but Unix has pools.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A folder of pools, the first one the oldest, and what a user may have beside them.
    fn folder(count: u8) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let pools = (0..count).map(|number| {
            let pool = folder.path().join(ActorId([number; 16]).to_string());
            let file = File::create(&pool).unwrap();
            let age = Duration::from_secs(u64::from(count - number) * 60);
            file.set_modified(SystemTime::now() - age).unwrap();
            File::create(lock_of(&pool)).unwrap();
            pool
        });
        let pools = pools.collect();
        File::create(folder.path().join("notes.txt")).unwrap();
        (folder, pools)
    }

    #[test]
    fn the_oldest_pools_go_with_their_locks_where_there_are_too_many() {
        let (folder, pools) = folder(10);
        prune_to(folder.path(), 10, 4);
        assert!(pools.iter().all(|pool| pool.exists()));
        prune_to(folder.path(), 9, 4);
        let left: Vec<bool> = pools.iter().map(|pool| pool.exists()).collect();
        assert_eq!(left, [[false; 6].as_slice(), &[true; 4]].concat());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4 * 2 + 1);
    }

    #[test]
    fn a_pool_that_is_locked_stays() {
        let (folder, pools) = folder(3);
        let held = lock(&pools[0]).unwrap();
        prune_to(folder.path(), 1, 1);
        assert!(pools[0].exists() && !pools[1].exists() && pools[2].exists());
        drop(held);
    }

    #[cfg(unix)]
    #[test]
    fn who_waits_for_a_lock_that_goes_takes_the_one_in_its_place() {
        let (_folder, pools) = folder(1);
        let pool = &pools[0];
        let held = lock(pool).unwrap();
        let waiting = {
            let pool = pool.clone();
            std::thread::spawn(move || lock(&pool).unwrap())
        };
        std::thread::sleep(Duration::from_millis(50));
        fs::remove_file(lock_of(pool)).unwrap();
        let other = File::create(lock_of(pool)).unwrap();
        drop(held);
        let taken = waiting.join().unwrap();
        assert!(is_at(&taken, &lock_of(pool)));
        assert!(other.try_lock().is_err(), "two hold the lock of one pool");
    }
}
