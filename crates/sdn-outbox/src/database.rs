use std::fmt;
use std::fs;
use std::future::poll_fn;
use std::net::IpAddr;
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::mpsc;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{AsyncMessage, Client, Config};

use crate::error::Error;
use crate::tls::Tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection to a vanished peer ends after about this time.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A PostgreSQL database: its address, and the user to connect as.
///
/// `Debug` and errors never show its password.
///
/// ```
/// use sdn_outbox::Database;
///
/// let remote = Database::new("postgres://inviter:secret@db.example/app")?;
/// let local = Database::new("postgres:///app?host=/var/run/postgresql&user=inviter")?;
/// assert!(!format!("{remote:?}").contains("secret"));
/// # let _ = local;
/// # Ok::<(), sdn_outbox::Error>(())
/// ```
#[derive(Clone)]
pub struct Database {
    config: Config,
    tls: Tls,
}

impl Database {
    /// Parses an address: a URL `postgres://…`, or libpq's `key=value` pairs.
    ///
    /// TLS is on, and the server's certificate and name are checked, unless the address has
    /// `sslmode=disable`. Without `sslmode` it is off for Unix sockets and for this machine's
    /// loopback addresses. The values `verify-ca` and `verify-full` mean `require`. `sslrootcert`
    /// names a PEM file of certificate authorities, which are trusted instead of the built-in ones.
    ///
    /// # Errors
    ///
    /// [`Error::BadAddress`], or [`Error::BadCertificate`] if the file cannot be read.
    pub fn new(address: &str) -> Result<Self, Error> {
        let (address, taken) = take_settings(address);
        let mut config: Config = address.parse().map_err(|_| Error::BadAddress)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(Error::BadAddress);
        }
        config.ssl_mode(match taken.mode.as_deref() {
            Some("disable") => SslMode::Disable,
            Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
            Some(_) => return Err(Error::BadAddress),
            None if is_local(&config) => SslMode::Disable,
            None => SslMode::Require,
        });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("sdn-outbox");
        }
        config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE).keepalives_retries(2);
        config.tcp_user_timeout(2 * KEEPALIVE);
        let tls = Tls::new(roots(taken.root_certificates.as_deref())?);
        Ok(Self { config, tls: tls.map_err(|_| Error::BadCertificate)? })
    }

    /// Returns whether the address has a password, which must not be an argument of a program.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Connects, and drives the connection in a separate task.
    ///
    /// Call it within a runtime of tokio. The task ends with the client.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`].
    pub async fn connect(&self) -> Result<Client, Error> {
        Ok(self.connect_listening().await?.0)
    }

    /// Connects. The channel gets the notifications, and closes with the connection.
    pub(crate) async fn connect_listening(
        &self,
    ) -> Result<(Client, mpsc::UnboundedReceiver<()>), Error> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, mut connection) = connected.map_err(Error::Unreachable)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if matches!(message, AsyncMessage::Notification(_)) {
                    // The receiver may be gone.
                    let _ = sender.send(());
                }
            }
        });
        Ok((client, receiver))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

/// Parameters that this crate parses, because the driver does not support all of them.
#[derive(Debug, Default)]
struct Taken {
    mode: Option<String>,
    root_certificates: Option<String>,
}

/// Removes `sslmode` and `sslrootcert` from an address.
fn take_settings(address: &str) -> (String, Taken) {
    let mut taken = Taken::default();
    let mut keep = |pair: &&str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key.trim() {
            "sslmode" => taken.mode = Some(value.trim_matches('\'').to_owned()),
            "sslrootcert" => taken.root_certificates = Some(value.trim_matches('\'').to_owned()),
            _ => return true,
        }
        false
    };
    let rest = if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        match address.split_once('?') {
            Some((base, query)) => {
                let query: Vec<_> = query.split('&').filter(&mut keep).collect();
                if query.is_empty() {
                    base.to_owned()
                } else {
                    format!("{base}?{}", query.join("&"))
                }
            }
            None => address.to_owned(),
        }
    } else {
        address.split(' ').filter(&mut keep).collect::<Vec<_>>().join(" ")
    };
    (rest, taken)
}

/// Returns whether the connection stays on this machine.
fn is_local(config: &Config) -> bool {
    let is_local_host = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        #[allow(unreachable_patterns, reason = "there are Unix sockets only on Unix")]
        _ => true,
    };
    let addresses = config.get_hostaddrs();
    if addresses.is_empty() {
        config.get_hosts().iter().all(is_local_host)
    } else {
        addresses.iter().all(IpAddr::is_loopback)
    }
}

fn roots(path: Option<&str>) -> Result<RootCertStore, Error> {
    let Some(path) = path else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let pem = fs::read(path).map_err(|_| Error::BadCertificate)?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| Error::BadCertificate)?;
        store.add(certificate).map_err(|_| Error::BadCertificate)?;
    }
    if store.is_empty() { Err(Error::BadCertificate) } else { Ok(store) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(address: &str) -> SslMode {
        Database::new(address).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn tls_is_off_only_locally() {
        for address in [
            "postgres:///app?host=/tmp",
            "host=/tmp user=a dbname=b",
            "postgres://127.0.0.1/app",
            "postgres://localhost:5433/app?user=a",
            "postgres://db.example/app?sslmode=disable",
            "host=db.example sslmode=disable",
        ] {
            assert_eq!(mode(address), SslMode::Disable, "{address}");
        }
        for address in [
            "postgres://db.example/app",
            "postgres://192.0.2.1/app",
            "host=db.example user=a",
            "postgres://127.0.0.1/app?sslmode=require",
            "postgres://db.example/app?user=a&sslmode=verify-full&dbname=c",
            "host=db.example,localhost",
        ] {
            assert_eq!(mode(address), SslMode::Require, "{address}");
        }
    }

    #[test]
    fn bad_address_is_not_repeated() {
        for address in [
            "",
            "postgres://",
            "postgres://user:hunter2@db.example/app?hunter2=x",
            "postgres://user:hunter2@db.example/app?sslmode=prefer",
            "host=db.example password='hunter2",
            "hunter2",
        ] {
            let error = Database::new(address).unwrap_err();
            assert!(matches!(error, Error::BadAddress), "{address}: {error:?}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{address}");
        }
        let missing = "postgres://db.example/app?sslrootcert=/nowhere";
        assert!(matches!(Database::new(missing), Err(Error::BadCertificate)));
        let database = Database::new("postgres://user:hunter2@db.example/app").unwrap();
        assert!(!format!("{database:?}").contains("hunter2"));
        assert!(database.has_password());
        assert!(!Database::new("postgres://user@db.example/app").unwrap().has_password());
    }
}
