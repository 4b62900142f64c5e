//! The place of a field inside a node: one or more object keys.
//!
//! Held as one text with U+0000 between the keys. That character sorts before every other, so in
//! a sorted map all paths below a path follow it directly; a key cannot hold it.

use super::limits::{MAX_DEPTH, MAX_PATH_BYTES};
use super::value::BYTES_KEY;
use alloc::string::String;
use core::fmt;

const SEPARATOR: char = '\0';

/// A field path. Keys may be empty and may hold dots and any character but U+0000.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

/// Why keys do not make a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A key holds the separator.
    #[error("the key {0:?} holds the character U+0000, which a key cannot hold")]
    Nul(String),
    /// A key that JSON uses to spell bytes.
    #[error("`{BYTES_KEY}` is the key that spells bytes in JSON; name the field otherwise")]
    Reserved,
    /// Longer than [`MAX_PATH_BYTES`].
    #[error("a field path of {0} bytes; the limit is {MAX_PATH_BYTES}")]
    TooLong(usize),
    /// Deeper than [`MAX_DEPTH`].
    #[error("a field nested {0} deep; the limit is {MAX_DEPTH}")]
    TooDeep(usize),
}

impl Path {
    /// The path of a top-level field.
    pub fn field(key: &str) -> Result<Self, PathError> {
        Self::of_key(String::from(key))
    }

    /// The same of a key that is not needed elsewhere.
    pub fn of_key(key: String) -> Result<Self, PathError> {
        check_key(&key)?;
        Self::joined(key)
    }

    /// The path of `key` inside the object at this path.
    pub fn child(&self, key: &str) -> Result<Self, PathError> {
        check_key(key)?;
        let mut text = String::with_capacity(self.0.len() + 1 + key.len());
        text.push_str(&self.0);
        text.push(SEPARATOR);
        text.push_str(key);
        Self::joined(text)
    }

    /// A path from its joined form, as bytes carry it.
    pub fn joined(text: String) -> Result<Self, PathError> {
        if text.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong(text.len()));
        }
        let mut depth = 0;
        for key in text.as_bytes().split(|&byte| byte == 0) {
            if key == BYTES_KEY.as_bytes() {
                return Err(PathError::Reserved);
            }
            depth += 1;
        }
        if depth > MAX_DEPTH {
            return Err(PathError::TooDeep(depth));
        }
        Ok(Self(text))
    }

    /// The joined form.
    #[must_use]
    pub fn as_joined(&self) -> &str {
        &self.0
    }

    /// The keys, outermost first; at least one.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR)
    }

    /// The paths that lead to this one, outermost first, without itself.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        let separators = self.0.bytes().enumerate().filter(|(_, byte)| *byte == 0);
        separators.filter_map(|(at, _)| self.0.get(..at))
    }

    /// Whether this path lies strictly below `ancestor` (in joined form).
    #[must_use]
    pub fn is_below(&self, ancestor: &str) -> bool {
        self.0.strip_prefix(ancestor).is_some_and(|rest| rest.starts_with(SEPARATOR))
    }
}

impl core::borrow::Borrow<str> for Path {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// For people: keys with dots between them, in quotes where they would read otherwise.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, key) in self.keys().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            let is_plain = |c: char| !c.is_control() && !matches!(c, '.' | '"');
            match !key.is_empty() && key.chars().all(is_plain) {
                true => f.write_str(key)?,
                false => write!(f, "{key:?}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

fn check_key(key: &str) -> Result<(), PathError> {
    if key.as_bytes().contains(&0) {
        return Err(PathError::Nul(String::from(key)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    #[test]
    fn empty_and_dotted_keys_keep_their_places() {
        let path = Path::field("").unwrap().child("a.b").unwrap().child("").unwrap();
        assert_eq!(path.keys().collect::<Vec<_>>(), ["", "a.b", ""]);
        assert_eq!(path.ancestors().collect::<Vec<_>>(), ["", "\0a.b"]);
    }

    #[test]
    fn people_read_which_key_is_which() {
        let path = |keys: [&str; 2]| {
            Path::field(keys[0]).and_then(|path| path.child(keys[1])).map(|path| path.to_string())
        };
        assert_eq!(path(["owner", "first name"]).unwrap(), "owner.first name");
        assert_eq!(path(["", "a.b"]).unwrap(), r#"""."a.b""#);
        assert_eq!(path(["ключ", "\n"]).unwrap(), r#"ключ."\n""#);
    }

    #[test]
    fn below_is_by_keys_and_not_by_letters() {
        let a = Path::field("a").unwrap();
        assert!(a.child("b").unwrap().is_below("a"));
        assert!(!Path::field("ab").unwrap().is_below("a"));
        assert!(!a.is_below("a"));
    }
}
