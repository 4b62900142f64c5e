//! Every path that a Rust file mentions (`crate::model::Id`, each branch of a `use` tree), with the
//! line, the inline modules around it, and whether it is compiled for tests only.

use crate::tokens::{Kind, Token, tokens};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// The `mod name { .. }` blocks around it, outermost first.
    pub(crate) inside: Vec<String>,
    /// Under `#[cfg(test)]`.
    pub(crate) test: bool,
}

impl Mention {
    /// Whether the path begins with these segments.
    pub(crate) fn starts_with(&self, segments: &[&str]) -> bool {
        self.path.len() >= segments.len() && self.path.iter().zip(segments).all(|(a, b)| a == b)
    }
}

pub(crate) fn mentions(text: &str) -> Vec<Mention> {
    let mut walk = Walk {
        tokens: tokens(text),
        at: 0,
        blocks: Vec::new(),
        test_ahead: false,
        found: Vec::new(),
    };
    while walk.step() {}
    walk.found
}

/// The modules that a file declares with `mod name;` or `mod name { .. }`.
pub(crate) fn declared_modules(text: &str) -> Vec<String> {
    tokens(text)
        .windows(2)
        .filter_map(|pair| match pair {
            [Token { kind: Kind::Word(keyword), .. }, Token { kind: Kind::Word(name), .. }]
                if keyword == "mod" =>
            {
                Some(name.clone())
            }
            _ => None,
        })
        .collect()
}

/// One pair of braces that is open: what it is the body of, as far as that matters.
struct Block {
    module: Option<String>,
    test: bool,
}

struct Walk {
    tokens: Vec<Token>,
    at: usize,
    blocks: Vec<Block>,
    /// `#[cfg(test)]` was read, and what it belongs to has not ended.
    test_ahead: bool,
    found: Vec<Mention>,
}

impl Walk {
    fn step(&mut self) -> bool {
        match self.kind(self.at).cloned() {
            None => return false,
            Some(Kind::Sign('#')) if self.is_cfg_test() => {
                self.test_ahead = true;
                self.at += 1;
            }
            Some(Kind::Sign('{')) => self.open(None),
            Some(Kind::Sign('}')) => {
                self.blocks.pop();
                self.at += 1;
            }
            Some(Kind::Sign(';')) => {
                self.test_ahead = false;
                self.at += 1;
            }
            Some(Kind::Word(word)) if word == "mod" => self.module(),
            Some(Kind::Word(word)) if word == "use" => {
                self.at += 1;
                self.skip_separator();
                self.tree(&mut Vec::new());
            }
            Some(Kind::Word(_)) if self.is_path_start() => self.tree(&mut Vec::new()),
            Some(_) => self.at += 1,
        }
        true
    }

    fn kind(&self, at: usize) -> Option<&Kind> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn is_sign(&self, at: usize, sign: char) -> bool {
        self.kind(at) == Some(&Kind::Sign(sign))
    }

    fn is_word(&self, at: usize, text: &str) -> bool {
        matches!(self.kind(at), Some(Kind::Word(word)) if word == text)
    }

    /// `#[cfg(test)]` or `#[cfg(all(test, ..))]`; `any(test, ..)` is compiled elsewhere too.
    fn is_cfg_test(&self) -> bool {
        let inner = self.at + 4;
        self.is_sign(self.at + 1, '[')
            && self.is_word(self.at + 2, "cfg")
            && self.is_sign(self.at + 3, '(')
            && (self.is_word(inner, "test")
                || self.is_word(inner, "all")
                    && self.is_sign(inner + 1, '(')
                    && self.is_word(inner + 2, "test"))
    }

