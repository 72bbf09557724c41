//! Without a feature that turns on a provider of cryptography, `https` needs one from the program.

#![cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]

use std::error::Error;

use sdn_hyper::Client;
use sdn_proto::client::GetVersions;
use sdn_proto::{CallError, Delivery, Node, TransportErrorKind};
use sdn_testkit::script::{Connection, response, serve, serve_tls};

fn versions(connection: &mut Connection) {
    connection.respond_always(response("200 OK", r#"{"versions":[]}"#));
}

#[tokio::test]
async fn https_without_provider_is_not_sent() {
    let server = serve_tls("localhost", versions);
    let node = Node::new(server.base_url()).unwrap();
    let builder = || Client::builder().add_root_certificate(server.ca_pem().unwrap()).unwrap();
    let error = builder().build().send(&node, &GetVersions::new()).await.unwrap_err();
    let CallError::Transport(error) = error else { panic!("{error:?}") };
    assert_eq!((error.kind(), error.delivery()), (TransportErrorKind::Tls, Delivery::NotSent));
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("turn on the feature `ring` or `aws-lc-rs`"), "{cause}");
    assert_eq!(server.connections(), 0);

    let plain = serve(versions);
    let node_without_tls = Node::new(plain.base_url()).unwrap();
    builder().build().send(&node_without_tls, &GetVersions::new()).await.unwrap();

    // The embedded server turns on this one.
    let provider = sdn_hyper::rustls::crypto::ring::default_provider();
    let client = builder().crypto_provider(provider.clone().into()).build();
    client.send(&node, &GetVersions::new()).await.unwrap();
    provider.install_default().unwrap();
    builder().build().send(&node, &GetVersions::new()).await.unwrap();
}
