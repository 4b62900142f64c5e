//! The model that is shipped, against vectors made without any code of ours, and files that are no model.

use super::*;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

fn beside(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn shipped() -> &'static StaticModel {
    static MODEL: OnceLock<StaticModel> = OnceLock::new();
    MODEL.get_or_init(|| {
        let folder = beside("../models/static-en-256");
        let weights = fs::read(folder.join("model.safetensors")).expect("the weights are there");
        let vocabulary = fs::read_to_string(folder.join("vocab.txt")).expect("so are the pieces");
        StaticModel::read(STATIC_EN_256, weights, &vocabulary).expect("they fit")
    })
}

fn whole_numbers(value: &Value) -> Option<Vec<i64>> {
    value.as_array()?.iter().map(Value::as_i64).collect()
}

#[test]
fn pieces_and_vectors_are_those_of_other_programs() {
    let lines = fs::read_to_string(beside("tests/fixtures/embed/static-en-256.jsonl"));
    let mut texts = 0;
    for line in lines.expect("made by make.py beside it").lines() {
        let expected: Value = serde_json::from_str(line).expect("a line is an object");
        let text = expected["text"].as_str().expect("a text");
        let mut rows = Vec::new();
        shipped().pieces.each(text, |row| rows.push(row as i64));
        assert_eq!(Some(rows), whole_numbers(&expected["rows"]), "{text:?}");

        let vector = shipped().vector(text);
        let rounded = |number: f32| (f64::from(number) * 10_000.0).round() as i64;
        let found: Option<Vec<i64>> =
            vector.map(|vector| vector.into_iter().map(rounded).collect());
        let wanted = whole_numbers(&expected["vector"]);
        // Sums in another order round otherwise in the last place.
        let near = |(a, b): (&i64, &i64)| a.abs_diff(*b) <= 1;
        match (&found, &wanted) {
            (Some(found), Some(wanted)) => {
                assert_eq!(found.len(), wanted.len());
                assert!(found.iter().zip(wanted).all(near), "{text:?}: {found:?}, not {wanted:?}");
            }
            _ => assert_eq!(found, wanted, "{text:?}"),
        }
        texts += 1;
    }
    assert!(texts >= 50);
}

#[test]
fn texts_of_like_meaning_are_nearer() {
    let nearness = |a: &str, b: &str| -> f32 {
        let vectors = shipped().embed(&[a, b]).expect("a table cannot fail");
        let [Some(a), Some(b)] = &vectors[..] else {
            panic!("both have words");
        };
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    };
    let alike = nearness("The doctor treated the patient", "a physician healed the sick man");
    let apart = nearness("The doctor treated the patient", "the stock market fell sharply");
    assert!(alike > apart + 0.2, "{alike} and {apart}");
}

proptest! {
    #[test]
    fn any_text_has_a_vector_of_length_1_or_nothing_to_make_one_of(text in any::<String>()) {
        match shipped().vector(&text) {
            Some(vector) => {
                let length: f32 = vector.iter().map(|number| number * number).sum();
                prop_assert_eq!(vector.len(), 256);
                prop_assert!((length - 1.0).abs() < 1e-4, "{}", length);
            }
            None => {
                let mut words = 0;
                normal::words(&text, |_| words += 1);
                prop_assert_eq!(words, 0);
            }
        }
    }

    #[test]
    fn any_bytes_are_a_model_or_an_error(
        header in any::<Vec<u8>>(), claimed in any::<u64>(), rest in any::<Vec<u8>>(),
    ) {
        let file = |length: u64| [&length.to_le_bytes()[..], &header, &rest].concat();
        for length in [header.len() as u64, claimed] {
            prop_assert!(StaticModel::read("m", file(length), "[UNK]").is_err());
        }
    }
}

const VOCABULARY: &str = "[UNK]\na\nb";

/// A file with this header and these bytes behind it.
fn file(header: &str, tensors: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), tensors].concat()
}

/// The tensors of three rows of two numbers: rows in bytes 0 to 6, scales in 6 to 18.
fn tensors(scale: f32) -> Vec<u8> {
    let mut bytes = vec![1, 2, 3, 4, 251, 6];
    for _ in 0..3 {
        bytes.extend(scale.to_le_bytes());
    }
    bytes
}

