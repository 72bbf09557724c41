//! A domain instead of the node's URL.

mod common;

use std::fs;
use std::process::Command;

use common::{bare, run, unreachable_url};
use sdn_testkit::World;

const ALICE: &str = "@alice:node.example";

/// A world with Alice, and her token.
fn world() -> (World, String) {
    let world = World::new();
    let token = world.add_user(ALICE);
    (world, token)
}

fn sdn(arguments: &[&str], domain: &str, token: &str) -> Command {
    let mut command = bare();
    command.args(arguments).args(["--node", domain, "--timeout", "10"]);
    command.env("SDN_ACCESS_TOKEN", token);
    command
}

#[test]
fn domain_is_asked_for_its_node() {
    let (world, token) = world();
    let room = world.create_room(ALICE);
    let (domain, node) = (world.serve_tls().unwrap(), world.serve().unwrap());
    let file = format!("{}/domain_ca.pem", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, domain.ca_pem().unwrap()).unwrap();
    let name = format!("localhost:{}", domain.port());
    for is_named in [false, true] {
        if is_named {
            world.set_discovery("node.example", &node.base_url(), None);
        }
        let expected = if is_named { &node } else { &domain };
        let shown = format!("sdn: the node is {}/\n", expected.base_url());
        for arguments in [
            &["whoami"][..],
            &["rooms"],
            &["pending", &room],
            &["revoke", &room, "tok"],
            &["create", "Name"],
            &["invite", &room, "@bob:node.example"],
        ] {
            let ran = run(sdn(arguments, &name, &token).args(["--ca-file", &file]));
            assert!(ran.stderr.starts_with(&shown), "{arguments:?}: {ran:?}");
            // Bob is invited once, and there is no invitation with this token.
            assert!(ran.status < 2, "{arguments:?}: {ran:?}");
        }
    }
}

#[test]
fn unreachable_domain_is_reported() {
    let (_, token) = world();
    let url = unreachable_url();
    let ran = run(&mut sdn(&["whoami"], url.trim_start_matches("http://"), &token));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.starts_with("sdn: cannot find the node of"), "{ran:?}");
    assert!(ran.stderr.contains("; give the node's URL: "), "{ran:?}");
}

#[test]
fn dry_run_and_bad_input_send_nothing() {
    let (_, token) = world();
    let invite = ["invite", "!r:node.example", ALICE];
    for options in [&["--dry-run"][..], &["--dry-run", "--print-requests", "--show-secrets"]] {
        let ran = run(sdn(&invite, "node.invalid", &token).args(options));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(
            ran.stderr.contains("because a dry run cannot ask a domain for its node"),
            "{ran:?}"
        );
    }
    let ran = run(sdn(&invite, "node.invalid", &token).arg("--wait=ages"));
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(!ran.stderr.contains("node.invalid"), "{ran:?}");
}
