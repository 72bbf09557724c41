//! Writes canonical JSON, and verifies the proof of an invitation.

use sdn_benches::SIGNED;
use sdn_benches::report::measure;
use sdn_benches_common::report::Result;

fn main() -> Result<()> {
    measure(&SIGNED, &sdn_benches::programs!())
}
