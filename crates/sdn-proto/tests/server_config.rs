//! Nodes and identity servers in configurations.

use sdn_proto::{Dialect, IdentityServer, Node};
use serde_json::{Value, from_value, json, to_value};

/// Valid inputs, with the URL, the dialect, and the serialized form.
fn valid() -> Vec<(Value, &'static str, Dialect, Value)> {
    let sdn = |read, url| (read, url, Dialect::Sdn, json!(url));
    vec![
        sdn(json!("https://node.example"), "https://node.example/"),
        sdn(json!("https://node.example:8448/sub/"), "https://node.example:8448/sub/"),
        sdn(json!("http://127.0.0.1:8008"), "http://127.0.0.1:8008/"),
        sdn(json!("http://[::1]/"), "http://[::1]/"),
        sdn(json!({"url": "https://node.example"}), "https://node.example/"),
        sdn(json!({"url": "https://node.example", "insecure": true}), "https://node.example/"),
        sdn(json!({"dialect": "sdn", "url": "http://localhost"}), "http://localhost/"),
        (
            json!({"url": "https://matrix.example", "dialect": "matrix", "insecure": false}),
            "https://matrix.example/",
            Dialect::Matrix,
            json!({"url": "https://matrix.example/", "dialect": "matrix"}),
        ),
        (
            json!({"url": "http://192.0.2.1", "insecure": true}),
            "http://192.0.2.1/",
            Dialect::Sdn,
            json!({"url": "http://192.0.2.1/", "insecure": true}),
        ),
        (
            json!({"url": "http://matrix.example", "dialect": "matrix", "insecure": true}),
            "http://matrix.example/",
            Dialect::Matrix,
            json!({"url": "http://matrix.example/", "dialect": "matrix", "insecure": true}),
        ),
    ]
}

/// Invalid inputs, with a part of the error.
fn invalid() -> Vec<(Value, &'static str)> {
    vec![
        (json!("node.example"), "has no scheme"),
        (json!("https://u:planted@node.example"), "user name or password"),
        (json!("http://node.example"), "over plain http"),
        (json!({"url": "http://node.example"}), "over plain http"),
        (json!({"url": "http://node.example", "insecure": false}), "over plain http"),
        (json!({"url": "https://node.example", "dialect": "Matrix"}), "dialect: "),
        (json!({"url": "https://node.example", "dialect": 1}), "invalid type"),
        (json!({"url": "https://node.example", "insecure": "yes"}), "invalid type"),
        (json!({"url": "https://node.example", "token": "planted"}), "unknown field `token`"),
        (json!({"dialect": "matrix"}), "missing field `url`"),
        (json!(["https://node.example"]), "a URL, or a map of `url`, `dialect` and `insecure`"),
        (json!(null), "a URL, or a map of `url`, `dialect` and `insecure`"),
    ]
}

#[test]
fn configured_server_is_as_constructed() {
    for (read, url, dialect, written) in valid() {
        let node: Node = from_value(read.clone()).unwrap();
        assert_eq!(node, Node::new_insecure(url).unwrap().with_dialect(dialect), "{read}");
        assert_eq!(to_value(&node).unwrap(), written, "{read}");
        assert_eq!(from_value::<Node>(written.clone()).unwrap(), node, "{read}");

        let server: IdentityServer = from_value(read.clone()).unwrap();
        assert_eq!(server, IdentityServer::new_insecure(url).unwrap().with_dialect(dialect));
        assert_eq!(to_value(&server).unwrap(), written, "{read}");
    }
}

#[test]
fn invalid_server_is_rejected_with_reason() {
    for (read, reason) in invalid() {
        let errors = [
            from_value::<Node>(read.clone()).unwrap_err().to_string(),
            from_value::<IdentityServer>(read.clone()).unwrap_err().to_string(),
        ];
        for error in errors {
            assert!(error.contains(reason), "{read}: {error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }
    let error = from_value::<IdentityServer>(json!("id.example")).unwrap_err();
    assert!(error.to_string().starts_with("identity server URL: "), "{error}");
}

#[test]
fn dialects_are_words() {
    for dialect in [Dialect::Sdn, Dialect::Matrix] {
        let word = to_value(dialect).unwrap();
        assert_eq!(word, dialect.as_str());
        assert_eq!(from_value::<Dialect>(word).unwrap(), dialect);
    }
    assert!(from_value::<Dialect>(json!("_matrix")).is_err());
}
