//! Two files and a relay between them, each a process.

use crate::relay::Server;
use crate::support::{PATIENCE, Room, end, signal, wait_until};
use pluresdb::Database;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Instant;

/// A room with two empty databases of one space, and a relay.
fn pair() -> (Room, Server) {
    let room = Room::new();
    let space = room.json(&["status", "db"])["space"].clone();
    room.ok(&["init", "other", "--space", space.as_str().expect("a space")]);
    let server = Server::start(&room, &["--store", "relay.sqlite"]);
    (room, server)
}

fn hash(room: &Room, name: &str) -> String {
    room.json(&["status", name, "--hash"])["state_hash"].to_string()
}

#[test]
fn two_files_become_equal_through_a_relay() {
    let (room, server) = pair();
    let url = server.sync_url();
    room.ok(&["put", "db", "a", "-t", "T", "-f", "x=1"]);
    room.ok(&["put", "other", "b", "-t", "T", "-f", "y=2"]);
    room.ok(&["link", "other", "b", "next", "b"]);

    let sent = room.json(&["sync", "db", &url]);
    assert_eq!(
        (&sent["settled"], &sent["sent"], &sent["received"]),
        (&json!(true), &json!(1), &json!(0))
    );
    let both = room.json(&["sync", "other", &url]);
    assert_eq!((&both["sent"], &both["received"]), (&json!(2), &json!(1)));
    let words = room.ok(&["sync", "db", &url]);
    assert_eq!(words, "Synced: 2 records came, 0 went\n");

    assert_eq!(hash(&room, "db"), hash(&room, "other"));
    assert_eq!(room.json(&["edges", "db", "b"])[0]["label"], "next");
    // What was deleted stays deleted, also where it comes from a stale file.
    room.ok(&["delete", "other", "a"]);
    room.ok(&["sync", "other", &url]);
    room.ok(&["patch", "db", "a", "-f", "x=3"]);
    room.ok(&["sync", "db", &url]);
    room.ok(&["sync", "other", &url]);
    assert_eq!(room.fails(&["get", "db", "a"], 3), "not-found");
    assert_eq!(hash(&room, "db"), hash(&room, "other"));
}

