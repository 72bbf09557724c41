//! Firewalls that reject or drop the packets of a connection, before it is established and after.
//!
//! Linux ends an established connection with "connection refused" if a firewall rejects its
//! retransmissions ("port unreachable"). All of the request may have arrived by then.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sdn_proto::{Delivery, Outgoing};
use sdn_testkit::suite::{Client, ClientSettings};

use crate::isolated::{isolated, run};
use crate::transports;

type Make = fn(&ClientSettings) -> Box<Client>;

const CLIENTS: [(&str, Make); 7] = [
    ("sdn-hyper", transports::hyper),
    ("sdn-blocking", transports::blocking),
    ("sdn-blocking with a caller's agent", transports::callers_agent),
    ("reqwest", transports::reqwest),
    ("reqwest's blocking client", transports::reqwest_blocking),
    ("curl", transports::curl),
    ("tcp", transports::tcp),
];

/// Longer than the kernel retransmits.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(60);
const BODY: &str = r#"{"user_id":"@bob:b"}"#;

/// Adds a rule for incoming packets, all of which come from this machine.
fn rule(rule: &str) {
    let arguments = format!("--wait -A INPUT -p tcp {rule}");
    run("iptables", &arguments.split(' ').collect::<Vec<_>>());
}

fn reject(port: u16) {
    rule(&format!("--dport {port} -j REJECT --reject-with icmp-port-unreachable"));
}

/// Reads a whole request.
fn read(stream: &mut TcpStream, request: &Request<Bytes>) {
    let end: &[u8] = if request.body().is_empty() { b"\r\n\r\n" } else { BODY.as_bytes() };
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
}

/// Sends a request to a server that reads all of it, but whose acknowledgements are lost.
///
/// Every later packet to the server is rejected.
fn reject_after_reading(name: &str, make: Make, method: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let body = if method == "GET" { Bytes::new() } else { Bytes::from(BODY) };
    let url = format!("http://127.0.0.1:{port}/");
    let request = Request::builder().method(method).uri(url).body(body).unwrap();
    // All packets after the first, which opens the connection.
    rule(&format!("--sport {port} --tcp-flags SYN NONE -j DROP"));
    let mut settings = ClientSettings::default();
    settings.total_timeout = TOTAL_TIMEOUT;
    thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            read(&mut stream, &request);
            reject(port);
            stream
        });
        let error = make(&settings)(Outgoing::from_request(request.clone(), 1024)).unwrap_err();
        drop(server.join().unwrap());
        assert_eq!(error.delivery(), Delivery::Unknown, "{name}: {method}: {error:?}");
        // Another error, such as a timeout, would not prove anything.
        assert!(format!("{error:?}").contains("refused"), "{name}: {method}: {error:?}");
    });
}

#[test]
#[ignore = "needs a separate network: .ci/run network"]
fn rejection_after_request_is_unknown() {
    isolated("rejected::rejection_after_request_is_unknown", || {
        // The kernel gives up after about 7 seconds; reqwest sets 30.
        fs::write("/proc/sys/net/ipv4/tcp_retries2", "3").unwrap();
        thread::scope(|scope| {
            for (name, make) in CLIENTS {
                for method in ["POST", "GET"] {
                    scope.spawn(move || reject_after_reading(name, make, method));
                }
            }
        });
    });
}

#[test]
#[ignore = "needs a separate network: .ci/run network"]
fn rejection_while_connecting_is_not_sent() {
    isolated("rejected::rejection_while_connecting_is_not_sent", || {
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [rejecting, silent] = listeners.each_ref().map(|it| it.local_addr().unwrap().port());
        reject(rejecting);
        rule(&format!("--dport {silent} -j DROP"));
        let mut settings = ClientSettings::default();
        settings.connect_timeout = Duration::from_secs(1);
        for (name, make) in CLIENTS {
            for port in [rejecting, silent] {
                let url = format!("http://127.0.0.1:{port}/");
                let request = Request::post(url).body(Bytes::from(BODY)).unwrap();
                let error = make(&settings)(Outgoing::from_request(request, 1024)).unwrap_err();
                assert_eq!(error.delivery(), Delivery::NotSent, "{name}: {error:?}");
            }
        }
    });
}
