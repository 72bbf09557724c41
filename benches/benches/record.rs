//! Compares the instructions of building and parsing with those recorded in `recorded.txt`, and fails if any grew by more
//! than 5 %, and by more than the few that a compiler may place otherwise. With `SDN_BLESS=1` they are recorded anew.

use std::error::Error;
use std::fs;

use sdn_benches::report::instructions;
use sdn_benches::{BUILD, PARSE};

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recorded.txt");

fn main() -> Result<(), Box<dyn Error>> {
    let counted = count()?;
    if std::env::var_os("SDN_BLESS").is_some() {
        return Ok(fs::write(RECORDED, counted)?);
    }
    let recorded = fs::read_to_string(RECORDED)?;
    let mut grown = 0;
    for (now, then) in counted.lines().zip(recorded.lines()) {
        let ((now, name), (then, known)) = (split(now)?, split(then)?);
        if name != known {
            return Err(format!("{known} is recorded where {name} is measured: SDN_BLESS=1").into());
        }
        let percent = 100.0 * now as f64 / then as f64 - 100.0;
        println!("{now:>8} {percent:+6.1} %  {name}");
        grown += usize::from(percent > 5.0 && now > then + 20);
    }
    match grown {
        0 if counted.lines().count() == recorded.lines().count() => Ok(()),
        0 => Err("not as many cases are recorded as are measured: SDN_BLESS=1".into()),
        _ => Err(format!("{grown} cases take over 5 % more instructions than recorded").into()),
    }
}

/// A line for each case: how many instructions sdn-proto takes, and the case's name.
fn count() -> Result<String, Box<dyn Error>> {
    let mut lines = String::new();
    for table in [BUILD, PARSE] {
        for (index, case) in table.cases.iter().enumerate() {
            let arguments = [table.name, &index.to_string(), "sdn-proto"];
            let count = instructions(env!("CARGO_BIN_EXE_instructions"), arguments)?;
            lines.push_str(&format!("{count:>8}  {} {}\n", table.name, case.name));
        }
    }
    Ok(lines)
}

fn split(line: &str) -> Result<(u64, &str), Box<dyn Error>> {
    let (count, name) = line.trim_start().split_once(' ').ok_or("a line without a count")?;
    Ok((count.parse()?, name.trim_start()))
}
