//! The output of a caller's agent through the `log` crate.
//!
//! At the level trace, ureq-proto prints every byte of a request's head and of a response.

use std::sync::Mutex;

use env_filter::Filter;
use log::{Level, LevelFilter, Log, Metadata, Record};
use sdn_blocking::Client;
use sdn_proto::client::RequestOpenIdToken;
use sdn_proto::{AccessToken, Node, UserId};
use sdn_testkit::World;

/// The documented value of `RUST_LOG`.
const FILTER: &str = "trace,ureq_proto=debug";

/// Keeps the output without a filter, and with it.
struct Kept {
    filter: Filter,
    all: Mutex<String>,
    filtered: Mutex<String>,
}

impl Log for Kept {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let text = record.args().to_string();
        // A dump's line has 16 bytes, as numbers and then as text; a token may be on two lines.
        let is_dump = record.level() == Level::Trace && record.target().starts_with("ureq_proto");
        let shown = if is_dump { &text[text.len() - 16..] } else { &text };
        self.all.lock().unwrap().push_str(shown);
        if self.filter.matches(record) {
            self.filtered.lock().unwrap().push_str(shown);
        }
    }

    fn flush(&self) {}
}

#[test]
fn documented_filter_hides_tokens() {
    let filter = env_filter::Builder::new().try_parse(FILTER).unwrap().build();
    let kept = Kept { filter, all: Mutex::default(), filtered: Mutex::default() };
    let kept: &Kept = Box::leak(Box::new(kept));
    log::set_logger(kept).unwrap();
    log::set_max_level(LevelFilter::Trace);

    let world = World::new();
    let token = world.add_user("@planted:node.example");
    let server = world.serve().unwrap();
    let session = Node::new(server.base_url()).unwrap().session(AccessToken::new(&token).unwrap());
    let user = UserId::new("@planted:node.example").unwrap();
    let client = Client::with_agent(ureq::Agent::new_with_defaults());
    let open_id = client.send(&session, &RequestOpenIdToken::new(user)).unwrap();

    let (all, filtered) = (kept.all.lock().unwrap(), kept.filtered.lock().unwrap());
    for secret in [&token, open_id.expose()] {
        assert!(all.contains(secret), "no filter is needed any more: {all}");
        assert!(!filtered.contains(secret), "{filtered}");
    }
    assert!(filtered.contains("Connected TcpStream"), "{filtered}");
}
