//! A stream of lines, cut into batches of whole lines that fit in memory.

use crate::failure::{Failure, Outcome};
use pluresdb::Error;
use std::io::{BufRead, BufReader, Read};

/// Longest line. No record could hold the node of a longer one.
const MAX_LINE: u64 = 4 << 20;

/// Whole lines of the source.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) text: String,
    /// Number of the first line, from 1.
    pub(super) first_line: u64,
    /// Number of the last one.
    pub(super) last_line: u64,
    /// Bytes of the source up to here.
    pub(super) bytes_so_far: u64,
}

/// Gives batches until the source ends or fails.
#[derive(Debug)]
pub(super) struct Batches<R> {
    source: BufReader<R>,
    batch_bytes: u64,
    lines: u64,
    bytes: u64,
    over: bool,
}

impl<R: Read> Batches<R> {
    pub(super) fn new(source: R, batch_bytes: u64) -> Self {
        let source = BufReader::with_capacity(256 * 1024, source);
        Self { source, batch_bytes, lines: 0, bytes: 0, over: false }
    }

    fn read(&mut self) -> Outcome<Option<Batch>> {
        let first_line = self.lines + 1;
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < self.batch_bytes {
            let start = bytes.len();
            let length = (&mut self.source)
                .take(MAX_LINE + 1)
                .read_until(b'\n', &mut bytes)
                .map_err(Failure::file("the lines cannot be read"))?;
            if length == 0 {
                break;
            }
            self.lines += 1;
            self.bytes += length as u64;
            if length as u64 > MAX_LINE {
                let message = format!("longer than {} MiB", MAX_LINE >> 20);
                return Err(Error::Import { line: self.lines, message }.into());
            }
            // Some programs begin a file with a byte order mark.
            if self.lines == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(start..start + 3);
            }
        }
        if self.lines < first_line {
            return Ok(None);
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = first_line + valid.filter(|&&byte| byte == b'\n').count() as u64;
            Error::Import { line, message: "not UTF-8".into() }
        })?;
        let (last_line, bytes_so_far) = (self.lines, self.bytes);
        Ok(Some(Batch { text, first_line, last_line, bytes_so_far }))
    }
}

impl<R: Read> Iterator for Batches<R> {
    type Item = Outcome<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.read().transpose();
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(source: &[u8], batch_bytes: u64) -> Vec<(String, u64, u64)> {
        Batches::new(source, batch_bytes)
            .map(|batch| {
                let batch = batch.unwrap();
                (batch.text, batch.first_line, batch.last_line)
            })
            .collect()
    }

    fn fault(source: &[u8]) -> String {
        let mut batches = Batches::new(source, 1 << 20);
        match batches.find_map(Result::err) {
            Some(Failure::Engine(error)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_batch_ends_with_a_whole_line() {
        let expected = [("one\ntwo\n", 1, 2), ("three", 3, 3)];
        let expected = expected.map(|(text, first, last)| (text.to_owned(), first, last));
        assert_eq!(batches(b"one\ntwo\nthree", 5), expected);
        assert_eq!(batches(b"", 5), []);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(batches(b"\xef\xbb\xbfone\n", 9), [("one\n".to_owned(), 1, 1)]);
    }

    #[test]
    fn the_line_that_is_not_utf_8_is_named() {
        assert_eq!(fault(b"one\ntwo\n\xff\n"), "line 3: not UTF-8");
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let source = std::io::repeat(b'x');
        let fault = Batches::new(source, u64::MAX).find_map(Result::err);
        assert!(matches!(fault, Some(Failure::Engine(Error::Import { line: 1, .. }))));
    }

    #[test]
    fn after_a_fault_there_is_nothing() {
        let mut batches = Batches::new(&b"\xff\nfine\n"[..], 1);
        assert!(batches.next().is_some_and(|batch| batch.is_err()));
        assert!(batches.next().is_none());
    }
}
