//! What a statement reads, as SQLite's authorizer tells while it compiles it.

use std::collections::BTreeSet;

/// The views that a statement reads, and whether it reads what no view covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::engine) struct Reads {
    /// Names of views: types, `nodes`, `edges`.
    pub(in crate::engine) views: BTreeSet<String>,
    /// Whether it reads tables themselves, or calls a function that does.
    pub(in crate::engine) beyond: bool,
    /// Whether it reads tables of the text index, or what is made of them.
    pub(in crate::engine) texts: bool,
}

impl Reads {
    /// Notes that a column of a table is read, on behalf of a view where there is one. A view that is
    /// only counted is named as a table, and is no table of ours.
    pub(in crate::engine) fn table(&mut self, table: &str, view: Option<&str>) {
        // Also what a written view is read with comes on behalf of that view.
        self.texts |= table.starts_with("pdb_text");
        match view {
            Some(view) => _ = self.views.insert(view.to_owned()),
            None if table.starts_with("pdb_") || table.starts_with("sqlite_") => self.beyond = true,
            // Table-valued functions of SQLite read their arguments only.
            None if table.starts_with("json_") || table.starts_with("pragma_") => {}
            None => _ = self.views.insert(table.to_owned()),
        }
    }

    /// Notes that a function is called.
    pub(in crate::engine) fn function(&mut self, name: &str) {
        self.beyond |= name.starts_with("pdb_");
    }

    /// Whether any table or view is read.
    pub(in crate::engine) fn anything(&self) -> bool {
        self.beyond || !self.views.is_empty()
    }

    /// The only view that is read, where nothing else is.
    pub(in crate::engine) fn only_view(&self) -> Option<&str> {
        let view = self.views.first()?;
        (!self.beyond && self.views.len() == 1).then_some(view)
    }
}
