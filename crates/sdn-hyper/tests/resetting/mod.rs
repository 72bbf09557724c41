//! An HTTP/2 server that reads each whole request, and then resets its stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Response;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Serves plain HTTP/2 and resets with this code, within a 200 if `answer_begins`. Also returns the
/// number of received requests.
pub(crate) async fn serve(code: u32, answer_begins: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arrived = Arc::new(AtomicUsize::new(0));
    let count = arrived.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let count = count.clone();
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let count = count.clone();
                    tokio::spawn(async move {
                        let mut body = request.into_body();
                        while let Some(Ok(_)) = body.data().await {}
                        count.fetch_add(1, Ordering::SeqCst);
                        if answer_begins {
                            let mut answer =
                                respond.send_response(Response::default(), false).unwrap();
                            answer.send_data("{}".into(), false).unwrap();
                            // A reset discards unwritten bytes.
                            sleep(Duration::from_millis(20)).await;
                        }
                        respond.send_reset(code.into());
                    });
                }
            });
        }
    });
    (url, arrived)
}
