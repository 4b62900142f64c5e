//! Finds the statements that read a view by its name.
//!
//! A commit asks for the views that it touched, so that it costs nothing for the statements that
//! read others.

use crate::engine::live::reads::Reads;
use std::collections::{BTreeSet, HashMap};

/// Statements by what they read.
#[derive(Debug, Default)]
pub(in crate::engine) struct Readers {
    beyond: BTreeSet<u64>,
    views: HashMap<String, ViewReaders>,
}

/// The statements that read a view.
#[derive(Debug, Default)]
struct ViewReaders {
    /// Those that a value finds: see [`crate::engine::live::routes`].
    routed: BTreeSet<u64>,
    others: BTreeSet<u64>,
}

impl Readers {
    /// Adds a statement.
    pub(in crate::engine) fn add(&mut self, number: u64, reads: &Reads, routed: bool) {
        if reads.beyond {
            self.beyond.insert(number);
        }
        for view in &reads.views {
            let readers = self.views.entry(view.clone()).or_default();
            let set = if routed { &mut readers.routed } else { &mut readers.others };
            set.insert(number);
        }
    }

    /// Takes a statement out.
    pub(in crate::engine) fn remove(&mut self, number: u64, reads: &Reads) {
        self.beyond.remove(&number);
        for view in &reads.views {
            let Some(readers) = self.views.get_mut(view) else {
                continue;
            };
            readers.routed.remove(&number);
            readers.others.remove(&number);
            if readers.routed.is_empty() && readers.others.is_empty() {
                self.views.remove(view);
            }
        }
    }

    /// Whether any reads a view.
    pub(in crate::engine) fn any(&self, view: &str) -> bool {
        self.views.contains_key(view)
    }

    /// Those that read what no view covers.
    pub(in crate::engine) fn beyond(&self) -> impl Iterator<Item = u64> {
        self.beyond.iter().copied()
    }

    /// Those that read a view and that no value finds.
    pub(in crate::engine) fn without_route(&self, view: &str) -> impl Iterator<Item = u64> {
        self.views.get(view).into_iter().flat_map(|readers| &readers.others).copied()
    }

    /// All that read a view.
    pub(in crate::engine) fn all(&self, view: &str) -> impl Iterator<Item = u64> {
        let readers = self.views.get(view).into_iter();
        readers.flat_map(|readers| readers.routed.iter().chain(&readers.others)).copied()
    }
}
