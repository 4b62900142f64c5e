//! A query for codes of 8 bits a number.

use crate::types::Metric;
use pluresdb_scan::CodeQuery;

/// A query as whole numbers, to be compared with codes.
pub(super) fn code_query(metric: Metric, vector: &[f32]) -> CodeQuery {
    match metric {
        Metric::Cosine | Metric::Dot => CodeQuery::new(vector, 1.0, 0.0),
        // Minus the square of the distance, but for the query's own length.
        Metric::L2 => CodeQuery::new(vector, 2.0, -1.0),
    }
}
