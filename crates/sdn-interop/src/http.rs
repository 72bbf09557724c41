use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Sends JSON and expects JSON with status 200.
#[derive(Debug)]
pub struct Http(ureq::Agent);

impl Http {
    /// Creates a client that trusts the lab's certificate authority.
    pub fn new(ca_pem: &[u8]) -> Self {
        let certificate = Certificate::from_pem(ca_pem).expect("a certificate");
        let tls = TlsConfig::builder().root_certs(RootCerts::from(vec![certificate])).build();
        let config =
            ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false).build();
        Self(config.into())
    }

    /// Sends a GET request.
    pub fn get(&self, url: &str, token: Option<&str>) -> Value {
        let mut request = self.0.get(url);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(url, request.call())
    }

    /// Sends a POST request.
    pub fn post(&self, url: &str, token: Option<&str>, body: &Value) -> Value {
        let mut request = self.0.post(url).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(url, request.send(body.to_string()))
    }
}

fn read(url: &str, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
    let mut answer = answer.unwrap_or_else(|error| panic!("{url}: {error}"));
    let text = answer.body_mut().read_to_string().unwrap_or_else(|error| panic!("{url}: {error}"));
    assert_eq!(answer.status(), 200, "{url}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{url}: {error}: {text}"))
}
