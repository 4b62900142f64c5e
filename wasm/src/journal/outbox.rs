//! Records committed here and not yet in the journal.

use pluresdb::{Database, Error};

/// Bytes read from the log at once.
const READ_BYTES: usize = 1024 * 1024;

/// The end of the log that is not stored yet.
///
/// Records also come from the journal, written by other tabs; those must not go back into it. So
/// before such are applied, what is our own is taken out of the log, and `position` moves past
/// them afterwards.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Everything of the log up to here is in the journal or in `records`.
    position: i64,
    records: Vec<Vec<u8>>,
    bytes: usize,
}

impl Outbox {
    /// Takes what was committed since the last call.
    pub(super) fn collect(&mut self, database: &Database) -> Result<(), Error> {
        loop {
            let batch = database.records_after(self.position, READ_BYTES)?;
            if batch.records.is_empty() {
                return Ok(());
            }
            self.position = batch.position;
            self.bytes += batch.records.iter().map(Vec::len).sum::<usize>();
            self.records.extend(batch.records);
        }
    }

    /// Notes that everything in the log now is in the journal, or was collected before.
    pub(super) fn skip(&mut self, database: &Database) -> Result<(), Error> {
        self.position = database.position()?;
        Ok(())
    }

    /// Records that wait to be stored.
    pub(super) fn records(&self) -> &[Vec<u8>] {
        &self.records
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes out the first `count`, which are stored now.
    pub(super) fn stored(&mut self, count: usize) -> Vec<Vec<u8>> {
        let rest = self.records.split_off(count.min(self.records.len()));
        let stored = std::mem::replace(&mut self.records, rest);
        self.bytes -= stored.iter().map(Vec::len).sum::<usize>();
        stored
    }
}
