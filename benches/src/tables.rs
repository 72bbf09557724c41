//! The cases of each table, and the libraries that are compared.

use crate::{Case, Table, floor, input, naive, ours, ruma, signed};

/// Builds a request from ready values, or from five strings with every check.
pub const BUILD: Table = Table {
    name: "build",
    cases: &[
        Case {
            name: "InviteBy3pid, real",
            runs: &[
                ("sdn-proto", |measure| ours::invite_by_3pid(&input::REAL, measure)),
                ("http alone", |measure| floor::invite_by_3pid(&input::REAL, measure)),
                ("by hand", |measure| naive::invite_by_3pid(&input::REAL, measure)),
                ("ruma", |measure| ruma::invite_by_3pid(&input::REAL, measure)),
            ],
        },
        Case {
            name: "InviteBy3pid, hostile",
            runs: &[
                ("sdn-proto", |measure| ours::invite_by_3pid(&input::HOSTILE, measure)),
                ("http alone", |measure| floor::invite_by_3pid(&input::HOSTILE, measure)),
                ("by hand", |measure| naive::invite_by_3pid(&input::HOSTILE, measure)),
                ("ruma", |measure| ruma::invite_by_3pid(&input::HOSTILE, measure)),
            ],
        },
        Case {
            name: "InviteUser, real",
            runs: &[
                ("sdn-proto", |measure| ours::invite_user(&input::REAL, measure)),
                ("http alone", |measure| floor::invite_user(&input::REAL, measure)),
                ("by hand", |measure| naive::invite_user(&input::REAL, measure)),
                ("ruma", |measure| ruma::invite_user(&input::REAL, measure)),
            ],
        },
        Case {
            name: "InviteUser, hostile",
            runs: &[
                ("sdn-proto", |measure| ours::invite_user(&input::HOSTILE, measure)),
                ("http alone", |measure| floor::invite_user(&input::HOSTILE, measure)),
                ("by hand", |measure| naive::invite_user(&input::HOSTILE, measure)),
                ("ruma", |measure| ruma::invite_user(&input::HOSTILE, measure)),
            ],
        },
        Case {
            name: "InviteBy3pid from five strings, real",
            runs: &[
                ("sdn-proto", |measure| ours::from_parts(&input::REAL, measure)),
                ("ruma", |measure| ruma::from_parts(&input::REAL, measure)),
            ],
        },
        Case {
            name: "InviteBy3pid from five strings, hostile",
            runs: &[
                ("sdn-proto", |measure| ours::from_parts(&input::HOSTILE, measure)),
                ("ruma", |measure| ruma::from_parts(&input::HOSTILE, measure)),
            ],
        },
    ],
};

/// Parses a response into a success or an error.
pub const PARSE: Table = Table {
    name: "parse",
    cases: &[
        Case {
            name: "200 {}",
            runs: &[
                ("sdn-proto", |measure| ours::parse(input::ok(), measure)),
                ("by hand", |measure| naive::parse(input::ok(), measure)),
                ("ruma", |measure| ruma::parse(input::ok(), measure)),
            ],
        },
        Case {
            name: "403",
            runs: &[
                ("sdn-proto", |measure| ours::parse(input::forbidden(), measure)),
                ("by hand", |measure| naive::parse(input::forbidden(), measure)),
                ("ruma", |measure| ruma::parse(input::forbidden(), measure)),
            ],
        },
        Case {
            name: "429, Retry-After",
            runs: &[
                ("sdn-proto", |measure| ours::parse(input::limited(), measure)),
                ("by hand", |measure| naive::parse(input::limited(), measure)),
                ("ruma", |measure| ruma::parse(input::limited(), measure)),
            ],
        },
        Case {
            name: "502, 64 KiB of HTML",
            runs: &[
                ("sdn-proto", |measure| ours::parse(input::bad_gateway(), measure)),
                ("by hand", |measure| naive::parse(input::bad_gateway(), measure)),
                ("ruma", |measure| ruma::parse(input::bad_gateway(), measure)),
            ],
        },
        Case {
            name: "200, 1 MiB of JSON",
            runs: &[
                ("sdn-proto", |measure| ours::parse(input::long(), measure)),
                ("by hand", |measure| naive::parse(input::long(), measure)),
                ("ruma", |measure| ruma::parse(input::long(), measure)),
            ],
        },
    ],
};

/// Writes canonical JSON, and verifies the proof of an invitation.
pub const SIGNED: Table = Table {
    name: "signed",
    cases: &[
        Case {
            name: "canonical JSON, 1 KiB",
            runs: &[
                ("sdn-proto", |measure| signed::canonical(1024, measure)),
                ("ruma", |measure| signed::canonical_ruma(1024, measure)),
            ],
        },
        Case {
            name: "canonical JSON, 1 MiB",
            runs: &[
                ("sdn-proto", |measure| signed::canonical(1 << 20, measure)),
                ("ruma", |measure| signed::canonical_ruma(1 << 20, measure)),
            ],
        },
        Case {
            name: "verify the proof of an invitation",
            runs: &[
                ("sdn-proto", signed::verify),
                ("ed25519-dalek alone", signed::verify_dalek),
                ("ruma", signed::verify_ruma),
            ],
        },
    ],
};
