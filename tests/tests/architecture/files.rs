//! The repository's source files as text. What is generated or installed is not source.

use std::fs;
use std::path::{Path, PathBuf};

const NOT_SOURCE: [&str; 6] = ["node_modules", "target", "dist", "pkg", ".cache", "fixtures"];

/// A file's text and its path from the repository's root, with `/` on every system.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All files with one of these endings in these folders. A folder that does not exist has none.
pub(crate) fn sources(folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root().join(folder), endings, &mut found);
    }
    found
}

/// The text of one file that must exist.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !NOT_SOURCE.contains(&name.as_ref()) {
                collect(&path, endings, found);
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one))
            // A file may be gone again by now: an editor's or a build's.
            && let Ok(text) = fs::read_to_string(&path)
        {
            found.push(Source { path: from_root(&path), text });
        }
    }
}

fn from_root(path: &Path) -> String {
    let relative = path.strip_prefix(root()).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
