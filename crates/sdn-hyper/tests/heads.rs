//! Long heads of responses.

use bytes::Bytes;
use http::{Request, Response};
use sdn_hyper::{Client, Http2};
use sdn_proto::Outgoing;
use sdn_testkit::script::serve_always;
use tokio::net::TcpListener;

fn get(url: &str) -> Outgoing {
    Outgoing::from_request(Request::get(url).body(Bytes::new()).unwrap(), 1024)
}

/// Sends a request to a server that responds with these header lines.
async fn response_with(lines: &str) -> Response<Bytes> {
    let server = serve_always(format!("HTTP/1.1 200 OK\r\n{lines}content-length: 2\r\n\r\n{{}}"));
    let response = Client::new().execute(get(&format!("{}/", server.base_url()))).await.unwrap();
    assert_eq!(response.body(), "{}");
    response
}

#[tokio::test]
async fn thousand_headers_are_read() {
    let value = "x".repeat(50);
    let lines: String = (0..1000).map(|number| format!("x-{number}: {value}\r\n")).collect();
    assert!(lines.len() > 50_000);
    let response = response_with(&lines).await;
    assert_eq!(response.headers().len(), 1001);
    assert_eq!(response.headers()["x-999"], value);
}

#[tokio::test]
async fn long_header_is_read() {
    let value = "x".repeat(64 * 1024 - 100);
    let response = response_with(&format!("x: {value}\r\n")).await;
    assert_eq!(response.headers()["x"], value);
}

/// RFC 9112, section 5.2.
#[tokio::test]
async fn folded_header_lines_are_joined() {
    let response = response_with("x: one\r\n two\r\n\t three\r\ny: z\r\n").await;
    let words: Vec<_> = response.headers()["x"].to_str().unwrap().split_whitespace().collect();
    assert_eq!(words, ["one", "two", "three"]);
    assert!(!response.headers()["x"].as_bytes().contains(&b'\n'));
    assert_eq!(response.headers()["y"], "z");
}

#[tokio::test]
async fn long_http2_head_is_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let mut response = Response::builder();
            for number in 0..500 {
                response = response.header(format!("x-{number}"), "x".repeat(60));
            }
            let mut body = respond.send_response(response.body(()).unwrap(), false).unwrap();
            body.send_data(Bytes::from("{}"), true).unwrap();
        }
    });
    let client = Client::builder().http2(Http2::PriorKnowledge).build();
    let response = client.execute(get(&url)).await.unwrap();
    assert_eq!(response.headers().len(), 500);
    assert_eq!(response.body(), "{}");
}
