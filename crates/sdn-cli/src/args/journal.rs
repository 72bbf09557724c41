//! The arguments of `sdn journal`.

use std::path::PathBuf;

#[cfg(feature = "outbox")]
use clap::builder::ArgPredicate;

#[cfg(feature = "outbox")]
use super::outbox::OutboxArgs;
use super::shared::ConnectionArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct JournalArgs {
    /// The journal of a list, such as people.csv.journal
    #[cfg_attr(not(feature = "outbox"), arg(value_name = "FILE"))]
    #[cfg_attr(
        feature = "outbox",
        arg(
            value_name = "FILE",
            required = false,
            required_unless_present = "outbox",
            conflicts_with = "outbox",
            default_value_if("outbox", ArgPredicate::IsPresent, "-")
        )
    )]
    pub(crate) file: PathBuf,

    #[cfg(feature = "outbox")]
    #[command(flatten)]
    pub(crate) outbox: OutboxArgs,

    /// Let the next sdn invite invite them again: one invitee, or all that are refused or unknown
    #[arg(long, value_name = "INVITEE|refused|unknown")]
    pub(crate) retry: Vec<String>,

    /// Record that nothing is left to do about them. The invitee may be missing from the journal
    #[arg(long, value_name = "INVITEE|refused|unknown")]
    pub(crate) settle: Vec<String>,

    /// Compare the refused and unknown invitees with the room. Changes nothing
    #[arg(long, conflicts_with_all = ["retry", "settle"])]
    pub(crate) look: bool,

    /// Print one line of JSON per invitee that is left to decide
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten, next_help_heading = "Options of --look")]
    pub(crate) connection: ConnectionArgs,
}
