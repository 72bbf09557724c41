//! Compares counts with those that are recorded.

use std::fs;
use std::path::Path;

use crate::report::Result;

/// How many counts a compiler may add or remove without a change of the code.
const NOISE: u64 = 20;

/// Compares counts with `recorded.txt` of a package, and fails if one grew by more than 5 %. With
/// `SDN_BLESS=1` it records them instead.
pub fn compare(package: &str, counts: &[(String, u64)]) -> Result<()> {
    let file = Path::new(package).join("recorded.txt");
    if std::env::var_os("SDN_BLESS").is_some() {
        let lines = counts.iter().map(|(name, count)| format!("{count:>8}  {name}\n"));
        return Ok(fs::write(file, lines.collect::<String>())?);
    }
    let recorded = fs::read_to_string(file)?;
    let recorded = recorded.lines().map(parse).collect::<Result<Vec<_>>>()?;
    if !counts.iter().map(|(name, _)| &**name).eq(recorded.iter().map(|(name, _)| *name)) {
        return Err("other cases are recorded than measured; run with SDN_BLESS=1".into());
    }
    let mut grown = 0;
    for ((name, now), (_, then)) in counts.iter().zip(recorded) {
        let percent = 100.0 * *now as f64 / then as f64 - 100.0;
        println!("{now:>8} {percent:+6.1} %  {name}");
        grown += usize::from(percent > 5.0 && *now > then + NOISE);
    }
    match grown {
        0 => Ok(()),
        _ => Err(format!("{grown} counts are over 5 % higher than recorded").into()),
    }
}

fn parse(line: &str) -> Result<(&str, u64)> {
    let (count, name) = line.trim_start().split_once(' ').ok_or("a line has no count")?;
    Ok((name.trim_start(), count.parse()?))
}
