//! The relay's dependency on core: without the features that bring the engine in.

use crate::Finding;

const WORKSPACE: &str = "Cargo.toml";
const RELAY: &str = "relay-server/Cargo.toml";

/// Lines of the two manifests by which the relay would be built with the engine.
pub(crate) fn engine_in_the_relay(workspace: &str, relay: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = dependency_lines(workspace)
        .filter(|(_, line)| !line.contains("default-features = false") || asks_for_engine(line))
        .map(|(number, line)| finding(WORKSPACE, number, line))
        .collect();
    // Its tests may open databases; what is shipped may not.
    let shipped = relay.split("[dev-dependencies").next().unwrap_or(relay);
    findings.extend(
        dependency_lines(shipped)
            .filter(|(_, line)| line.contains("default-features = true") || asks_for_engine(line))
            .map(|(number, line)| finding(RELAY, number, line)),
    );
    findings
}

fn dependency_lines(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    manifest
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("pluresdb.") || line.starts_with("pluresdb ="))
        .map(|(index, line)| (index + 1, line))
}

fn asks_for_engine(line: &str) -> bool {
    ["\"engine\"", "\"native\"", "\"default\""].iter().any(|feature| line.contains(feature))
}

fn finding(file: &str, line: usize, what: &str) -> Finding {
    Finding { file: file.into(), line, what: what.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "pluresdb = { path = \"core\", default-features = false }";

    #[test]
    fn the_plain_dependency_is_allowed() {
        assert!(engine_in_the_relay(PLAIN, "pluresdb.workspace = true").is_empty());
    }

    #[test]
    fn a_feature_that_brings_the_engine_is_found() {
        let relay = "\npluresdb = { workspace = true, features = [\"native\"] }";
        let found = engine_in_the_relay(PLAIN, relay);
        assert_eq!(found.iter().map(|one| one.line).collect::<Vec<_>>(), [2]);
        assert_eq!(engine_in_the_relay("pluresdb = { path = \"core\" }", "").len(), 1);
    }

    #[test]
    fn the_relays_tests_may_open_databases() {
        let relay = "pluresdb.workspace = true\n[dev-dependencies]\npluresdb = { workspace = true, features = [\"engine\"] }";
        assert!(engine_in_the_relay(PLAIN, relay).is_empty());
    }
}
