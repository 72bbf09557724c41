//! What the help says below the options. Most texts follow one of the two about tokens.

pub(super) const ACCESS_TOKEN: &str = "\
SDN_ACCESS_TOKEN holds the node's access token, unless --access-token-file names a file with it.
";

pub(super) const BOTH_TOKENS: &str = "\
Tokens (never an argument: others can read those):
  SDN_ACCESS_TOKEN     the node's access token, or a file with it: --access-token-file
  SDN_ID_ACCESS_TOKEN  the identity server's, or a file with it: --id-access-token-file.
                       Not needed: without it you are registered there, and asked to accept its terms
";

pub(super) const DONE: &str = "
Exit status:
  0  done
  1  refused, or not sent
  2  bad input; nothing was sent";

pub(super) const INVITE: &str =
    "  A file goes before the environment. Line breaks at its end are dropped.

Exit status:
  0  all invited
  1  some refused or not sent; also if the node limits the rate (429) or rejects the token (401)
  2  bad input; nothing was sent
  3  the outcome of some is unknown: look before you repeat the command, it may send a second mail
  130  interrupted; with a journal, the same command goes on from there

The servers can be named once and for all in ~/.config/sdn/config.toml:
  node = \"https://node.example\"
  id_server = \"id.example\"

Examples:
  sdn invite '!room:node.example' alice@example.com '+1 800 555 2067' @bob:node.example \\
      --node https://node.example --id-server id.example
  sdn invite '!room:node.example' --from people.csv --column email";

pub(super) const JOURNAL: &str = "\
Nothing is sent. Look into the room before you decide: sdn pending shows who has an invitation, by redacted addresses.

A damaged line is refused with its number. Delete it, even if it is the last. If the room shows its invitation, settle
its invitee: the next run may invite them again otherwise.

Exit status:
  0  nothing is left to decide
  1  some were refused
  2  bad input; nothing was decided
  3  the outcome of some is unknown

Examples:
  sdn journal people.csv.journal
  sdn journal people.csv.journal --settle alice@example.com --retry bob@example.com";

pub(super) const ACCEPT: &str = "\
Secrets (never an argument: others can read those):
  SDN_ACCESS_TOKEN     your access token, or a file with it: --access-token-file
  SDN_INVITE_KEY       the invitation's private key, or a file with it: --key-file
  SDN_ID_ACCESS_TOKEN  with --signed-by-server only, and not needed there: see sdn invite --help

Exit status:
  0  joined
  1  refused, or not sent
  2  bad input; nothing was sent
  3  unknown; joining again does no harm

Example:
  sdn accept '!room:node.example' fsCXflyz --sender @alice:node.example \\
      --node https://node.example --id-server id.example";

pub(super) const REVOKE: &str = "
Exit status:
  0  revoked, now or before
  1  refused, not found, or not sent
  2  bad input; nothing was sent
  3  unknown; revoking again does no harm";

pub(super) const WHOIS: &str = "
The identity server gets hashes of the addresses, not the addresses.

Exit status:
  0  looked up, whether found or not
  1  refused, or not sent
  2  bad input; nothing was sent";

pub(super) const COMPLETIONS: &str = "\
Examples:
  sdn completions bash > ~/.local/share/bash-completion/completions/sdn
  sdn completions zsh > ~/.zfunc/_sdn
  sdn completions fish > ~/.config/fish/completions/sdn.fish";

pub(super) const MAN: &str = "\
Examples:
  sdn man | man -l -
  sdn man invite > ~/.local/share/man/man1/sdn-invite.1";
