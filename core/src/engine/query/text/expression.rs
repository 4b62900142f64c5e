//! What a person typed into a search box, as an expression of FTS5.
//!
//! Every text is a search: what cannot be an operator where it stands is a word, and what is no word
//! has no meaning. So there is no error of syntax, also not in what is half typed.

use crate::engine::error::Error;
use crate::engine::query::stems::without_endings;
use crate::engine::query::words::{apart, in_word};
use crate::engine::storage::schema::Cut;

/// Most words and phrases of one search.
const MAX_TERMS: usize = 1_000;

/// Deepest parentheses that have a meaning.
const MAX_DEPTH: usize = 16;

/// Fewest characters that a table of trigrams finds.
const TRIGRAM: usize = 3;

/// A word or phrase that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) text: String,
    /// Whether its words are to stand one after the other.
    pub(super) phrase: bool,
    /// Whether the last word may be a beginning.
    pub(super) prefix: bool,
}

/// What is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Term(Term),
    All(Vec<Self>),
    Any(Vec<Self>),
    Without(Box<Self>, Box<Self>),
}

impl Wish {
    /// Reads what was typed: words, all of which are to be there, the last of which may be a beginning;
    /// `"a phrase"`, `begin*`, `OR`, `AND`, `NOT`, `-word`, parentheses. `None` where there is no word.
    pub(super) fn read(typed: &str) -> Result<Option<Self>, Error> {
        let marks = marks(typed);
        let terms = marks.iter().filter(|mark| matches!(mark, Mark::Term(_))).count();
        if terms > MAX_TERMS {
            return Err(Error::Option {
                option: "text".into(),
                message: format!("has {terms} words and phrases; a search takes {MAX_TERMS}"),
            });
        }
        let mut reader = Reader { marks: &marks, at: 0 };
        let mut all = Vec::new();
        // A parenthesis that closes nothing has no meaning.
        while reader.peek().is_some() {
            all.extend(reader.any(0));
            reader.at += 1;
        }
        Ok(join(all, Self::All))
    }

    /// Any of the words and phrases, but for those that must not be there.
    pub(super) fn any_term(&self) -> Self {
        Self::Any(self.terms().into_iter().map(|term| Self::Term(term.clone())).collect())
    }

    /// What must not be there.
    pub(super) fn unwanted(&self) -> Option<&Self> {
        match self {
            Self::Without(_, unwanted) => Some(unwanted),
            _ => None,
        }
    }

    /// Whether one of the words may be a beginning.
    pub(super) fn begins(&self) -> bool {
        self.terms().iter().any(|term| term.prefix)
    }

    /// The same with whole words alone.
    pub(super) fn whole(&self) -> Self {
        let mut whole = self.clone();
        whole.terms_mut().into_iter().for_each(|term| term.prefix = false);
        whole
    }

    /// Each different word and phrase as expressions for a table, the first of which that finds anything is
    /// meant: as it was typed, then as a beginning where it may be one.
    pub(super) fn any_word(&self, cut: Cut) -> Vec<Vec<String>> {
        let mut words = Vec::new();
        for Term { text, phrase, prefix } in self.terms() {
            let whole = Term { text: text.clone(), phrase: *phrase, prefix: false };
            let parts: Vec<Term> = match *phrase || cut == Cut::Trigrams {
                true => vec![whole],
                false => whole
                    .words()
                    .map(|word| Term { text: word.into(), phrase: false, prefix: false })
                    .collect(),
            };
            let last = parts.len().saturating_sub(1);
            for (at, part) in parts.into_iter().enumerate() {
                let begun = (*prefix && at == last).then(|| Term { prefix: true, ..part.clone() });
                let ways: Vec<String> = std::iter::once(part)
                    .chain(begun)
                    .filter_map(|term| term.expression(cut))
                    .collect();
                if !ways.is_empty() && !words.contains(&ways) {
                    words.push(ways);
                }
            }
        }
        words
    }

    /// The words and phrases, but for those that must not be there.
    pub(super) fn terms(&self) -> Vec<&Term> {
        match self {
            Self::Term(term) => vec![term],
            Self::All(wishes) | Self::Any(wishes) => wishes.iter().flat_map(Self::terms).collect(),
            Self::Without(wish, _) => wish.terms(),
        }
    }

    /// The same, as they can be changed.
    pub(super) fn terms_mut(&mut self) -> Vec<&mut Term> {
        match self {
            Self::Term(term) => vec![term],
            Self::All(wishes) | Self::Any(wishes) => {
                wishes.iter_mut().flat_map(Self::terms_mut).collect()
            }
            Self::Without(wish, _) => wish.terms_mut(),
        }
    }

