//! Proxies: their URLs, the request for a connection, and every response to it.

use sdn_proto::http::StatusCode;
use sdn_proto::http::uri::Authority;
use sdn_proto::{Proxy, Rule};

fn proxy(url: &str) -> Proxy {
    Proxy::new(url).unwrap()
}

fn request(url: &str, server: &'static str, port: u16) -> String {
    String::from_utf8(proxy(url).request(&Authority::from_static(server), port)).unwrap()
}

#[test]
fn urls_name_host_and_port() {
    for (url, host, port, shown) in [
        ("http://proxy.example:3128", "proxy.example", 3128, "http://proxy.example:3128"),
        ("HTTP://Proxy.Example/", "proxy.example", 80, "http://proxy.example:80"),
        ("http://127.0.0.1:8080/", "127.0.0.1", 8080, "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "::1", 8080, "http://[::1]:8080"),
        ("http://u:p@[::1]", "::1", 80, "http://[::1]:80"),
    ] {
        let proxy = proxy(url);
        assert_eq!((proxy.host(), proxy.port()), (host, port), "{url}");
        assert_eq!((proxy.to_string(), format!("{proxy:?}")), (shown.into(), shown.into()));
        assert_eq!(serde_json::from_value::<Proxy>(url.into()).unwrap(), proxy);
    }
}

#[test]
fn other_urls_are_rejected() {
    for (url, rule) in [
        ("", Rule::Empty),
        ("proxy.example:3128", Rule::NotHttpProxy),
        ("https://proxy.example", Rule::NotHttpProxy),
        ("socks5://proxy.example", Rule::NotHttpProxy),
        ("http://proxy.example/path", Rule::HasPath),
        ("http://proxy.example?query", Rule::HasQuery),
        ("http://proxy.example#fragment", Rule::HasFragment),
        ("http://", Rule::InvalidHost),
        ("http://proxy example", Rule::InvalidHost),
        ("http://planted@", Rule::InvalidHost),
        ("http://proxy.example:port", Rule::InvalidPort),
        ("http://proxy.example/@planted.example", Rule::InvalidCharacter),
        ("http://planted%3A:p@proxy.example", Rule::InvalidCharacter),
        ("http://u:planted%0@proxy.example", Rule::InvalidCharacter),
        ("http://u:planted%ff@proxy.example", Rule::InvalidCharacter),
        ("http://u:planted%0d%0a@proxy.example", Rule::ControlCharacter),
    ] {
        let error = Proxy::new(url).unwrap_err();
        assert_eq!(error.rule(), rule, "{url}");
        let read = serde_json::from_value::<Proxy>(url.into()).unwrap_err();
        assert_eq!(read.to_string(), error.to_string());
        assert!(!error.to_string().contains("planted"), "{error}");
    }
}

#[test]
fn request_names_server_and_user() {
    assert_eq!(
        request("http://proxy.example", "u:p@[2001:db8::1]:8448", 8448),
        "CONNECT [2001:db8::1]:8448 HTTP/1.1\r\nhost: [2001:db8::1]:8448\r\n\r\n"
    );
    for (user, credentials) in [
        ("alice:secret", "YWxpY2U6c2VjcmV0"),
        ("alice", "YWxpY2U6"),
        ("", "Og=="),
        ("alice:a:b%40c%25", "YWxpY2U6YTpiQGMl"),
        ("j%C3%BCrgen:p", "asO8cmdlbjpw"),
    ] {
        assert_eq!(
            request(&format!("http://{user}@proxy.example"), "node.example", 443),
            format!(
                "CONNECT node.example:443 HTTP/1.1\r\nhost: node.example:443\r\n\
                 proxy-authorization: Basic {credentials}\r\n\r\n"
            )
        );
    }
}

#[test]
fn response_opens_connection_at_its_end() {
    for response in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 Connection established\r\nx: y\r\n\r\n",
        "HTTP/1.1 299\nx: y\n\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nx: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        let proxy = proxy("http://proxy.example");
        for end in 0..response.len() {
            assert_eq!(proxy.is_open(&response.as_bytes()[..end]), Ok(false), "{response:?} {end}");
        }
        assert_eq!(proxy.is_open(response.as_bytes()), Ok(true), "{response:?}");
        let error = proxy.is_open(format!("{response}x").as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "the proxy sent more than its response");
    }
}

#[test]
fn refusal_has_its_status() {
    for (status, text) in [
        (407, "407 Proxy Authentication Required; check its user name and password"),
        (403, "403 Forbidden"),
        (502, "502 Bad Gateway"),
        (302, "302 Found"),
        (599, "599 <unknown status code>"),
    ] {
        let response = format!("HTTP/1.1 {status} planted\r\nx: planted\r\n\r\nplanted");
        let error = proxy("http://proxy.example").is_open(response.as_bytes()).unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        let text = format!("the proxy does not connect to the server: {text}");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn other_responses_are_errors() {
    let proxy = proxy("http://proxy.example");
    for response in [
        "SSH-2.0-OpenSSH\r\n",
        "\u{15}",
        "HTTP/2.0 200 OK",
        "HTTP/1.1 2x0 OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        let error = proxy.is_open(response.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "the proxy's response is not HTTP", "{response:?}");
        assert_eq!(error.status(), None::<StatusCode>);
    }
    let long = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(16 * 1024));
    let error = proxy.is_open(long.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "the head of the proxy's response is too long");
}
