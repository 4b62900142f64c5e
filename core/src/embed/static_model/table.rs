//! The rows of the model: whole numbers of a byte, and a scale for each row, in a safetensors file.
//!
//! Such a file is the length of its header, 8 bytes, little-endian; the header, which is JSON; and the
//! tensors, each where the header says, counted from the end of the header.

use super::ModelError;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;
use serde::Deserialize;

/// The rows, as they lie in the file.
pub(super) struct Table {
    file: Cow<'static, [u8]>,
    /// Where the rows are in the file.
    rows: Range<usize>,
    scales: Vec<f32>,
    dimension: usize,
}

#[derive(Deserialize)]
struct Header {
    embeddings: Option<Tensor>,
    scales: Option<Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// What of a file must be otherwise: a tensor's name, and what it must be.
struct Wanted {
    name: &'static str,
    what: &'static str,
}

const ROWS: Wanted = Wanted { name: "embeddings", what: "I8 of two dimensions, neither 0" };
const SCALES: Wanted = Wanted { name: "scales", what: "F32 of one dimension, one for each row" };

impl Table {
    pub(super) fn read(file: Cow<'static, [u8]>) -> Result<Self, ModelError> {
        let (header, tensors) = split(&file)?;
        let rows = header.embeddings.ok_or_else(|| ROWS.not("none".into()))?;
        let [count, dimension] = rows.shape[..] else {
            return Err(ROWS.not(rows.to_string()));
        };
        let length = count.checked_mul(dimension).filter(|length| *length > 0);
        let place = ROWS.place(&rows, "I8", length, &file, tensors)?;

        let scales = header.scales.ok_or_else(|| SCALES.not("none".into()))?;
        let length =
            (scales.shape == [count]).then(|| count.checked_mul(size_of::<f32>())).flatten();
        let bytes = SCALES.place(&scales, "F32", length, &file, tensors)?;
        let scales = numbers(file.get(bytes).unwrap_or_default())?;
        Ok(Self { file, rows: place, scales, dimension })
    }

    pub(super) const fn rows(&self) -> usize {
        self.scales.len()
    }

    pub(super) const fn dimension(&self) -> usize {
        self.dimension
    }

    /// Adds a row to a sum. A row that is not there adds nothing.
    pub(super) fn add(&self, row: usize, sum: &mut [f32]) {
        let Some(scale) = self.scales.get(row) else {
            return;
        };
        let start = self.rows.start + row * self.dimension;
        let numbers = self.file.get(start..start + self.dimension).unwrap_or_default();
        for (sum, number) in sum.iter_mut().zip(numbers) {
            *sum += f32::from(number.cast_signed()) * scale;
        }
    }
}

/// The header, and where behind it the tensors begin.
fn split(file: &[u8]) -> Result<(Header, usize), ModelError> {
    let format = |what: &str| ModelError::Format(what.into());
    let (length, rest) = file.split_first_chunk().ok_or_else(|| format("shorter than 8 bytes"))?;
    let header = usize::try_from(u64::from_le_bytes(*length)).ok();
    let header = header.and_then(|length| rest.get(..length));
    let header = header.ok_or_else(|| format("its header is longer than the file"))?;
    let read = serde_json::from_slice(header)
        .map_err(|error| ModelError::Format(format!("its header: {error}")))?;
    Ok((read, length.len() + header.len()))
}

impl Wanted {
    fn not(&self, found: String) -> ModelError {
        ModelError::Tensor { name: self.name, needed: self.what, found }
    }

    /// Where a tensor of this type and this many bytes is in the file.
    fn place(
        &self,
        tensor: &Tensor,
        dtype: &str,
        length: Option<usize>,
        file: &[u8],
        tensors: usize,
    ) -> Result<Range<usize>, ModelError> {
        let (start, end) = tensor.data_offsets;
        let place = start.checked_add(tensors).zip(end.checked_add(tensors));
        let inside = |(start, end): &(usize, usize)| {
            length.is_some()
                && end.checked_sub(*start) == length
                && *end <= file.len()
                && tensor.dtype == dtype
        };
        let place = place.filter(inside).map(|(start, end)| start..end);
        place.ok_or_else(|| self.not(tensor.to_string()))
    }
}

impl core::fmt::Display for Tensor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (start, end) = self.data_offsets;
        write!(f, "{} {:?} in bytes {start} to {end} behind the header", self.dtype, self.shape)
    }
}

/// Scales; each at most 1, so that a sum of rows stays finite however long the text.
fn numbers(bytes: &[u8]) -> Result<Vec<f32>, ModelError> {
    let (chunks, _) = bytes.as_chunks::<4>();
    let numbers = chunks.iter().map(|chunk| f32::from_le_bytes(*chunk));
    let checked = |(row, number): (usize, f32)| {
        if number.abs() <= 1.0 { Ok(number) } else { Err(ModelError::Scale(row)) }
    };
    numbers.enumerate().map(checked).collect()
}