fn header(rows: &str, scales: &str) -> String {
    format!(r#"{{"__metadata__":{{"x":"y"}},"embeddings":{rows},"scales":{scales}}}"#)
}

const ROWS: &str = r#"{"dtype":"I8","shape":[3,2],"data_offsets":[0,6]}"#;
const SCALES: &str = r#"{"dtype":"F32","shape":[3],"data_offsets":[6,18]}"#;

#[test]
fn a_vector_is_the_mean_of_scaled_rows() {
    let model = StaticModel::read("m", file(&header(ROWS, SCALES), &tensors(0.5)), VOCABULARY);
    let model = model.expect("whole");
    // a is (3, 4), b is (-5, 6): together (-2, 10).
    let vector = model.vector("a B").expect("two words");
    let length = 104_f32.sqrt();
    assert!((vector[0] + 2.0 / length).abs() < 1e-6 && (vector[1] - 10.0 / length).abs() < 1e-6);
    assert_eq!(model.vector(" "), None);
}

#[test]
fn rows_that_cancel_out_give_no_vector() {
    let model = StaticModel::read("m", file(&header(ROWS, SCALES), &tensors(0.0)), VOCABULARY);
    assert_eq!(model.expect("whole").vector("a"), None);
}

#[test]
fn a_vector_of_tiny_scales_has_the_length_1_too() {
    for scale in [1e-10, 1e-20, 1e-38, 1e-42] {
        let weights = file(&header(ROWS, SCALES), &tensors(scale));
        let model = StaticModel::read("m", weights, VOCABULARY).expect("whole");
        let vector = model.vector("a").expect("a word");
        let length: f32 = vector.iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-5, "{scale}: {vector:?}");
    }
}

#[test]
fn what_is_no_model_is_refused_with_what_is_wrong() {
    let big = r#"{"dtype":"I8","shape":[18446744073709551615,2],"data_offsets":[6,0]}"#;
    let outside = r#"{"dtype":"I8","shape":[3,2],"data_offsets":[18446744073709551610,18446744073709551615]}"#;
    let none = r#"{"dtype":"I8","shape":[0,2],"data_offsets":[0,0]}"#;
    let cases = [
        (header(big, SCALES), "\"embeddings\" must be I8"),
        (header(outside, SCALES), "\"embeddings\" must be I8"),
        (header(none, SCALES), "\"embeddings\" must be I8"),
        (header(SCALES, SCALES), "\"embeddings\" must be I8"),
        (header(ROWS, ROWS), "\"scales\" must be F32"),
        (header(ROWS, r#"{"dtype":"F32","shape":[2],"data_offsets":[6,14]}"#), "one for each row"),
        (header(ROWS, r#"{"dtype":"F32","shape":[3],"data_offsets":[6,19]}"#), "bytes 6 to 19"),
        (format!(r#"{{"scales":{SCALES}}}"#), "found none"),
        ("{".into(), "its header: "),
    ];
    for (header, what) in cases {
        let error = StaticModel::read("m", file(&header, &tensors(1.0)), VOCABULARY);
        let error = error.expect_err(&header);
        assert!(error.to_string().contains(what), "{header}: {error}");
        assert_eq!(error.code(), "bad-model");
    }
    let whole = file(&header(ROWS, SCALES), &tensors(1.0));
    let read = |bytes: &[u8], vocabulary| {
        StaticModel::read("m", bytes.to_vec(), vocabulary).map(drop).unwrap_err()
    };
    assert_eq!(read(&whole, "[UNK]\na"), ModelError::Rows { pieces: 2, rows: 3 });
    assert_eq!(read(&whole, "x\na\nb"), ModelError::NoUnknown);
    let wild = file(&header(ROWS, SCALES), &tensors(f32::NAN));
    assert_eq!(read(&wild, VOCABULARY), ModelError::Scale(0));
    for end in 0..whole.len() {
        assert!(StaticModel::read("m", whole[..end].to_vec(), VOCABULARY).is_err(), "{end}");
    }
}
