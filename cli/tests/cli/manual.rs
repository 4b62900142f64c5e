//! The manual's examples run as they are printed.

use crate::support::Room;
use std::path::Path;
use std::process::Command;

#[cfg(unix)]
#[test]
fn every_example_of_the_manual_runs() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let manual = std::fs::read_to_string(manual).expect("docs/cli.md");
    let blocks = manual.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let script: String = blocks.collect();
    assert!(script.lines().count() > 15, "the examples were not found");

    let room = Room::empty();
    room.write("examples.sh", script);
    let programs = Path::new(env!("CARGO_BIN_EXE_pluresdb")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let ran = Command::new("sh")
        .args(["-eux", "examples.sh"])
        .current_dir(room.path(""))
        .env("PLURESDB_STATE_DIR", room.path("state"))
        .env("PATH", format!("{}:{path}", programs.display()))
        .output()
        .expect("a shell");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(room.nodes("copy.pluresdb"), 2);
}
