//! The senders of the invitations.

mod blocking;
mod hyper;
mod list;
mod sender;

use std::fmt;

use crate::place::Place;
use crate::situation::ClientSettings;
use sender::Route;
pub(crate) use sender::{Outcome, Pending, Sender};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Hyper,
    Blocking,
    /// `sdn invite --from`.
    List,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Hyper, Self::Blocking, Self::List];

    /// Creates a sender with these settings. A second run of lists always uses the usual ones.
    pub(crate) fn sender(self, place: &Place, settings: ClientSettings) -> Box<dyn Sender> {
        let route = Route::new(place, settings);
        match self {
            Self::Hyper => Box::new(hyper::Hyper::new(&route)),
            Self::Blocking => Box::new(blocking::Blocking::new(&route)),
            Self::List => Box::new(list::Lists::new(place, route)),
        }
    }

    /// The maximum number of requests that it sends at the same time.
    pub(crate) fn most_at_once(self) -> usize {
        match self {
            Self::Hyper | Self::Blocking => usize::MAX,
            Self::List => 1,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hyper => "sdn-hyper",
            Self::Blocking => "sdn-blocking",
            Self::List => "sdn invite --from",
        })
    }
}
