//! Undoing an edit of a text or list, also after others have edited it since.
//!
//! Yjs gives every character and item an identity that outlives its deletion. An edit is undone by
//! deleting what it inserted, as far as that is still there and wherever it is now, and by inserting
//! anew what it removed, where the removed stood.

use super::document::Document;
use super::edit::{ContentDraft, EditError, ListEdit, TextEdit};
use super::sound::Place;
use crate::model::{SharedKind, Value};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Identities under which characters and items live on that were removed and inserted anew.
pub type Aliases = BTreeMap<Place, Place>;

/// What undoes one edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Reversal {
    /// The identities of what was removed.
    gone: Vec<Place>,
    /// The identities of what stood to its left and right.
    left: Option<Place>,
    right: Option<Place>,
    /// What was removed: a text or a list.
    removed: Value,
    /// The identities inserted: those of the draft's client between two clocks.
    inserted: (u32, u32),
    client: u64,
}

impl Reversal {
    /// Notes what an edit of a client is about to remove.
    pub(super) fn before(document: &Document, client: u64, at: u32, remove: u32) -> Self {
        let gone = (at..at + remove).filter_map(|at| document.identity(at)).collect();
        let left = at.checked_sub(1).and_then(|at| document.identity(at));
        let right = document.identity(at + remove);
        let clock = document.next_clock(client);
        Self { gone, left, right, removed: Value::Null, inserted: (clock, clock), client }
    }

    /// Notes what it has removed and inserted.
    pub(super) fn after(mut self, document: &Document, removed: Value) -> Self {
        self.removed = removed;
        self.inserted.1 = document.next_clock(self.client);
        self
    }
}

impl ContentDraft {
    /// Undoes an edit that was made before, here or in an earlier transaction.
    pub fn reverse(&mut self, reversal: &Reversal, aliases: &mut Aliases) -> Result<(), EditError> {
        // From the end, so that the places of what is still to go do not move.
        for (at, remove) in self.places(reversal, aliases).into_iter().rev() {
            self.replace(at, remove, None)?;
        }
        let at = if reversal.gone.is_empty() { None } else { self.place_of(reversal, aliases) };
        let Some(at) = at else {
            return Ok(());
        };
        let clock = self.document.next_clock(self.client);
        self.replace(at, 0, Some(&reversal.removed))?;
        for (gone, clock) in reversal.gone.iter().zip(clock..) {
            aliases.insert(*gone, (self.client, clock));
        }
        Ok(())
    }

    /// Where what was removed belongs: beside its neighbours, as far as they are there.
    fn place_of(&self, reversal: &Reversal, aliases: &Aliases) -> Option<u32> {
        let alive = |id: Place| self.place(current(id, aliases));
        let beside_left = || reversal.left.and_then(alive).map(|at| at + 1);
        let beside_right = || reversal.right.and_then(alive);
        let where_it_stood = || Some(self.document.offset(*reversal.gone.first()?)?.0);
        beside_left().or_else(beside_right).or_else(where_it_stood)
    }

    /// The offset of a character or item, `None` where it was removed.
    fn place(&self, id: Place) -> Option<u32> {
        let (at, is_there) = self.document.offset(id)?;
        is_there.then_some(at)
    }

    /// Where what was inserted is now: offsets and lengths of the stretches still there, rising.
    fn places(&self, reversal: &Reversal, aliases: &Aliases) -> Vec<(u32, u32)> {
        let mut places: Vec<u32> = (reversal.inserted.0..reversal.inserted.1)
            .filter_map(|clock| self.place(current((reversal.client, clock), aliases)))
            .collect();
        places.sort_unstable();
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        for at in places {
            match stretches.last_mut() {
                Some((from, many)) if *from + *many == at => *many += 1,
                _ => stretches.push((at, 1)),
            }
        }
        stretches
    }

    fn replace(&mut self, at: u32, remove: u32, insert: Option<&Value>) -> Result<(), EditError> {
        // Yjs may tell the place of a neighbour by its first code unit of two.
        let (at, remove) = match self.content() {
            Value::Text(text) => {
                let [from, to] = [at, at + remove].map(|at| boundary_from(&text, at));
                (from, to - from)
            }
            _ => (at, remove),
        };
        match insert {
            Some(Value::Text(text)) => {
                self.edit_text(&TextEdit { at, remove, insert: text.clone() })
            }
            Some(Value::Array(items)) => {
                self.edit_list(&ListEdit { at, remove, insert: items.clone() })
            }
            Some(_) => Ok(()),
            None => match self.kind {
                SharedKind::Text => {
                    let insert = alloc::string::String::new();
                    self.edit_text(&TextEdit { at, remove, insert })
                }
                _ => self.edit_list(&ListEdit { at, remove, insert: Vec::new() }),
            },
        }
    }
}

/// The first place between characters at or after an offset in UTF-16 code units.
pub(super) fn boundary_from(text: &str, at: u32) -> u32 {
    let mut place = 0;
    for character in text.chars() {
        if place >= at {
            break;
        }
        place += character.len_utf16() as u32;
    }
    place
}

/// The identity under which something lives now.
fn current(mut id: Place, aliases: &Aliases) -> Place {
    // Each alias is younger than what it stands for, so this ends.
    while let Some(next) = aliases.get(&id) {
        id = *next;
    }
    id
}
