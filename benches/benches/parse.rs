//! Parses responses.

use sdn_benches::PARSE;
use sdn_benches::report::measure;
use sdn_benches_common::report::Result;

fn main() -> Result<()> {
    measure(&PARSE, &sdn_benches::programs!())
}
