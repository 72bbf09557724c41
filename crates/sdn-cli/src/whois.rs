//! `sdn whois`.

use std::collections::HashMap;
use std::io;

use sdn_proto::identity::{GetHashDetails, Lookup};
use sdn_proto::{ApiError, CallError, ErrorCode, IdentitySession, ThirdPartyId, UserId};

use crate::args::WhoisArgs;
use crate::connection::Connection;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::failure::{IDENTITY_SERVER, advice_about_url, with_advice, with_sources};
use crate::identity::{self, Identity};
use crate::input::Problems;
use crate::invitee::{self, Invitee};
use crate::output::{Output, json_object, printable, report};
use crate::terms::Decider;

pub(crate) fn run(args: &WhoisArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let ids = third_party_ids(&args.addresses, &mut problems);
    let connection = Connection::check(&args.connection, false, &mut problems);
    let checked = connection.as_ref();
    let identity = Identity::check(&args.identity, checked, &args.connection, &mut problems);
    let (connection, identity) = problems.finish(connection.zip(identity))?;
    let connection = connection.located()?;
    block_on(async {
        let decider = Decider::new(args.identity.accept_terms);
        let driver = Driver { decider, ..connection.driver() };
        let failed = |problem: String| Exit::SomeRefused.reporting(problem);
        let opened = identity::open(&identity, &connection.session, &driver).await;
        let session = opened.map_err(failed)?;
        let mut exit = Exit::Success;
        for (part, ids) in ids.chunks(PART).enumerate() {
            let first = part * PART;
            match look_up(&driver, &session, ids).await {
                Ok(found) => {
                    let shown = show(&args.addresses[first..], ids, &found, args.json, output);
                    exit = exit.unless_unwritten(shown)?;
                }
                Err(problem) => {
                    let (first, last) = (first + 1, first + ids.len());
                    let problem =
                        format!("ADDRESS {first} to {last} were not looked up: {problem}");
                    exit = exit.max(Exit::SomeRefused.reporting(problem));
                }
            }
        }
        Ok(exit)
    })
}

/// The number of addresses in a request. Identity servers limit its size.
const PART: usize = 1000;

fn third_party_ids(texts: &[String], problems: &mut Problems) -> Vec<ThirdPartyId> {
    let mut ids = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let place = invitee::place(format_args!("ADDRESS {}", index + 1), text);
        match problems.keep(&place, Invitee::parse(text)) {
            Some(Invitee::ThirdParty(id)) => {
                if let Some(note) = invitee::note(text) {
                    report(format_args!("sdn: {place}: {note}"));
                }
                ids.push(id);
            }
            Some(Invitee::User(_)) => {
                problems.add(
                    place,
                    "this is a user ID already; give e-mail addresses or phone numbers",
                );
            }
            None => {}
        }
    }
    ids
}

/// Looks up a part of the addresses. Repeats that once if the server changed its pepper meanwhile.
async fn look_up(
    driver: &Driver,
    session: &IdentitySession,
    ids: &[ThirdPartyId],
) -> Result<HashMap<ThirdPartyId, UserId>, String> {
    let mut is_repeated = false;
    loop {
        let details = driver.send(session, &GetHashDetails::new()).await.map_err(|error| {
            describe("cannot get the identity server's lookup settings", &error)
        })?;
        let lookup = Lookup::new(ids.to_vec(), &details).map_err(|error| error.to_string())?;
        match driver.send(session, &lookup).await {
            Ok(mappings) => {
                let found = lookup.found(&mappings);
                return Ok(found.map(|(id, user)| (id.clone(), user.clone())).collect());
            }
            Err(error) => {
                let code = error.api_error().and_then(ApiError::code);
                if is_repeated || code != Some(&ErrorCode::InvalidPepper) {
                    return Err(describe("the lookup failed", &error));
                }
                is_repeated = true;
            }
        }
    }
}

fn describe(what: &str, error: &CallError) -> String {
    let text = format!("{what}: {}", with_sources(error));
    with_advice(text, error.api_error().and_then(|error| advice_about_url(error, IDENTITY_SERVER)))
}

fn show(
    texts: &[String],
    ids: &[ThirdPartyId],
    found: &HashMap<ThirdPartyId, UserId>,
    is_json: bool,
    output: &mut Output,
) -> io::Result<()> {
    for (text, id) in texts.iter().zip(ids) {
        let user_id = found.get(id).map(UserId::as_str);
        output.line(&if is_json {
            json_object([
                ("address", Some(text.as_str().into())),
                ("user_id", Some(user_id.into())),
            ])
        } else {
            format!("{}  {}", printable(text), user_id.map_or("nobody".into(), printable))
        })?;
    }
    Ok(())
}
