//! A call that is implemented outside the crate has the same guarantees, with any path and
//! arguments.

use std::cell::Cell;
use std::marker::PhantomData;

use bytes::Bytes;
use http::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use sdn_proto::{
    AccessToken, ApiError, Call, Dialect, IdAccessToken, IdentityServer, Node, Outgoing, Server,
    response,
};
use url::Url;

const MESSAGE: &str = "/_api/client/v3/rooms/{roomId}/send/{eventType}/{txnId}";
const SEARCH: &str = "/_api/search?term={term}";

/// Invalid paths, and some valid ones.
const PATHS: [&str; 15] = [
    MESSAGE,
    SEARCH,
    "/a?b={c}#{d}",
    "/{a}&{b}/{c}",
    "{}",
    "",
    "/{a}/{b",
    "/a}/{b}",
    "/}{",
    "/a b/{c}",
    "/é/{a}",
    "/\r\nx: y/{a}",
    "//evil.example/{a}",
    "https://evil.example/{a}",
    "@evil.example/{a}",
];

thread_local! {
    static PATH: Cell<&'static str> = const { Cell::new("") };
}

/// A call with the path in a thread-local variable.
struct Own<'a, S> {
    args: &'a [String],
    server: PhantomData<S>,
}

impl<S: Server> Call for Own<'_, S> {
    type Server = S;
    type Output = ();

    const METHOD: Method = Method::PUT;

    fn path(_: Dialect) -> &'static str {
        PATH.get()
    }

    fn to_request(&self, server: &S) -> Request<Bytes> {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        server.request::<Self>(&args, "{}")
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<(), ApiError> {
        response::ignored(response)
    }
}

fn check_servers(args: &[String]) {
    let node = Node::new("https://host.example/base/").unwrap();
    let server = IdentityServer::new("https://host.example/base/").unwrap();
    for path in PATHS {
        PATH.set(path);
        check(&node, None, args);
        check(&server, None, args);
        check(&node.session(AccessToken::new("syt").unwrap()), Some("Bearer syt"), args);
        check(&server.session(IdAccessToken::new("id").unwrap()), Some("Bearer id"), args);
    }
}

fn check<S: Server>(server: &S, token: Option<&str>, args: &[String]) {
    let outgoing = Outgoing::new(&Own { args, server: PhantomData }, server);
    assert_eq!(outgoing.path(), PATH.get());
    let request = outgoing.request();
    assert_eq!((request.method(), &request.body()[..]), (&Method::PUT, &b"{}"[..]));
    assert_eq!(request.headers()["content-type"], "application/json");
    let bearer = request.headers().get("authorization");
    assert_eq!(bearer.map(|value| value.to_str().unwrap()), token);
    assert!(bearer.is_none_or(|value| value.is_sensitive()));
    assert_eq!(request.headers().len(), 1 + usize::from(token.is_some()));

    let url = request.uri().to_string();
    let path = url.strip_prefix("https://host.example/base/").unwrap();
    let url = Url::parse(&url).unwrap();
    assert_eq!((url.host_str(), url.port(), url.fragment()), (Some("host.example"), None, None));
    let length: usize = args.iter().map(String::len).sum();
    let has_dots = args.iter().any(|arg| matches!(arg.as_str(), "." | ".."));
    let is_sent = path != "%7B%7D";
    match PATH.get() {
        MESSAGE if length < 20_000 => assert_eq!(is_sent, args.len() == 3 && !has_dots),
        SEARCH if length < 20_000 => assert_eq!(is_sent, args.len() == 1),
        _ => {}
    }
    if is_sent {
        check_args(path, args);
    }
}

/// Checks that an argument appears only at the place of its name.
fn check_args(path: &str, args: &[String]) {
    let template = PATH.get().strip_prefix('/').unwrap_or(PATH.get());
    let mut rest = path;
    for (index, piece) in template.split(['{', '}']).enumerate() {
        if index % 2 == 0 {
            rest = rest.strip_prefix(piece).unwrap();
        } else {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.!~*'()%".contains(c);
            let end = rest.find(|c| !is_plain(c)).unwrap_or(rest.len());
            assert_eq!(percent_decode_str(&rest[..end]).decode_utf8().unwrap(), args[index / 2]);
            rest = &rest[end..];
        }
    }
    assert_eq!((rest, template.matches('{').count()), ("", args.len()));
}

proptest! {
    #[test]
    fn own_call_has_same_guarantees(args in proptest::collection::vec(any::<String>(), 0..5)) {
        check_servers(&args);
    }

    #[test]
    fn own_call_keeps_dots_and_slashes(args in proptest::collection::vec("[./%?#{}]{0,3}", 0..4)) {
        check_servers(&args);
    }
}

#[test]
fn long_argument_does_not_panic() {
    for length in [60_000, 65_535, 70_000, 1 << 20] {
        check_servers(&["a".repeat(length)]);
    }
}
