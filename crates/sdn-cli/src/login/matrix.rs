//! Logs in at a Matrix node, with a password.

use sdn_proto::client::{GetLoginFlows, Login, PasswordLogin};
use sdn_proto::secret::Password;
use sdn_proto::{Delivery, Node};

use super::{DEVICE, UNKNOWN, bad_input};
use crate::drive::Driver;
use crate::exit::Exit;
use crate::failure::describe;
use crate::output::printable;
use crate::prompt;

/// Logs in. Asks for the user, unless it is given, and for the password.
pub(super) async fn log_in(
    node: &Node,
    user: Option<String>,
    driver: &Driver,
) -> Result<Login, Exit> {
    let kinds = driver.send(node, &GetLoginFlows::new()).await;
    let kinds = kinds.map_err(|error| Exit::SomeRefused.reporting(describe(&error)))?;
    if !kinds.iter().any(|kind| kind == PASSWORD) {
        let kinds = printable(&kinds.join(", "));
        let offers = if kinds.is_empty() { kinds } else { format!(". It offers: {kinds}") };
        return Err(Exit::SomeRefused.reporting(format_args!("{NO_PASSWORD}{offers}")));
    }
    let user = match user {
        Some(user) => user,
        None => prompt::line("User").map_err(|problem| bad_input("--user", &problem))?,
    };
    if user.is_empty() {
        return Err(bad_input("--user", "empty; name the user"));
    }
    let password = prompt::secret("Password")
        .and_then(|typed| Password::new(typed).map_err(|error| error.rule().to_string()));
    let password = password.map_err(|problem| bad_input("password", &problem))?;
    let call = PasswordLogin::new(user, password).with_initial_device_display_name(DEVICE);
    driver.send(node, &call).await.map_err(|error| {
        let why = describe(&error);
        match error.delivery() {
            Delivery::Unknown => Exit::SomeUnknown.reporting(format_args!("{why}; {UNKNOWN}")),
            _ => Exit::SomeRefused.reporting(why),
        }
    })
}

const PASSWORD: &str = "m.login.password";

const NO_PASSWORD: &str = "the node offers no login with a password; log in with another program, and put its \
     token into SDN_ACCESS_TOKEN; see `sdn help tokens`";
