//! Words, help, exit codes and forms of output that all commands share.

use crate::support::Room;

const COMMANDS: [&str; 22] = [
    "init",
    "put",
    "get",
    "patch",
    "increment",
    "set",
    "edit",
    "delete",
    "list",
    "link",
    "unlink",
    "edges",
    "search",
    "query",
    "facets",
    "saved",
    "import",
    "export",
    "sync",
    "serve",
    "status",
    "completions",
];

#[test]
fn every_command_has_help_with_an_example() {
    let room = Room::empty();
    let all = room.ok(&["--help"]);
    for command in COMMANDS {
        assert!(all.contains(&format!("\n  {command} ")), "{command} is not listed");
        let help = room.ok(&[command, "--help"]);
        assert!(help.contains(&format!("pluresdb {command} ")), "{command}: {help}");
        assert!(help.contains("Example"), "{command}: {help}");
    }
}

#[test]
fn words_that_make_no_command_exit_with_2() {
    let room = Room::empty();
    for words in [&["foo"][..], &["get"], &["get", "db"], &["list", "db", "--limit", "x"]] {
        assert_eq!(room.fails(words, 2), "usage");
        let ran = room.run(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
}

#[test]
fn an_error_has_a_code_a_sentence_and_a_hint() {
    let room = Room::empty();
    let error = room.run(&["get", "missing", "x", "--json"]).error();
    assert_eq!(error["code"], "no-database");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("missing")));
    assert!(error["hint"].as_str().is_some_and(|text| text.contains("pluresdb init")));
    let words = room.run(&["get", "missing", "x"]);
    assert!(words.err.starts_with("error: ") && words.err.contains("\n  hint: "), "{words:?}");
}

#[test]
fn quiet_prints_only_what_was_asked_for() {
    let room = Room::empty();
    assert_eq!(room.ok(&["init", "db", "-q"]), "");
    assert_eq!(room.ok(&["put", "db", "n", "-t", "T", "-q"]), "");
    let ran = room.run(&["query", "db", "SELECT id FROM nodes", "-q"]);
    assert!(ran.out.contains("n\n") && ran.err.is_empty(), "{ran:?}");
}

#[test]
fn nothing_is_coloured_in_a_pipe() {
    let room = Room::with_notes();
    for words in
        [&["--help"][..], &["list", "db"], &["query", "db", "SELECT NULL"], &["get", "db", "x"]]
    {
        let ran = room.run(words);
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{ran:?}");
    }
}

#[test]
fn each_shell_gets_completions() {
    let room = Room::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(room.ok(&["completions", shell]).contains("pluresdb"), "{shell}");
    }
    assert_eq!(room.fails(&["completions", "tcsh"], 2), "usage");
}
