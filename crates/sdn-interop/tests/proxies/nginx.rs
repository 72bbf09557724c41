//! nginx: its configuration and its signals.

use std::process::Command;

use crate::node::FRONT_HEADER;
use crate::place::{Place, Protocol};

/// The signal to end after all requests.
pub(crate) const DRAIN: &str = "QUIT";
/// The signal to replace the workers.
pub(crate) const RELOAD: &str = "HUP";

/// The sections for a situation's settings.
pub(crate) const SECTIONS: &[&str] = &["events", "http", "listen", "location", "upstream"];

pub(crate) fn config(place: &Place) -> String {
    let tls = match place.protocol {
        Protocol::Plain => "",
        Protocol::Tls => "ssl http2",
    };
    let Place { front, node, folder, .. } = place;
    let (folder, identity) = (folder.display(), place.identity());
    let identity = identity.display();
    format!(
        "
daemon off;
worker_processes 1;
worker_shutdown_timeout 3s;
error_log stderr;
pid {folder}/nginx.pid;
events {{ {{events}} }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    proxy_connect_timeout 300ms;
    {{http}}
    upstream node {{
        server {node} {{upstream}};
        keepalive 8;
    }}
    server {{
        listen {front} {tls} {{listen}};
        ssl_certificate {identity};
        ssl_certificate_key {identity};
        location / {{
            proxy_pass http://node;
            proxy_http_version 1.1;
            proxy_set_header connection '';
            proxy_set_header {FRONT_HEADER} $server_protocol;
            {{location}}
        }}
    }}
}}
"
    )
}

pub(crate) fn command(place: &Place) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&place.folder).arg("-c").arg(place.config()).args(["-e", "stderr"]);
    command
}
