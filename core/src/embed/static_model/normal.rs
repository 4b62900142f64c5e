//! A text as words, the way BERT's uncased models see it: control characters gone, accents stripped,
//! lower case, every mark of punctuation and every Chinese character a word of its own.
//!
//! After J. Devlin et al., BERT (2019), `BasicTokenizer`.

use alloc::string::String;
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::char::decompose_canonical;

/// Gives each word of a text to `each`.
pub(super) fn words(text: &str, each: impl FnMut(&str)) {
    let mut words = Words { word: String::new(), each };
    for c in text.chars() {
        words.take(c);
    }
    words.end();
}

struct Words<F> {
    word: String,
    each: F,
}

impl<F: FnMut(&str)> Words<F> {
    fn take(&mut self, c: char) {
        match c {
            'a'..='z' | '0'..='9' => self.word.push(c),
            ' ' | '\t' | '\n' | '\r' => self.end(),
            'A'..='Z' => self.word.push(c.to_ascii_lowercase()),
            _ if c.is_ascii_punctuation() => self.alone(c),
            _ if is_dropped(c) => {}
            _ if c.is_whitespace() => self.end(),
            _ if is_chinese(c) => {
                self.end();
                decompose_canonical(c, |part| self.word.push(part));
                self.end();
            }
            _ => decompose_canonical(c, |part| self.plain(part)),
        }
    }

    /// Takes one part of a character that is no longer composed.
    fn plain(&mut self, part: char) {
        if is_accent(part) {
            return;
        }
        for c in part.to_lowercase() {
            if is_punctuation(c) { self.alone(c) } else { self.word.push(c) }
        }
    }

    fn alone(&mut self, c: char) {
        self.end();
        self.word.push(c);
        self.end();
    }

    fn end(&mut self) {
        if !self.word.is_empty() {
            (self.each)(&self.word);
            self.word.clear();
        }
    }
}

fn is_dropped(c: char) -> bool {
    use GeneralCategory::{Control, Format, PrivateUse, Surrogate};
    c == char::REPLACEMENT_CHARACTER
        || matches!(get_general_category(c), Control | Format | PrivateUse | Surrogate)
}

fn is_accent(c: char) -> bool {
    !c.is_ascii() && get_general_category(c) == GeneralCategory::NonspacingMark
}

fn is_punctuation(c: char) -> bool {
    use GeneralCategory::{
        ClosePunctuation, ConnectorPunctuation, DashPunctuation, FinalPunctuation,
        InitialPunctuation, OpenPunctuation, OtherPunctuation,
    };
    c.is_ascii_punctuation()
        || matches!(
            get_general_category(c),
            ConnectorPunctuation
                | DashPunctuation
                | OpenPunctuation
                | ClosePunctuation
                | InitialPunctuation
                | FinalPunctuation
                | OtherPunctuation
        )
}

/// The blocks of Chinese characters. Hangul, hiragana and katakana are written with spaces between
/// words, or are no words alone.
const fn is_chinese(c: char) -> bool {
    matches!(
        c,
        '\u{4E00}'..='\u{9FFF}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{20000}'..='\u{2A6DF}'
            | '\u{2A700}'..='\u{2B73F}'
            | '\u{2B740}'..='\u{2B81F}'
            | '\u{2B820}'..='\u{2CEAF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{2F800}'..='\u{2FA1F}'
    )
}

#[cfg(test)]
mod tests {
    use super::words;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn split(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        words(text, |word| found.push(word.into()));
        found
    }

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(split("Crème BRÛLÉE, İstanbul"), ["creme", "brulee", ",", "istanbul"]);
        // Composed and decomposed spellings are one word.
        assert_eq!(split("caf\u{e9} cafe\u{301}"), ["cafe", "cafe"]);
    }

    #[test]
    fn punctuation_and_chinese_characters_stand_alone() {
        assert_eq!(split("don't“x”—y"), ["don", "'", "t", "“", "x", "”", "—", "y"]);
        assert_eq!(split("ab中文cd"), ["ab", "中", "文", "cd"]);
    }

    #[test]
    fn control_characters_join_and_white_space_parts() {
        assert_eq!(split("a\u{0}b\u{200b}c\u{a0}d\u{fffd}\te"), ["abc", "d", "e"]);
        assert!(split(" \n\u{2003}").is_empty());
    }
}
