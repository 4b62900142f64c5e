//! Names that repeat inside one record: written out once, referred to by number afterwards.
//!
//! 0 means "a new name follows", n > 0 the n-th name of the record.

use super::bytes::{Reader, Writer};
use super::error::{DecodeError, Fault};
use alloc::vec::Vec;
use hashbrown::HashMap;

/// The writing side.
#[derive(Debug)]
pub(super) struct NameWriter<'a> {
    numbers: HashMap<&'a str, u64>,
}

/// Room for the names of a usual record: a node, its type and its fields.
const USUAL_NAMES: usize = 14;

impl<'a> NameWriter<'a> {
    pub(super) fn new() -> Self {
        Self { numbers: HashMap::with_capacity(USUAL_NAMES) }
    }

    pub(super) fn write(&mut self, out: &mut Writer, name: &'a str) {
        if let Some(number) = self.numbers.get(name) {
            out.varint(*number);
            return;
        }
        self.numbers.insert(name, self.numbers.len() as u64 + 1);
        out.varint(0);
        out.block(name.as_bytes());
    }
}

/// The reading side. Names borrow from the input, so a short input cannot make much memory.
#[derive(Debug, Default)]
pub(super) struct NameReader<'a> {
    names: Vec<&'a str>,
}

impl<'a> NameReader<'a> {
    pub(super) fn read(
        &mut self,
        input: &mut Reader<'a>,
        what: &'static str,
        limit: usize,
    ) -> Result<&'a str, DecodeError> {
        let number = input.varint()?;
        if number == 0 {
            let name = input.text(what, limit)?;
            self.names.push(name);
            return Ok(name);
        }
        let known = usize::try_from(number - 1).ok().and_then(|index| self.names.get(index));
        match known {
            // A path may be longer than an id: the limit is of the use, not of the definition.
            Some(name) if name.len() > limit => {
                input.fail(Fault::Limit { what, found: name.len() as u64, limit: limit as u64 })
            }
            Some(name) => Ok(name),
            None => input.fail(Fault::Name(number)),
        }
    }
}
