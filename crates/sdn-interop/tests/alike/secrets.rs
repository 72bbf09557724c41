//! That a client can be shared, and printed.

use sdn_testkit::script::{response, serve_always};

use super::{ACCESS_TOKEN, ID_ACCESS_TOKEN, try_to_invite};
use crate::{Client, Error};

#[test]
fn a_client_and_its_errors_go_anywhere() {
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_shared::<Client>();
    is_error::<Error>();
    is_error::<sdn_proto::CallError<Error>>();
}

#[test]
fn a_client_shows_no_token() {
    let server = serve_always(response("200 OK", "{}"));
    let client = Client::default();
    try_to_invite(&client, &server.base_url()).unwrap();
    let text = format!("{client:?} {:?}", Client::builder());
    assert!(!text.contains(ACCESS_TOKEN) && !text.contains(ID_ACCESS_TOKEN), "{text}");
}
