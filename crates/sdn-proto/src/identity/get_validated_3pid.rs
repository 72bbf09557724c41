use std::time::SystemTime;

use serde::{Deserialize, Serialize, Serializer};

use crate::id::ValidationSessionId;
use crate::prelude::*;
use crate::secret::ClientSecret;
use crate::threepid::{Medium, ThirdPartyId};

/// Asks whether the user has validated an address.
///
/// `GET /{prefix}/identity/v2/3pid/getValidated3pid?client_secret={client_secret}&sid={sid}`, see
/// the specification's [validated 3PID]. If not, the server responds with 400
/// `M_SESSION_NOT_VALIDATED`.
///
/// ```
/// use sdn_proto::id::ValidationSessionId;
/// use sdn_proto::identity::GetValidated3pid;
/// use sdn_proto::secret::ClientSecret;
/// use sdn_proto::{Call, IdAccessToken, IdentityServer};
///
/// let session = IdentityServer::new("https://id.example")?.session(IdAccessToken::new("id_secret")?);
/// let call = GetValidated3pid::new(ClientSecret::new("monkeys")?, ValidationSessionId::new("574465591")?);
/// assert_eq!(
///     call.to_request(&session).uri().path_and_query().unwrap(),
///     "/_api/identity/v2/3pid/getValidated3pid?client_secret=monkeys&sid=574465591",
/// );
///
/// let answer = r#"{"medium":"email","address":"alice@example.com","validated_at":1457622739026}"#;
/// let validated = GetValidated3pid::parse_response(&http::Response::new(answer))?;
/// assert_eq!(validated.third_party_id.address(), "alice@example.com");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [validated 3PID]: https://spec.matrix.org/v1.19/identity-service-api/#get_matrixidentityv23pidgetvalidated3pid
#[derive(Debug, Clone)]
pub struct GetValidated3pid {
    client_secret: ClientSecret,
    session_id: ValidationSessionId,
}

impl GetValidated3pid {
    /// Asks about the validation `session_id` that was started with this secret.
    pub fn new(client_secret: ClientSecret, session_id: ValidationSessionId) -> Self {
        Self { client_secret, session_id }
    }
}

/// An address that a user has validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Validated3pid {
    /// The address.
    #[serde(flatten)]
    pub third_party_id: ThirdPartyId,
    /// When it was validated, by the identity server's clock; serialized in milliseconds since
    /// 1970.
    #[serde(serialize_with = "milliseconds")]
    pub validated_at: SystemTime,
}

fn milliseconds<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    serializer.serialize_u64(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[derive(Deserialize)]
struct Answer {
    medium: Medium,
    address: String,
    /// Milliseconds since 1970.
    validated_at: u64,
}

impl Call for GetValidated3pid {
    type Server = IdentitySession;
    type Output = Validated3pid;

    endpoint!(GET "/identity/v2/3pid/getValidated3pid?client_secret={client_secret}&sid={sid}");

    fn to_request(&self, session: &IdentitySession) -> Request<Bytes> {
        session
            .request::<Self>(&[self.client_secret.expose(), self.session_id.as_str()], Bytes::new())
    }

    fn parse_response<B: AsRef<[u8]>>(response: &Response<B>) -> Result<Validated3pid, ApiError> {
        let Answer { medium, address, validated_at } = response::object(response)?;
        let third_party_id = ThirdPartyId::verbatim(medium, address)
            .map_err(|invalid| response::invalid(response, invalid))?;
        Ok(Validated3pid { third_party_id, validated_at: response::time(response, validated_at)? })
    }
}

compose!(GetValidated3pid, |p| GetValidated3pid::new(p.get("client_secret")?, p.get("sid")?));
