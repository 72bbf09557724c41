//! Asking the node whether anybody has logged in with the wallets that are invited.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use sdn_hyper::Client;
use sdn_proto::client::ListDids;
use sdn_proto::retry::RetryBudget;
use sdn_proto::{CallError, Node, WalletAddress};

use super::plan::Plan;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::invitee;
use crate::progress::Progress;

/// Finds the wallets in the plan that nobody has logged in with. They are not invited.
///
/// It comes before anything is sent, so one that cannot be checked ends the command.
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
    let (node, client) = (plan.connection.session.node(), plan.connection.client.clone());
    plan.absent = block_on(async {
        let client = client.build();
        let mut absent = HashSet::new();
        for (text, wallet) in wallets {
            let is_there = has_logged_in(&wallet, node, &client, plan.wait).await;
            let is_there = is_there.map_err(|error| {
                let why = describe(&error);
                Exit::SomeRefused.reporting(format_args!(
                    "nothing was sent, because {wallet} cannot be checked; try again, or leave it \
                     unchecked with --no-check: {why}"
                ))
            })?;
            if !is_there {
                absent.insert(text);
            }
        }
        Ok(absent)
    })?;
    Ok(())
}

/// Returns whether the node has a DID of the wallet. Waits as an invitation does if the node limits the rate.
async fn has_logged_in(
    wallet: &WalletAddress,
    node: &Node,
    client: &Client,
    wait: Duration,
) -> Result<bool, CallError> {
    let call = ListDids::new(wallet.clone());
    let mut budget = RetryBudget::new(wait);
    loop {
        let result = client.send(node, &call).await;
        let error = result.as_ref().err().and_then(CallError::api_error);
        let wait = error.and_then(|error| budget.wait(error, SystemTime::now(), 0.0));
        let Some(wait) = wait else { return result.map(|dids| !dids.is_empty()) };
        Progress::default().count_down(wait).await;
    }
}

/// Why a wallet is not invited.
pub(super) const NOBODY: &str = "nobody has logged in with this wallet; ask its owner to, or invite it \
     unchecked with --no-check";
