//! The configuration file: its content, and what takes precedence over it.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Ran, bare, run};

fn folder(name: &str, config: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config").join(name);
    fs::create_dir_all(folder.join("sdn")).unwrap();
    fs::write(folder.join("sdn/config.toml"), config).unwrap();
    folder
}

/// Returns a dry run, which prints what would be sent to which server.
fn dry(folder: &Path, arguments: &[&str]) -> Ran {
    run(command(arguments).env("XDG_CONFIG_HOME", folder))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = bare();
    command
        .args([
            "invite",
            "!room:node.example",
            "alice@example.com",
            "--dry-run",
            "--print-requests",
        ])
        .args(arguments);
    command
}

#[test]
fn file_names_the_servers() {
    let folder = folder(
        "names",
        "node = \"https://node.example/sub/\"\nmatrix = true\nid_server = \"id.example:8090\"\n",
    );
    let ran = dry(&folder, &[]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.starts_with("POST /sub/_matrix/client/v3/"), "{ran:?}");
    assert!(ran.stdout.contains("\r\nhost: node.example\r\n"), "{ran:?}");
    assert!(ran.stdout.contains(r#""id_server":"id.example:8090""#), "{ran:?}");
}

#[test]
fn arguments_and_variables_precede_the_file() {
    let folder = folder(
        "before",
        "node = \"https://a.example\"\nmatrix = true\nid_server = \"a.example\"\n\
         id_server_url = \"https://a.example\"\n",
    );
    let arguments = ["--node", "https://b.example", "--id-server", "b.example"];
    let by_arguments = dry(&folder, &arguments);
    let mut command = command(&[]);
    command.env("SDN_NODE", "https://b.example").env("SDN_ID_SERVER", "b.example");
    for ran in [by_arguments, run(command.env("XDG_CONFIG_HOME", &folder))] {
        assert!(ran.stdout.starts_with("POST /_api/"), "{ran:?}");
        assert!(
            ran.stdout.contains("host: b.example") && !ran.stdout.contains("a.example"),
            "{ran:?}"
        );
    }
    // The file's URL applies only to the file's server.
    let alone = "node = \"https://a.example\"\nid_server_url = \"https://a.example\"\n";
    let ran = dry(&self::folder("alone", alone), &[]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("--id-server (or SDN_ID_SERVER): not given"), "{ran:?}");
    // A given domain takes precedence over the file's server.
    let ran = dry(&folder, &["--discover", "b.example"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("a dry run sends nothing"), "{ran:?}");
}

#[test]
fn default_is_in_home_folder() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config/home");
    fs::create_dir_all(home.join(".config/sdn")).unwrap();
    let config = "node = \"https://home.example\"\nid_server = \"id.example\"\n";
    fs::write(home.join(".config/sdn/config.toml"), config).unwrap();
    for xdg in [None, Some(""), Some("relative")] {
        let mut command = command(&[]);
        command.env("HOME", &home).env_remove("XDG_CONFIG_HOME");
        command.envs(xdg.map(|xdg| ("XDG_CONFIG_HOME", xdg)));
        let ran = run(&mut command);
        assert!(ran.stdout.contains("host: home.example"), "{xdg:?}: {ran:?}");
    }
}

#[test]
fn missing_home_means_no_config() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("config/nowhere");
    fs::create_dir_all(folder.join(".config/sdn")).unwrap();
    let config = "node = \"https://elsewhere.example\"\nid_server = \"elsewhere.example\"\n";
    fs::write(folder.join(".config/sdn/config.toml"), config).unwrap();
    fs::write(folder.join("file"), "").unwrap();
    let file = folder.join("file");
    // A relative path is ignored: another user's folder must not decide which server gets a token.
    for home in ["", ".", file.to_str().unwrap()] {
        let mut command = command(&["--node", "https://node.example", "--id-server", "id.example"]);
        command.current_dir(&folder).env("HOME", home).env_remove("XDG_CONFIG_HOME");
        let ran = run(&mut command);
        assert!(ran.status == 0 && ran.stderr.is_empty(), "{home:?}: {ran:?}");
        let mut command = bare();
        command.args(["whoami"]).current_dir(&folder).env("HOME", home);
        let ran = run(command.env_remove("XDG_CONFIG_HOME").env("SDN_ACCESS_TOKEN", "t"));
        assert!(ran.stderr.contains("--node (or SDN_NODE): not given"), "{home:?}: {ran:?}");
    }
}

#[test]
fn bad_file_is_reported_without_content() {
    for (name, config, wanted) in [
        (
            "token",
            "node = \"https://a.example\"\naccess_token = \"syt_secret\"\n",
            "unknown field `access_token`",
        ),
        ("syntax", "\n\nnode = syt_secret\n", "at line 3"),
        ("type", "node = 5\n", "node: must be a text"),
        (
            "place",
            "node = \"https://a.example\"\nmatrix = \"syt_secret\"\n",
            "matrix: must be true or",
        ),
        (
            "node",
            "node = \"ftp://a.example\"\nid_server = \"id.example\"\n",
            "--node (or SDN_NODE): ",
        ),
    ] {
        let ran = dry(&folder(name, config), &[]);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains(wanted), "{wanted}: {ran:?}");
        assert!(!ran.stderr.contains("syt_secret"), "{ran:?}");
    }
}

#[test]
fn deep_nesting_is_an_error() {
    const DEPTH: usize = 10_000;
    for (name, config) in [
        ("arrays", format!("node = {}{}\n", "[".repeat(DEPTH), "]".repeat(DEPTH))),
        ("open arrays", format!("node = {}", "[".repeat(DEPTH))),
        ("inline tables", format!("node = {}1{}\n", "{a=".repeat(DEPTH), "}".repeat(DEPTH))),
        ("dotted keys", format!("node{} = 1\n", ".a".repeat(DEPTH))),
        ("inline dotted keys", format!("node = {{a{} = 1}}\n", ".a".repeat(DEPTH))),
        ("tables", format!("[node{}]\n", ".a".repeat(DEPTH))),
        ("arrays of tables", format!("[[node{}]]\n", ".a".repeat(DEPTH))),
    ] {
        let ran = dry(&folder(name, &config), &[]);
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{name}");
        assert!(ran.stderr.contains("config.toml: ") && ran.stderr.len() < 1000, "{name}: {ran:?}");
    }
}

#[test]
fn brackets_in_config_text_are_allowed() {
    let brackets = "[".repeat(10_000);
    let config = format!("# {brackets}\nnode = \"https://node.example\" # {brackets}\n");
    let ran = dry(&folder("brackets", &config), &["--id-server", "id.example"]);
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn local_commands_ignore_the_file() {
    let folder = folder("bad", "nonsense");
    assert_eq!(run(bare().arg("man").env("XDG_CONFIG_HOME", &folder)).status, 0);
    assert_eq!(run(bare().arg("whoami").env("XDG_CONFIG_HOME", &folder)).status, 2);
}
