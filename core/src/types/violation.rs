//! What of a node breaks its type.

use alloc::string::String;
use core::fmt;

/// A rule of a type that a value breaks. Its word is stable, the message of a violation is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The field must be there.
    Required,
    /// The value must have a type.
    Type,
    /// The value must be one that the field's kind can hold.
    Kind,
    /// The value must be one of a few.
    Enum,
    /// The number is too small.
    Minimum,
    /// The number is too great.
    Maximum,
    /// Too few characters, bytes or elements.
    MinLength,
    /// Too many characters, bytes or elements.
    MaxLength,
    /// Not as many numbers as the vector has.
    Dimension,
    /// All zeros, in a vector whose direction counts.
    Direction,
    /// The type has no such field, and is closed.
    UnknownField,
    /// Another node has the same value. A warning: no write is refused for it.
    Unique,
    /// A definition contradicts itself, so a part of it has no effect.
    Definition,
    /// A change of a text or list must be an update of Yjs by the device that sends it. One that is
    /// not has no effect.
    Change,
}

impl Rule {
    const ALL: [Self; 14] = [
        Self::Required,
        Self::Type,
        Self::Kind,
        Self::Enum,
        Self::Minimum,
        Self::Maximum,
        Self::MinLength,
        Self::MaxLength,
        Self::Dimension,
        Self::Direction,
        Self::UnknownField,
        Self::Unique,
        Self::Definition,
        Self::Change,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Type => "type",
            Self::Kind => "kind",
            Self::Enum => "enum",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::MinLength => "min_length",
            Self::MaxLength => "max_length",
            Self::Dimension => "dimension",
            Self::Direction => "direction",
            Self::UnknownField => "unknown-field",
            Self::Unique => "unique",
            Self::Definition => "definition",
            Self::Change => "change",
        }
    }

    /// The rule of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One value that breaks a rule of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field: keys joined by dots, places in lists in brackets.
    pub path: String,
    /// The rule.
    pub rule: Rule,
    /// What must be, for people.
    pub message: String,
    /// The value found, cut where it is long; empty where there is none.
    pub value: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)?;
        if !self.value.is_empty() {
            write!(f, ", found {}", self.value)?;
        }
        write!(f, " ({})", self.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_read_back_from_its_word() {
        for rule in Rule::ALL {
            assert_eq!(Rule::from_word(rule.word()), Some(rule));
        }
    }
}
