//! From an invitation to its request.

use sdn_benches::BUILD;
use sdn_benches::report::{Result, print};

fn main() -> Result<()> {
    print(&BUILD, &sdn_benches::programs!())
}
