use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{
    Dialect, IdentityServer, InvalidInput, Medium, Node, RoomId, ServerName, ThirdPartyId, UserId,
};

/// An invitation for the outbox: its sender, its invitee and its room.
///
/// ```
/// use sdn_outbox::Invitation;
/// use sdn_proto::{Node, RoomId, ServerName, ThirdPartyId, UserId};
///
/// let alice = UserId::new("@alice:node.example")?;
/// let room_id = RoomId::new("!a:node.example")?;
/// let carol = ThirdPartyId::email("carol@example.com")?;
/// let id_server = ServerName::new("id.example")?;
/// let node = Node::new("https://node.example")?;
/// let invitation = Invitation::of_third_party(node, alice, room_id, carol, id_server);
/// # let _ = invitation;
/// # Ok::<(), sdn_proto::InvalidInput>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub(crate) node: Node,
    pub(crate) sender: UserId,
    pub(crate) room_id: RoomId,
    pub(crate) invitee: Invitee,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Invitee {
    User(UserId),
    ThirdParty(ThirdPartyId, IdentityServerAt),
}

/// The medium of a user ID in the table.
pub(crate) const USER: &str = "user";

/// The table's columns about an invitee.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Columns {
    pub(crate) medium: String,
    pub(crate) address: String,
    pub(crate) id_server: Option<String>,
    pub(crate) id_server_url: Option<String>,
}

impl Invitation {
    /// Creates an invitation by `sender` of `node`, of a user by ID. The ID of a wallet is stored
    /// in lower case.
    pub fn of_user(node: Node, sender: UserId, room_id: RoomId, user_id: UserId) -> Self {
        let invitee = Invitee::User(canonical_user(user_id));
        Self { node, sender, room_id, invitee, reason: None }
    }

    /// Creates an invitation by `sender` of `node`, of the owner of an e-mail address or phone
    /// number, through an identity server.
    pub fn of_third_party(
        node: Node,
        sender: UserId,
        room_id: RoomId,
        third_party_id: ThirdPartyId,
        at: impl Into<IdentityServerAt>,
    ) -> Self {
        let invitee = Invitee::ThirdParty(canonical_address(third_party_id), at.into());
        Self { node, sender, room_id, invitee, reason: None }
    }

    /// Adds a reason for the invitee to read. Only an invitation by user ID sends it.
    /// NUL characters are removed, because PostgreSQL cannot store them.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into().replace('\0', ""));
        self
    }
}

/// Returns the ID of a wallet in lower case, however it was written, and any other as it is.
fn canonical_user(user_id: UserId) -> UserId {
    user_id.wallet().map_or(user_id, |wallet| UserId::of_wallet(&wallet))
}

/// Returns an address that was made verbatim as the constructor of its medium would make it.
fn canonical_address(id: ThirdPartyId) -> ThirdPartyId {
    let folded = match id.medium() {
        medium if *medium == Medium::EMAIL => ThirdPartyId::email(id.address()),
        medium if *medium == Medium::MSISDN => ThirdPartyId::msisdn(id.address()),
        _ => return id,
    };
    folded.unwrap_or(id)
}

impl Invitee {
    pub(crate) fn columns(&self) -> Columns {
        match self {
            Self::User(user_id) => Columns {
                medium: USER.to_owned(),
                address: user_id.to_string(),
                ..Columns::default()
            },
            Self::ThirdParty(id, at) => {
                let (id_server, url) = match at {
                    IdentityServerAt::Server { name, base } => {
                        (Some(name.to_string()), base.to_string())
                    }
                    IdentityServerAt::Discover(domain) => (None, domain.to_string()),
                };
                Columns {
                    medium: id.medium().as_str().to_owned(),
                    address: id.address().to_owned(),
                    id_server,
                    id_server_url: Some(url),
                }
            }
        }
    }

    /// Reads the table's columns. Stored addresses are used unchanged, because rules may change.
    pub(crate) fn of(columns: &Columns, dialect: Dialect) -> Result<Self, InvalidInput> {
        if columns.medium == USER {
            return Ok(Self::User(UserId::new(&columns.address)?));
        }
        let id = ThirdPartyId::verbatim(Medium::new(&columns.medium)?, &columns.address)?;
        let url = columns.id_server_url.as_deref().unwrap_or_default();
        let at = match &columns.id_server {
            Some(name) => IdentityServerAt::Server {
                name: ServerName::new(name)?,
                base: IdentityServer::new_insecure(url)?.with_dialect(dialect),
            },
            None => IdentityServerAt::Discover(Node::new_insecure(url)?.with_dialect(dialect)),
        };
        Ok(Self::ThirdParty(id, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_back() {
        let mail = ThirdPartyId::email("Carol@Example.com").unwrap();
        let name = ServerName::new("id.example:8090").unwrap();
        let base = IdentityServer::new("http://127.0.0.1:8090/").unwrap();
        let domain = Node::new("https://example.com").unwrap();
        for invitee in [
            Invitee::User(UserId::new("@bob:node.example").unwrap()),
            Invitee::ThirdParty(mail.clone(), IdentityServerAt::Server { name, base }),
            Invitee::ThirdParty(mail, domain.into()),
        ] {
            assert_eq!(Invitee::of(&invitee.columns(), Dialect::Sdn).as_ref(), Ok(&invitee));
        }
    }

    #[test]
    fn spellings_of_one_invitee_are_equal() {
        let wallet = "@sdn_7E5F4552091A69125D5DFCB7B8C2659029395BDF:7e5f4552091a69125d5dfcb7b8c2659029395bdf";
        let user = canonical_user(UserId::new(wallet).unwrap());
        assert_eq!(user.as_str(), wallet.to_lowercase());
        for other in ["@Bob:node.example", "@sdn_7E5F:node.example"] {
            assert_eq!(canonical_user(UserId::new(other).unwrap()).as_str(), other);
        }
        let verbatim = |medium: Medium, address| ThirdPartyId::verbatim(medium, address).unwrap();
        let mail = canonical_address(verbatim(Medium::EMAIL, "Carol@Example.com"));
        assert_eq!(mail, ThirdPartyId::email("carol@example.com").unwrap());
        let phone = canonical_address(verbatim(Medium::MSISDN, "+1 800 555 2067"));
        assert_eq!(phone.address(), "18005552067");
        let odd = verbatim(Medium::EMAIL, "not an address");
        assert_eq!(canonical_address(odd.clone()), odd);
    }

    #[test]
    fn nonsense_in_columns_is_an_error() {
        let columns = |medium: &str, address: &str| Columns {
            medium: medium.to_owned(),
            address: address.to_owned(),
            ..Columns::default()
        };
        for columns in
            [columns("user", "bob"), columns("email", ""), columns("email", "a@b.example")]
        {
            assert!(Invitee::of(&columns, Dialect::Sdn).is_err(), "{columns:?}");
        }
    }
}
