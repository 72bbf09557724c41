//! `sdn logout`.

use sdn_proto::client::LogOut;
use sdn_proto::{ApiError, CallError, ErrorCode, InviteStatus};

use crate::args::LogoutArgs;
use crate::connection::Connection;
use crate::credentials;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::{describe, with_advice};
use crate::input::Problems;
use crate::output::{Output, json_object, report};

pub(crate) fn run(args: &LogoutArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let connection = Connection::check(&args.connection, false, &mut problems);
    let connection = problems.finish(connection)?.located()?;
    let driver = connection.driver();
    let Connection { session, token, .. } = connection;
    let node = session.node();
    block_on(async {
        let result = driver.send(&session, &LogOut::new()).await;
        let (word, message, exit) = ended(&result);
        let is_ended = exit == Exit::Success;
        // A token that may still be valid is kept, so that it can be ended later.
        let removed = if is_ended { credentials::remove(node, &token.token) } else { Ok(false) };
        let line = if args.json {
            json_object([
                ("node", Some(node.to_string().into())),
                ("outcome", Some(word.into())),
                ("token_from", Some(token.from.as_str().into())),
                ("message", message.map(Into::into)),
            ])
        } else {
            if let Some(message) = message {
                report(format_args!("sdn: {message}"));
            }
            format!("{}  {node}", word.replace('_', " "))
        };
        let exit = match removed {
            Ok(_) => exit,
            Err(problem) => Exit::SomeRefused
                .reporting(format_args!("the token has ended, but may still be in {problem}")),
        };
        exit.unless_unwritten(output.line(&line))
    })
}

/// Returns the outcome: a word, a message unless the token was ended now, and the exit status.
fn ended(result: &Result<(), CallError>) -> (&'static str, Option<String>, Exit) {
    let Err(error) = result else { return ("logged_out", None, Exit::Success) };
    if error.api_error().and_then(ApiError::code) == Some(&ErrorCode::UnknownToken) {
        let message = "the node did not know the token any more".to_owned();
        return ("logged_out_before", Some(message), Exit::Success);
    }
    let status = InviteStatus::from(error);
    let advice = (status == InviteStatus::Unknown).then_some(AGAIN);
    (status.as_str(), Some(with_advice(describe(error), advice)), status.into())
}

const AGAIN: &str = "run the command again, which does no harm";
