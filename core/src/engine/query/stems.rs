//! Words without their endings, in languages that FTS5 has no tokenizer for.
//!
//! The index gets the words of a text cut already, with spaces between, and asks for words cut the same
//! way. Accents are left to FTS5, which folds them afterwards: endings are told by them. What is marked in
//! a cut text is marked in the text itself, word by word.

use crate::engine::query::words::in_word;
use crate::types::Language;
use rust_stemmers::{Algorithm, Stemmer};
use std::ops::Range;

/// The words of a text without their endings.
pub(in crate::engine) fn without_endings(language: Language, text: &str) -> String {
    let stemmer = Stemmer::create(algorithm(language));
    let mut cut = String::with_capacity(text.len());
    for (at, word) in words(text).enumerate() {
        if at > 0 {
            cut.push(' ');
        }
        let word = text.get(word).unwrap_or_default().to_lowercase();
        let stem = stemmer.stem(&word);
        cut.push_str(if stem.is_empty() { &word } else { &stem });
    }
    cut
}

/// A text with the marks that its words have in what [`without_endings`] made of it.
pub(in crate::engine) fn marked_alike(text: &str, cut: &str, open: char, close: char) -> String {
    let mut marked = String::with_capacity(text.len());
    let (mut end, mut inside) = (0, false);
    for (word, cut) in words(text).zip(cut.split(' ')) {
        marked.push_str(text.get(end..word.start).unwrap_or_default());
        if !inside && cut.contains(open) {
            marked.push(open);
            inside = true;
        }
        marked.push_str(text.get(word.clone()).unwrap_or_default());
        // A mark may close and another open within one word.
        if inside && cut.rfind(close) > cut.rfind(open) {
            marked.push(close);
            inside = false;
        }
        end = word.end;
    }
    marked.push_str(text.get(end..).unwrap_or_default());
    marked
}

/// The part of a marked text around its first mark, of so many words.
pub(in crate::engine) fn excerpt(marked: &str, count: usize, open: char, close: char) -> String {
    let words: Vec<Range<usize>> = words(marked).collect();
    let first = marked.find(open).unwrap_or_default();
    let found = words.iter().position(|word| word.start > first).unwrap_or_default();
    let last = words.len().saturating_sub(count);
    let from = found.saturating_sub(count / 4).min(last);
    let to = (from + count).min(words.len());
    let start = match words.get(from) {
        Some(word) if from > 0 => word.start - opened(marked, word.start, open),
        _ => 0,
    };
    let end = words.get(to).map_or(marked.len(), |word| {
        // Up to the next word's own mark, with what stands behind the last one.
        word.start - opened(marked, word.start, open)
    });
    let part = marked.get(start..end).unwrap_or_default();
    let mut excerpt = String::from(if from > 0 { "…" } else { "" });
    // A phrase may begin before it, or end behind it.
    if part.find(close) < part.find(open).or(Some(part.len())) && part.contains(close) {
        excerpt.push(open);
    }
    excerpt.push_str(if to < words.len() { part.trim_end() } else { part });
    if part.rfind(open) > part.rfind(close) {
        excerpt.push(close);
    }
    if to < words.len() {
        excerpt.push('…');
    }
    excerpt
}

/// Bytes of a mark that opens right before a place.
fn opened(text: &str, at: usize, open: char) -> usize {
    if text.get(..at).is_some_and(|before| before.ends_with(open)) { open.len_utf8() } else { 0 }
}

/// Where the words of a text are.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(in_word)?;
        let word = text.get(start..)?;
        at = start + word.find(|letter| !in_word(letter)).unwrap_or(word.len());
        Some(start..at)
    })
}

const fn algorithm(language: Language) -> Algorithm {
    match language {
        Language::Arabic => Algorithm::Arabic,
        Language::Danish => Algorithm::Danish,
        Language::Dutch => Algorithm::Dutch,
        Language::English => Algorithm::English,
        Language::Finnish => Algorithm::Finnish,
        Language::French => Algorithm::French,
        Language::German => Algorithm::German,
        Language::Greek => Algorithm::Greek,
        Language::Hungarian => Algorithm::Hungarian,
        Language::Italian => Algorithm::Italian,
        Language::Norwegian => Algorithm::Norwegian,
        Language::Portuguese => Algorithm::Portuguese,
        Language::Romanian => Algorithm::Romanian,
        Language::Russian => Algorithm::Russian,
        Language::Spanish => Algorithm::Spanish,
        Language::Swedish => Algorithm::Swedish,
        Language::Turkish => Algorithm::Turkish,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn language() -> impl Strategy<Value = Language> {
        prop::sample::select(Language::all().collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn any_text_in_any_language_gives_a_word_for_each_of_its_words(
            language in language(),
            text in "(\\PC|[a-zäöüßçéèñıİışğ' \\n\u{1f}]|[а-яё]|[α-ω]|[\u{620}-\u{64a}]){0,60}",
        ) {
            let cut = without_endings(language, &text);
            prop_assert_eq!(cut.split(' ').filter(|word| !word.is_empty()).count(), words(&text).count());
            let (open, close) = ('\u{fdd1}', '\u{fdd2}');
            prop_assert_eq!(marked_alike(&text, &cut, open, close), &*text);
            let marked = marked_alike(&text, &format!("{open}{cut}{close}"), open, close);
            prop_assert_eq!(marked.replace([open, close], ""), &*text);
            let part = excerpt(&marked, 3, open, close);
            prop_assert_eq!(part.matches(open).count(), part.matches(close).count());
        }
    }

    #[test]
    fn words_are_marked_where_their_stems_are() {
        let text = "Die Häuser, und ein Haus.";
        let cut = without_endings(Language::German, text);
        assert_eq!(cut, "die haus und ein haus");
        let marked = marked_alike(text, "die [haus] und [ein haus]", '[', ']');
        assert_eq!(marked, "Die [Häuser], und [ein Haus].");
        let part = |marked: &str, count| excerpt(marked, count, '[', ']');
        assert_eq!(part(&marked, 3), "…[Häuser], und [ein]…");
        assert_eq!(part("a b c d e f [g] h i", 4), "…f [g] h i");
        assert_eq!(part("a b [c] d e f g h i", 4), "…b [c] d e…");
        assert_eq!(part("a [b c d e] f", 2), "…[b c]…");
        assert_eq!(part("[a]", 4), "[a]");
    }
}
