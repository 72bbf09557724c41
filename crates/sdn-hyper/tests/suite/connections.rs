//! Connections that are used again, and ones that no longer can be.

use std::thread;

use sdn_proto::Delivery;

use super::server::{answer, serve, serve_answer};
use super::{assert_delivery, pause, transport_error, try_to_invite};
use crate::{Client, Error};

#[test]
fn one_connection_serves_ten_calls() {
    let server = serve_answer(answer("200 OK", "{}"));
    let client = Client::new();
    for _ in 0..10 {
        try_to_invite(&client.clone(), &server.base_url()).unwrap();
        pause();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 10));
}

#[test]
fn an_error_keeps_its_connection() {
    let server = serve_answer(answer("403 Forbidden", "{}"));
    let client = Client::new();
    for _ in 0..3 {
        try_to_invite(&client, &server.base_url()).unwrap_err();
        pause();
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn no_connection_is_kept_if_none_shall_be() {
    let server = serve_answer(answer("200 OK", "{}"));
    let client = Client::builder().max_idle_per_host(0).build();
    for _ in 0..3 {
        try_to_invite(&client, &server.base_url()).unwrap();
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_kept_connection_that_was_closed_is_replaced() {
    // The server promises to keep the connection and closes it.
    let server = serve(|connection| {
        connection.answer(answer("200 OK", "{}").as_bytes());
    });
    let client = Client::new();
    for _ in 0..5 {
        try_to_invite(&client, &server.base_url()).unwrap();
        pause();
    }
    assert_eq!((server.connections(), server.requests().len()), (5, 5));
}

#[test]
fn a_call_that_a_kept_connection_swallowed_is_not_sent_again() {
    let server = serve(|connection| {
        connection.answer(answer("200 OK", "{}").as_bytes());
        connection.request();
    });
    let client = Client::new();
    try_to_invite(&client, &server.base_url()).unwrap();
    pause();
    let error = transport_error(&client, &server.base_url());
    assert!(matches!(error, Error::ConnectionLost(_)), "{error:?}");
    assert_delivery(&error, Delivery::Unknown);
    pause();
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[test]
fn threads_share_a_client() {
    let server = serve_answer(answer("200 OK", "{}"));
    let client = Client::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| try_to_invite(&client, &server.base_url()).unwrap());
        }
    });
    assert_eq!(server.requests().len(), 8);
}
