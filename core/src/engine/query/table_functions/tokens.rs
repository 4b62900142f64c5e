//! The tokens of SQL text, cut where SQLite cuts them (its `tokenize.c`), so that what is in a
//! string, a comment or a quoted name is never taken for a call. Any text gives tokens.

/// What a token is, as far as rewriting needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// White space or a comment.
    Trivia,
    /// A keyword or a name without quotes.
    Word,
    /// A string, or a name in quotes.
    Quoted,
    /// A number, a blob or a parameter.
    Value,
    /// One character of anything else.
    Mark,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Where it starts, in bytes.
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }
}

/// Cuts a text into tokens; together they are the text.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = sql.get(start..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = next(rest);
        let text = rest.get(..length).unwrap_or(rest);
        tokens.push(Token { kind, text, start });
        start += text.len();
    }
    tokens
}

/// The kind and length of the first token of a text that is not empty.
fn next(rest: &str) -> (Kind, usize) {
    let mut letters = rest.chars();
    let first = letters.next().unwrap_or_default();
    let second = letters.next();
    match first {
        '-' if second == Some('-') => (Kind::Trivia, rest.find('\n').unwrap_or(rest.len())),
        '/' if second == Some('*') => {
            (Kind::Trivia, end_after(rest, 2, |inner| inner.find("*/").map(|at| at + 2)))
        }
        ' ' | '\t' | '\n' | '\r' | '\x0c' | '\u{feff}' => {
            (Kind::Trivia, run(rest, |letter| " \t\n\r\x0c\u{feff}".contains(letter)))
        }
        '\'' | '"' | '`' => (Kind::Quoted, quoted(rest, first)),
        '[' => (Kind::Quoted, end_after(rest, 1, |inner| inner.find(']').map(|at| at + 1))),
        'x' | 'X' if second == Some('\'') => {
            (Kind::Value, 1 + quoted(rest.get(1..).unwrap_or_default(), '\''))
        }
        '?' => (Kind::Value, 1 + run(rest.get(1..).unwrap_or_default(), |c| c.is_ascii_digit())),
        ':' | '@' | '$' | '#' => parameter(rest),
        '0'..='9' => (Kind::Value, number(rest)),
        '.' if second.is_some_and(|letter| letter.is_ascii_digit()) => (Kind::Value, number(rest)),
        _ if in_word(first) => (Kind::Word, run(rest, in_word)),
        _ => (Kind::Mark, first.len_utf8()),
    }
}

fn in_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii()
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !belongs(letter)).unwrap_or(text.len())
}

/// The end that `find` gives in what follows the first bytes, or that of the text.
fn end_after(text: &str, skip: usize, find: impl Fn(&str) -> Option<usize>) -> usize {
    text.get(skip..).and_then(find).map_or(text.len(), |end| skip + end)
}

/// The length of what is in quotes, where a doubled quote stands for itself.
fn quoted(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

/// A number, with the digits, letters and exponent sign that SQLite takes into it.
fn number(text: &str) -> usize {
    let mut before = ' ';
    let hexadecimal = text.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("0x"));
    let mut end = 0;
    for letter in text.chars() {
        let sign = matches!(letter, '+' | '-') && matches!(before, 'e' | 'E') && !hexadecimal;
        if !(in_word(letter) || letter == '.' || sign) {
            break;
        }
        before = letter;
        end += letter.len_utf8();
    }
    end
}

/// A parameter with a name: `:name`, `@name`, `$name`, also with Tcl's `::` and `(...)`.
fn parameter(text: &str) -> (Kind, usize) {
    let mut end = 1;
    let mut named = false;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        if rest.starts_with(in_word) {
            end += run(rest, in_word);
            named = true;
        } else if rest.starts_with("::") {
            end += 2;
        } else if named && rest.starts_with('(') {
            let inside = run(rest, |letter| letter != ')' && !letter.is_ascii_whitespace());
            let closed = rest.get(inside..).is_some_and(|tail| tail.starts_with(')'));
            return (Kind::Value, end + if closed { inside + 1 } else { inside });
        } else {
            break;
        }
    }
    if named { (Kind::Value, end) } else { (Kind::Mark, 1) }
}
