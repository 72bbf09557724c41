//! Nothing was written, and the sender knows that.

use super::parts::{CALM, IMPATIENT, MANY, ms, situation};
use crate::place::Protocol;
use crate::situation::Expect::All;
use crate::situation::Status::NotSent;
use crate::situation::Step::*;
use crate::situation::{ClientSettings, Situation, Target, USUAL_CLIENT};

pub(super) fn all() -> Vec<Situation> {
    let finish = || Finish(All(NotSent));
    vec![
        Situation {
            client: ClientSettings { to: Target::UnknownName, ..USUAL_CLIENT },
            ..situation("the name is unknown", [Start(MANY), finish()])
        },
        situation("the proxy is not running", [KillProxy, Start(MANY), finish(), StartProxy, CALM]),
        situation(
            "the proxy has ended",
            [CALM, EndProxy, Pause(ms(200)), Start(MANY), finish(), StartProxy, CALM],
        ),
        Situation {
            protocols: &[Protocol::Tls],
            client: ClientSettings { trusts_front: false, ..USUAL_CLIENT },
            ..situation("the certificate is not trusted", [Start(MANY), finish()])
        },
        Situation {
            protocols: &[Protocol::Plain],
            client: ClientSettings { to: Target::FrontOverTls, ..USUAL_CLIENT },
            ..situation("the proxy does not speak TLS", [Start(MANY), finish()])
        },
        Situation {
            protocols: &[Protocol::Tls],
            client: IMPATIENT,
            ..situation(
                "the proxy never shakes hands",
                [FreezeProxy, Start(MANY), finish(), ThawProxy, CALM],
            )
        },
        Situation {
            haproxy: Some(&[("bind", "backlog 1")]),
            nginx: Some(&[("listen", "backlog=1")]),
            client: IMPATIENT,
            ..situation(
                "the proxy never accepts a connection",
                [FreezeProxy, FillQueue, Start(MANY), finish(), ThawProxy, CALM],
            )
        },
    ]
}
