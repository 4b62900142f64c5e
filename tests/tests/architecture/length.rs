//! The cap on a file's length. A file above it has more than one duty.

use crate::Finding;
use crate::files::Source;

const MOST_LINES: usize = 600;

pub(crate) fn too_long(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    (lines > MOST_LINES).then(|| Finding {
        file: source.path.clone(),
        line: lines,
        what: format!("{lines} lines, more than {MOST_LINES}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_lines(lines: usize) -> Source {
        Source { path: "core/src/model/id.rs".into(), text: "x\n".repeat(lines) }
    }

    #[test]
    fn the_cap_itself_is_allowed_and_one_more_is_found() {
        assert_eq!(too_long(&with_lines(MOST_LINES)), None);
        let found = too_long(&with_lines(MOST_LINES + 1));
        assert_eq!(found.map(|finding| finding.line), Some(MOST_LINES + 1));
    }
}
