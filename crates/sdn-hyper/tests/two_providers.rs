//! Both providers of cryptography are turned on, and another is the process's default.

use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sdn_hyper::Client;
use sdn_hyper::rustls::ClientConfig;
use sdn_hyper::rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom, aws_lc_rs};
use sdn_proto::Node;
use sdn_proto::client::GetVersions;
use sdn_testkit::script::{response, serve_tls};

/// Counts its calls.
#[derive(Debug)]
struct Counting(AtomicUsize);

static COUNTING: Counting = Counting(AtomicUsize::new(0));

impl SecureRandom for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        aws_lc_rs::default_provider().secure_random.fill(buffer)
    }
}

#[tokio::test]
async fn process_default_is_used_first() {
    let server = serve_tls("localhost", |connection| {
        connection.respond_always(response("200 OK", r#"{"versions":[]}"#));
    });
    let node = Node::new(server.base_url()).unwrap();
    let builder = || Client::builder().add_root_certificate(server.ca_pem().unwrap()).unwrap();
    let before = builder().build();
    before.send(&node, &GetVersions::new()).await.unwrap();
    assert!(CryptoProvider::get_default().is_none(), "none was installed");
    assert!(catch_unwind(ClientConfig::builder).is_err(), "other users of rustls have to choose");

    let provider = CryptoProvider { secure_random: &COUNTING, ..aws_lc_rs::default_provider() };
    provider.install_default().unwrap();
    before.send(&node, &GetVersions::new()).await.unwrap();
    assert_eq!(COUNTING.0.load(Ordering::Relaxed), 0, "the client was built before");
    builder().build().send(&node, &GetVersions::new()).await.unwrap();
    assert!(COUNTING.0.load(Ordering::Relaxed) > 0);

    let given = Arc::new(aws_lc_rs::default_provider());
    let count = COUNTING.0.load(Ordering::Relaxed);
    builder().crypto_provider(given).build().send(&node, &GetVersions::new()).await.unwrap();
    assert_eq!(
        COUNTING.0.load(Ordering::Relaxed),
        count,
        "a set provider is used before all others"
    );
}