    /// As FTS5 takes it for a table; `None` where nothing can be found there.
    pub(super) fn expression(&self, cut: Cut) -> Option<String> {
        match self {
            Self::Term(term) => term.expression(cut),
            Self::All(wishes) => joined(wishes, cut, " AND "),
            Self::Any(wishes) => joined(wishes, cut, " OR "),
            Self::Without(wish, not) => {
                let wish = wish.expression(cut)?;
                Some(match not.expression(cut) {
                    Some(not) => format!("({wish} NOT {not})"),
                    None => wish,
                })
            }
        }
    }
}

impl Term {
    /// The words in it.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split(|c: char| !in_word(c)).filter(|word| !word.is_empty())
    }

    fn expression(&self, cut: Cut) -> Option<String> {
        let star = if self.prefix { "*" } else { "" };
        if cut == Cut::Trigrams {
            let text = self.text.replace('\0', "").replace('"', "\"\"");
            return (text.chars().count() >= TRIGRAM).then(|| format!("\"{text}\""));
        }
        let word = |word: &str| match cut {
            Cut::Stems(language) => without_endings(language, &apart(word.into())),
            _ => apart(word.into()),
        };
        let words: Vec<String> = self.words().map(word).collect();
        if self.phrase {
            let text = words.join(" ");
            return (!text.is_empty()).then(|| format!("\"{text}\"{star}"));
        }
        let (last, others) = words.split_last()?;
        let mut expression: String = others.iter().map(|word| format!("\"{word}\" AND ")).collect();
        expression.push_str(&format!("\"{last}\"{star}"));
        Some(if others.is_empty() { expression } else { format!("({expression})") })
    }
}

fn joined(wishes: &[Wish], cut: Cut, operator: &str) -> Option<String> {
    let parts: Vec<String> = wishes.iter().filter_map(|wish| wish.expression(cut)).collect();
    match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("({})", parts.join(operator))),
    }
}

fn join(mut wishes: Vec<Wish>, of: fn(Vec<Wish>) -> Wish) -> Option<Wish> {
    if wishes.len() > 1 { Some(of(wishes)) } else { wishes.pop() }
}

/// A piece of what was typed.
#[derive(Debug, PartialEq)]
enum Mark {
    Open,
    Close,
    Minus,
    Term(Term),
}

fn marks(typed: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut rest = typed;
    let mut free = true;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let follows = after.chars().next();
        match first {
            _ if first.is_whitespace() => rest = after,
            '(' => (rest, _) = (after, marks.push(Mark::Open)),
            ')' => (rest, _) = (after, marks.push(Mark::Close)),
            '-' if free && follows.is_some_and(|next| in_word(next) || "\"(".contains(next)) => {
                (rest, _) = (after, marks.push(Mark::Minus));
            }
            '"' => {
                let (text, left) = after.split_once('"').unwrap_or((after, ""));
                rest = left;
                let prefix = rest.starts_with('*');
                if text.chars().any(in_word) {
                    let text = text.to_owned();
                    marks.push(Mark::Term(Term { text, phrase: true, prefix }));
                }
            }
            _ => {
                let end = rest
                    .find(|c: char| c.is_whitespace() || "\"()".contains(c))
                    .unwrap_or(rest.len());
                let (chunk, left) = rest.split_at(end);
                rest = left;
                let text = chunk.trim_end_matches('*');
                if text.chars().any(in_word) {
                    // Without a space after it, the last word is still being typed.
                    let prefix = text.len() < chunk.len() || rest.is_empty();
                    marks.push(Mark::Term(Term { text: text.to_owned(), phrase: false, prefix }));
                }
            }
        }
        free = first.is_whitespace() || first == '(';
    }
    marks
}

