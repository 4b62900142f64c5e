//! Where a search by words looks: which tables of the text index, and which of their columns.

use super::answer::SearchOptions;
use super::expression::Wish;
use crate::engine::error::Error;
use crate::engine::storage::schema::{TextLayout, TextTable, text_column};
use std::collections::BTreeSet;

/// A table to be asked.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub(super) table: &'a TextTable,
    /// The type that its nodes are to have, where it holds others as well.
    pub(super) kind: Option<&'a str>,
    /// The columns that count; all where none is named.
    pub(super) columns: Vec<String>,
    /// The type that it is for alone, whose other table holds other fields of the same nodes.
    of: Option<&'a str>,
    /// What the other table must not have of a node: its name, and an expression.
    unless: Option<(&'a str, String)>,
}

impl Place<'_> {
    /// A wish as FTS5 takes it here; `None` where nothing can be found.
    pub(super) fn expression(&self, wish: &Wish) -> Option<String> {
        wish.expression(self.table.cut).map(|expression| self.within(&expression))
    }

    /// A condition on `t`, the table, with the value of its parameter `?3`.
    pub(super) fn condition(&self) -> (String, Option<&str>) {
        match &self.unless {
            Some((name, unwanted)) => {
                let found = format!("SELECT rowid FROM {name} WHERE {name} MATCH ?3");
                (format!("t.rowid NOT IN ({found})"), Some(unwanted))
            }
            None => ("?3 IS NULL".into(), None),
        }
    }

    /// An expression of FTS5, kept to the columns that count.
    pub(super) fn within(&self, expression: &str) -> String {
        match self.columns.as_slice() {
            [] => expression.to_owned(),
            columns => format!("{{{}}} : ({expression})", columns.join(" ")),
        }
    }
}

/// The tables to be asked.
///
/// # Errors
/// [`Error::Option`] for a field that none of them has a column for.
pub(super) fn places<'a>(
    layout: &'a TextLayout,
    options: &SearchOptions<'a>,
) -> Result<Vec<Place<'a>>, Error> {
    let all = |kind, of, tables: &'a [TextTable]| {
        tables.iter().map(move |table| Place { table, kind, columns: Vec::new(), of, unless: None })
    };
    let mut places: Vec<Place<'a>> = match options.kind {
        Some(kind) if layout.has_own(kind) => {
            all(None, Some(kind), layout.of(Some(kind))).collect()
        }
        Some(kind) => all(Some(kind), None, layout.shared()).collect(),
        None => {
            let own = layout.own().into_iter();
            let own = own.flat_map(|(kind, tables)| all(None, Some(kind.as_str()), tables));
            all(None, None, layout.shared()).chain(own).collect()
        }
    };
    if options.fields.is_empty() {
        return Ok(places);
    }
    let declared: BTreeSet<&str> =
        places.iter().flat_map(|place| &place.table.fields).map(String::as_str).collect();
    if let Some(field) = options.fields.iter().find(|field| !declared.contains(*field)) {
        return Err(unknown(field, options.kind, &declared));
    }
    for place in &mut places {
        let fields = place.table.fields.iter().enumerate();
        let wanted = fields.filter(|(_, field)| options.fields.contains(&field.as_str()));
        place.columns = wanted.map(|(at, _)| text_column(at)).collect();
    }
    places.retain(|place| !place.columns.is_empty());
    Ok(places)
}

/// Has each place ask the other table of its nodes for what must not be there.
pub(super) fn exclude(places: &mut [Place<'_>], wish: &Wish) {
    let Some(unwanted) = wish.unwanted() else {
        return;
    };
    let found: Vec<_> = places
        .iter()
        .map(|place| {
            let mut others = places.iter().filter(|other| {
                place.of.is_some() && other.of == place.of && other.table.name != place.table.name
            });
            let other = others.next()?;
            Some((other.table.name.as_str(), other.expression(unwanted)?))
        })
        .collect();
    for (place, unless) in places.iter_mut().zip(found) {
        place.unless = unless;
    }
}

fn unknown(field: &str, kind: Option<&str>, declared: &BTreeSet<&str>) -> Error {
    let of =
        kind.map_or_else(|| "no type declares".into(), |kind| format!("{kind:?} does not declare"));
    let others = match declared.is_empty() {
        true => String::new(),
        false => {
            let names: Vec<&str> = declared.iter().copied().collect();
            format!(" (but {})", names.join(", "))
        }
    };
    Error::Option {
        option: "fields".into(),
        message: format!(
            "{of} a field {field:?} with full_text{others}; declare it so, or search all texts"
        ),
    }
}
