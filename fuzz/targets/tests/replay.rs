//! Every input that fuzzing kept, every seed, and small damage to each, run on every change.

use pluresdb_fuzz_targets::{TARGETS, Target};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Set, the seeds in `fuzz/corpus` are written anew: after a change of a format.
const WRITE_SEEDS: &str = "PLURESDB_WRITE_SEEDS";
const SEED: &str = "seed-";
/// Damaged inputs run for each seed.
const DAMAGED: u64 = 60;
/// Most bytes of all that is kept.
const CORPUS_BYTES: u64 = 1024 * 1024;

fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(target.name)
}

fn inputs(target: &Target) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(target)).unwrap_or_else(|error| {
        panic!("{}: {error}; `npm run fuzz -- --seeds` writes it", target.name)
    });
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no inputs", target.name);
    paths
}

/// Runs a target on an input; a panic says which one it was.
fn run(target: &Target, input: &[u8], what: &str) -> bool {
    let outcome = std::panic::catch_unwind(|| (target.run)(input));
    outcome.unwrap_or_else(|_| panic!("{} fails on {what}", target.name))
}

#[test]
fn every_kept_input_gives_a_value_or_an_error() {
    for target in TARGETS {
        for path in inputs(target) {
            let input = fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            run(target, &input, &path.display().to_string());
        }
    }
}

#[test]
fn every_seed_is_taken_and_kept() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        for (name, input) in seeds {
            assert!(run(target, &input, name), "{} refuses its seed {name}", target.name);
            let path = folder(target).join(format!("{SEED}{name}"));
            if env::var_os(WRITE_SEEDS).is_some() {
                let written =
                    fs::create_dir_all(folder(target)).and_then(|()| fs::write(&path, &input));
                written.unwrap_or_else(|error| panic!("{path:?}: {error}"));
            }
            let kept = fs::read(&path).ok();
            assert!(
                kept.as_ref() == Some(&input),
                "{path:?} is not what the encoder writes now; `npm run fuzz -- --seeds` writes it anew"
            );
        }
    }
}

#[test]
fn damage_to_a_seed_gives_a_value_or_an_error() {
    for target in TARGETS {
        for (name, input) in (target.seeds)() {
            for number in 0..DAMAGED {
                let damaged = damage(&input, number);
                run(target, &damaged, &format!("{name}, damaged by {number}: {damaged:?}"));
            }
        }
    }
}

#[test]
fn what_is_kept_is_small() {
    let bytes: u64 = TARGETS
        .iter()
        .flat_map(inputs)
        .map(|path| fs::metadata(path).map_or(0, |meta| meta.len()))
        .sum();
    assert!(bytes <= CORPUS_BYTES, "the corpus has {bytes} bytes");
}

/// Cuts, changes of a byte, doubled ends: the same for the same number.
fn damage(input: &[u8], number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ input.len() as u64;
    let mut draw = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let mut damaged = input.to_vec();
    for _ in 0..=draw(3) {
        let (at, byte) = (draw(damaged.len()), draw(256) as u8);
        match draw(4) {
            0 => damaged.truncate(at),
            1 => damaged.extend_from_within(at..),
            _ => {
                if let Some(place) = damaged.get_mut(at) {
                    *place ^= byte;
                }
            }
        }
    }
    damaged
}