#[test]
fn a_second_sync_fetches_nothing_again() {
    let (room, server) = pair();
    let url = server.sync_url();
    let lines = (0..2_000).fold(String::new(), |mut lines, i| {
        let _ = writeln!(lines, r#"{{"id":"n{i}","type":"N","data":{{"i":{i}}}}}"#);
        lines
    });
    room.write("lines", &lines);
    room.ok(&["import", "db", "lines"]);
    room.ok(&["sync", "db", &url]);
    room.ok(&["sync", "other", &url]);
    assert_eq!(room.nodes("other"), 2_000);
    let again = room.json(&["sync", "other", &url]);
    assert_eq!((&again["received"], &again["sent"]), (&json!(0), &json!(0)));
    let sql = "SELECT count(*) AS n FROM pdb_meta WHERE key LIKE 'cursor:%'";
    assert_eq!(room.json(&["query", "other", sql])[0]["n"], 1);
}

#[test]
fn databases_of_other_spaces_do_not_mix() {
    let (room, server) = pair();
    room.ok(&["init", "foreign"]);
    room.ok(&["put", "db", "a", "-t", "T"]);
    room.ok(&["sync", "db", &server.sync_url()]);
    room.ok(&["sync", "foreign", &server.sync_url()]);
    assert_eq!(room.nodes("foreign"), 0);
}

#[test]
fn a_relay_that_is_not_there_is_an_error_at_once() {
    let room = Room::new();
    let started = Instant::now();
    assert_eq!(room.fails(&["sync", "db", "ws://127.0.0.1:1"], 1), "sync_connection");
    assert!(started.elapsed() < PATIENCE / 2);
    assert_eq!(room.fails(&["sync", "db", "http://127.0.0.1:1"], 2), "usage");
    let server = Server::start(&room, &[]);
    let url = format!("{}/elsewhere", server.sync_url());
    let ran = room.run(&["sync", "db", &url]);
    assert!(ran.code == Some(1) && ran.err.contains("404"), "{ran:?}");
}

#[test]
fn a_relay_that_lost_everything_gets_it_again() {
    let (room, server) = pair();
    room.ok(&["put", "db", "a", "-t", "T"]);
    room.ok(&["sync", "db", &server.sync_url()]);
    let host = server.host().to_owned();
    drop(server);
    for file in ["relay.sqlite", "relay.sqlite-wal", "relay.sqlite-shm"] {
        // The side files are there only after a kill.
        let _ = std::fs::remove_file(room.path(file));
    }
    let server = Server::start(&room, &["--store", "relay.sqlite", "--listen", &host]);
    assert_eq!(room.json(&["sync", "db", &server.sync_url()])["sent"], 1);
    assert_eq!(room.json(&["sync", "other", &server.sync_url()])["received"], 1);
}

#[cfg(unix)]
#[test]
fn live_syncs_what_other_processes_write_until_it_is_stopped() {
    let (room, server) = pair();
    let url = server.sync_url();
    let here = room.start(&["sync", "db", &url, "--live", "--json"]);
    let there = room.start(&["sync", "other", &url, "--live"]);
    room.ok(&["put", "db", "a", "-t", "T"]);
    wait_until("the node of one", || room.run(&["get", "other", "a"]).code == Some(0));
    room.ok(&["put", "other", "b", "-t", "T"]);
    wait_until("the node of the other", || room.run(&["get", "db", "b"]).code == Some(0));
    for child in [here, there] {
        signal(&child, "INT");
        let ran = end(child);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let last = ran.out.lines().last().unwrap_or_default();
        assert!(last.starts_with('{') || last == "Synced: 1 records came, 1 went", "{ran:?}");
    }
    assert_eq!(hash(&room, "db"), hash(&room, "other"));
}

#[test]
fn a_restored_backup_gets_its_lost_writes_back_and_forks_nothing() {
    let (room, server) = pair();
    let url = server.sync_url();
    room.ok(&["put", "db", "a", "-t", "T", "-f", "x=1"]);
    std::fs::copy(room.path("db"), room.path("backup")).expect("a copy");
    room.ok(&["put", "db", "b", "-t", "T"]);
    room.ok(&["sync", "db", &url]);
    std::fs::copy(room.path("backup"), room.path("db")).expect("a copy");
    room.ok(&["put", "db", "c", "-t", "T"]);
    let both = room.json(&["sync", "db", &url]);
    assert_eq!(
        (&both["sent"], &both["received"], &both["forks"]),
        (&1.into(), &1.into(), &json!([]))
    );
    assert_eq!(room.nodes("db"), 3);
    room.ok(&["sync", "other", &url]);
    assert_eq!(hash(&room, "db"), hash(&room, "other"));
}

#[test]
fn two_files_that_wrote_as_one_device_both_keep_what_they_wrote() {
    let (room, server) = pair();
    let url = server.sync_url();
    for (file, id) in [("db", "a"), ("db", "b"), ("other", "c"), ("other", "d"), ("other", "e")] {
        let mut database = Database::open(room.path(file)).expect("a database");
        database.set_actor(pluresdb::ActorId([7; 16])).expect("an actor");
        database.put(id, "T", pluresdb::object([])).expect("a write");
    }
    room.ok(&["sync", "db", &url]);
    let resolved = room.json(&["sync", "other", &url]);
    assert_eq!(resolved["settled"], true, "{resolved}");
    let fork = &resolved["forks"][0];
    assert_eq!((&fork["seq"], &fork["actor"]), (&1.into(), &json!("07".repeat(16))));
    let told = room.json(&["status", "other"]);
    assert_eq!(told["forks"][0]["moved_to"], fork["moved_to"]);
    room.ok(&["sync", "db", &url]);
    assert_eq!(room.nodes("db"), 5);
    assert_eq!(hash(&room, "db"), hash(&room, "other"));
    for file in ["db", "other"] {
        let again = room.json(&["sync", file, &url]);
        assert_eq!((&again["sent"], &again["received"]), (&0.into(), &0.into()));
    }
    for file in ["db", "other"] {
        room.ok(&["put", file, file, "-t", "T"]);
        room.ok(&["sync", file, &url]);
    }
    room.ok(&["sync", "db", &url]);
    assert_eq!(hash(&room, "db"), hash(&room, "other"));
}

#[test]
fn a_record_of_a_clock_that_is_ahead_is_told_and_kept() {
    let (room, server) = pair();
    let url = server.sync_url();
    let space = room.json(&["status", "db"])["space"].as_str().and_then(|id| id.parse().ok());
    let header = pluresdb::model::Header {
        space: space.expect("a space"),
        actor: pluresdb::ActorId([7; 16]),
        seq: 1,
        prev: pluresdb::model::RecordHash::ZERO,
        hlc: pluresdb::model::Hlc::at(1 << 46),
        epoch: 0,
        deps: Vec::new(),
    };
    let record = pluresdb::codec::Draft { header: &header, parts: &[] }.encode().expect("a record");
    let mut database = Database::open(room.path("db")).expect("a database");
    assert_eq!(database.replay(&[record]).expect("it counts there").applied, 1);
    drop(database);
    room.ok(&["sync", "db", &url]);
    let ran = room.run(&["sync", "other", &url]);
    assert!(ran.err.contains(&header.actor.to_string()), "{ran:?}");
    let waiting = &room.json(&["status", "other"])["waiting"];
    assert_eq!((&waiting["records"], &waiting["held"]), (&1.into(), &1.into()));
    assert_eq!(waiting["stalled"][0]["actor"], header.actor.to_string());
    assert!(room.ok(&["status", "other"]).contains("1 records do not count yet"));
}