    /// A word that `::` follows and that is not itself behind a `::` or a dot.
    fn is_path_start(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.kind(at));
        let behind = match before {
            Some(Kind::Separator) => !self.is_global_separator(self.at - 1),
            Some(Kind::Sign('.')) => true,
            _ => false,
        };
        !behind && self.kind(self.at + 1) == Some(&Kind::Separator)
    }

    /// The `::` of `::std::fmt`, which continues nothing.
    fn is_global_separator(&self, at: usize) -> bool {
        match at.checked_sub(1).and_then(|before| self.kind(before)) {
            Some(Kind::Word(word)) => {
                ["use", "as", "in", "dyn", "impl", "mut"].contains(&word.as_str())
            }
            Some(Kind::Sign(sign)) => *sign != '>',
            Some(Kind::Separator) => false,
            None => true,
        }
    }

    fn skip_separator(&mut self) {
        if self.kind(self.at) == Some(&Kind::Separator) {
            self.at += 1;
        }
    }

    fn open(&mut self, module: Option<String>) {
        self.blocks.push(Block { module, test: self.test_ahead });
        self.test_ahead = false;
        self.at += 1;
    }

    fn module(&mut self) {
        match (self.kind(self.at + 1).cloned(), self.is_sign(self.at + 2, '{')) {
            (Some(Kind::Word(name)), true) => {
                self.at += 2;
                self.open(Some(name));
            }
            _ => self.at += 1,
        }
    }

    /// A path, or a `use` tree with all its branches, below `prefix`.
    fn tree(&mut self, prefix: &mut Vec<String>) {
        let depth = prefix.len();
        let mut line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.kind(self.at).cloned() {
                Some(Kind::Word(word)) => {
                    line = self.tokens.get(self.at).map_or(line, |token| token.line);
                    prefix.push(word);
                    self.at += 1;
                    if self.kind(self.at) != Some(&Kind::Separator) {
                        break self.emit(prefix, line);
                    }
                    self.at += 1;
                }
                Some(Kind::Sign('*')) => {
                    prefix.push("*".into());
                    self.at += 1;
                    break self.emit(prefix, line);
                }
                Some(Kind::Sign('{')) => {
                    self.at += 1;
                    break self.branches(prefix);
                }
                // `Vec::<u8>`: the path ends here as far as modules go.
                _ => break self.emit(prefix, line),
            }
        }
        prefix.truncate(depth);
    }

    fn branches(&mut self, prefix: &mut Vec<String>) {
        loop {
            match self.kind(self.at).cloned() {
                None => return,
                Some(Kind::Sign('}')) => {
                    self.at += 1;
                    return;
                }
                Some(Kind::Word(word)) if word == "as" => self.at += 2,
                Some(Kind::Word(_) | Kind::Sign('*' | '{')) => self.tree(prefix),
                Some(_) => self.at += 1,
            }
        }
    }

    fn emit(&mut self, path: &[String], line: usize) {
        if path.is_empty() {
            return;
        }
        self.found.push(Mention {
            path: path.to_vec(),
            line,
            inside: self.blocks.iter().filter_map(|block| block.module.clone()).collect(),
            test: self.test_ahead || self.blocks.iter().any(|block| block.test),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<(String, usize)> {
        mentions(text).iter().map(|mention| (mention.path.join("::"), mention.line)).collect()
    }

    fn expected(list: &[(&str, usize)]) -> Vec<(String, usize)> {
        list.iter().map(|(path, line)| ((*path).into(), *line)).collect()
    }

    #[test]
    fn each_branch_of_a_use_tree_is_a_path_with_its_own_line() {
        let text = "pub(crate) use crate::{\n    model::{Id, Hlc as Clock},\n    codec::*,\n};\n";
        assert_eq!(
            paths(text),
            expected(&[("crate::model::Id", 2), ("crate::model::Hlc", 2), ("crate::codec::*", 3)])
        );
    }

    #[test]
    fn paths_in_code_are_found_and_methods_are_not() {
        let text =
            "fn f(x: &crate::log::Chain) { x.go::<u8>(); ::std::mem::drop(Vec::<u8>::new()) }";
        assert_eq!(
            paths(text),
            expected(&[("crate::log::Chain", 1), ("std::mem::drop", 1), ("Vec", 1)])
        );
    }

    #[test]
    fn an_import_of_a_whole_crate_is_a_path() {
        assert_eq!(paths("use yrs;"), expected(&[("yrs", 1)]));
    }

    #[test]
    fn inline_modules_and_tests_are_known() {
        let text = "mod a { use b::c; }\n#[cfg(test)]\nmod tests { use super::*; }\nuse d::e;";
        let found = mentions(text);
        let summary: Vec<_> = found
            .iter()
            .map(|one| (one.path.join("::"), one.inside.join("::"), one.test))
            .collect();
        assert_eq!(
            summary,
            [
                ("b::c".into(), "a".into(), false),
                ("super::*".into(), "tests".into(), true),
                ("d::e".into(), String::new(), false),
            ]
        );
    }

    #[test]
    fn a_single_item_may_be_for_tests_only() {
        let text = "#[cfg(test)] use std::vec; use std::fmt; #[cfg(any(test, x))] use std::io;";
        let tests: Vec<bool> = mentions(text).iter().map(|one| one.test).collect();
        assert_eq!(tests, [true, false, false]);
    }

    #[test]
    fn declared_modules_are_listed() {
        assert_eq!(declared_modules("pub mod a;\nmod b { }"), ["a", "b"]);
    }
}
