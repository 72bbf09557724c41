//! The arguments of `sdn journal`.

use std::path::PathBuf;

use super::shared::ConnectionArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct JournalArgs {
    /// The journal of a list, such as people.csv.journal
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Let the next sdn invite invite them again: one invitee, or all that were refused or whose outcome is unknown
    #[arg(long, value_name = "INVITEE|refused|unknown")]
    pub(crate) retry: Vec<String>,

    /// Nothing is to be done about them any more. An invitee may be new to the journal
    #[arg(long, value_name = "INVITEE|refused|unknown")]
    pub(crate) settle: Vec<String>,

    /// Compare those that are left to decide, whether refused or unknown, with the room. Settles nobody
    #[arg(long, conflicts_with_all = ["retry", "settle"])]
    pub(crate) look: bool,

    /// Print a line of JSON for each that is left to decide
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten, next_help_heading = "Options of --look")]
    pub(crate) connection: ConnectionArgs,
}
