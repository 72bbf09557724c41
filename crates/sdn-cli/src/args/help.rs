//! What the help says below the options. Most texts follow one of the two about tokens.

pub(super) const ACCESS_TOKEN: &str = "\
The node's access token is that of your login, unless SDN_ACCESS_TOKEN or --access-token-file gives one: sdn help tokens
";

pub(super) const BOTH_TOKENS: &str = "\
Tokens (never an argument: others can read those):
  SDN_ACCESS_TOKEN     the node's access token, or a file with it: --access-token-file.
                       Not needed with a login: sdn help tokens
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
  1  some refused or not sent; also if the node limits the rate (429) or rejects the token (401),
     or if rows of a list were skipped
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
Look into the room before you decide. With --look the node is asked for the room's state, and each invitee that was refused
or whose outcome is unknown is one of these. Without it nothing is sent, and with it nothing is settled.
  in the room  a user who is invited or has joined, or an address whose redacted form, such as car...@exa..., is there
  ambiguous    several addresses of the journal have that form, or the room shows one that may be this address
  not seen     anything else. An address that belongs to a user is invited as that user, and the room does not show it.
               A user who has left or is banned is not seen either: the membership is printed
An address that is in the room may still be another one with the same form, of somebody who is not in the list.

The node's access token is only needed with --look: sdn help tokens

A damaged line is refused with its number. Delete it, even if it is the last. If the room shows its invitation, settle
its invitee: the next run may invite them again otherwise.

Exit status:
  0  nothing is left to decide
  1  some were refused, or the room cannot be read
  2  bad input; nothing was decided
  3  the outcome of some is unknown

Examples:
  sdn journal people.csv.journal
  sdn journal people.csv.journal --look
  sdn journal people.csv.journal --settle alice@example.com --retry bob@example.com";

pub(super) const ACCEPT: &str = "\
The mail's link holds the invitation's key, so it is never an argument: others can read those. Without ROOM and TOKEN it is
read from standard input, or asked for on a terminal, which does not show it. It also names the identity server.

Secrets (never an argument: others can read those):
  SDN_ACCESS_TOKEN     your access token, or a file with it: --access-token-file. Not needed with a login
  SDN_INVITE_KEY       the invitation's private key, or a file with it: --key-file
  SDN_ID_ACCESS_TOKEN  with --signed-by-server only, and not needed there: see sdn invite --help

Exit status:
  0  joined
  1  refused, or not sent
  2  bad input; nothing was sent
  3  unknown; joining again does no harm

Examples:
  sdn accept --sender @alice:node.example
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

pub(super) const CREATE: &str = "
The room is private: nobody else can join it, and no directory shows it. It is created once. If its outcome is unknown,
nobody is invited.

Exit status:
  0  created, and all invited
  1  refused or not sent, or some invitees were
  2  bad input; nothing was sent
  3  unknown: look with sdn rooms before you repeat the command, because it may create a second room

Example:
  sdn create 'Reading group' @bob:node.example alice@example.com --id-server id.example";

pub(super) const LOGOUT: &str = "
Exit status:
  0  logged out, now or before
  1  refused, or not sent; the login is kept
  2  bad input; nothing was sent
  3  unknown; logging out again does no harm";

pub(crate) const TOKENS: &str = "\
Where do I get a token?

A node gives out an access token when somebody logs in. A command looks for it in this order:
  1. in the file that --access-token-file names
  2. in SDN_ACCESS_TOKEN
  3. among your logins, in ~/.local/state/sdn/credentials.json (or $XDG_STATE_HOME/sdn/credentials.json)

sdn login adds a login:
  sdn login --node https://node.example             with the key of your wallet, at a node of SDN
  sdn login --node https://matrix.example --matrix  with a password, at a node of Matrix

One login also names the node. With several, choose one with --node and --user. sdn whoami shows whose the token is, and
where it came from. sdn logout ends it.

A token of another program can be used too: many Matrix clients show it in their settings. Logging out there ends it.
No option takes a token itself, because other users can read a process's arguments.

The identity server's token is another one, and not needed: without it you are registered there when it is asked.
SDN_ID_ACCESS_TOKEN or --id-access-token-file gives that of an earlier registration.";

pub(super) const LOGIN: &str = "\
At a node of SDN a wallet signs a message that comes from the node. The message is shown before. At a node of Matrix
(--matrix) you are asked for a password. Keys and passwords are typed unseen.

Secrets (never an argument: others can read those):
  SDN_WALLET_KEY     the wallet's private key, or a file with it: --key-file
  SDN_DEVELOPER_KEY  the app's developer key, or a file with it: --developer-key-file. A node may ask apps for its signature

With --external no key is needed here. Sign exactly the text that is printed, with personal_sign (EIP-191), and enter the
signature. With --json a line {\"message\",\"did\",\"sign_with\"} is printed for each signature, where sign_with is wallet or
developer, and the signature is read from a line of standard input.

--developer-sign-url gets POST {\"message\"} and returns {\"signature\"}, within 10 seconds and without a redirect.

The login is kept in ~/.local/state/sdn/credentials.json (or $XDG_STATE_HOME/sdn/credentials.json), which only you can read.
sdn logout ends it.

Exit status:
  0  logged in
  1  refused, or not sent
  2  bad input, such as another wallet's signature; no login was sent
  3  unknown: the node may have begun a session whose token nobody has. It is not repeated by itself

Examples:
  sdn login --node https://node.example
  sdn login --node https://node.example --external --wallet 0x7e5f4552091a69125d5dfcb7b8c2659029395bdf
  sdn login --node https://matrix.example --matrix --user alice";
