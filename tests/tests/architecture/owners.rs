//! Libraries that one place wraps for everyone else, and what the relay must not use.

use crate::Finding;
use crate::files::Source;
use crate::paths::{Mention, declared_modules, mentions};

/// A library, the part of the tree that the rule is for, and the file or folder that may use it.
struct Owner {
    library: &'static str,
    within: &'static str,
    home: &'static str,
}

const OWNERS: [Owner; 4] = [
    Owner { library: "yrs", within: "", home: "core/src/crdt/text/" },
    Owner { library: "idb", within: "", home: "wasm/src/journal/idb/" },
    Owner { library: "instant_distance", within: "", home: "core/src/engine/" },
    // The relay keeps a store of its own.
    Owner { library: "rusqlite", within: "core/", home: "core/src/engine/" },
];

/// What of the core crate opens documents, and the glob that would bring it in unseen.
const ENGINE: [&[&str]; 4] = [
    &["pluresdb", "engine"],
    &["pluresdb", "Database"],
    &["pluresdb", "rusqlite"],
    &["pluresdb", "*"],
];

/// Uses of a wrapped library outside its wrapper.
pub(crate) fn intrusions(source: &Source) -> Vec<Finding> {
    let modules = declared_modules(&source.text);
    let mentions = mentions(&source.text);
    OWNERS
        .iter()
        .filter(|owner| {
            source.path.starts_with(owner.within) && !source.path.starts_with(owner.home)
        })
        // In a file that declares a module of that name, the name means the module.
        .filter(|owner| !modules.iter().any(|module| module == owner.library))
        .flat_map(|owner| {
            mentions.iter().filter(|mention| mention.starts_with(&[owner.library])).map(|mention| {
                let what = format!("{} belongs to {}", mention.path.join("::"), owner.home);
                finding(source, mention, what)
            })
        })
        .collect()
}

/// Uses of the core crate's engine, in the relay.
pub(crate) fn uses_of_the_engine(source: &Source) -> Vec<Finding> {
    mentions(&source.text)
        .iter()
        .filter(|mention| ENGINE.iter().any(|path| mention.starts_with(path)))
        .map(|mention| finding(source, mention, mention.path.join("::")))
        .collect()
}

fn finding(source: &Source, mention: &Mention, what: String) -> Finding {
    Finding { file: source.path.clone(), line: mention.line, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intrusions_in(path: &str, text: &str) -> usize {
        intrusions(&Source { path: path.into(), text: text.into() }).len()
    }

    #[test]
    fn a_library_is_found_outside_its_home_only() {
        assert_eq!(intrusions_in("core/src/crdt/text/edit.rs", "use yrs::Doc;"), 0);
        assert_eq!(intrusions_in("core/src/crdt/list.rs", "use yrs::Doc;"), 1);
        assert_eq!(intrusions_in("cli/src/main.rs", "fn f() { yrs::Doc::new(); }"), 1);
        assert_eq!(intrusions_in("wasm/src/journal/idb/mod.rs", "use idb::Factory;"), 0);
        assert_eq!(intrusions_in("wasm/src/database.rs", "use idb::Factory;"), 1);
        assert_eq!(intrusions_in("core/src/engine/open.rs", "use rusqlite::Connection;"), 0);
        assert_eq!(intrusions_in("core/src/log/chain.rs", "use rusqlite::Connection;"), 1);
        assert_eq!(intrusions_in("relay-server/src/store.rs", "use rusqlite::Connection;"), 0);
    }

    #[test]
    fn a_module_of_the_same_name_is_not_the_library() {
        assert_eq!(intrusions_in("wasm/src/journal/mod.rs", "mod idb;\npub use idb::Store;"), 0);
    }

    #[test]
    fn the_engine_is_found_in_the_relay() {
        let count = |text: &str| {
            let source = Source { path: "relay-server/src/ws.rs".into(), text: text.into() };
            uses_of_the_engine(&source).len()
        };
        assert_eq!(count("use pluresdb::{codec::Reader, engine::Database};"), 1);
        assert_eq!(count("use pluresdb::Database;\nuse pluresdb::*;"), 2);
        assert_eq!(count("use pluresdb::sync::Message;\nuse rusqlite::Connection;"), 0);
    }
}
