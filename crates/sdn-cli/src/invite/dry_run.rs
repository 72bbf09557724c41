//! `--dry-run`: prints how many would be invited, or each request as HTTP/1.1, byte for byte.

use bytes::Bytes;
use http::Request;
use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{Call, Escaped, IdAccessToken, InvalidInput, InviteBy3pid, RoomId};

use super::plan::Plan;
use crate::connection::USER_AGENT;
use crate::exit::Exit;
use crate::identity::Identity;
use crate::invitee::Invitee;
use crate::output::Output;
use crate::token::PLACEHOLDER;

/// The text that replaces the token of a registration which was not made.
const NOT_REGISTERED: &str = "[from-registration]";

/// Prints how many would be invited, and how many would not.
pub(super) fn summarize(plan: &Plan, known: usize, output: &mut Output) -> Result<Exit, Exit> {
    let invalid = plan.invalid.as_ref().map_or(0, |invalid| invalid.problems().len());
    let others = [
        (known, "in the journal already"),
        (plan.duplicates, "given more than once"),
        (invalid, "invalid"),
    ];
    let mut summary = format!("{} to invite", plan.invitees.len());
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        summary += &format!(", {count} {what}");
    }
    Exit::Success.unless_unwritten(output.line(&summary))
}

/// Prints the requests, with a blank line between them. On a terminal, characters that it would act
/// upon are escaped.
pub(super) fn print(
    plan: &Plan,
    room_id: &RoomId,
    shows_secrets: bool,
    output: &mut Output,
) -> Result<Exit, Exit> {
    for (index, (_, invitee)) in plan.invitees.iter().enumerate() {
        let request = request(plan, room_id, invitee, shows_secrets)
            .map_err(|error| Exit::BadInput.reporting(error))?;
        let mut bytes = if index == 0 { Vec::new() } else { b"\r\n\r\n".to_vec() };
        bytes.extend(http_1_1(&request));
        if output.is_terminal() {
            bytes = fit_for_a_terminal(&bytes);
        }
        if let Err(error) = output.bytes(&bytes) {
            return Exit::Success.unless_unwritten(Err(error));
        }
    }
    let end = if output.is_terminal() { output.line("") } else { Ok(()) };
    Exit::Success.unless_unwritten(end)
}

/// Escapes the characters that a terminal would act upon.
fn fit_for_a_terminal(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<_> = text.split("\r\n").map(|line| Escaped(line).to_string()).collect();
    lines.join("\r\n").into_bytes()
}

fn request(
    plan: &Plan,
    room_id: &RoomId,
    invitee: &Invitee,
    shows_secrets: bool,
) -> Result<Request<Bytes>, InvalidInput> {
    let session = &plan.connection.session;
    match (invitee, &plan.identity) {
        (Invitee::User(user_id), _) => Ok(plan.invite_user(room_id, user_id).to_request(session)),
        (
            Invitee::ThirdParty(id),
            Some(Identity { at: IdentityServerAt::Server { name, .. }, token }),
        ) => {
            let token = match token {
                _ if !shows_secrets => IdAccessToken::new(PLACEHOLDER)?,
                Some(token) => token.clone(),
                None => IdAccessToken::new(NOT_REGISTERED)?,
            };
            let call = InviteBy3pid::new(room_id.clone(), id.clone(), name.clone(), token);
            Ok(call.to_request(session))
        }
        _ => unreachable!("the plan has an identity server where one is needed"),
    }
}

/// Returns the request's bytes, with the transport's headers `user-agent`, `host` and `content-length`.
fn http_1_1(request: &Request<Bytes>) -> Vec<u8> {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        header(&mut bytes, name.as_str(), value.as_bytes());
    }
    header(&mut bytes, "user-agent", USER_AGENT.as_bytes());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    header(&mut bytes, "host", host.as_bytes());
    header(&mut bytes, "content-length", request.body().len().to_string().as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(request.body());
    bytes
}

fn header(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        bytes.extend_from_slice(part);
    }
}
