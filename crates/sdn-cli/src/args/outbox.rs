//! The options of the outbox in PostgreSQL, and the arguments of `sdn work`.

use std::path::PathBuf;

#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct OutboxArgs {
    /// Use the outbox in this PostgreSQL database, such as postgres://user@host/database; without a value, in that of
    /// SDN_OUTBOX, which may contain a password
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "")]
    pub(crate) outbox: Option<String>,

    /// The schema with the outbox's tables [default: sdn]
    #[arg(long, value_name = "NAME", requires = "outbox")]
    pub(crate) outbox_schema: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WorkArgs {
    #[command(flatten)]
    pub(crate) outbox: OutboxArgs,

    /// How many invitations to send at the same time [default: 4]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) in_flight: Option<String>,

    /// Trust the root certificates in this PEM file too, at nodes and identity servers
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Print one line of JSON per outcome
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) const WORK: &str = "\
Sends the invitations that sdn invite --outbox and other programs have put into the outbox, until Ctrl-C or SIGTERM. Run it on as
many machines as you like. Each invitation is sent with the login of its sender, so run sdn login on each machine first.

What cannot be sent now is tried again later. If a worker is killed, what it was sending becomes unknown after five minutes, and
is not sent again: see sdn journal --outbox.

Exit status:
  0    stopped; what was being sent has ended
  1    the database cannot be used
  2    invalid input; nothing was sent
  130  interrupted with a second Ctrl-C; what was being sent becomes unknown

Examples:
  sdn invite '!room:node.example' --from people.csv --outbox postgres://inviter@db.example/app
  SDN_OUTBOX=postgres://inviter:secret@db.example/app sdn work --outbox
  sdn journal --outbox postgres://inviter@db.example/app --look";
