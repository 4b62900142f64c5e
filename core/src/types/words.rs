//! The words that definitions spell kinds, types and metrics with.

use super::definition::{FieldKind, Metric, Tokens, ValueType};
use alloc::string::String;
use core::fmt;

/// Something that a definition spells by one of a few words.
pub(super) trait Word: Sized + Copy + 'static {
    /// Each word with what it stands for.
    const WORDS: &'static [(&'static str, Self)];

    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    /// All words, for an error.
    fn choices() -> String {
        let mut choices = String::new();
        for (i, (word, _)) in Self::WORDS.iter().enumerate() {
            if i > 0 {
                choices.push_str(", ");
            }
            choices.push_str(word);
        }
        choices
    }
}

impl Word for ValueType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("any", Self::Any),
        ("string", Self::String),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("bytes", Self::Bytes),
        ("array", Self::Array),
        ("object", Self::Object),
    ];
}

impl Word for Metric {
    const WORDS: &'static [(&'static str, Self)] =
        &[("cosine", Self::Cosine), ("dot", Self::Dot), ("l2", Self::L2)];
}

impl Word for Tokens {
    const WORDS: &'static [(&'static str, Self)] =
        &[("words", Self::Words), ("trigram", Self::Trigram)];
}

/// A field's kind without what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KindWord {
    Value,
    Counter,
    Set,
    Text,
    List,
    Vector,
}

impl Word for KindWord {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("value", Self::Value),
        ("counter", Self::Counter),
        ("set", Self::Set),
        ("text", Self::Text),
        ("list", Self::List),
        ("vector", Self::Vector),
    ];
}

impl ValueType {
    /// Its word in definitions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Bytes => "bytes",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// What a value of it is called in a sentence.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::String => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Bytes => "bytes",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}

impl Metric {
    /// Its word in definitions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Dot => "dot",
            Self::L2 => "l2",
        }
    }
}

impl Tokens {
    /// Its word in definitions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Trigram => "trigram",
        }
    }
}

impl FieldKind {
    /// Its word in definitions.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Counter => "counter",
            Self::Set => "set",
            Self::Text => "text",
            Self::List => "list",
            Self::Vector(_) => "vector",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_and_metric_is_read_back_from_its_word() {
        for (word, ty) in ValueType::WORDS {
            assert_eq!((*word, ValueType::from_word(word)), (ty.word(), Some(*ty)));
        }
        for (word, tokens) in Tokens::WORDS {
            assert_eq!((*word, Tokens::from_word(word)), (tokens.word(), Some(*tokens)));
        }
        for (word, metric) in Metric::WORDS {
            assert_eq!((*word, Metric::from_word(word)), (metric.word(), Some(*metric)));
        }
    }
}
