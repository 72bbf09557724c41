//! Compares the instructions of the transports with the recorded ones.

use sdn_benches_common::record::compare;
use sdn_benches_common::report::Result;
use sdn_benches_send::Server;

const CLIENTS: [&str; 2] = ["sdn-hyper", "sdn-blocking"];
const COUNTED: u32 = 640;

fn main() -> Result<()> {
    let server = Server::start(env!("CARGO_BIN_EXE_send"), 1)?;
    let mut counts = Vec::new();
    for client in CLIENTS {
        let count = server.instructions(client, "1", COUNTED)?;
        counts.push((format!("{client}, one call"), count));
    }
    compare(env!("CARGO_MANIFEST_DIR"), &counts)
}
