//! The addresses of a server.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::socket::late;

/// Returns the addresses of a host, in the order in which to try them.
///
/// The system's lookup cannot be interrupted, so a separate thread looks up a name, and continues
/// alone if that takes too long.
pub(super) fn look_up(host: &str, port: u16, deadline: Instant) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let host = host.to_owned();
    thread::Builder::new().name("sdn-lookup".to_owned()).spawn(move || {
        let addresses = (&*host, port).to_socket_addrs().map(Vec::from_iter);
        // If the lookup took too long, the receiver is gone.
        let _ = sender.send(addresses);
    })?;
    let left = deadline.saturating_duration_since(Instant::now());
    receiver.recv_timeout(left).map_err(|_| late())?.map(alternate)
}

/// Alternates the addresses of IPv6 and IPv4, and begins with the one that the system prefers.
///
/// If one version does not work at all, the second attempt uses the other
/// ([RFC 8305, section 4](https://www.rfc-editor.org/rfc/rfc8305#section-4)).
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == is_ipv6);
    let mut other = other.into_iter();
    let mut all = Vec::new();
    for address in preferred {
        all.push(address);
        all.extend(other.next());
    }
    all.extend(other);
    all
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const V4: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
    const V6: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 1);

    #[test]
    fn versions_take_turns() {
        for (addresses, expected) in [
            (vec![V6, V6, V6, V4], vec![V6, V4, V6, V6]),
            (vec![V4, V6, V6, V6], vec![V4, V6, V6, V6]),
            (vec![V4, V4, V6, V6], vec![V4, V6, V4, V6]),
            (vec![V4, V4], vec![V4, V4]),
            (vec![], vec![]),
        ] {
            assert_eq!(alternate(addresses), expected);
        }
    }

    #[test]
    fn addresses_need_no_lookup() {
        // A lookup would be too late.
        let now = Instant::now();
        assert_eq!(look_up("127.0.0.1", 1, now).unwrap(), [V4]);
        assert_eq!(look_up("::1", 1, now).unwrap(), [V6]);
    }

    #[test]
    fn unknown_name_is_an_error() {
        let deadline = Instant::now() + std::time::Duration::from_secs(60);
        assert!(look_up("no-such-name.invalid", 1, deadline).is_err());
    }
}
