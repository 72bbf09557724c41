//! Runs the cases of a table one by one, each in a process of its own, and prints what they cost.

use std::error::Error;
use std::process::{Command, Output};

use crate::Table;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The programs that run a case and count.
pub struct Programs {
    /// Does the work where callgrind counts it.
    pub instructions: &'static str,
    /// Prints allocations, reallocations and how many bytes they are of.
    pub allocations: &'static str,
    /// Prints a time in nanoseconds.
    pub time: &'static str,
}

/// The programs as Cargo has built them for a benchmark of this package, which alone is told where they are.
#[macro_export]
macro_rules! programs {
    () => {
        $crate::report::Programs {
            instructions: env!("CARGO_BIN_EXE_instructions"),
            allocations: env!("CARGO_BIN_EXE_allocations"),
            time: env!("CARGO_BIN_EXE_time"),
        }
    };
}

/// Prints a table, and what each instruction count is to sdn-proto's.
pub fn print(table: &Table, programs: &Programs) -> Result<()> {
    println!("| {} | by | instructions | to ours | allocations | bytes | time |", table.name);
    println!("|---|---|---:|---:|---:|---:|---:|");
    for (index, case) in table.cases.iter().enumerate() {
        let mut ours = None;
        for (who, _) in case.runs {
            let arguments = [table.name, &index.to_string(), who];
            let instructions = instructions(programs.instructions, arguments)?;
            let ratio = instructions as f64 / *ours.get_or_insert(instructions) as f64;
            let counts = output(programs.allocations, &arguments)?;
            let [allocations, reallocations, bytes] = counts.split(' ').collect::<Vec<_>>()[..]
            else {
                return Err(format!("no counts: {counts}").into());
            };
            let time: f64 = output(programs.time, &arguments)?.parse()?;
            println!(
                "| {} | {who} | {} | {ratio:.2} | {allocations} + {reallocations} | {} | {:.1} µs |",
                case.name,
                grouped(instructions),
                grouped(bytes.parse()?),
                time / 1000.0,
            );
        }
    }
    Ok(())
}

/// How many instructions a run takes, as callgrind counts them.
pub fn instructions(program: &str, arguments: [&str; 3]) -> Result<u64> {
    callgrind(&["--toggle-collect=*sdn_counted_work*"], program, &arguments)
}

/// How many instructions a program takes, where callgrind is told to count.
pub fn callgrind(options: &[&str], program: &str, arguments: &[&str]) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(options)
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind cannot be run ({error}); install it"))?;
    let log = String::from_utf8(succeeded(output)?.stderr)?;
    let count = log.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.ok_or_else(|| format!("no count from valgrind:\n{log}").into())
}

/// What a program prints.
pub fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output()?;
    Ok(String::from_utf8(succeeded(output)?.stdout)?.trim().to_owned())
}

fn succeeded(output: Output) -> Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    Err(String::from_utf8_lossy(&output.stderr).into())
}

/// A number with a comma after each three digits.
pub fn grouped(number: u64) -> String {
    if number < 1000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1000), number % 1000)
    }
}
