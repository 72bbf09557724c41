//! The cases that are measured: the same input for sdn-proto and for its peer, ruma-client-api.
//!
//! Measured is what a client does for each call. What it does once is prepared before: the session with its token here,
//! the list of supported versions there; and values and responses are made beforehand for both.

#![forbid(unsafe_code)]

mod input;
mod ours;
mod peer;

/// Is given the work and runs it, once.
pub type Measure<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

/// Prepares, has its work measured, and cleans up.
pub type Run = fn(Measure<'_>);

/// One input, for both.
pub struct Case {
    /// As the table shows it.
    pub name: &'static str,
    /// With sdn-proto.
    pub ours: Run,
    /// With ruma-client-api.
    pub peer: Run,
}

/// All cases, in the table's order.
pub const CASES: [Case; 8] = [
    Case {
        name: "build InviteBy3pid, real",
        ours: |measure| ours::invite_by_3pid(&input::REAL, measure),
        peer: |measure| peer::invite_by_3pid(&input::REAL, measure),
    },
    Case {
        name: "build InviteBy3pid, hostile",
        ours: |measure| ours::invite_by_3pid(&input::HOSTILE, measure),
        peer: |measure| peer::invite_by_3pid(&input::HOSTILE, measure),
    },
    Case {
        name: "build InviteUser, real",
        ours: |measure| ours::invite_user(&input::REAL, measure),
        peer: |measure| peer::invite_user(&input::REAL, measure),
    },
    Case {
        name: "build InviteUser, hostile",
        ours: |measure| ours::invite_user(&input::HOSTILE, measure),
        peer: |measure| peer::invite_user(&input::HOSTILE, measure),
    },
    Case {
        name: "parse 200 {}",
        ours: |measure| ours::parse(input::ok(), measure),
        peer: |measure| peer::parse(input::ok(), measure),
    },
    Case {
        name: "parse 403",
        ours: |measure| ours::parse(input::forbidden(), measure),
        peer: |measure| peer::parse(input::forbidden(), measure),
    },
    Case {
        name: "parse 429, Retry-After",
        ours: |measure| ours::parse(input::limited(), measure),
        peer: |measure| peer::parse(input::limited(), measure),
    },
    Case {
        name: "parse 502, 64 KiB of HTML",
        ours: |measure| ours::parse(input::bad_gateway(), measure),
        peer: |measure| peer::parse(input::bad_gateway(), measure),
    },
];

/// The run that two words on the command line name: the number of a case, and `ours` or `peer`.
pub fn named_run(arguments: impl IntoIterator<Item = String>) -> Option<Run> {
    let mut arguments = arguments.into_iter();
    let case = CASES.get(arguments.next()?.parse::<usize>().ok()?)?;
    match &*arguments.next()? {
        "ours" => Some(case.ours),
        "peer" => Some(case.peer),
        _ => None,
    }
}
