//! Runs the cases of a table one by one, each in another process, and publishes what they cost.

use sdn_benches_common::report::{Lines, Result, callgrind, grouped, output};

use crate::Table;

/// The programs that run a case and count.
pub struct Programs {
    /// Does the work where callgrind counts it.
    pub instructions: &'static str,
    /// Prints allocations, reallocations, and the bytes they ask for.
    pub allocations: &'static str,
    /// Prints a time in nanoseconds.
    pub time: &'static str,
}

/// Returns the programs that Cargo has built for a benchmark of this package. Only such a benchmark
/// knows their paths.
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

/// Measures the cases of a table, and publishes it with each instruction count's ratio to sdn-proto's.
pub fn measure(table: &Table, programs: &Programs) -> Result<()> {
    let mut lines = Lines::new(&format!(
        "| {} | by | instructions | to ours | allocations | bytes | time |\n\
         |---|---|---:|---:|---:|---:|---:|",
        table.name
    ));
    for (index, case) in table.cases.iter().enumerate() {
        let mut ours = None;
        for (by, _) in case.runs {
            let arguments = [table.name, &index.to_string(), by];
            let instructions = instructions(programs.instructions, arguments)?;
            let ratio = instructions as f64 / *ours.get_or_insert(instructions) as f64;
            let counts = output(programs.allocations, &arguments)?;
            let [allocations, reallocations, bytes] = counts.split(' ').collect::<Vec<_>>()[..]
            else {
                return Err(format!("not three counts: {counts}").into());
            };
            let time: f64 = output(programs.time, &arguments)?.parse()?;
            lines.add(&format!(
                "| {} | {by} | {} | {ratio:.2} | {allocations} + {reallocations} | {} | {:.1} µs |",
                case.name,
                grouped(instructions),
                grouped(bytes.parse()?),
                time / 1000.0,
            ));
        }
    }
    lines.publish()
}

/// Returns how many instructions a run takes, as callgrind counts them.
pub fn instructions(program: &str, arguments: [&str; 3]) -> Result<u64> {
    callgrind(&["--toggle-collect=*sdn_counted_work*"], program, &arguments)
}
