//! The invitations, and the responses of servers.

use http::Response;

/// The strings of an invitation that both libraries accept.
pub struct Invitation {
    pub node: &'static str,
    pub access_token: &'static str,
    pub room_id: &'static str,
    pub address: &'static str,
    pub medium: &'static str,
    pub id_server: &'static str,
    pub id_access_token: &'static str,
    pub user_id: &'static str,
    pub reason: &'static str,
}

pub const REAL: Invitation = Invitation {
    node: "https://node.example",
    access_token: "syt_YWxpY2U_hpTzsfKWsBKtXqrLLkRi_2k0fYx",
    room_id: "!OGEhHVWSdvArJzumhm:node.example",
    address: "alice@example.com",
    medium: "email",
    id_server: "id.example:8090",
    id_access_token: "syd_GyCtVkUOCMrUwFdbTBNxWkQuEbmxPBTR",
    user_id: "@bob:node.example",
    reason: "You asked to join",
};

/// An invitation full of characters that must be escaped, as long as both libraries allow.
pub const HOSTILE: Invitation = Invitation {
    node: "https://[2001:db8::1]:65535/a/b/c/",
    access_token: r##"!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~"##,
    room_id: "!/%?#[]@&=+$,; \"\\<>{}|^`../%2F\u{202e}é😀ßẞΐ\r\n\t\u{1b}\u{7f}/%?#[]@&=+$,; \"\\<>{}|^`../%2Fé😀ßẞΐ/%?#[]@&=+$,; \"\\<>{}|^`../%2Fé😀ßẞΐ/%?#[]@&=+$,; \"\\<>{}|^`../%2Fé😀ßẞΐ:node.example",
    address: "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1}\u{1f}\u{7f}\u{2028}\u{202e}é😀\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\@example.com",
    medium: "org.example.\"pager\"\n",
    id_server: "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535",
    id_access_token: r##"!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~"##,
    user_id: "@\"\\/%?#{}|^~'()*!$&+,;=[]\"\\\"\\\"\\\"\\:node.example",
    reason: "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1}\u{1f}\u{7f}\u{2028}\u{202e}é😀\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\",
};

pub fn ok() -> Response<Vec<u8>> {
    response(200, "application/json", "{}".into())
}

pub fn forbidden() -> Response<Vec<u8>> {
    let body = r#"{"errcode":"M_FORBIDDEN","error":"User @alice:node.example not in room !OGEhHVWSdvArJzumhm:node.example"}"#;
    response(403, "application/json", body.into())
}

pub fn limited() -> Response<Vec<u8>> {
    let body =
        r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":399356}"#;
    let mut response = response(429, "application/json", body.into());
    response.headers_mut().insert("retry-after", http::HeaderValue::from_static("400"));
    response
}

pub fn bad_gateway() -> Response<Vec<u8>> {
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n";
    response(502, "text/html", page.repeat(64 * 1024 / page.len()))
}

/// A long list of objects.
pub fn long() -> Response<Vec<u8>> {
    let event = r#"{"content":{"membership":"invite"},"origin_server_ts":1432735824653,"room_id":"!a:node.example"}"#;
    let events = vec![event; (1 << 20) / (event.len() + 1)];
    response(200, "application/json", format!("[{}]", events.join(",")))
}

fn response(status: u16, content_type: &'static str, body: String) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("the status is valid");
    let content_type = http::HeaderValue::from_static(content_type);
    response.headers_mut().insert("content-type", content_type);
    response
}
