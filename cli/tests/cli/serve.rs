//! The server: its page, its headers, its port, its end.

use crate::relay::Server;
use crate::support::{Room, signal, wait_until};
use std::net::TcpListener;

#[test]
fn a_folder_is_served_with_types_that_browsers_take_and_a_strict_policy() {
    let room = Room::empty();
    std::fs::create_dir(room.path("page")).expect("a folder");
    room.write("page/index.html", "<!doctype html><p>Hello");
    room.write("page/app.js", "export {};");
    room.write("page/core.wasm", b"\0asm");
    room.write("secret", "not for the world");
    let server = Server::start(&room, &["--page", "page"]);
    for (path, kind) in
        [("/", "text/html"), ("/app.js", "text/javascript"), ("/core.wasm", "application/wasm")]
    {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        for header in [
            &format!("content-type: {kind}"),
            "cache-control: no-cache",
            "content-security-policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; ",
            "x-content-type-options: nosniff",
        ] {
            assert!(answer.head.contains(header), "{path}: {header}: {}", answer.head);
        }
    }
    assert!(server.get("/").body.contains("Hello"));
    for path in ["/missing", "/../secret", "/%2e%2e/secret", "/..%2fsecret"] {
        let answer = server.get(path);
        assert!(answer.status >= 400 && !answer.body.contains("world"), "{path}: {answer:?}");
    }
}

#[test]
fn without_a_page_the_root_says_what_runs_here() {
    let room = Room::empty();
    let server = Server::start(&room, &[]);
    let root = server.get("/");
    assert_eq!(root.status, 200);
    assert!(root.body.contains("/v1/sync") && root.body.contains("pluresdb sync"), "{root:?}");
    assert!(root.head.contains("content-type: text/plain"), "{root:?}");
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/elsewhere").status, 404);
}

#[test]
fn a_taken_port_is_an_error_when_it_was_asked_for() {
    let room = Room::empty();
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("an address").to_string();
    assert_eq!(room.fails(&["serve", "--listen", &taken], 1), "listen");
    assert_eq!(room.fails(&["serve", "--listen", "nowhere"], 2), "usage");
    assert_eq!(room.fails(&["serve", "--page", "missing", "--port", "0"], 1), "no-page");
}

#[test]
fn when_the_usual_port_is_taken_another_one_is_found() {
    let room = Room::empty();
    // Taken by this, or by whatever else runs on this machine.
    let _holder = TcpListener::bind("127.0.0.1:8484");
    let server = Server::start_as(&room, &["serve", "--json"]);
    assert!(!server.host().ends_with(":8484"));
    assert_eq!(server.get("/healthz").status, 200);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_well() {
    for name in ["INT", "TERM"] {
        let room = Room::empty();
        let mut server = Server::start(&room, &["--store", "relay.sqlite"]);
        assert_eq!(server.greeting["store"], "relay.sqlite");
        signal(&server.child, name);
        let mut ended = None;
        wait_until("its end", || {
            ended = server.child.try_wait().expect("a process");
            ended.is_some()
        });
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{name}");
        assert!(room.path("relay.sqlite").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_relay_without_a_store_leaves_no_files() {
    let room = Room::empty();
    std::fs::create_dir(room.path("tmp")).expect("a folder");
    let mut child = room
        .command(&["serve", "--json", "--port", "0"])
        .env("TMPDIR", room.path("tmp"))
        .spawn()
        .expect("the program runs");
    let files = || std::fs::read_dir(room.path("tmp")).expect("the folder").count();
    wait_until("its store", || files() > 0);
    signal(&child, "TERM");
    child.wait().expect("it ends");
    assert_eq!(files(), 0);
}
