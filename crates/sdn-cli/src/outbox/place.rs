//! Where the outbox is: the options, and the connection.

use std::env;

use sdn_outbox::tokio_postgres::Client;
use sdn_outbox::{Database, Error, Outbox};

use crate::args::OutboxArgs;
use crate::exit::Exit;
use crate::input::Problems;

const VARIABLE: &str = "SDN_OUTBOX";

/// Where the outbox is.
pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) outbox: Outbox,
}

impl Place {
    /// Checks the options. No problem repeats the address.
    pub(crate) fn check(args: &OutboxArgs, problems: &mut Problems) -> Option<Self> {
        let database = match args.outbox.as_deref().filter(|address| !address.is_empty()) {
            Some(address) => problems.keep("--outbox", given(address)),
            None => problems.keep(VARIABLE, from_variable()),
        };
        let outbox = match &args.outbox_schema {
            Some(name) => problems.keep("--outbox-schema", Outbox::in_schema(name)),
            None => Some(Outbox::new()),
        };
        Some(Self { database: database?, outbox: outbox? })
    }

    /// Connects, and creates or updates the tables.
    pub(crate) async fn migrated(&self) -> Result<Client, Error> {
        let mut client = self.database.connect().await?;
        self.outbox.migrate(&mut client).await?;
        Ok(client)
    }

    /// Connects to tables that are there.
    pub(crate) async fn existing(&self) -> Result<Client, Error> {
        let client = self.database.connect().await?;
        self.outbox.check(&client).await?;
        Ok(client)
    }
}

/// Reads an address of the command line, which other users can read too.
fn given(address: &str) -> Result<Database, String> {
    let database = Database::new(address).map_err(|error| error.to_string())?;
    if database.has_password() {
        return Err(format!(
            "contains a password, which other users can read; put the address into {VARIABLE}, and \
             give --outbox without a value"
        ));
    }
    Ok(database)
}

fn from_variable() -> Result<Database, String> {
    let address = env::var(VARIABLE).map_err(|_| {
        "not set; put the database's address there, or give it with --outbox".to_owned()
    })?;
    Database::new(&address).map_err(|error| error.to_string())
}

/// Reports that the database cannot be used.
pub(crate) fn failed(error: &Error) -> Exit {
    match error {
        // Those commands migrate.
        Error::NoOutbox { schema } => Exit::SomeRefused.reporting(format_args!(
            "outbox: the schema {schema} has no outbox; check --outbox-schema, or create it with \
             sdn invite or sdn work"
        )),
        Error::Older { found, known } => Exit::SomeRefused.reporting(format_args!(
            "outbox: it has version {found}, and this program needs {known}; update it with sdn \
             invite or sdn work"
        )),
        error => Exit::SomeRefused.reporting(format_args!("outbox: {error}")),
    }
}
