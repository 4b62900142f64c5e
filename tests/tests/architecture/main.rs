//! The shape of the code, held by a test: which module may know which, who alone may use a library,
//! and how long a file may be. A failure lists every place with its file and line.
//!
//! The sources are read as text. Each rule is in a file of its own, with tests that it finds what it
//! is for.

mod files;
mod layers;
mod length;
mod manifests;
mod owners;
mod paths;
mod tokens;

use files::{Source, sources};

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    file: String,
    line: usize,
    what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

fn rust_of(folders: &[&str]) -> Vec<Source> {
    let found = sources(folders, &["rs"]);
    assert!(!found.is_empty(), "no sources in {folders:?}: the rule would hold for nothing");
    found
}

#[track_caller]
fn nothing_found(rule: &str, findings: &[Finding]) {
    let list: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{rule}: {} crossing(s)\n{}", findings.len(), list.join("\n"));
}

#[test]
fn core_modules_import_only_from_the_layers_below() {
    let findings: Vec<Finding> =
        rust_of(&["core/src"]).iter().flat_map(layers::crossings).collect();
    nothing_found(layers::RULE, &findings);
}

#[test]
fn core_needs_an_operating_system_only_in_its_engine() {
    let findings: Vec<Finding> =
        rust_of(&["core/src"]).iter().flat_map(layers::uses_of_std).collect();
    nothing_found("outside the engine, core is no_std", &findings);
}

#[test]
fn a_wrapped_library_is_used_by_its_wrapper_only() {
    let shells = ["core/src", "wasm/src", "relay-server/src", "cli/src"];
    let findings: Vec<Finding> = rust_of(&shells).iter().flat_map(owners::intrusions).collect();
    nothing_found("a library has one owner", &findings);
}

#[test]
fn the_relay_opens_no_document() {
    let mut findings: Vec<Finding> =
        rust_of(&["relay-server"]).iter().flat_map(owners::uses_of_the_engine).collect();
    findings.extend(manifests::engine_in_the_relay(
        &files::text("Cargo.toml"),
        &files::text("relay-server/Cargo.toml"),
    ));
    nothing_found("the relay knows nothing of the engine", &findings);
}

#[test]
fn no_source_file_is_too_long_to_read() {
    let everywhere = [
        "core",
        "wasm",
        "relay-server",
        "cli",
        "vscode-extension",
        "demo",
        "tests",
        "bench",
        "fuzz",
        "scripts",
    ];
    let endings = ["rs", "ts", "tsx", "mts", "mjs", "js"];
    let findings: Vec<Finding> =
        sources(&everywhere, &endings).iter().filter_map(length::too_long).collect();
    nothing_found("a file has one duty", &findings);
}
