//! The identity server: where it is, and a session there.

use sdn_proto::flow::{DiscoverFlow, Discovered, IdentityServerAt, RegisterError, RegisterFlow};
use sdn_proto::{
    Dialect, IdAccessToken, IdentityServer, IdentitySession, InvalidInput, Node, Rule, ServerName,
    Session,
};

use crate::args::{ConnectionArgs, IdentityArgs};
use crate::connection::Connection;
use crate::drive::Driver;
use crate::failure::{advice_at, with_advice, with_sources};
use crate::input::Problems;
use crate::node::url_problem;
use crate::token::{Source, WHERE_FROM};

/// An identity server that the options name.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) at: IdentityServerAt,
    pub(crate) token: Option<IdAccessToken>,
}

/// Checks where the identity server is. Returns `Ok(None)` if no option names it.
pub(crate) fn at(
    args: &IdentityArgs,
    checked: Option<&Connection>,
    connection: &ConnectionArgs,
    problems: &mut Problems,
) -> Result<Option<IdentityServerAt>, ()> {
    let dialect = Connection::dialect(checked, connection);
    let allows_http = connection.server.insecure_http;
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
                    .add("--id-server", "not given; give the name by which the node calls it, because the URL does not contain it");
                return Err(());
            }
        },
        (None, None) => {
            let Some(domain) = &args.discover else { return Ok(None) };
            let domain = match (&**domain, dialect) {
                // If there is no node, its check has reported the problem.
                ("", Dialect::Sdn) => checked.ok_or(())?.session.node().clone(),
                ("", Dialect::Matrix) => {
                    problems.add("--discover", NO_DOMAIN);
                    return Err(());
                }
                (domain, _) => {
                    let domain = domain_of(domain, allows_http);
                    let domain = domain.map_err(|error| url_problem(&error));
                    problems.keep("--discover", domain).ok_or(())?
                }
            };
            return Ok(Some(IdentityServerAt::Discover(domain.with_dialect(dialect))));
        }
    };
    Ok(Some(IdentityServerAt::Server { name, base: server.with_dialect(dialect) }))
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
        advice: WHERE_FROM,
    };
    problems.keep(source.place(), source.read_if_set(|text| IdAccessToken::new(text)))
}

impl Identity {
    /// Checks the options of a command that needs an identity server.
    pub(crate) fn check(
        args: &IdentityArgs,
        checked: Option<&Connection>,
        connection: &ConnectionArgs,
        problems: &mut Problems,
    ) -> Option<Self> {
        let at = at(args, checked, connection, problems);
        if matches!(at, Ok(None)) {
            problems.add("--id-server (or SDN_ID_SERVER)", NOT_GIVEN);
        }
        let token = token(args, problems);
        Some(Self { at: at.ok()??, token: token? })
    }
}

/// The problem if no identity server is named.
pub(crate) const NOT_GIVEN: &str = "not given; e-mail addresses and phone numbers need an identity \
     server: name it, or use --discover with a domain that names it";

const NO_DOMAIN: &str = "has no domain; give the part after the ':' in your user ID";

/// Returns the identity server's name, which the node uses, and its base URL; or why it has none.
pub(crate) async fn locate(
    at: &IdentityServerAt,
    driver: &Driver,
) -> Result<(ServerName, IdentityServer), String> {
    let domain = match at {
        IdentityServerAt::Server { name, base } => return Ok((name.clone(), base.clone())),
        IdentityServerAt::Discover(domain) => domain,
    };
    match driver.run(DiscoverFlow::new(domain.clone()).with_wait_budget(driver.wait)).await {
        Ok(found) => named_by(domain, &found),
        Err(error) => {
            let error = with_sources(&error);
            Err(format!("{domain} names no identity server; name one with --id-server: {error}"))
        }
    }
}

/// Returns the identity server that a domain names.
fn named_by(domain: &Node, found: &Discovered) -> Result<(ServerName, IdentityServer), String> {
    let Some(server) = found.identity_server() else {
        return Err(format!("{domain} names no identity server; name one with --id-server"));
    };
    let named = server.map_err(|invalid| invalid.rule()).and_then(|server| {
        let name = server.id_server().ok_or(Rule::HasPath)?;
        Ok((name, server))
    });
    named.map_err(|rule| {
        format!("{domain} names an invalid identity server; name one with --id-server: {rule}")
    })
}

/// Returns a session at the identity server. If the server does not accept the given token, it
/// registers. Asks about terms.
///
/// # Errors
///
/// Returns one line that says what failed and what to do.
pub(crate) async fn open(
    identity: &Identity,
    node: &Session,
    driver: &Driver,
) -> Result<IdentitySession, String> {
    let (name, base) = locate(&identity.at, driver).await?;
    let mut flow = RegisterFlow::new(node.clone(), IdentityServerAt::Server { name, base })
        .with_wait_budget(driver.wait);
    if let Some(token) = &identity.token {
        flow = flow.with_id_access_token(token.clone());
    }
    loop {
        let error = match driver.run(flow).await {
            Ok(registered) => return Ok(registered.id_session),
            Err(error) => error,
        };
        flow = match error {
            RegisterError::Terms(pending) => {
                let urls = driver.ask(pending.terms()).ok_or(DECLINED)?;
                pending.accept(urls)
            }
            RegisterError::Failed(stage, ref call) => {
                let advice = advice_at(stage, call);
                return Err(with_advice(with_sources(&error), advice));
            }
            error => return Err(with_sources(&error)),
        };
    }
}

/// What to do after terms were declined.
pub(crate) const DECLINED: &str = "the identity server's terms are not accepted, so nothing was done; \
     read them, and run the command again with --accept-terms";

#[cfg(test)]
mod tests {
    use sdn_proto::flow::{Flow, Step};
    use sdn_proto::http::Response;

    use super::*;

    fn named(domain: &str, url: &str) -> Result<(ServerName, IdentityServer), String> {
        let document = format!(r#"{{"m.identity_server":{{"base_url":"{url}"}}}}"#);
        let domain = Node::new(domain).unwrap();
        let mut flow = DiscoverFlow::new(domain.clone());
        flow.received(Ok(Response::new(document.into())));
        let Step::Done(Ok(found)) = flow.step() else { panic!("{flow:?}") };
        named_by(&domain, &found)
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
