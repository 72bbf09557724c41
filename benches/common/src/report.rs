//! Counts what programs cost, and publishes tables of it.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use sdn_pictures::{plot, table};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A table in Markdown. Its lines are printed as they come.
pub struct Lines(String);

impl Lines {
    /// Begins a table with its header and the rule below it.
    pub fn new(header: &str) -> Self {
        let mut lines = Self(String::new());
        lines.add(header);
        lines
    }

    pub fn add(&mut self, line: &str) {
        println!("{line}");
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Replaces the table in the README, and draws its plot.
    pub fn publish(self) -> Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let readme = fs::read_to_string(folder.join("README.md"))?;
        let replaced = table::replace(&readme, &self.0).ok_or("the README has no such table")?;
        fs::write(folder.join("README.md"), replaced)?;
        for table in table::Table::all(&self.0) {
            let (file, svg) = plot::draw(&table).ok_or("the table has no plot")?;
            fs::write(folder.join("plots").join(file), svg)?;
        }
        Ok(())
    }
}

/// Returns how many instructions a program takes where callgrind's options have it count.
pub fn callgrind(options: &[&str], program: &str, arguments: &[&str]) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(options)
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind cannot run ({error}); install it"))?;
    let log = String::from_utf8(succeeded(output)?.stderr)?;
    let count = log.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind printed no count:\n{log}").into())
}

/// Returns the standard output of a program.
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

/// Writes a number with a comma before each group of three digits.
pub fn grouped(number: u64) -> String {
    if number < 1000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1000), number % 1000)
    }
}
