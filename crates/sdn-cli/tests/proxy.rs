//! `--proxy`: where it comes from, and what is printed when it refuses.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{ACCESS_TOKEN, bare, run};
use sdn_testkit::script::{ScriptedServer, serve_always};

const USER: &str = "@bob:node.example";

/// A proxy that wants a user name and password.
fn proxy() -> ScriptedServer {
    serve_always("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
}

fn invite() -> Command {
    let mut command = bare();
    command.args(["invite", "!room:node.example", USER, "--node", "https://node.invalid"]);
    command.env("SDN_ACCESS_TOKEN", ACCESS_TOKEN);
    command
}

fn credentials(proxy: &ScriptedServer) -> Vec<Option<String>> {
    let requests = proxy.requests();
    requests
        .iter()
        .map(|request| {
            assert_eq!((&*request.method, &*request.path), ("CONNECT", "node.invalid:443"));
            request.header("proxy-authorization").map(str::to_owned)
        })
        .collect()
}

#[test]
fn refusal_by_proxy_is_not_sent() {
    let proxy = proxy();
    let with_password = format!("http://alice:planted@127.0.0.1:{}", proxy.port());
    let ran = run(invite().env("SDN_PROXY", with_password));
    let own = run(invite().args(["--proxy", &proxy.base_url()]));
    for ran in [ran, own] {
        assert_ne!(ran.status, 0, "{ran:?}");
        assert!(ran.all().contains("not sent"), "{ran:?}");
        assert!(ran.all().contains("407 Proxy Authentication Required"), "{ran:?}");
        assert!(!ran.all().contains("planted") && !ran.all().contains("alice"), "{ran:?}");
    }
    assert_eq!(credentials(&proxy), [Some("Basic YWxpY2U6cGxhbnRlZA==".to_owned()), None]);
}

#[test]
fn proxy_of_file_can_be_replaced() {
    let [of_file, of_argument] = [proxy(), proxy()];
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proxy");
    fs::create_dir_all(folder.join("sdn")).unwrap();
    let config = format!("proxy = \"{}\"\n", of_file.base_url());
    fs::write(folder.join("sdn/config.toml"), config).unwrap();
    run(invite().env("XDG_CONFIG_HOME", &folder));
    run(invite().env("XDG_CONFIG_HOME", &folder).args(["--proxy", &of_argument.base_url()]));
    let none = run(invite().env("XDG_CONFIG_HOME", &folder).args(["--proxy", ""]));
    assert!(none.all().contains("not sent") && !none.all().contains("proxy"), "{none:?}");
    assert_eq!((of_file.requests().len(), of_argument.requests().len()), (1, 1));
}

#[test]
fn password_in_argument_is_rejected() {
    let proxy = proxy();
    for (url, problem) in [
        (format!("http://u:planted@127.0.0.1:{}", proxy.port()), "set the URL in SDN_PROXY"),
        ("socks5://127.0.0.1".to_owned(), "does not begin with http://"),
        ("http://127.0.0.1/path".to_owned(), "has a path"),
    ] {
        let ran = run(invite().args(["--proxy", &url]));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("--proxy (or SDN_PROXY): "), "{ran:?}");
        assert!(ran.stderr.contains(problem), "{ran:?}");
        assert!(!ran.all().contains("planted"), "{ran:?}");
    }
    assert_eq!(proxy.connections(), 0);
}
