//! The identity server: where it is, and getting in there.

use sdn_proto::client::{Discover, Discovery};
use sdn_proto::error::Rule;
use sdn_proto::flow::{CallFailure, Register, RegisterFailure};
use sdn_proto::identity_server::IdentitySession;
use sdn_proto::{
    Call, Dialect, IdAccessToken, IdentityServer, InvalidInput, Node, ServerName, Session,
};

use crate::args::IdentityArgs;
use crate::connection::url_problem;
use crate::drive::{Driver, with_sources};
use crate::failure::{advice, advice_at, with_advice};
use crate::input::Problems;
use crate::output::printable;
use crate::token::Source;

/// An identity server as the options name it.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) place: Place,
    pub(crate) token: Option<IdAccessToken>,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// As the node knows it, and as we reach it.
    Known(ServerName, IdentityServer),
    /// This domain says.
    Discover(Node),
}

/// Checks where the identity server is. `Ok(None)` if nothing says.
pub(crate) fn place(
    args: &IdentityArgs,
    dialect: Dialect,
    allows_http: bool,
    problems: &mut Problems,
) -> Result<Option<Place>, ()> {
    let name = match &args.id_server {
        Some(name) => {
            let name = problems.check("--id-server (or SDN_ID_SERVER)", ServerName::new(name));
            Some(name.ok_or(())?)
        }
        None => None,
    };
    let server = |url: &String| {
        let server =
            if allows_http { IdentityServer::new_insecure(url) } else { IdentityServer::new(url) };
        server.map_err(|error| url_problem(&error))
    };
    let server = match &args.id_server_url {
        Some(url) => Some(problems.keep("--id-server-url", server(url)).ok_or(())?),
        None => None,
    };
    let (name, server) = match (name, server) {
        (Some(name), Some(server)) => (name, server),
        (Some(name), None) => (name.clone(), IdentityServer::at(&name)),
        (None, Some(server)) => match server.id_server() {
            Some(name) => (name, server),
            None => {
                problems
                    .add("--id-server", "not given; the URL does not tell how the node names it");
                return Err(());
            }
        },
        (None, None) => {
            let Some(domain) = &args.discover else { return Ok(None) };
            let domain = domain_of(domain, allows_http).map_err(|error| url_problem(&error));
            let domain = problems.keep("--discover", domain).ok_or(())?;
            return Ok(Some(Place::Discover(domain.with_dialect(dialect))));
        }
    };
    Ok(Some(Place::Known(name, server.with_dialect(dialect))))
}

fn domain_of(text: &str, allows_http: bool) -> Result<Node, InvalidInput> {
    match text.contains("://") {
        false => Node::new(format!("https://{}/", ServerName::new(text)?)),
        true if allows_http => Node::new_insecure(text),
        true => Node::new(text),
    }
}

/// Checks the identity server's token, if there is one.
pub(crate) fn token(args: &IdentityArgs, problems: &mut Problems) -> Option<Option<IdAccessToken>> {
    let source = Source {
        name: "identity server's access token",
        variable: "SDN_ID_ACCESS_TOKEN",
        flag: "--id-access-token-file",
        file: args.id_access_token_file.as_deref(),
    };
    problems.keep(source.place(), source.read_if_set(|text| IdAccessToken::new(text)))
}

impl Identity {
    /// Checks the options of a command that cannot do without an identity server.
    pub(crate) fn check(
        args: &IdentityArgs,
        dialect: Dialect,
        allows_http: bool,
        problems: &mut Problems,
    ) -> Option<Self> {
        let place = place(args, dialect, allows_http, problems);
        if matches!(place, Ok(None)) {
            problems.add("--id-server (or SDN_ID_SERVER)", NOT_GIVEN);
        }
        let token = token(args, problems);
        Some(Self { place: place.ok()??, token: token? })
    }
}

/// What to do if no identity server is named.
pub(crate) const NOT_GIVEN: &str = "not given; e-mail addresses and phone numbers need an identity \
     server: name it, or with --discover a domain that does";

