//! Connections that are reused, and connections that cannot be reused.

use std::thread;

use sdn_testkit::script::{response, serve_always};

use super::{pause, try_to_invite};
use crate::Client;

#[test]
fn error_keeps_its_connection() {
    let server = serve_always(response("403 Forbidden", "{}"));
    let client = Client::new();
    for _ in 0..3 {
        try_to_invite(&client, &server.base_url()).unwrap_err();
        pause();
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn zero_idle_connections_keeps_none() {
    let server = serve_always(response("200 OK", "{}"));
    let client = Client::builder().max_idle_per_host(0).build();
    for _ in 0..3 {
        try_to_invite(&client, &server.base_url()).unwrap();
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn threads_share_a_client() {
    let server = serve_always(response("200 OK", "{}"));
    let client = Client::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| try_to_invite(&client, &server.base_url()).unwrap());
        }
    });
    assert_eq!(server.requests().len(), 8);
}
