//! A room: its ID, an alias or a link.

use sdn_proto::client::ResolveAlias;
use sdn_proto::id::RoomAlias;
use sdn_proto::{ApiError, ErrorCode, RoomId, Session};

use crate::drive::Driver;
use crate::exit::Exit;
use crate::failure::{describe, with_advice};
use crate::invitee::Kind;
use crate::link;
use crate::output::printable;
use crate::room_id;

/// A room, by its ID or by an alias that the node has to look up.
#[derive(Debug, Clone)]
pub(crate) enum Room {
    Id(RoomId),
    Alias(RoomAlias),
}

impl Room {
    /// Parses a room ID, an alias or a link to one of them, or returns what is wrong with the text.
    ///
    /// No error repeats the text, which may be a misplaced token.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if link::is_mail_link(text) {
            return Err(link::LINK_IS_SECRET.to_owned());
        }
        match link::identifier(text) {
            Some(identifier) => Self::of_identifier(&identifier?),
            None => Self::of_identifier(text),
        }
    }

    fn of_identifier(text: &str) -> Result<Self, String> {
        if text.starts_with('@') {
            return Err("this is a user, not a room; give the room's ID, alias or link".to_owned());
        }
        if !text.starts_with(['!', '#']) && Kind::of(text).needs_identity_server() {
            return Err(
                "this is an address, not a room; give the room before the invitees".to_owned()
            );
        }
        if text.starts_with('#') {
            let alias = RoomAlias::new(text).map(Self::Alias);
            return alias.map_err(|error| error.rule().to_string());
        }
        room_id::parse(text).map(Self::Id)
    }

    /// Returns the room's ID. The node is asked for the ID of an alias.
    pub(crate) async fn find(self, driver: &Driver, session: &Session) -> Result<RoomId, Exit> {
        let alias = match self {
            Self::Id(room_id) => return Ok(room_id),
            Self::Alias(alias) => alias,
        };
        let found = driver.send(session, &ResolveAlias::new(alias.clone())).await;
        found.map_err(|error| {
            let code = error.api_error().and_then(ApiError::code);
            let advice = (code == Some(&ErrorCode::NotFound)).then_some(UNKNOWN_ALIAS);
            let why = with_advice(describe(&error), advice);
            let alias = printable(alias.as_str());
            Exit::SomeRefused.reporting(format_args!("cannot look up {alias}: {why}"))
        })
    }
}

/// What to do about an alias that the node does not know.
const UNKNOWN_ALIAS: &str = "check the alias, or give the room's ID, which `sdn rooms` lists";
