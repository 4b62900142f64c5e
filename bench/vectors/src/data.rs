//! Vectors to search in and to search for: of the texts of WordNet, or drawn without any order.

use pluresdb::embed::{STATIC_EN_256, StaticModel};
use pluresdb_bench_common::Random;
use serde_json::Value;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What is searched and what is sought.
#[derive(Debug)]
pub struct Data {
    /// What the vectors are.
    pub name: &'static str,
    /// What is searched.
    pub vectors: Vec<Vec<f32>>,
    /// What is sought.
    pub queries: Vec<Vec<f32>>,
}

/// The glosses of WordNet, and its usage examples as queries, each as the static model reads it.
pub fn texts(
    wordnet: &Path,
    model: &Path,
    count: usize,
    queries: usize,
) -> Result<Data, Box<dyn Error>> {
    let weights = std::fs::read(model.join("model.safetensors"))?;
    let vocabulary = std::fs::read_to_string(model.join("vocab.txt"))?;
    let model = StaticModel::read(STATIC_EN_256, weights, &vocabulary)?;
    let (mut glosses, mut examples) = (Vec::new(), Vec::new());
    for line in BufReader::new(File::open(wordnet)?).lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| line.get("data").and_then(|data| data.get(name));
        if let Some(gloss) = field("gloss").and_then(Value::as_str) {
            glosses.extend(model.vector(gloss));
        }
        for example in field("examples").and_then(Value::as_array).into_iter().flatten() {
            examples.extend(example.as_str().and_then(|example| model.vector(example)));
        }
    }
    // Evenly over all of WordNet, whose neighbours are alike.
    let vectors = evenly(glosses, count);
    let queries = evenly(examples, queries);
    Ok(Data { name: "texts", vectors, queries })
}

fn evenly(all: Vec<Vec<f32>>, count: usize) -> Vec<Vec<f32>> {
    let (of, count) = (all.len(), count.min(all.len()));
    let wanted = |at: usize| (at + 1) * count / of > at * count / of;
    all.into_iter().enumerate().filter(|(at, _)| wanted(*at)).map(|(_, vector)| vector).collect()
}

/// Vectors of independent numbers: the hardest there are, since nothing is near to anything.
pub fn drawn(dimension: usize, count: usize, queries: usize) -> Data {
    let mut random = Random::new(11);
    let mut number = || {
        let sum: f64 = (0..6).map(|_| random.below(1 << 20) as f64 / (1 << 20) as f64).sum();
        (sum - 3.0) as f32
    };
    let mut draw = |count: usize| -> Vec<Vec<f32>> {
        (0..count).map(|_| (0..dimension).map(|_| number()).collect()).collect()
    };
    Data { name: "drawn", vectors: draw(count), queries: draw(queries) }
}
