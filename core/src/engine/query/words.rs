//! What of a node is indexed for search by words.

use crate::engine::query::stems::without_endings;
use crate::engine::storage::schema::Cut;
use crate::model::Value;

/// Every string in the values, at any depth, each on a line of its own.
pub(in crate::engine) fn text_of<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut text = String::new();
    values.for_each(|value| collect(value, &mut text));
    text
}

/// The text of a column for every string in the values.
pub(in crate::engine) fn indexed_all<'v>(
    cut: Cut,
    values: impl Iterator<Item = &'v Value>,
) -> String {
    let text = text_of(values);
    match cut {
        Cut::Trigrams => text,
        Cut::Words | Cut::English => apart(text),
        Cut::Stems(language) => without_endings(language, &apart(text)),
    }
}

/// The text of a column for the strings in a field.
pub(in crate::engine) fn indexed(cut: Cut, value: Option<&Value>) -> String {
    indexed_all(cut, value.into_iter())
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::Text(string) => {
            text.push_str(string);
            text.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        Value::Object(map) => map.values().for_each(|value| collect(value, text)),
        _ => {}
    }
}

/// What stands between characters of scripts without spaces: the control character for that.
pub(in crate::engine) const GAP: char = '\u{1f}';

/// A text with a gap beside each character of a script that puts no spaces between words, so that each
/// of them is a token, and what is searched for is found as a phrase of them.
pub(in crate::engine) fn apart(text: String) -> String {
    if text.is_ascii() || !text.contains(stands_alone) {
        return text;
    }
    let mut spaced = String::with_capacity(text.len() * 2);
    let mut after = false;
    for character in text.chars() {
        let alone = stands_alone(character);
        if (alone || after) && character.is_alphanumeric() {
            spaced.push(GAP);
        }
        spaced.push(character);
        after = alone;
    }
    spaced
}

/// Whether a character is one of a word: accents that are characters of their own are as well.
pub(in crate::engine) fn in_word(character: char) -> bool {
    character.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&character)
}

/// Whether a character is one of Chinese, Japanese, Korean, Thai, Lao, Khmer or Burmese.
pub(in crate::engine) const fn stands_alone(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_without_spaces_between_words_are_set_apart() {
        let shown = |text: &str| apart(text.into()).replace(GAP, "|");
        assert_eq!(shown("plain, naïve Ελλάδα"), "plain, naïve Ελλάδα");
        assert_eq!(shown("in東京A b"), "in|東|京|A b");
        assert_eq!(shown("한국어。"), "|한|국|어。");
    }
}
