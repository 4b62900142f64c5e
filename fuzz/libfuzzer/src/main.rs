//! One libFuzzer program for all targets; `scripts/fuzz.mjs` builds it and names the target.

#![no_main]

use pluresdb_fuzz_targets::{TARGETS, Target};
use std::sync::OnceLock;

/// The variable that names the target.
const TARGET: &str = "PLURESDB_FUZZ_TARGET";

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var(TARGET).unwrap_or_default();
        TARGETS
            .iter()
            .find(|target| target.name == name)
            .unwrap_or_else(|| panic!("{TARGET} names no target: {name:?}"))
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (chosen().run)(bytes);
});
