//! The file is open: the plain `sqlite3` tool reads it.

use crate::support::Room;
use std::process::Command;

/// What `sqlite3` prints for a statement, `None` where the tool is not installed.
fn sqlite3(room: &Room, sql: &str) -> Option<String> {
    let tool = Command::new("sqlite3").arg(room.path("db")).arg(sql).output().ok()?;
    assert!(tool.status.success(), "{}", String::from_utf8_lossy(&tool.stderr));
    Some(String::from_utf8(tool.stdout).expect("UTF-8"))
}

#[test]
fn the_sqlite3_tool_reads_nodes_edges_and_the_view_of_a_type() {
    let room = Room::with_notes();
    let Some(nodes) =
        sqlite3(&room, "SELECT id, type, json_extract(data, '$.done') FROM nodes ORDER BY id")
    else {
        eprintln!("sqlite3 is not installed; nothing was tested");
        return;
    };
    assert_eq!(nodes, "cat|Note|1\nmilk|Note|0\n");
    let edges = sqlite3(&room, "SELECT source, label, target, data FROM edges");
    assert_eq!(edges.as_deref(), Some("milk|before|cat|{\"minutes\":5}\n"));
    let view = sqlite3(&room, "SELECT title FROM Note WHERE done ORDER BY title");
    assert_eq!(view.as_deref(), Some("Feed the cat\n"));
    assert_eq!(sqlite3(&room, "PRAGMA integrity_check").as_deref(), Some("ok\n"));
}
