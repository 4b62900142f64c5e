//! The full-text projection: what of a node is indexed, and how a search box's text is asked.

use crate::model::Value;

/// Every string in the values, at any depth, each on a line of its own.
pub(in crate::engine) fn text_of<'v>(values: impl Iterator<Item = &'v Value>) -> String {
    let mut text = String::new();
    values.for_each(|value| collect(value, &mut text));
    text
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

/// What a person typed, as an FTS5 expression: every word must be there, the last one may be the
/// beginning of a word. Punctuation has no meaning. `None` when there is no word.
pub(in crate::engine) fn match_expression(typed: &str) -> Option<String> {
    let words: Vec<&str> =
        typed.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let (last, others) = words.split_last()?;
    let mut expression: String = others.iter().map(|word| format!("\"{word}\" ")).collect();
    // A space after the last word says that it is complete.
    let star = if typed.ends_with(char::is_whitespace) { "" } else { "*" };
    expression.push_str(&format!("\"{last}\"{star}"));
    Some(expression)
}

/// The same expression, for nodes with any of the words.
pub(in crate::engine) fn any_of(expression: &str) -> String {
    expression.replace("\" \"", "\" OR \"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_words_may_be_asked_for() {
        let any = match_expression("or AND b").map(|all| any_of(&all));
        assert_eq!(any.as_deref(), Some("\"or\" OR \"AND\" OR \"b\"*"));
    }

    #[test]
    fn punctuation_cannot_become_syntax() {
        assert_eq!(match_expression("a\" OR b*").as_deref(), Some("\"a\" \"OR\" \"b\"*"));
        assert_eq!(match_expression(" -- ").as_deref(), None);
        assert_eq!(match_expression("dog ").as_deref(), Some("\"dog\""));
    }
}
