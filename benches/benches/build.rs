//! Builds requests from invitations.

use sdn_benches::BUILD;
use sdn_benches::report::measure;
use sdn_benches_common::report::Result;

fn main() -> Result<()> {
    measure(&BUILD, &sdn_benches::programs!())
}
