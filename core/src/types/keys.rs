//! Reading an object key by key, with a fault named for every key that is not as it must be.
//!
//! What cannot be read stays in the rest of the object, and so is kept when it is written again.

use super::number::is_number;
use super::short::short;
use super::words::Word;
use crate::model::{Map, Value};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What is wrong at one place of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place: keys joined by dots.
    pub place: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A definition that is refused, with all that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionError {
    /// The name of the type.
    pub name: String,
    /// What is wrong, at least one.
    pub faults: Vec<Fault>,
}

impl core::error::Error for DefinitionError {}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the definition of type {:?} is refused", self.name)?;
        for (i, fault) in self.faults.iter().enumerate() {
            write!(f, "{} {fault}", if i == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

/// All that was found wrong while a definition was read.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Parts of the definition without effect.
    pub(super) faults: Vec<Fault>,
    /// What this version does not know: keys, and a language.
    pub(super) unknown: Vec<Fault>,
}

impl Report {
    pub(super) fn fault(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Fault { place: place.into(), message: message.into() });
    }
}

/// The place of a key inside a place; the outermost place is empty.
pub(super) fn inside(place: &str, key: &str) -> String {
    if place.is_empty() { key.into() } else { format!("{place}.{key}") }
}

/// An object that is read key by key.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    rest: Map,
    unread: Map,
    asked: Vec<&'static str>,
    place: &'a str,
    report: &'a mut Report,
}

impl<'a> Keys<'a> {
    pub(super) const fn new(map: Map, place: &'a str, report: &'a mut Report) -> Self {
        Self { rest: map, unread: Map::new(), asked: Vec::new(), place, report }
    }

    pub(super) fn report(&mut self) -> &mut Report {
        self.report
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.rest.remove(key)
    }

    /// Takes what `read` makes of a key's value; `read` gives the value back where it is not `needed`.
    fn read<T>(
        &mut self,
        key: &'static str,
        needed: &str,
        read: impl FnOnce(Value) -> Result<T, Value>,
    ) -> Option<T> {
        let value = self.take(key)?;
        match read(value) {
            Ok(read) => Some(read),
            Err(value) => {
                let message = format!("must be {needed}, found {}", short(&value));
                self.report.fault(inside(self.place, key), message);
                self.unread.insert(key.into(), value);
                None
            }
        }
    }

    pub(super) fn flag(&mut self, key: &'static str) -> bool {
        let read = |value| match value {
            Value::Bool(flag) => Ok(flag),
            other => Err(other),
        };
        self.read(key, "true or false", read).unwrap_or(false)
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.read(key, "a text", |value| match value {
            Value::Text(text) => Ok(text),
            other => Err(other),
        })
    }

    pub(super) fn number(&mut self, key: &'static str) -> Option<Value> {
        self.read(key, "a number", |value| if is_number(&value) { Ok(value) } else { Err(value) })
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, key: &'static str) -> Option<u64> {
        self.read(key, "a whole number from 0", |value| match value {
            Value::Int(number) => u64::try_from(number).map_err(|_| value),
            other => Err(other),
        })
    }

    pub(super) fn list(&mut self, key: &'static str) -> Option<Vec<Value>> {
        self.read(key, "a list", |value| match value {
            Value::Array(items) => Ok(items),
            other => Err(other),
        })
    }

    pub(super) fn object(&mut self, key: &'static str) -> Option<Map> {
        self.read(key, "an object", |value| match value {
            Value::Object(map) => Ok(map),
            other => Err(other),
        })
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let read = |value| match value {
            Value::Array(items) if items.iter().all(|item| matches!(item, Value::Text(_))) => {
                Ok(items
                    .into_iter()
                    .filter_map(|item| match item {
                        Value::Text(text) => Some(text),
                        _ => None,
                    })
                    .collect())
            }
            other => Err(other),
        };
        self.read(key, "a list of texts", read).unwrap_or_default()
    }

    /// One of a few words.
    pub(super) fn word<W: Word>(&mut self, key: &'static str) -> Option<W> {
        let needed = format!("one of {}", W::choices());
        self.read(key, &needed, |value| match &value {
            Value::Text(word) => W::from_word(word).ok_or(value),
            _ => Err(value),
        })
    }

    /// What was not read: keys of later versions, and what was not as it must be.
    pub(super) fn finish(self) -> Map {
        for key in self.rest.keys() {
            let known = self.asked.join(", ");
            self.report.unknown.push(Fault {
                place: inside(self.place, key),
                message: format!("there is no such key; the keys here are {known}"),
            });
        }
        let mut left = self.rest;
        left.extend(self.unread);
        left
    }
}
