use std::fmt;

use http::header::HeaderMap;
use http::{Request, Response};
use serde_json::Value;

use crate::echo::{REPLACEMENT, is_secret_header, is_secret_name, mask};
use crate::error::{Escaped, Show};

/// A request or response for logs: `Display` replaces every secret with `[redacted]`.
///
/// A plain `{:?}` of an `http::Request<Bytes>` hides a header that is marked sensitive, but **shows
/// the body**. An invitation's body contains the identity server's access token.
///
/// It replaces the values of the `authorization`, cookie and sensitive headers. In the URL's query
/// and in a JSON body it replaces the values of members with secrets at any depth, such as
/// `access_token`, `id_access_token`, `token`, `client_secret` and `private_key`. It prints a JSON
/// body in its shortest form with sorted keys. Of a body that is not JSON or is longer than 64 KiB,
/// it prints only the length. It escapes text, so that it adds no lines to a log.
///
/// ```
/// use sdn_proto::{AccessToken, Call, InviteBy3pid, Node, Redacted};
///
/// let session = Node::new("https://node.example")?.session(AccessToken::new("syt_secret")?);
/// let invite = InviteBy3pid::from_strings("!a:b", "alice@example.com", "id_secret", "id.example", "email")?;
/// assert_eq!(
///     Redacted(&invite.to_request(&session)).to_string(),
///     r#"POST https://node.example/_api/client/v3/rooms/!a%3Ab/invite
/// authorization: [redacted]
/// content-type: application/json
///
/// {"address":"alice@example.com","id_access_token":"[redacted]","id_server":"id.example","medium":"email"}"#,
/// );
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Clone, Copy)]
pub struct Redacted<'a, T>(pub &'a T);

/// A longer body is not parsed, because that would need many times its memory for an unreadable
/// log.
const MAX_BODY_BYTES: usize = 64 * 1024;

impl<B: AsRef<[u8]>> fmt::Display for Redacted<'_, Request<B>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.0.uri();
        write!(f, "{} ", self.0.method())?;
        if let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) {
            // Omits a user name and password from the authority.
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            write!(f, "{scheme}://{host}")?;
        }
        write!(f, "{}", Escaped(uri.path()))?;
        write_query(f, uri.query())?;
        write_headers(f, self.0.headers())?;
        write_body(f, self.0.body().as_ref())
    }
}

impl<B: AsRef<[u8]>> fmt::Display for Redacted<'_, Response<B>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.status())?;
        write_headers(f, self.0.headers())?;
        write_body(f, self.0.body().as_ref())
    }
}

impl<'a, T> fmt::Debug for Redacted<'a, T>
where
    Redacted<'a, T>: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn write_query(f: &mut fmt::Formatter<'_>, query: Option<&str>) -> fmt::Result {
    let mut separator = '?';
    for member in query.into_iter().flat_map(|query| query.split('&')) {
        match member.split_once('=') {
            Some((key, _)) if is_secret_name(key) => {
                write!(f, "{separator}{key}={REPLACEMENT}")?;
            }
            _ => write!(f, "{separator}{}", Escaped(&mask(member)))?,
        }
        separator = '&';
    }
    Ok(())
}

fn write_headers(f: &mut fmt::Formatter<'_>, headers: &HeaderMap) -> fmt::Result {
    for (name, value) in headers {
        if is_secret_header(name, value) {
            write!(f, "\n{name}: {REPLACEMENT}")?;
        } else {
            let value = String::from_utf8_lossy(value.as_bytes());
            write!(f, "\n{name}: {}", Show(&mask(&value)))?;
        }
    }
    Ok(())
}

fn write_body(f: &mut fmt::Formatter<'_>, body: &[u8]) -> fmt::Result {
    if body.is_empty() {
        return Ok(());
    }
    let value = if body.len() > MAX_BODY_BYTES { None } else { serde_json::from_slice(body).ok() };
    match value {
        Some(mut value @ (Value::Object(_) | Value::Array(_))) => {
            redact(&mut value);
            write!(f, "\n\n{}", Escaped(&value.to_string()))
        }
        _ => write!(f, "\n\n[{} bytes]", body.len()),
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if is_secret_name(key) {
                    *value = REPLACEMENT.into();
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(redact),
        Value::String(text) => *text = mask(text).into_owned(),
        _ => {}
    }
}
