//! Filling ordered maps and sets.
//!
//! `collect` sorts all entries before it builds such a map, with a copy of the sort of its own for every
//! type of entry: some 4 kB of module each. Inserting is code that is there anyway.

/// Puts the items into a new collection, one after the other.
pub(crate) fn gather<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut gathered = C::default();
    gathered.extend(items);
    gathered
}

/// The same, up to the first error.
pub(crate) fn try_gather<C: Default + Extend<T>, T, E>(
    items: impl IntoIterator<Item = Result<T, E>>,
) -> Result<C, E> {
    let mut gathered = C::default();
    for item in items {
        gathered.extend(Some(item?));
    }
    Ok(gathered)
}
