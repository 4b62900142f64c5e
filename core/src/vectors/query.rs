//! A vector that others are compared with, exactly.

use super::error::VectorError;
use crate::types::{Metric, is_in_vector};
use alloc::vec::Vec;

/// The vector whose nearest are sought.
#[derive(Debug, Clone)]
pub struct Query {
    metric: Metric,
    vector: Vec<f32>,
    /// The length of the vector, where the metric asks for it.
    norm: f64,
}

impl Query {
    /// A query of a field with this metric and so many numbers.
    ///
    /// # Errors
    /// See [`check`].
    pub fn new(metric: Metric, dimension: usize, vector: &[f32]) -> Result<Self, VectorError> {
        check(metric, dimension, vector)?;
        Ok(Self { metric, vector: vector.to_vec(), norm: dot(vector, vector).sqrt() })
    }

    /// How near a vector is, the nearer the higher: the cosine of the angle, the dot product, or
    /// minus the distance.
    ///
    /// The sums are of 64 bits and in one order, so that every machine gives the same.
    #[must_use]
    pub fn score(&self, vector: &[f32]) -> f64 {
        match self.metric {
            Metric::Cosine => {
                let norm = self.norm * dot(vector, vector).sqrt();
                if norm > 0.0 { dot(&self.vector, vector) / norm } else { 0.0 }
            }
            Metric::Dot => dot(&self.vector, vector),
            Metric::L2 => 0.0 - distance(&self.vector, vector),
        }
    }

    /// The query as the index compares it: of length 1 where only the angle counts.
    pub(super) fn prepared(&self) -> Vec<f32> {
        prepared(self.metric, &self.vector)
    }
}

/// Whether numbers are a vector of a field with this metric and so many numbers.
///
/// # Errors
/// [`VectorError::Length`], [`VectorError::Number`], and [`VectorError::Zero`] for
/// [`Metric::Cosine`].
pub fn check(metric: Metric, dimension: usize, vector: &[f32]) -> Result<(), VectorError> {
    if vector.len() != dimension {
        return Err(VectorError::Length { wanted: dimension, found: vector.len() });
    }
    if let Some(place) = vector.iter().position(|number| !is_in_vector(*number)) {
        return Err(VectorError::Number { place });
    }
    if metric == Metric::Cosine && vector.iter().all(|number| *number == 0.0) {
        return Err(VectorError::Zero);
    }
    Ok(())
}

/// A vector as the index compares it.
pub(super) fn prepared(metric: Metric, vector: &[f32]) -> Vec<f32> {
    if metric != Metric::Cosine {
        return vector.to_vec();
    }
    let norm = dot(vector, vector).sqrt();
    let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    vector.iter().map(|number| (f64::from(*number) * scale) as f32).collect()
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
}

fn distance(left: &[f32], right: &[f32]) -> f64 {
    let squares = left.iter().zip(right).map(|(left, right)| {
        let apart = f64::from(*left) - f64::from(*right);
        apart * apart
    });
    squares.sum::<f64>().sqrt()
}
