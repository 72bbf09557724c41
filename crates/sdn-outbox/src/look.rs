//! Compares undecided invitations with their rooms.

use sdn_proto::ledger::{Comparison, GetPeople, People, Verdict};
use sdn_proto::{Dialect, Medium, Node, RoomId, ThirdPartyId, UserId};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use crate::credentials::Credentials;
use crate::error::Error;
use crate::invitation::USER;
use crate::outbox::Outbox;
use crate::statement::{change, expire};

/// A room that was read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Looked {
    /// The room.
    pub room_id: String,
    /// How many invitations were marked, or why the room could not be read.
    pub marked: Result<u64, Error>,
}

/// A room with undecided invitations, and a user who can read it.
struct Room {
    node: String,
    dialect: String,
    user_id: String,
    room_id: String,
}

/// An invitation to a room.
struct Invited {
    id: i64,
    /// Unless it was purged.
    invitee: Option<Invitee>,
    is_to_decide: bool,
    is_third_party: bool,
}

enum Invitee {
    User(UserId),
    ThirdParty(ThirdPartyId),
}

impl Outbox {
    /// Marks each refused or unknown invitation with the verdict of its room: the invitee is in the
    /// room, is not seen there, or is ambiguous. Reads each room's state once, and decides nothing.
    ///
    /// A room shows an e-mail address only in part, such as `car...@exa...`. It is ambiguous if it
    /// may be that of another address in the outbox, also if those were [purged](Self::purge).
    ///
    /// # Errors
    ///
    /// The errors of the database. A room that cannot be read has its own error, and its
    /// invitations keep their marks.
    pub async fn look(
        &self,
        client: &impl GenericClient,
        http: &sdn_hyper::Client,
        credentials: &impl Credentials,
    ) -> Result<Vec<Looked>, Error> {
        change(client, &expire(&self.schema), &[]).await?;
        let rooms = self.schema.fill(
            "SELECT DISTINCT ON (node, room_id) node, dialect, user_id, room_id
            FROM {schema}.invitation i JOIN {schema}.sender s ON s.id = i.sender
            WHERE state IN ('refused', 'unknown') ORDER BY node, room_id, i.id DESC",
        );
        let mut looked = Vec::new();
        for row in client.query_typed(&rooms, &[]).await? {
            let room = Room {
                node: row.get(0),
                dialect: row.get(1),
                user_id: row.get(2),
                room_id: row.get(3),
            };
            let marked = match room.people(http, credentials).await {
                Ok(people) => Ok(self.mark(client, &room, &people).await?),
                Err(error) => Err(error),
            };
            looked.push(Looked { room_id: room.room_id, marked });
        }
        Ok(looked)
    }

    /// Marks the invitations to a room. Returns how many.
    async fn mark(
        &self,
        client: &impl GenericClient,
        room: &Room,
        people: &People,
    ) -> Result<u64, Error> {
        let find = self.schema.fill(
            "SELECT i.id, medium, address, state IN ('refused', 'unknown')
            FROM {schema}.invitation i JOIN {schema}.sender s ON s.id = i.sender
            WHERE node = $1 AND room_id = $2",
        );
        let values: [(&(dyn ToSql + Sync), Type); 2] =
            [(&room.node, Type::TEXT), (&room.room_id, Type::TEXT)];
        let invited: Vec<_> =
            client.query_typed(&find, &values).await?.iter().map(Invited::of).collect();
        let (ids, words): (Vec<_>, Vec<_>) =
            verdicts(people, &invited).map(|(id, verdict)| (id, verdict.as_str())).unzip();
        let mark = self.schema.fill(
            "UPDATE {schema}.invitation i SET in_room = v.verdict
            FROM unnest($1, $2) AS v (id, verdict)
            WHERE i.id = v.id AND state IN ('refused', 'unknown')",
        );
        let values: [(&(dyn ToSql + Sync), Type); 2] =
            [(&ids, Type::INT8_ARRAY), (&words, Type::TEXT_ARRAY)];
        change(client, &mark, &values).await
    }
}

impl Room {
    async fn people(
        &self,
        http: &sdn_hyper::Client,
        credentials: &impl Credentials,
    ) -> Result<People, Error> {
        let invalid = |_| Error::Changed;
        let dialect: Dialect = self.dialect.parse().map_err(invalid)?;
        let node = Node::new_insecure(&self.node).map_err(invalid)?.with_dialect(dialect);
        let user_id = UserId::new(&self.user_id).map_err(invalid)?;
        let room_id = RoomId::new(&self.room_id).map_err(invalid)?;
        let token = credentials.access_token(&node, &user_id).await.map_err(Error::NoToken)?;
        let call = GetPeople::new(room_id);
        http.send(&node.session(token), &call).await.map_err(Error::Room)
    }
}

/// Returns the room's verdict on each undecided invitation.
fn verdicts<'a>(
    people: &'a People,
    invited: &'a [Invited],
) -> impl Iterator<Item = (i64, Verdict)> + 'a {
    let addresses = invited.iter().filter_map(|invited| match &invited.invitee {
        Some(Invitee::ThirdParty(id)) => Some(id),
        _ => None,
    });
    let comparison = Comparison::new(people, addresses);
    // The address that the room shows may be one of these.
    let is_purged = |invited: &Invited| invited.is_third_party && invited.invitee.is_none();
    let has_purged = invited.iter().any(is_purged);
    invited.iter().filter(|invited| invited.is_to_decide).map(move |invited| {
        let verdict = match &invited.invitee {
            Some(Invitee::User(user_id)) => comparison.user(user_id).verdict,
            Some(Invitee::ThirdParty(id)) => match comparison.third_party(id).verdict {
                Verdict::InTheRoom if has_purged => Verdict::Ambiguous,
                verdict => verdict,
            },
            None => Verdict::Ambiguous,
        };
        (invited.id, verdict)
    })
}

impl Invited {
    fn of(row: &Row) -> Self {
        let (medium, address): (&str, Option<&str>) = (row.get(1), row.get(2));
        let is_third_party = medium != USER;
        let invitee = address.and_then(|address| match is_third_party {
            false => UserId::new(address).ok().map(Invitee::User),
            true => ThirdPartyId::verbatim(Medium::new(medium).ok()?, address)
                .ok()
                .map(Invitee::ThirdParty),
        });
        Self { id: row.get(0), invitee, is_to_decide: row.get(3), is_third_party }
    }
}
