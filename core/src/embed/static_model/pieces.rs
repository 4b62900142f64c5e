//! Words as word pieces: of each word the longest beginning that is known, then the longest of what
//! is left, and so on.
//!
//! After Y. Wu et al., Google's Neural Machine Translation System (2016), and BERT's vocabulary,
//! where a piece that goes on with a word begins with `##`.

use super::ModelError;
use super::normal::words;
use alloc::boxed::Box;
use hashbrown::HashMap;

const UNKNOWN: &str = "[UNK]";

/// What a piece begins with that goes on with a word.
const GOES_ON: &str = "##";

/// Most characters of a word that is looked up; a longer one is not known.
const MAX_WORD: usize = 100;

/// The pieces with their rows.
pub(super) struct Pieces {
    begin: HashMap<Box<str>, usize>,
    go_on: HashMap<Box<str>, usize>,
    unknown: usize,
    count: usize,
    /// Bytes of the longest piece.
    longest: usize,
}

impl Pieces {
    /// Reads a vocabulary: a piece on each line, its row the number of the line. Of two equal ones the
    /// first counts.
    pub(super) fn read(vocabulary: &str) -> Result<Self, ModelError> {
        let mut pieces =
            Self { begin: HashMap::new(), go_on: HashMap::new(), unknown: 0, count: 0, longest: 0 };
        for line in vocabulary.lines() {
            // `##` alone is the end of no word: as a beginning it is two marks.
            let (map, piece) = match line.strip_prefix(GOES_ON) {
                Some(rest) if !rest.is_empty() => (&mut pieces.go_on, rest),
                _ => (&mut pieces.begin, line),
            };
            map.entry(piece.into()).or_insert(pieces.count);
            pieces.count += 1;
            pieces.longest = pieces.longest.max(piece.len());
        }
        pieces.unknown = *pieces.begin.get(UNKNOWN).ok_or(ModelError::NoUnknown)?;
        Ok(pieces)
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// Gives the row of each piece of a text to `each`.
    pub(super) fn each(&self, text: &str, mut each: impl FnMut(usize)) {
        words(text, |word| self.each_of_word(word, &mut each));
    }

    fn each_of_word(&self, word: &str, each: &mut impl FnMut(usize)) {
        if let Some(row) = self.begin.get(word) {
            return each(*row);
        }
        // A word is known as a whole or not at all, so nothing is given before its end.
        let mut rows = [0; MAX_WORD];
        let mut found = 0;
        let mut rest = word;
        while !rest.is_empty() {
            let map = if found == 0 { &self.begin } else { &self.go_on };
            let (Some((row, after)), Some(place)) = (self.longest(map, rest), rows.get_mut(found))
            else {
                return each(self.unknown);
            };
            *place = row;
            found += 1;
            rest = after;
        }
        if word.len() > MAX_WORD && word.chars().count() > MAX_WORD {
            return each(self.unknown);
        }
        rows.iter().take(found).for_each(|row| each(*row));
    }

    /// The row of the longest known beginning, and what is left behind it.
    fn longest<'w>(
        &self,
        map: &HashMap<Box<str>, usize>,
        rest: &'w str,
    ) -> Option<(usize, &'w str)> {
        (1..=rest.len().min(self.longest)).rev().find_map(|end| {
            let (piece, after) = rest.split_at_checked(end)?;
            Some((*map.get(piece)?, after))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const VOCABULARY: &str = "[UNK]\nun\naff\n##aff\n##able\n##a\n##\n,\na";

    fn rows(text: &str) -> Vec<usize> {
        let pieces = Pieces::read(VOCABULARY).expect("has [UNK]");
        let mut rows = Vec::new();
        pieces.each(text, |row| rows.push(row));
        rows
    }

    #[test]
    fn a_word_is_split_into_the_longest_pieces() {
        assert_eq!(rows("unaffable, aff"), [1, 3, 4, 7, 2]);
    }

    #[test]
    fn a_word_with_an_unknown_part_is_unknown_as_a_whole() {
        assert_eq!(rows("unaffx un"), [0, 1]);
    }

    #[test]
    fn a_word_of_more_than_a_hundred_characters_is_unknown() {
        let word = |length| "a".repeat(length);
        assert_eq!(rows(&word(100)).len(), 100);
        assert_eq!(rows(&word(101)), [0]);
    }

    #[test]
    fn a_vocabulary_without_the_unknown_piece_is_refused() {
        assert_eq!(Pieces::read("a\nb").err(), Some(ModelError::NoUnknown));
        assert_eq!(Pieces::read("").err(), Some(ModelError::NoUnknown));
    }
}
