//! Guessed options and subcommands: the error names the right one.

mod common;

use common::{bare, run};

#[test]
fn wrong_option_names_ours() {
    let room = "!room:node.example";
    for (arguments, hint) in [
        (
            &["invite", room, "@bob:b", "--token", "syt_planted"][..],
            "tokens are never arguments; use SDN_ACCESS_TOKEN, --access-token-file, or sdn login",
        ),
        (&["whoami", "--access-token=syt_planted"], "tokens are never arguments"),
        (&["rooms", "-t", "syt_planted"], "tokens are never arguments"),
        (&["--token", "syt_planted", "rooms"], "tokens are never arguments"),
        (&["login", "--password", "planted"], "sdn login --matrix asks for it"),
        (&["login", "--matrix", "-p", "planted"], "passwords are never arguments"),
        (&["login", "--private-key", "0xplanted"], "keys are never arguments"),
        (&["accept", "--link", "https://planted"], "use sdn accept --link-file"),
        (&["invite", room, "@bob:b", "--server", "node.example"], "name the node with --node"),
        (&["invite", room, "@bob:b", "--homeserver=node.example"], "name the node with --node"),
        (&["whoami", "--url", "https://node.example"], "name the node with --node"),
        (&["whois", "a@example.com", "--identity-server", "id.example"], "with --id-server"),
        (&["whoami", "--username", "alice"], "choose a login with --user"),
        (&["login", "-u", "alice"], "choose a login with --user"),
        (&["invite", room, "--email", "a@example.com"], "sdn invite ROOM alice@example.com"),
        (&["invite", "--room", room, "@bob:b"], "sdn invite ROOM INVITEE"),
        (&["create", "--name", "Reading group"], "sdn create NAME"),
        (&["invite", room, "--file", "people.csv"], "sdn invite ROOM --from people.csv"),
        (&["invite", room, "@bob:b", "--message", "Hi"], "--reason TEXT"),
        (&["invite", room, "@bob:b", "--yes"], "with --accept-terms"),
        (&["rooms", "-k"], "with --ca-file"),
        (&["rooms", "-x", "http://proxy.example"], "with --proxy URL"),
        (&["rooms", "--verbose"], "sdn invite --dry-run --print-requests"),
        // These are ours, in another place.
        (&["revoke", room, "tok", "--reason", "x"], "--reason is an option of sdn invite"),
        (&["rooms", "--dry-run"], "--dry-run is an option of sdn invite"),
        (&["whoami", "--from", "people.csv"], "--from is an option of sdn invite"),
        (&["invite", room, "@bob:b", "--key-file", "key"], "an option of sdn accept, sdn login"),
    ] {
        let ran = run(bare().args(arguments));
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains(hint), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("similar"), "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("planted"), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn wrong_subcommand_names_ours() {
    for (word, hint) in [
        ("send", "sdn invite ROOM INVITEE"),
        ("add", "sdn invite ROOM INVITEE"),
        ("join", "sdn accept"),
        ("list", "sdn pending ROOM"),
        ("remove", "sdn revoke ROOM TOKEN"),
        ("lookup", "sdn whois ADDRESS"),
        ("register", "sdn login --node URL"),
        ("resume", "run the same sdn invite again"),
        ("version", "sdn --version"),
    ] {
        let ran = run(bare().arg(word));
        assert_eq!((ran.status, &*ran.stdout), (2, ""), "{ran:?}");
        assert!(ran.stderr.contains(hint), "{word}: {}", ran.stderr);
        assert!(!ran.stderr.contains("similar"), "{word}: {}", ran.stderr);
    }
}

#[test]
fn misspelt_word_gets_a_similar_one() {
    for (arguments, similar) in [
        (&["room"][..], "'rooms'"),
        (&["token"], "'tokens'"),
        (&["completion"], "'completions'"),
        (&["invite", "!a:b", "--frm", "people.csv"], "'--from'"),
    ] {
        let ran = run(bare().args(arguments));
        assert!(ran.status == 2 && ran.stderr.contains(similar), "{arguments:?}: {}", ran.stderr);
    }
}
