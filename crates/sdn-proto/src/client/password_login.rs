use serde::Serialize;

use crate::login::Login;
use crate::prelude::*;
use crate::secret::Password;

/// Logs in at a Matrix node with a user name and a password. Needs no token.
///
/// `POST /{prefix}/client/v3/login`, see the specification's [login]. Each login creates a session,
/// so do not repeat one after an unknown outcome.
///
/// ```
/// use sdn_proto::client::PasswordLogin;
/// use sdn_proto::{Call, Dialect, Node, secret::Password};
///
/// let node = Node::new("https://matrix.example")?.with_dialect(Dialect::Matrix);
/// let request = PasswordLogin::new("alice", Password::new("correct horse")?).to_request(&node);
/// assert_eq!(request.uri().path(), "/_matrix/client/v3/login");
/// assert_eq!(
///     request.body(),
///     r#"{"identifier":{"type":"m.id.user","user":"alice"},"password":"correct horse","type":"m.login.password"}"#,
/// );
///
/// let response = r#"{"access_token":"syt_x","device_id":"D","user_id":"@alice:matrix.example"}"#;
/// let login = PasswordLogin::parse_response(&http::Response::new(response))?;
/// assert_eq!(login.user_id.as_str(), "@alice:matrix.example");
/// let session = login.session(&node);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [login]: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3login
#[derive(Debug, Clone)]
pub struct PasswordLogin {
    user: String,
    password: Password,
    device_id: Option<String>,
    initial_device_display_name: Option<String>,
}

impl PasswordLogin {
    /// Logs in as `user`: a full user ID, or the part before its `:`.
    pub fn new(user: impl Into<String>, password: Password) -> Self {
        Self { user: user.into(), password, device_id: None, initial_device_display_name: None }
    }

    /// Logs in as a device that the user already has. Its earlier token no longer works.
    #[must_use]
    pub fn with_device_id(self, device_id: impl Into<String>) -> Self {
        Self { device_id: Some(device_id.into()), ..self }
    }

    /// Sets the name of a new device, which the user sees in the list of devices.
    #[must_use]
    pub fn with_initial_device_display_name(self, name: impl Into<String>) -> Self {
        Self { initial_device_display_name: Some(name.into()), ..self }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    identifier: Identifier<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_device_display_name: Option<&'a str>,
    password: &'a str,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Identifier<'a> {
    r#type: &'static str,
    user: &'a str,
}

impl Call for PasswordLogin {
    type Server = Node;
    type Output = Login;

    endpoint!(POST "/client/v3/login");

    fn to_request(&self, node: &Node) -> Request<Bytes> {
        let body = Body {
            device_id: self.device_id.as_deref(),
            identifier: Identifier { r#type: "m.id.user", user: &self.user },
            initial_device_display_name: self.initial_device_display_name.as_deref(),
            password: self.password.expose(),
            r#type: "m.login.password",
        };
        node.request::<Self>(&[], json::body(&body))
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Login, ApiError> {
        Login::read(response)
    }
}

compose!(PasswordLogin, |p| {
    let call =
        PasswordLogin::new(p.text("user", &["alice", "@alice:node.example"])?, p.get("password")?);
    let call = p.with_text("device_id", &["ABCDEFGHIJ"], call, PasswordLogin::with_device_id)?;
    let name = "initial_device_display_name";
    p.with_text(name, &["laptop"], call, PasswordLogin::with_initial_device_display_name)?
});