/// Finds out where the identity server is, as the node knows it and as we reach it; or says why not.
pub(crate) async fn locate(
    place: &Place,
    driver: &Driver,
) -> Result<(ServerName, IdentityServer), String> {
    let domain = match place {
        Place::Known(name, server) => return Ok((name.clone(), server.clone())),
        Place::Discover(domain) => domain,
    };
    let found = match driver.client.send(domain, &Discover::new()).await {
        Ok(found) => found,
        Err(error) => {
            let error = with_sources(&error);
            return Err(format!(
                "{domain} does not tell its identity server; name it with --id-server: {error}"
            ));
        }
    };
    named_by(domain, &found)
}

/// Returns the identity server that a domain names.
fn named_by(domain: &Node, found: &Discovery) -> Result<(ServerName, IdentityServer), String> {
    let Some(server) = found.identity_server(domain) else {
        return Err(format!("{domain} names no identity server; name one with --id-server"));
    };
    let named = server.map_err(|invalid| invalid.rule()).and_then(|server| {
        let name = server.id_server().ok_or(Rule::HasPath)?;
        Ok((name, server))
    });
    named.map_err(|rule| {
        format!("{domain} names a bad identity server; name one with --id-server: {rule}")
    })
}

/// Gets in: with the token if there is one that the server takes, or else by registering; and past its terms.
///
/// # Errors
///
/// One line that says what failed and what to do.
pub(crate) async fn open(
    identity: &Identity,
    node: &Session,
    driver: &mut Driver,
) -> Result<IdentitySession, String> {
    let (name, server) = locate(&identity.place, driver).await?;
    let mut flow = Register::new(node.clone()).at_base(name, server);
    if let Some(token) = &identity.token {
        flow = flow.with_id_access_token(token.clone());
    }
    match driver.run(flow).await {
        Ok(registered) => Ok(registered.id_session),
        Err(RegisterFailure::TermsDeclined) => Err(DECLINED.to_owned()),
        Err(failure) => {
            let advice = match &failure {
                RegisterFailure::Failed(stage, CallFailure::Api(error)) => advice_at(*stage, error),
                _ => None,
            };
            Err(with_advice(printable(&driver.explained(failure)), advice))
        }
    }
}

/// Sends a call, and on failure says what failed and why.
pub(crate) async fn send<C: Call>(
    driver: &Driver,
    server: &C::Server,
    call: &C,
    what: &str,
) -> Result<C::Output, String> {
    driver.client.send(server, call).await.map_err(|error| {
        with_advice(format!("{what}: {}", with_sources(&error)), error.api().and_then(advice))
    })
}

/// What to do after terms were declined.
pub(crate) const DECLINED: &str = "the identity server's terms are not accepted, so nothing was done; \
     read them, and repeat with --accept-terms";

#[cfg(test)]
mod tests {
    use sdn_proto::http::Response;

    use super::*;

    fn named(domain: &str, url: &str) -> Result<(ServerName, IdentityServer), String> {
        let document = format!(r#"{{"m.identity_server":{{"base_url":"{url}"}}}}"#);
        let found = Discover::parse_response(&Response::new(document)).unwrap();
        named_by(&Node::new(domain).unwrap(), &found)
    }

    #[test]
    fn remote_domain_must_not_name_loopback() {
        for url in ["http://127.0.0.1:8090", "https://127.0.0.1", "https://[::ffff:127.0.0.1]/"] {
            let problem = named("https://example.com", url).unwrap_err();
            assert!(problem.contains("--id-server: leads to this machine"), "{problem}");
            assert!(named("http://localhost:8008", url).is_ok(), "{url}");
        }
        let (name, server) = named("https://example.com", "https://id.example").unwrap();
        assert_eq!((name.as_str(), &*server.to_string()), ("id.example", "https://id.example/"));
        assert!(named("https://example.com", "https://id.example/path").is_err());
    }
}
