//! What a node was, and forgetting it: history, get --as-of, compact.

use crate::relay::Server;
use crate::support::Room;
use serde_json::json;
use std::thread::sleep;
use std::time::Duration;

/// A room with a node that had three titles, each in a millisecond of its own.
fn room() -> Room {
    let room = Room::new();
    for title in ["first", "second", "third"] {
        room.ok(&["put", "db", "n", "-t", "Note", "-f", &format!("title={title}")]);
        sleep(Duration::from_millis(5));
    }
    room
}

#[test]
fn the_history_of_a_node_is_listed_in_order() {
    let room = room();
    room.ok(&["delete", "db", "n"]);
    let history = room.json(&["history", "db", "n"]);
    let titles: Vec<_> = (0..3).map(|n| history[n]["writes"][0]["value"].clone()).collect();
    assert_eq!(titles, ["first", "second", "third"]);
    let first = &history[0];
    assert_eq!(
        (&first["put"], &first["type"], &first["seq"]),
        (&json!(true), &json!("Note"), &json!(1))
    );
    assert_eq!(first["writes"][0]["field"], json!(["title"]));
    assert_eq!((&history[3]["deleted"], &history[3]["writes"]), (&json!(true), &json!([])));
    let words = room.ok(&["history", "db", "n"]);
    assert!(words.contains("  put as Note\n  set title \"first\"\n"), "{words}");
    assert!(words.contains("  set title \"third\"\n"), "{words}");
    assert_eq!(room.fails(&["history", "db", "missing"], 3), "not-found");
}

#[test]
fn keys_that_would_read_as_others_are_in_quotes() {
    let room = room();
    room.ok(&["patch", "db", "n", r#"{"": 1, "a.b": {"c": 2}}"#]);
    let words = room.ok(&["history", "db", "n"]);
    assert!(words.contains("  set \"\" 1\n  set \"a.b\".c 2\n"), "{words}");
}

#[test]
fn a_node_is_read_as_it_was() {
    let room = room();
    let history = room.json(&["history", "db", "n"]);
    let at = |n: usize| history[n]["at"].as_u64().expect("milliseconds").to_string();
    let title =
        |time: &str| room.json(&["get", "db", "n", "--as-of", time])["data"]["title"].clone();
    assert_eq!(title(&at(0)), "first");
    assert_eq!(title(&at(1)), "second");
    assert_eq!(title("2999-01-31T12:00:00Z"), "third");
    assert_eq!(title("2999-01-31t12:00:00.25+02:00"), "third");
    for before in ["0", "1999-12-31T23:59:59Z"] {
        assert_eq!(room.fails(&["get", "db", "n", "--as-of", before], 3), "not-found");
    }
    for words in ["now", "12:00", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", ""] {
        assert_eq!(room.fails(&["get", "db", "n", "--as-of", words], 2), "usage", "{words}");
    }
}

#[test]
fn only_what_a_relay_holds_is_forgotten() {
    let room = room();
    let nothing = room.json(&["compact", "db"]);
    assert_eq!((&nothing["records"], &nothing["keep_days"]), (&json!(0), &json!(null)));
    let unsynced = room.json(&["compact", "db", "--keep", "0"]);
    assert_eq!((&unsynced["records"], &unsynced["unsynced"]), (&json!(0), &json!(1)));

    let server = Server::start(&room, &["--store", "relay.sqlite"]);
    room.ok(&["sync", "db", &server.sync_url()]);
    room.ok(&["put", "db", "later", "-t", "Note"]);
    sleep(Duration::from_millis(5));
    let done = room.json(&["compact", "db"]);
    assert_eq!((&done["records"], &done["keep_days"]), (&json!(3), &json!(0)));
    assert_eq!(room.json(&["history", "db", "n"]), json!([]));
    assert_eq!(room.json(&["get", "db", "n"])["data"]["title"], "third");
    assert_eq!(room.fails(&["get", "db", "n", "--as-of", "5"], 1), "forgotten");
    // A device that was not there yet gets all of it.
    let space = room.json(&["status", "db"])["space"].clone();
    room.ok(&["init", "other", "--space", space.as_str().expect("a space")]);
    room.ok(&["sync", "db", &server.sync_url()]);
    room.ok(&["sync", "other", &server.sync_url()]);
    assert_eq!(room.json(&["history", "other", "n"])[0]["writes"][0]["value"], "first");
    assert_eq!(room.nodes("other"), 2);
}

#[test]
fn a_relay_that_lacks_what_was_forgotten_ends_a_sync_with_what_to_do() {
    let room = room();
    let words = room.ok(&["compact", "db", "--keep", "0", "--unsynced"]);
    assert!(words.starts_with("Forgot 3 records; the file had "), "{words}");
    let server = Server::start(&room, &["--store", "relay.sqlite"]);
    assert_eq!(room.fails(&["sync", "db", &server.sync_url()], 1), "records-forgotten");
    let live = room.run(&["sync", "db", &server.sync_url(), "--live"]);
    assert_eq!(live.code, Some(1));
    assert!(live.err.contains("start the other one from a copy"), "{live:?}");
}
