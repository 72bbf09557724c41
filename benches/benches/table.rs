//! Prints the table: instructions, as callgrind counts them, and allocations of each case, ours beside the peer's.

use std::error::Error;
use std::process::{Command, Output};

use sdn_benches::CASES;

fn main() -> Result<(), Box<dyn Error>> {
    println!("| case | sdn-proto instructions | allocations | ruma instructions | allocations |");
    println!("|---|---:|---:|---:|---:|");
    for (index, case) in CASES.iter().enumerate() {
        let mut row = format!("| {} |", case.name);
        for who in ["ours", "peer"] {
            let (instructions, allocations) = (instructions(index, who)?, allocations(index, who)?);
            row.push_str(&format!(" {} | {allocations} |", grouped(instructions)));
        }
        println!("{row}");
    }
    Ok(())
}

fn instructions(index: usize, who: &str) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*sdn_counted_work*"])
        .args(["--callgrind-out-file=/dev/null", env!("CARGO_BIN_EXE_instructions")])
        .args([&index.to_string(), who])
        .output()
        .map_err(|error| format!("valgrind cannot be run ({error}); install it"))?;
    let log = String::from_utf8(succeeded(output)?.stderr)?;
    let count = log.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.ok_or_else(|| format!("no count from valgrind:\n{log}").into())
}

/// Allocations and, behind a plus, reallocations.
fn allocations(index: usize, who: &str) -> Result<String, Box<dyn Error>> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_allocations")).args([&index.to_string(), who]).output()?;
    let counts = String::from_utf8(succeeded(output)?.stdout)?;
    Ok(counts.trim().replace(' ', " + "))
}

fn succeeded(output: Output) -> Result<Output, Box<dyn Error>> {
    if output.status.success() {
        return Ok(output);
    }
    Err(String::from_utf8_lossy(&output.stderr).into())
}

fn grouped(number: u64) -> String {
    if number < 1000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1000), number % 1000)
    }
}
