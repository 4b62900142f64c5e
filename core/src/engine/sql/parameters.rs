//! Parameters of statements, as SQLite counts them.

use crate::engine::query::tokens::{Kind, Token};
use std::collections::HashMap;

pub(super) fn is_parameter(token: &Token<'_>) -> bool {
    token.kind == Kind::Value && token.text.starts_with(['?', ':', '@', '$', '#'])
}

/// The numbers that SQLite gives to parameters, which are asked for in their order.
#[derive(Debug, Default)]
pub(super) struct Numbers<'a> {
    last: usize,
    named: HashMap<&'a str, usize>,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(&mut self, parameter: &'a str) -> usize {
        let number = match parameter.strip_prefix('?') {
            Some("") => self.last + 1,
            Some(digits) => digits.parse().unwrap_or(self.last),
            None => *self.named.entry(parameter).or_insert(self.last + 1),
        };
        self.last = self.last.max(number);
        number
    }

    /// The largest so far, which is how many values they take.
    pub(super) const fn last(&self) -> usize {
        self.last
    }
}
