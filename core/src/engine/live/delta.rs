//! How one list of rows became another, by what identifies a row.

use crate::engine::query::sql::SqlValue;
use std::collections::{HashMap, HashSet};

/// The values of a row, one for each column.
pub type SqlRow = Vec<SqlValue>;

/// What turns the rows before into the rows after.
///
/// To follow: take out the rows at `removed` and at the old places of `moved`, then set those of
/// `added` and `moved` at their new places in rising order, then replace those of `changed`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delta {
    /// Rows that came: their place in the rows after, rising.
    pub added: Vec<(usize, SqlRow)>,
    /// Rows that went: their place in the rows before, rising, and what they were.
    pub removed: Vec<(usize, SqlRow)>,
    /// Rows that stayed with other values: their place in the rows after, and what they are now.
    pub changed: Vec<(usize, SqlRow)>,
    /// Rows that stayed and changed their order among those that stayed: places before and after.
    /// As few as can be.
    pub moved: Vec<(usize, usize)>,
}

impl Delta {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { added, removed, changed, moved } = self;
        added.is_empty() && removed.is_empty() && changed.is_empty() && moved.is_empty()
    }

    /// The difference between two lists of rows. `key` holds the columns that identify a row; rows of
    /// one key are told apart by their order.
    pub(in crate::engine) fn between(before: &[SqlRow], after: &[SqlRow], key: &[usize]) -> Self {
        let mut places: HashMap<Identity, usize> = HashMap::with_capacity(before.len());
        for (place, identity) in identities(before, key).enumerate() {
            places.insert(identity, place);
        }
        let mut delta = Self::default();
        // The rows that stayed: their places before and after.
        let mut stayed = Vec::with_capacity(after.len());
        for ((place, row), identity) in after.iter().enumerate().zip(identities(after, key)) {
            let Some(was) = places.remove(&identity) else {
                delta.added.push((place, row.clone()));
                continue;
            };
            stayed.push((was, place));
            if before.get(was) != Some(row) {
                delta.changed.push((place, row.clone()));
            }
        }
        let mut gone: Vec<usize> = places.into_values().collect();
        gone.sort_unstable();
        let rows = gone.into_iter().filter_map(|place| Some((place, before.get(place)?.clone())));
        delta.removed = rows.collect();
        delta.moved = moves(&stayed);
        delta
    }
}

/// What identifies a row: the bytes of its key, and how many before it have the same.
type Identity = (Vec<u8>, usize);

fn identities<'a>(rows: &'a [SqlRow], key: &'a [usize]) -> impl Iterator<Item = Identity> + 'a {
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    rows.iter().map(move |row| {
        let bytes = key_bytes(row, key);
        let count = seen.entry(bytes.clone()).or_default();
        *count += 1;
        (bytes, *count)
    })
}

fn key_bytes(row: &[SqlValue], key: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for value in key.iter().filter_map(|column| row.get(*column)) {
        let (tag, content): (u8, &[u8]) = match value {
            SqlValue::Null => (0, &[]),
            SqlValue::Int(number) => (1, &number.to_le_bytes()),
            SqlValue::Real(number) => (2, &number.to_bits().to_le_bytes()),
            SqlValue::Text(text) => (3, text.as_bytes()),
            SqlValue::Blob(blob) => (4, blob),
        };
        bytes.push(tag);
        bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
        bytes.extend_from_slice(content);
    }
    bytes
}

/// The fewest rows that moved: all but a longest rising run of the places before, taken in the order
/// after. The run is found by patience sorting (Fredman 1975).
fn moves(stayed: &[(usize, usize)]) -> Vec<(usize, usize)> {
    if stayed.iter().zip(stayed.iter().skip(1)).all(|((was, _), (next, _))| was < next) {
        return Vec::new();
    }
    // `ends[length - 1]` is the row that ends the best run of that length.
    let mut ends: Vec<usize> = Vec::new();
    let mut earlier: Vec<Option<usize>> = Vec::with_capacity(stayed.len());
    let was = |row: usize| stayed.get(row).map_or(0, |(was, _)| *was);
    for row in 0..stayed.len() {
        let length = ends.partition_point(|end| was(*end) < was(row));
        earlier.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = row,
            None => ends.push(row),
        }
    }
    let mut run = HashSet::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(row) = next {
        run.insert(row);
        next = earlier.get(row).copied().flatten();
    }
    let rows = stayed.iter().enumerate();
    rows.filter(|(row, _)| !run.contains(row)).map(|(_, places)| *places).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(of: &[(i64, i64)]) -> Vec<SqlRow> {
        of.iter().map(|(id, value)| vec![SqlValue::Int(*id), SqlValue::Int(*value)]).collect()
    }

    /// Follows a delta as its documentation says.
    fn follow(before: &[SqlRow], delta: &Delta) -> Vec<SqlRow> {
        let mut kept: Vec<Option<SqlRow>> = before.iter().cloned().map(Some).collect();
        for (place, row) in &delta.removed {
            assert_eq!(kept[*place].take().as_ref(), Some(row));
        }
        let moved = delta.moved.iter().map(|(from, to)| (*to, kept[*from].take().expect("stayed")));
        let mut come: Vec<(usize, SqlRow)> = moved.collect();
        come.extend(delta.added.iter().cloned());
        come.sort_by_key(|(place, _)| *place);
        let mut now: Vec<SqlRow> = kept.into_iter().flatten().collect();
        for (place, row) in come {
            now.insert(place, row);
        }
        for (place, row) in &delta.changed {
            now[*place] = row.clone();
        }
        now
    }

    #[test]
    fn a_row_that_moves_is_one_move() {
        let before = rows(&[(1, 0), (2, 0), (3, 0), (4, 0)]);
        let after = rows(&[(4, 0), (1, 0), (2, 5), (3, 0)]);
        let delta = Delta::between(&before, &after, &[0]);
        assert_eq!(delta.moved, [(3, 0)]);
        assert_eq!(delta.changed, [(2, after[2].clone())]);
        assert!(delta.added.is_empty() && delta.removed.is_empty());
    }

    proptest! {
        #[test]
        fn a_delta_leads_from_the_rows_before_to_those_after(
            before in prop::collection::vec((0_i64..12, 0_i64..3), 0..20),
            after in prop::collection::vec((0_i64..12, 0_i64..3), 0..20),
        ) {
            let (before, after) = (rows(&before), rows(&after));
            let delta = Delta::between(&before, &after, &[0]);
            prop_assert_eq!(follow(&before, &delta), after.clone());
            prop_assert_eq!(delta.is_empty(), before == after);
        }
    }
}
