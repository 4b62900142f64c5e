//! How far each relay's log was taken in: a row of `pdb_meta` for each relay.
//!
//! A relay's id is known only once it answers, so its URL is remembered with it. Two URLs of one
//! relay share its cursor; a URL that leads to another relay than before finds that one's.

use crate::engine::database::Database;
use crate::engine::error::Error;
use crate::sync::{Cursor, RelayId};

impl Database {
    /// The cursor to greet the relay at this URL with. `None` where it was never met; what cannot
    /// be read counts as that, since the relay then only sends again what is known.
    pub fn sync_cursor(&self, url: &str) -> Result<Option<Cursor>, Error> {
        let Some(relay) = self.meta::<[u8; 16]>(&url_key(url))? else {
            return Ok(None);
        };
        let stored: Option<Vec<u8>> = self.meta(&cursor_key(RelayId(relay)))?;
        Ok(stored.and_then(|bytes| Cursor::from_bytes(&bytes).ok()))
    }

    /// Remembers the cursor of the relay at this URL. To be called after the records up to it were
    /// applied, never before: what is behind the cursor is not sent again.
    pub fn set_sync_cursor(&mut self, url: &str, cursor: &Cursor) -> Result<(), Error> {
        self.set_meta(&cursor_key(cursor.relay), cursor.to_bytes())?;
        self.set_meta(&url_key(url), cursor.relay.0)
    }
}

fn cursor_key(relay: RelayId) -> String {
    format!("cursor:{relay}")
}

fn url_key(url: &str) -> String {
    format!("relay:{url}")
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use super::*;
    use crate::sync::Mark;

    fn cursor(relay: u8, position: u64) -> Cursor {
        Cursor { relay: RelayId([relay; 16]), position, mark: Mark([7; 16]) }
    }

    #[test]
    fn each_relay_has_a_cursor_of_its_own() {
        let mut db = Database::memory().unwrap();
        assert_eq!(db.sync_cursor("wss://one").unwrap(), None);
        db.set_sync_cursor("wss://one", &cursor(1, 10)).unwrap();
        db.set_sync_cursor("wss://two", &cursor(2, 20)).unwrap();
        db.set_sync_cursor("wss://one", &cursor(1, 11)).unwrap();
        assert_eq!(db.sync_cursor("wss://one").unwrap(), Some(cursor(1, 11)));
        assert_eq!(db.sync_cursor("wss://two").unwrap(), Some(cursor(2, 20)));
    }

    #[test]
    fn a_relay_under_another_url_goes_on_where_it_was() {
        let mut db = Database::memory().unwrap();
        db.set_sync_cursor("wss://old", &cursor(1, 10)).unwrap();
        db.set_sync_cursor("wss://new", &cursor(1, 12)).unwrap();
        assert_eq!(db.sync_cursor("wss://old").unwrap(), Some(cursor(1, 12)));
    }

    #[test]
    fn a_cursor_that_cannot_be_read_is_none() {
        let mut db = Database::memory().unwrap();
        db.set_sync_cursor("wss://one", &cursor(1, 10)).unwrap();
        db.set_meta(&cursor_key(RelayId([1; 16])), b"short".as_slice()).unwrap();
        assert_eq!(db.sync_cursor("wss://one").unwrap(), None);
    }
}
