//! The arguments of `sdn journal`.

use std::path::PathBuf;

use super::shared::ConnectionArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct JournalArgs {
    /// The journal of a list, such as people.csv.journal
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

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
