//! Parses a real node's response to the sixth third-party invitation in a row.
//!
//!     cargo run -p sdn-proto --example parse_response

use std::error::Error;
use std::time::SystemTime;

use sdn_proto::http::Response;
use sdn_proto::{Call, InviteBy3pid};

fn main() -> Result<(), Box<dyn Error>> {
    let response = Response::builder()
        .status(429)
        .header("content-type", "application/json")
        .header("retry-after", "400")
        .body(
            r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":399322}"#,
        )?;

    match InviteBy3pid::parse_response(&response) {
        Ok(()) => println!("invited"),
        Err(error) => {
            println!("{error}");
            println!("kind: {:?}, code: {:?}", error.kind(), error.code());
            if let Some(after) = error.retry_after() {
                println!("try again in {:?}", after.delay_from(SystemTime::now()));
            }
        }
    }
    Ok(())
}
