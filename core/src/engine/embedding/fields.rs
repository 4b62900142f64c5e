//! Which fields of a type have vectors made of texts, and the text that each is made of.

use crate::crypto::seal;
use crate::engine::query::words::text_of;
use crate::engine::typing::typed::Typed;
use crate::model::Map;
use crate::types::{FieldKind, Vector};

/// A hash of a text and of the dimension of its vector, which tells whether a vector is of the text as
/// it is now.
pub(in crate::engine) type Source = [u8; 8];

/// The fields of a type whose vectors are made of texts.
pub(in crate::engine) fn embedded(typed: &Typed) -> impl Iterator<Item = (&String, &Vector)> {
    typed.def.fields.iter().filter_map(|(name, field)| match &field.kind {
        FieldKind::Vector(vector) if !vector.embed_from.is_empty() => Some((name, vector)),
        _ => None,
    })
}

/// The text that the vector of a field is made of: every string in the fields that it names, each on a
/// line. `None` where there is no text.
pub(in crate::engine) fn text(object: &Map, vector: &Vector) -> Option<String> {
    let text = text_of(vector.embed_from.iter().filter_map(|source| object.get(source)));
    (!text.trim().is_empty()).then_some(text)
}

pub(in crate::engine) fn source(text: &str, vector: &Vector) -> Source {
    seal(&[text.as_bytes(), &vector.dimension.to_le_bytes()])
}
