//! The weights of an embedding model, and texts for it.

use crate::memory::Bound;
use crate::seeds::must;
use pluresdb::embed::StaticModel;

const VOCABULARY: &str = "[UNK]\na\n##b\n,";

pub(crate) fn run(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    embed(&must(StaticModel::read("whole", whole(), VOCABULARY)), &text);

    let read = || StaticModel::read("made up", bytes.to_vec(), VOCABULARY);
    let Ok(model) = Bound::SMALL.check(bytes, read) else {
        return false;
    };
    embed(&model, &text);
    true
}

/// A vector has the length 1.
fn embed(model: &StaticModel, text: &str) {
    if let Some(vector) = model.vector(text) {
        let length: f32 = vector.iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-3, "{length}");
    }
}

/// Four rows of two numbers.
fn whole() -> Vec<u8> {
    let header = concat!(
        r#"{"embeddings":{"dtype":"I8","shape":[4,2],"data_offsets":[0,8]},"#,
        r#""scales":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}"#
    );
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend([1, 2, 3, 4, 251, 6, 0, 255]);
    for _ in 0..4 {
        bytes.extend(0.5_f32.to_le_bytes());
    }
    bytes
}

pub(crate) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![("whole", whole())]
}
