//! Asks the node whether anybody has logged in with the wallets that are invited.

use std::collections::HashSet;

use sdn_proto::client::ListDids;

use super::plan::Plan;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::invitee;

/// Finds the wallets in the plan that nobody has logged in with. They are not invited.
///
/// This happens before any invitation, so a wallet that cannot be checked ends the command.
pub(crate) fn check(plan: &mut Plan) -> Result<(), Exit> {
    if !plan.checks_wallets {
        return Ok(());
    }
    let texts = plan.invitees.iter().map(|(text, _)| text);
    let wallets = texts.filter_map(|text| Some((text.clone(), invitee::wallet(text)?.ok()?)));
    let wallets: Vec<_> = wallets.collect();
    if wallets.is_empty() {
        return Ok(());
    }
    let (node, driver) = (plan.connection.session.node(), plan.connection.driver());
    plan.absent = block_on(async {
        let mut absent = HashSet::new();
        for (text, wallet) in wallets {
            let dids = driver.send(node, &ListDids::new(wallet.clone())).await;
            let dids = dids.map_err(|error| {
                let why = describe(&error);
                Exit::SomeRefused.reporting(format_args!(
                    "nobody was invited, because {wallet} cannot be checked; try again, or skip the \
                     check with --no-check: {why}"
                ))
            })?;
            if dids.is_empty() {
                absent.insert(text);
            }
        }
        Ok(absent)
    })?;
    Ok(())
}
