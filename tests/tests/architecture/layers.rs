//! The layers of core: which top-level module may import which.

use crate::Finding;
use crate::files::Source;
use crate::paths::{Mention, mentions};

pub(crate) const RULE: &str =
    "model < codec < {crypto, crdt} < {log, sync} < engine, each importing only from its left";

const ENGINE: &str = "engine";

/// The one module outside the engine that knows an operating system: files behind a trait.
const FILES: [&str; 2] = ["journal", "files"];

/// Each module with those it may import. What the engine joins does not know what it is joined with.
const LAYERS: [(&str, &[&str]); 13] = [
    ("model", &[]),
    ("codec", &["model"]),
    ("crypto", &["model", "codec"]),
    ("crdt", &["model", "codec"]),
    ("log", &["model", "codec", "crypto", "crdt"]),
    ("sync", &["model", "codec", "crypto", "crdt"]),
    ("journal", &["model", "codec"]),
    ("types", &["model"]),
    ("embed", &[]),
    ("graph", &[]),
    ("vectors", &["types"]),
    // The error that users of the crate see, made of those of the layers.
    ("error", &["model", "codec", "crypto", "crdt", "log", "sync", "journal", "types", "vectors"]),
    (
        ENGINE,
        &[
            "model", "codec", "crypto", "crdt", "log", "sync", "journal", "types", "embed",
            "graph", "vectors", "error",
        ],
    ),
];

/// Imports of a module that the importing one must not know.
pub(crate) fn crossings(source: &Source) -> Vec<Finding> {
    let own = module_of(&source.path);
    // The crate's root is its contents page: it names everything.
    let Some(importer) = own.first() else {
        return Vec::new();
    };
    let Some(allowed) = allowed_by(importer) else {
        return vec![finding(source, 1, format!("{importer} has no place in the layers"))];
    };
    mentions(&source.text)
        .iter()
        .filter_map(|mention| {
            let target = imported_module(&own, mention)?;
            let what = if target == *importer || allowed.contains(&target.as_str()) {
                return None;
            } else if allowed_by(&target).is_some() {
                format!("{importer} imports {target} ({})", mention.path.join("::"))
            } else {
                format!(
                    "{} goes through the crate's root: name the module",
                    mention.path.join("::")
                )
            };
            Some(finding(source, mention.line, what))
        })
        .collect()
}

/// Uses of the standard library where core must do without. Tests may use it.
pub(crate) fn uses_of_std(source: &Source) -> Vec<Finding> {
    let own = module_of(&source.path);
    // `crdt/text` is there with the feature that needs the standard library, for yrs.
    let exempt =
        own == FILES || own.iter().any(|name| [ENGINE, "tests", "text"].contains(&name.as_str()));
    mentions(&source.text)
        .iter()
        .filter(|mention| !exempt && !mention.test && mention.starts_with(&["std"]))
        .map(|mention| finding(source, mention.line, mention.path.join("::")))
        .collect()
}

fn allowed_by(module: &str) -> Option<&'static [&'static str]> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed)
}

fn finding(source: &Source, line: usize, what: String) -> Finding {
    Finding { file: source.path.clone(), line, what }
}

/// `core/src/log/chain.rs` is the module `log::chain`; `lib.rs` is the root, without a name.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("core/src/").unwrap_or(path);
    let mut parts: Vec<String> =
        inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

/// The top-level module that a path of this crate leads into. Other crates' paths lead into none.
fn imported_module(own: &[String], mention: &Mention) -> Option<String> {
    let mut place: Vec<&String> = own.iter().chain(&mention.inside).collect();
    let mut rest = mention.path.iter();
    match rest.next()?.as_str() {
        "crate" => place.clear(),
        "self" => {}
        "super" => drop(place.pop()),
        _ => return None,
    }
    let mut rest = rest.peekable();
    while rest.next_if(|segment| *segment == "super").is_some() {
        place.pop();
    }
    place.first().copied().or_else(|| rest.next()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: format!("core/src/{path}"), text: text.into() }
    }

    fn found(path: &str, text: &str) -> Vec<String> {
        crossings(&source(path, text)).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn an_import_from_the_left_is_allowed() {
        let text =
            "use crate::model::Id;\nuse crate::crdt::NodeState;\nuse super::pending::Pending;";
        assert!(found("log/chain.rs", text).is_empty());
    }

    #[test]
    fn an_import_from_the_right_is_found_with_its_line() {
        assert_eq!(
            found("model/id.rs", "\nuse crate::codec::Reader;"),
            ["core/src/model/id.rs:2: model imports codec (crate::codec::Reader)"]
        );
    }

    #[test]
    fn modules_of_one_layer_do_not_know_each_other() {
        assert_eq!(found("crypto/seal.rs", "use crate::crdt::Set;").len(), 1);
        assert_eq!(found("crdt/set.rs", "use crate::crypto::hash;").len(), 1);
        assert_eq!(found("sync/session.rs", "use crate::log::Chain;").len(), 1);
        assert_eq!(found("log/chain.rs", "use crate::sync::Session;").len(), 1);
        assert_eq!(found("journal.rs", "use crate::log::Chain;").len(), 1);
        assert_eq!(found("types/read.rs", "use crate::crdt::Set;").len(), 1);
        assert_eq!(found("graph/path.rs", "use crate::model::Id;").len(), 1);
        assert_eq!(found("crdt/set.rs", "use crate::types::TypeDef;").len(), 1);
        assert_eq!(found("embed/embedder.rs", "use crate::types::TypeDef;").len(), 1);
    }

    #[test]
    fn every_form_of_import_is_seen() {
        let forms = [
            "use crate::{model::Id, engine::Database};",
            "use super::super::engine::Database;",
            "use super::super::{model::Id, engine};",
            "fn f(db: &crate::engine::Database) {}",
            "pub(crate) use crate::engine::*;",
            "macro_rules! m { () => { $crate::engine::open() } }",
            "mod inner { use super::super::super::engine::Database; }",
            "#[cfg(test)] mod tests { use crate::engine::Database; }",
        ];
        for form in forms {
            assert_eq!(found("log/chain.rs", form).len(), 1, "{form}");
        }
    }

    #[test]
    fn what_comments_and_strings_say_is_no_import() {
        let text = "//! See `crate::engine`.\nconst X: &str = \"crate::engine::open\";";
        assert!(found("model/id.rs", text).is_empty());
    }

    #[test]
    fn a_name_taken_from_the_root_hides_its_layer_and_is_found() {
        assert_eq!(found("log/chain.rs", "use crate::Id;").len(), 1);
    }

    #[test]
    fn a_module_without_a_place_is_found_and_the_root_names_everything() {
        assert_eq!(found("helpers/mod.rs", "").len(), 1);
        assert!(found("lib.rs", "pub use crate::engine::Database; pub use model::Id;").is_empty());
    }

    #[test]
    fn std_is_found_outside_the_engine_and_outside_tests() {
        let text = "use std::fmt;\n#[cfg(test)]\nmod tests { use std::vec; }";
        let lines = |path| uses_of_std(&source(path, text)).len();
        assert_eq!(lines("model/id.rs"), 1);
        assert_eq!(lines("lib.rs"), 1);
        assert_eq!(lines("engine/open.rs"), 0);
        assert_eq!(lines("sync/tests.rs"), 0);
        assert_eq!(lines("journal/files.rs"), 0);
        assert_eq!(lines("journal/directory.rs"), 1);
    }
}
