//! The text below the options in each command's help. Most begin with one of the two about tokens.

pub(super) const ACCESS_TOKEN: &str = "\
The access token comes from --access-token-file, SDN_ACCESS_TOKEN or your login, in this order; see: sdn help tokens
";

pub(super) const BOTH_TOKENS: &str = "\
Tokens (never arguments, because other users can read those):
  SDN_ACCESS_TOKEN     the node's access token; --access-token-file reads it from a file.
                       Not needed after sdn login; see: sdn help tokens
  SDN_ID_ACCESS_TOKEN  the identity server's access token; --id-access-token-file reads it from a file.
                       Optional: without it, sdn registers you there and asks you to accept its terms
";

pub(super) const DONE: &str = "
Exit status:
  0  done
  1  refused, or not sent
  2  invalid input; nothing was sent";

pub(super) const INVITE: &str =
    "  A file takes precedence over the variable. Line breaks at its end are ignored.

Exit status:
  0  all invited
  1  some refused or not sent; also if the node limits the rate (429) or rejects the token (401),
     or if rows of a list were skipped
  2  invalid input; nothing was sent
  3  some outcomes are unknown: check the room before you repeat the command, which may send a second mail
  130  interrupted with Ctrl-C; with a journal, the same command continues from there

The servers can be set in ~/.config/sdn/config.toml:
  node = \"https://node.example\"
  id_server = \"id.example\"

Examples:
  sdn invite '!room:node.example' alice@example.com '+1 800 555 2067' @bob:node.example \\
      --node https://node.example --id-server id.example
  sdn invite '!room:node.example' --from people.csv --column email";

pub(super) const JOURNAL: &str = "\
A journal is the file in which sdn invite --from records the outcome of each invitation. Check the room before you decide
about an invitee. Only --look sends a request: it reads the room's state and compares each refused or unknown invitee with it.
It changes nothing in the journal, and prints one of these for each invitee:
  in the room  the user is invited or has joined, or the room shows the address in its redacted form, such as car...@exa...
  ambiguous    several addresses of the journal have that form, or the room shows a form that may be of this address
  not seen     anything else. The room does not show an address that belongs to a user: that user is invited instead.
               A user who has left or is banned is not seen either, but the membership is printed
An address \"in the room\" may still be a different one with the same redacted form, of a person who is not in the list.

Only --look needs the node's access token; see: sdn help tokens

A damaged line is an error that names its number. Delete that line, even if it is the last one. If the room shows the
invitation of its invitee, use --settle; otherwise the next run may invite them again.

Exit status:
  0  nothing is left to decide
  1  some were refused, or the room cannot be read
  2  invalid input; nothing was decided
  3  some outcomes are unknown

Examples:
  sdn journal people.csv.journal
  sdn journal people.csv.journal --look
  sdn journal people.csv.journal --settle alice@example.com --retry bob@example.com";

pub(super) const ACCEPT: &str = "\
Without ROOM and TOKEN, sdn reads the link of the invitation mail: from --link-file, from standard input, or from the terminal,
which does not show it. The link is never an argument, because it contains the invitation's key and other users can read
arguments. It also names the identity server.

Secrets (never arguments, because other users can read those):
  SDN_ACCESS_TOKEN     your access token; --access-token-file reads it from a file. Not needed after sdn login
  SDN_INVITE_KEY       the invitation's private key; --key-file reads it from a file
  SDN_ID_ACCESS_TOKEN  only with --signed-by-server, and optional there: see sdn invite --help

Exit status:
  0  joined
  1  refused, or not sent
  2  invalid input; nothing was sent
  3  unknown; joining again does no harm

Examples:
  sdn accept --sender @alice:node.example
  sdn accept '!room:node.example' fsCXflyz --sender @alice:node.example \\
      --node https://node.example --id-server id.example";

pub(super) const REVOKE: &str = "
A user who has joined is not removed.

Exit status:
  0  revoked, now or before
  1  refused, not found, or not sent
  2  invalid input; nothing was sent
  3  unknown; revoking again does no harm";

pub(super) const WHOIS: &str = "
The identity server receives hashes of the addresses, not the addresses.

Exit status:
  0  looked up, whether found or not
  1  refused, or not sent
  2  invalid input; nothing was sent";

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
The room is private: nobody can join it without an invitation, and no directory lists it. The request is sent once. If its
outcome is unknown, nobody is invited.

Exit status:
  0  created, and all invited
  1  the room or some invitees were refused or not sent
  2  invalid input; nothing was sent
  3  unknown: check with sdn rooms before you repeat the command, which may create a second room

Example:
  sdn create 'Reading group' @bob:node.example alice@example.com --id-server id.example";

pub(super) const LOGOUT: &str = "
Exit status:
  0  logged out, now or before
  1  refused, or not sent; the login is kept
  2  invalid input; nothing was sent
  3  unknown; logging out again does no harm";

pub(crate) const TOKENS: &str = "\
Where do I get a token?

A node issues an access token when you log in. A command looks for it in this order:
  1. in the file that --access-token-file names
  2. in SDN_ACCESS_TOKEN
  3. among your logins, in ~/.local/state/sdn/credentials.json (or $XDG_STATE_HOME/sdn/credentials.json)

sdn login adds a login:
  sdn login --node https://node.example             with the key of your wallet, at an SDN node
  sdn login --node https://matrix.example --matrix  with a password, at a Matrix node

If you have one login, it also sets the node. If you have several, choose one with --node and --user.
sdn whoami prints whose the token is and where it came from. sdn logout ends it.

A token of another program works too: many Matrix clients show it in their settings. Logging out there ends it.
No option takes a token itself, because other users can read a process's arguments.

The identity server has tokens too, but you do not need one: without it, sdn registers you there when it is needed.
SDN_ID_ACCESS_TOKEN or --id-access-token-file uses the token of an earlier registration.";

pub(super) const LOGIN: &str = "\
At an SDN node your wallet signs a message that the node sends. The message is printed before it is signed. At a Matrix node
(--matrix) you are asked for your password. The terminal does not show keys and passwords.

Secrets (never arguments, because other users can read those):
  SDN_WALLET_KEY     the wallet's private key; --key-file reads it from a file
  SDN_DEVELOPER_KEY  the app's developer key; --developer-key-file reads it from a file. A node may require its signature of apps

With --external, sdn needs no key. Sign exactly the printed text with personal_sign (EIP-191), and enter the signature.
With --json, sdn prints a line {\"message\",\"did\",\"sign_with\"} for each signature and reads the signature from a line of
standard input. sign_with is wallet or developer.

--developer-sign-url receives POST {\"message\"} and returns {\"signature\"}, within 10 seconds and without a redirect.

The login is stored in ~/.local/state/sdn/credentials.json (or $XDG_STATE_HOME/sdn/credentials.json), which only you can read.
sdn logout ends it.

Exit status:
  0  logged in
  1  refused, or not sent
  2  invalid input, such as a signature of another wallet; no login was sent
  3  unknown: the node may have begun a session whose token is lost. sdn does not repeat the login by itself

Examples:
  sdn login --node https://node.example
  sdn login --node https://node.example --external --wallet 0x7e5f4552091a69125d5dfcb7b8c2659029395bdf
  sdn login --node https://matrix.example --matrix --user alice";
