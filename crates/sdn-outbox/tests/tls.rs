//! TLS to the database. A front does the handshake, because PostgreSQL has no TLS on a Unix socket.

mod postgres;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sdn_outbox::{Database, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;

use postgres::Postgres;

/// What the front responds to a client that asks for TLS.
#[derive(Clone)]
enum Front {
    Tls(TlsAcceptor),
    Plain,
}

impl Front {
    async fn serve(self, mut client: TcpStream) -> std::io::Result<()> {
        let mut request = [0; 8];
        client.read_exact(&mut request).await?;
        assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "a request for TLS");
        let mut server = UnixStream::connect(Postgres::shared().socket()).await?;
        match self {
            Self::Tls(acceptor) => {
                client.write_all(b"S").await?;
                let mut client = acceptor.accept(client).await?;
                copy_bidirectional(&mut client, &mut server).await?;
            }
            Self::Plain => client.write_all(b"N").await?,
        }
        Ok(())
    }

    /// Returns the port of the front.
    async fn start(self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // The client's error is what the test looks at.
                tokio::spawn(self.clone().serve(client));
            }
        });
        port
    }
}

/// A certificate of `localhost`, as a file that a client can trust.
fn certificate(name: &str) -> (TlsAcceptor, PathBuf) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, certificate.pem()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), path)
}

async fn connect(host: &str, port: u16, ca: &str) -> Result<(), String> {
    let address =
        format!("postgres://postgres@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={ca}");
    let client = Database::new(&address).unwrap().connect().await;
    let client = client.map_err(|error| match error {
        Error::Unreachable(_) => error.to_string(),
        error => panic!("{error:?}"),
    })?;
    let rows = client.query("SELECT 1", &[]).await.unwrap();
    assert_eq!(rows[0].get::<_, i32>(0), 1);
    Ok(())
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn certificate_and_name_are_checked() {
    let (acceptor, ca) = certificate("tls-ca.pem");
    let (_, other) = certificate("tls-other.pem");
    let (ca, other) = (ca.to_str().unwrap(), other.to_str().unwrap());
    let port = Front::Tls(acceptor).start().await;
    connect("localhost", port, ca).await.unwrap();
    let error = connect("localhost", port, other).await.unwrap_err();
    assert!(error.contains("invalid peer certificate"), "{error}");
    let error = connect("127.0.0.1", port, ca).await.unwrap_err();
    assert!(error.contains("not valid for name"), "{error}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn server_without_tls_is_refused() {
    let (_, ca) = certificate("tls-plain.pem");
    let port = Front::Plain.start().await;
    let error = connect("localhost", port, ca.to_str().unwrap()).await.unwrap_err();
    assert!(error.contains("server does not support TLS"), "{error}");
}
