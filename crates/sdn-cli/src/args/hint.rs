//! Hints for people who try an option or a subcommand of another program.

use clap::Command;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Adds a hint to an error, and hides a word that may be a token.
pub(super) fn explain(error: &mut clap::Error, sdn: &Command) {
    let (place, suggested, hint) = match error.kind() {
        ErrorKind::UnknownArgument => {
            let hint = word(error, ContextKind::InvalidArg).and_then(|word| option(&word, sdn));
            (ContextKind::InvalidArg, ContextKind::SuggestedArg, hint)
        }
        ErrorKind::InvalidSubcommand => {
            let word = word(error, ContextKind::InvalidSubcommand);
            let hint = word.and_then(|word| subcommand(&word)).map(str::to_owned);
            (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand, hint)
        }
        ErrorKind::InvalidValue | ErrorKind::TooManyValues => {
            (ContextKind::InvalidValue, ContextKind::SuggestedValue, None)
        }
        _ => return,
    };
    if let Some(hint) = hint {
        // clap's own suggestion only compares the letters.
        error.remove(suggested);
        let hint = StyledStr::from(hint);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint]));
        return;
    }
    let may_be_token =
        word(error, place).is_some_and(|word| !word.is_empty() && !word.starts_with('-'));
    if error.get(suggested).is_none() && may_be_token {
        error.insert(place, ContextValue::String("…".to_owned()));
    }
}

fn word(error: &clap::Error, place: ContextKind) -> Option<String> {
    match error.get(place) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    }
}

/// Returns what to use in place of an option.
fn option(word: &str, sdn: &Command) -> Option<String> {
    let name = word.trim_start_matches('-');
    let hint = OPTIONS.iter().find(|(names, _)| names.contains(&name)).map(|(_, hint)| *hint);
    hint.map(str::to_owned).or_else(|| commands_with(name, sdn))
}

/// Names the commands that have an option.
fn commands_with(name: &str, sdn: &Command) -> Option<String> {
    let has_it =
        |command: &&Command| command.get_arguments().any(|arg| arg.get_long() == Some(name));
    let commands = sdn.get_subcommands().filter(has_it);
    let commands: Vec<_> = commands.map(|of| format!("sdn {}", of.get_name())).collect();
    (!commands.is_empty()).then(|| format!("--{name} is an option of {}", commands.join(", ")))
}

/// Returns what to use in place of a subcommand.
fn subcommand(word: &str) -> Option<&'static str> {
    SUBCOMMANDS.iter().find(|(names, _)| names.contains(&word)).map(|(_, hint)| *hint)
}

/// Options that are likely to be tried, and what to use in place of them.
const OPTIONS: &[(&[&str], &str)] = &[
    (
        &["token", "access-token", "id-access-token", "auth", "bearer", "api-key", "t"],
        "tokens are never arguments; use SDN_ACCESS_TOKEN, --access-token-file, or sdn login",
    ),
    (
        &["password", "pass", "passwd", "p"],
        "passwords are never arguments; sdn login --matrix asks for it",
    ),
    (
        &["key", "private-key", "wallet-key", "secret", "mnemonic", "seed"],
        "keys are never arguments; sdn login uses SDN_WALLET_KEY or --key-file, or asks for the key",
    ),
    (
        &["link"],
        "the link holds a key and is never an argument; use sdn accept --link-file, or standard input",
    ),
    (
        &["server", "homeserver", "hs", "host", "url", "base-url", "s"],
        "name the node with --node, and the identity server with --id-server",
    ),
    (&["identity-server", "is"], "name the identity server with --id-server"),
    (&["user-id", "username", "login", "u"], "choose a login with --user"),
    (
        &["email", "mail", "phone", "msisdn", "address", "to", "invitee", "invite", "e"],
        "name invitees without an option: sdn invite ROOM alice@example.com",
    ),
    (&["room", "room-id", "r"], "name the room without an option: sdn invite ROOM INVITEE"),
    (&["name"], "name the new room without an option: sdn create NAME"),
    (
        &["file", "csv", "list", "input", "input-file", "f"],
        "name a list with --from: sdn invite ROOM --from people.csv",
    ),
    (
        &["message", "msg", "text", "m"],
        "give a reason with --reason: sdn invite ROOM USER --reason TEXT",
    ),
    (&["yes", "y", "force"], "accept an identity server's terms with --accept-terms"),
    (&["ca", "cacert", "ca-cert", "cafile"], "trust your own certificates with --ca-file"),
    (&["x", "http-proxy", "https-proxy", "preproxy"], "connect through a proxy with --proxy URL"),
    (
        &["insecure", "k", "no-verify"],
        "trust your own certificates with --ca-file, or allow plain http with --insecure-http",
    ),
    (&["config", "c"], "the configuration file is ~/.config/sdn/config.toml"),
    (
        &["verbose", "v", "debug", "d"],
        "print the requests that would be sent with sdn invite --dry-run --print-requests",
    ),
];

/// Subcommands that are likely to be tried, and what to use in place of them.
const SUBCOMMANDS: &[(&[&str], &str)] = &[
    (&["send", "add", "inv", "mail", "share"], "invite people with sdn invite ROOM INVITEE"),
    (&["join", "redeem", "confirm"], "accept an invitation with sdn accept"),
    (
        &["list", "ls", "invites", "invitations", "status", "show"],
        "list open invitations with sdn pending ROOM, and your rooms with sdn rooms",
    ),
    (
        &["remove", "delete", "rm", "cancel", "withdraw", "uninvite", "kick"],
        "withdraw an invitation with sdn revoke ROOM TOKEN or sdn revoke ROOM USER",
    ),
    (&["lookup", "look", "find", "search", "resolve"], "find users with sdn whois ADDRESS"),
    (&["new", "mkroom", "create-room"], "create a room with sdn create NAME"),
    (&["auth", "signin", "sign-in", "register", "signup"], "log in with sdn login --node URL"),
    (&["signout", "sign-out"], "end a login with sdn logout"),
    (&["me", "id", "account", "user"], "print whose the access token is with sdn whoami"),
    (
        &["resume", "retry", "continue", "settle"],
        "run the same sdn invite again to continue a list; see sdn journal --help for the rest",
    ),
    (&["config", "configure"], "the configuration file is ~/.config/sdn/config.toml"),
    (&["version"], "print the version with sdn --version"),
];