#[derive(Debug)]
struct Reader<'m> {
    marks: &'m [Mark],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Mark> {
        self.marks.get(self.at)
    }

    /// Whether the mark at hand is this operator, with something after it.
    fn is_operator(&self, word: &str) -> bool {
        let Some(Mark::Term(term)) = self.peek() else {
            return false;
        };
        let follows = self.marks.get(self.at + 1);
        !term.phrase && term.text == word && !matches!(follows, None | Some(Mark::Close))
    }

    fn any(&mut self, depth: usize) -> Option<Wish> {
        let mut wishes = Vec::new();
        loop {
            wishes.extend(self.all(depth));
            if wishes.is_empty() || !self.is_operator("OR") {
                return join(wishes, Wish::Any);
            }
            self.at += 1;
        }
    }

    fn all(&mut self, depth: usize) -> Option<Wish> {
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        loop {
            let begun = !wanted.is_empty() || !unwanted.is_empty();
            match self.peek() {
                None | Some(Mark::Close) => break,
                Some(_) if begun && self.is_operator("OR") => break,
                Some(_) if begun && self.is_operator("AND") => self.at += 1,
                Some(Mark::Minus) => {
                    self.at += 1;
                    unwanted.extend(self.unwanted(depth));
                }
                Some(_) if self.is_operator("NOT") => {
                    self.at += 1;
                    unwanted.extend(self.unwanted(depth));
                }
                Some(_) => wanted.extend(self.one(depth)),
            }
        }
        // Where everything else is wanted, nothing is looked for.
        let wanted = join(wanted, Wish::All)?;
        Some(match join(unwanted, Wish::Any) {
            Some(unwanted) => Wish::Without(Box::new(wanted), Box::new(unwanted)),
            None => wanted,
        })
    }

    /// What is not to be there; a beginning only where a star says so.
    fn unwanted(&mut self, depth: usize) -> Option<Wish> {
        let last = self.at + 1 == self.marks.len();
        let mut wish = self.one(depth)?;
        if let Wish::Term(term) = &mut wish
            && last
            && !term.phrase
        {
            term.prefix = false;
        }
        Some(wish)
    }

    fn one(&mut self, depth: usize) -> Option<Wish> {
        let mark = self.marks.get(self.at)?;
        self.at += 1;
        match mark {
            Mark::Term(term) => Some(Wish::Term(term.clone())),
            Mark::Open if depth < MAX_DEPTH => {
                let wish = self.any(depth + 1);
                self.at += 1;
                wish
            }
            // Too deep, or a sign before nothing.
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(typed: &str) -> String {
        let wish = Wish::read(typed).unwrap();
        wish.and_then(|wish| wish.expression(Cut::Words)).unwrap_or_default()
    }

    #[test]
    fn a_plain_text_is_all_words_and_a_beginning() {
        assert_eq!(words("buy oat mi"), r#"("buy" AND "oat" AND "mi"*)"#);
        assert_eq!(words("dog "), r#""dog""#);
        assert_eq!(words("e-mail foo_bar"), r#"(("e" AND "mail") AND ("foo" AND "bar"*))"#);
        assert_eq!(words("re\u{301}sume"), "\"re\u{301}sume\"*");
    }

    #[test]
    fn operators_phrases_and_beginnings_are_read() {
        assert_eq!(words(r#""oat milk" che* "#), r#"("oat milk" AND "che"*)"#);
        assert_eq!(words("cat OR dog -wild "), r#"("cat" OR ("dog" NOT "wild"))"#);
        assert_eq!(words("(cat OR dog) AND food "), r#"(("cat" OR "dog") AND "food")"#);
        assert_eq!(words("a NOT (b c) NOT d"), r#"("a" NOT (("b" AND "c") OR "d"))"#);
        assert_eq!(words("\"oat mi\"*"), r#""oat mi"*"#);
    }

    #[test]
    fn what_is_no_operator_where_it_stands_is_a_word_or_nothing() {
        assert_eq!(words("OR "), r#""OR""#);
        assert_eq!(words("cat OR"), r#"("cat" AND "OR"*)"#);
        assert_eq!(words("a\" OR b*"), r#"("a" AND "OR b")"#);
        assert_eq!(words(" -- * ( ) \"\" "), "");
        assert_eq!(words("-cat"), "");
        assert_eq!(
            words("a ) b ( c"),
            r#"("a" AND "b" AND "c"*)"#
                .replace("\"a\" AND \"b\" AND \"c\"*", "\"a\" AND (\"b\" AND \"c\"*)")
        );
    }

    #[test]
    fn parts_of_three_characters_are_asked_of_trigrams() {
        let parts = |typed: &str| Wish::read(typed).unwrap().unwrap().expression(Cut::Trigrams);
        assert_eq!(parts("foo_bar x").as_deref(), Some("\"foo_bar\""));
        assert_eq!(parts("ab"), None);
    }

    proptest! {
        #[test]
        fn sqlite_takes_whatever_is_typed(typed in "[ab\"()*\\- \u{301}東ß\u{0}:^+{}]{0,24}|(OR |AND |NOT |a |-|\\(|\\)|\"){0,40}") {
            let conn = rusqlite::Connection::open_in_memory().unwrap();
            for cut in [Cut::Words, Cut::English, Cut::Trigrams] {
                let sql = format!("CREATE VIRTUAL TABLE t USING fts5(x, tokenize = '{}')", cut.tokenizer());
                conn.execute_batch(&sql).unwrap();
                let wish = Wish::read(&typed).unwrap();
                if let Some(expression) = wish.and_then(|wish| wish.expression(cut)) {
                    let count: i64 = conn
                        .query_row("SELECT count(*) FROM t WHERE t MATCH ?1", [&expression], |row| row.get(0))
                        .unwrap_or_else(|error| panic!("{expression}: {error}"));
                    prop_assert_eq!(count, 0);
                }
                conn.execute_batch("DROP TABLE t").unwrap();
            }
        }
    }
}
