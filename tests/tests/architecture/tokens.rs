//! Rust text as the few tokens that matter for finding paths. Comments, strings and numbers are left
//! out, so that what they mention is not taken for code.

/// A token and the line it is on, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Word(String),
    /// `::`
    Separator,
    Sign(char),
}

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { rest: text, line: 1, found: Vec::new() };
    while reader.step() {}
    reader.found
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    found: Vec<Token>,
}

impl Reader<'_> {
    /// Takes what comes next; false at the end of the text.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment(self.rest));
        } else if let Some(length) = string(self.rest) {
            self.skip(length);
        } else if first == '\'' {
            self.skip(character_or_lifetime(self.rest));
        } else if self.rest.starts_with("::") {
            self.push(Kind::Separator, 2);
        } else if first == '_' || first.is_alphabetic() {
            let length = word(self.rest);
            self.push(Kind::Word(self.rest[..length].trim_start_matches("r#").into()), length);
        } else if first.is_ascii_digit() {
            self.skip(word(self.rest));
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else {
            self.push(Kind::Sign(first), first.len_utf8());
        }
        true
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.found.push(Token { kind, line: self.line });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at(length);
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }
}

/// The length of a word, number or raw identifier.
fn word(text: &str) -> usize {
    let start = if text.starts_with("r#") { 2 } else { 0 };
    text[start..]
        .find(|c: char| c != '_' && !c.is_alphanumeric())
        .map_or(text.len(), |length| start + length)
}

/// The length of a block comment with those inside it.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a string literal of any kind, if one begins here.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| rest.trim_start_matches('#').starts_with('"'))
    })?;
    let after = &text[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    if prefix.ends_with('r') {
        let open = prefix.len() + hashes + 1;
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(text[open..].find(&close).map_or(text.len(), |at| open + at + close.len()));
    }
    if hashes > 0 {
        return None;
    }
    let open = prefix.len() + 1;
    let mut escaped = false;
    for (at, c) in text[open..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(open + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

/// The length of `'a'`, `'\n'` or of the tick of a lifetime.
fn character_or_lifetime(text: &str) -> usize {
    let mut rest = text.char_indices().skip(1);
    match rest.next() {
        Some((_, '\\')) => {
            let after = rest.nth(1).map_or(text.len(), |(at, _)| at);
            text[after.min(text.len())..].find('\'').map_or(text.len(), |at| after + at + 1)
        }
        Some((at, c)) => {
            let end = at + c.len_utf8();
            if text[end..].starts_with('\'') { end + 1 } else { 1 }
        }
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, usize)> {
        tokens(text)
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Word(word) => Some((word, token.line)),
                Kind::Separator | Kind::Sign(_) => None,
            })
            .collect()
    }

    #[test]
    fn comments_and_strings_hide_what_they_mention() {
        let text = "// a\n/* b /* c */ d */ e \"f \\\" g\" r#\"h\" i\"# b\"j\" k 'l' '\\'' 'm";
        assert_eq!(words(text), [("e".into(), 2), ("k".into(), 2), ("m".into(), 2)]);
    }

    #[test]
    fn lines_are_counted_through_what_is_left_out() {
        assert_eq!(words("/*\n\n*/ a\n\"\n\" b"), [("a".into(), 3), ("b".into(), 5)]);
    }

    #[test]
    fn escaped_characters_end_where_they_should() {
        assert_eq!(
            words(r"'\u{1F600}' a '\\' b '\'' c"),
            [("a".into(), 1), ("b".into(), 1), ("c".into(), 1)]
        );
    }
}
