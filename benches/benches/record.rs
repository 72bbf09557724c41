//! Compares the instructions of building, parsing, canonical JSON and proofs with the recorded ones.

use sdn_benches::report::instructions;
use sdn_benches::{BUILD, PARSE, SIGNED};
use sdn_benches_common::record::compare;
use sdn_benches_common::report::Result;

fn main() -> Result<()> {
    let mut counts = Vec::new();
    for table in [BUILD, PARSE, SIGNED] {
        for (index, case) in table.cases.iter().enumerate() {
            let arguments = [table.name, &index.to_string(), "sdn-proto"];
            let count = instructions(env!("CARGO_BIN_EXE_instructions"), arguments)?;
            counts.push((format!("{} {}", table.name, case.name), count));
        }
    }
    compare(env!("CARGO_MANIFEST_DIR"), &counts)
}
