//! From an answer to its outcome.

use sdn_benches::PARSE;
use sdn_benches::report::{Result, print};

fn main() -> Result<()> {
    print(&PARSE, &sdn_benches::programs!())
}
