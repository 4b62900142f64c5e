//! Why numbers are no vector here.

/// Why numbers are no vector here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// More or fewer numbers than the field has.
    #[error("a vector of this field has {wanted} numbers, and this one {found}")]
    Length {
        /// How many there are to be.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// NaN, an infinity, or a number beyond [`crate::types::MAX_VECTOR_NUMBER`].
    #[error("number {place} of the vector, counted from 0, is not between -1e15 and 1e15")]
    Number {
        /// Which.
        place: usize,
    },
    /// All zeros, where the metric is an angle.
    #[error("the vector is all zeros, which has no direction for the metric cosine to compare")]
    Zero,
}
