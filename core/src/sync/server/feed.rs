//! What a connection sends next of its space's log.
//!
//! The client grants a window: bytes of records beyond the position it has made durable. While
//! there is room the log is read and sent on, whether old records or new ones; without room
//! nothing is read, however far the log runs ahead. So a slow client costs the relay one window,
//! and there is no queue that could overflow and no state to recover from.

use super::StoredRecord;
use crate::sync::cursor::Mark;
use crate::sync::message::{MAX_FRAME_RECORDS, Pull, Records, WINDOW_BYTES};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Bytes of records in one frame at most, as long as one record is not more: 128 KiB. Small enough
/// that a client on a poor line shows progress, while several frames fill its window.
const FEED_BYTES: usize = 128 * 1024;

/// Stretches of the client's own records that are remembered. What is forgotten goes back to it,
/// which does no harm.
const MAX_OWN: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Feed {
    head: u64,
    sent: u64,
    window: usize,
    flowing: bool,
    reading: bool,
    /// Last position and bytes of each frame not yet taken in.
    under_way: VecDeque<(u64, usize)>,
    bytes: usize,
    /// First and last positions of records that came over this connection, beyond `sent`.
    own: VecDeque<(u64, u64)>,
}

impl Feed {
    pub(super) const fn bytes_under_way(&self) -> usize {
        self.bytes
    }

    pub(super) const fn is_lagging(&self) -> bool {
        self.flowing && self.sent < self.head && !self.has_room()
    }

    pub(super) fn reach(&mut self, head: u64) {
        self.head = self.head.max(head);
    }

    /// Takes in a Pull.
    pub(super) fn grant(&mut self, pull: Pull) -> Result<(), &'static str> {
        if pull.after > if self.flowing { self.sent } else { self.head } {
            return Err("a pull after a position that was not sent");
        }
        if !self.flowing {
            self.flowing = true;
            self.sent = pull.after;
        }
        // A client that asks for more gets this: what is under way is the relay's memory.
        self.window = pull.window.min(WINDOW_BYTES) as usize;
        while let Some((last, bytes)) = self.under_way.front().copied() {
            if last > pull.after {
                break;
            }
            self.bytes -= bytes;
            self.under_way.pop_front();
        }
        Ok(())
    }

    /// Positions whose records the client sent itself on this connection.
    pub(super) fn skip(&mut self, first: u64, last: u64) {
        self.reach(last);
        match self.own.back_mut() {
            Some((_, before)) if *before + 1 == first => *before = last,
            _ => self.own.push_back((first, last)),
        }
        if self.own.len() > MAX_OWN {
            self.own.pop_front();
        }
    }

    /// What to read now: after which position, how many bytes.
    pub(super) fn next(&mut self) -> Option<(u64, usize)> {
        let wanted = self.flowing && !self.reading && self.sent < self.head && self.has_room();
        if !wanted {
            return None;
        }
        self.reading = true;
        let room = self.window.saturating_sub(self.bytes).min(FEED_BYTES);
        Some((self.sent, room))
    }

    /// The frame of what was read, where it moves the client on.
    pub(super) fn take(
        &mut self,
        last: u64,
        mark: Mark,
        mut records: Vec<StoredRecord>,
    ) -> Option<Records> {
        self.reading = false;
        if last <= self.sent {
            return None;
        }
        debug_assert!(records.len() <= MAX_FRAME_RECORDS, "the store reads in bounds");
        records.retain(|stored| !self.is_own(stored.position));
        let bytes = records.iter().map(|stored| stored.record.len()).sum();
        let batch = Records {
            after: self.sent,
            last,
            mark,
            head: self.head.max(last),
            records: records.into_iter().map(|stored| stored.record.to_vec()).collect(),
        };
        self.sent = last;
        self.reach(self.sent);
        while self.own.front().is_some_and(|(_, end)| *end <= self.sent) {
            self.own.pop_front();
        }
        // A frame without records takes no room: the client need not answer it.
        if bytes > 0 {
            self.bytes += bytes;
            self.under_way.push_back((self.sent, bytes));
        }
        Some(batch)
    }

    fn is_own(&self, position: u64) -> bool {
        self.own.iter().any(|(first, last)| (*first..=*last).contains(&position))
    }

    const fn has_room(&self) -> bool {
        self.bytes == 0 || self.bytes < self.window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(positions: core::ops::RangeInclusive<u64>) -> Vec<StoredRecord> {
        let record = |position: u64| StoredRecord { position, record: [position as u8; 10].into() };
        positions.map(record).collect()
    }

    fn flowing(window: u32) -> Feed {
        let mut feed = Feed::default();
        feed.grant(Pull { after: 0, window }).unwrap();
        feed
    }

    fn take(feed: &mut Feed, last: u64) -> Records {
        let (after, _) = feed.next().unwrap();
        feed.take(last, Mark::ZERO, stored(after + 1..=last)).unwrap()
    }

    #[test]
    fn what_others_wrote_between_the_clients_own_records_is_sent() {
        let mut feed = flowing(1_000);
        feed.skip(1, 2);
        feed.skip(5, 6);
        feed.skip(7, 7);
        let batch = take(&mut feed, 7);
        let sent: Vec<u8> = batch.records.iter().map(|record| record[0]).collect();
        assert_eq!(sent, [3, 4]);
        assert_eq!((batch.after, batch.last, batch.head), (0, 7, 7));
    }

    #[test]
    fn without_room_nothing_is_read_and_room_comes_with_what_is_durable() {
        let mut feed = flowing(20);
        feed.reach(9);
        take(&mut feed, 2);
        assert!(feed.is_lagging());
        assert_eq!(feed.next(), None);
        feed.grant(Pull { after: 1, window: 20 }).unwrap();
        assert_eq!(feed.next(), None, "the frame is not yet taken in as a whole");
        feed.grant(Pull { after: 2, window: 20 }).unwrap();
        assert_eq!(feed.next(), Some((2, 20)));
        assert!(!feed.is_lagging());
    }

    #[test]
    fn a_window_is_never_more_than_the_relay_gives() {
        let mut feed = flowing(u32::MAX);
        feed.reach(100);
        let mut sent = 0;
        while let Some((after, _)) = feed.next() {
            let record: alloc::sync::Arc<[u8]> = alloc::vec![0; FEED_BYTES].into();
            let position = after + 1;
            let records = alloc::vec![StoredRecord { position, record }];
            feed.take(position, Mark::ZERO, records).unwrap();
            sent += FEED_BYTES;
        }
        assert_eq!(sent, WINDOW_BYTES as usize);
    }

    #[test]
    fn a_pull_beyond_what_was_sent_is_an_error() {
        let mut feed = flowing(20);
        feed.reach(9);
        take(&mut feed, 2);
        assert!(feed.grant(Pull { after: 3, window: 20 }).is_err());
        assert!(Feed::default().grant(Pull { after: 1, window: 20 }).is_err());
    }
}
