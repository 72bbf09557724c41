//! Canonical JSON, and the proof of an invitation.

use sdn_benches::SIGNED;
use sdn_benches::report::{Result, print};

fn main() -> Result<()> {
    print(&SIGNED, &sdn_benches::programs!())
}
