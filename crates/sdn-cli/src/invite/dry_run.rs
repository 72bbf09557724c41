//! Writing a request as HTTP/1.1, byte for byte as it is sent.

use bytes::Bytes;
use http::Request;

use super::USER_AGENT;
use super::plan::Plan;
use crate::exit::Exit;
use crate::output::Output;

/// Prints all requests, one straight after the other; on a terminal with a line break behind each.
pub(super) fn print(plan: &Plan, output: &mut Output) -> Exit {
    for invitation in &plan.invitations {
        let mut bytes = http_1_1(&invitation.call.to_request(&plan.session));
        if output.is_terminal() {
            bytes.extend_from_slice(b"\r\n\r\n");
        }
        if let Err(error) = output.bytes(&bytes) {
            return Exit::after_write_error(&error);
        }
    }
    Exit::Success
}

/// The request's bytes. It adds what is the transport's: `user-agent`, `host` and `content-length`.
fn http_1_1(request: &Request<Bytes>) -> Vec<u8> {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        header(&mut bytes, name.as_str(), value.as_bytes());
    }
    header(&mut bytes, "user-agent", USER_AGENT.as_bytes());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    header(&mut bytes, "host", host.as_bytes());
    header(&mut bytes, "content-length", request.body().len().to_string().as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body());
    bytes
}

fn header(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        bytes.extend_from_slice(part);
    }
}
