//! Resources of this process on Linux; `None` elsewhere.

use std::fs;

/// Returns the peak of the process's memory, in bytes.
pub(crate) fn peak_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes << 10)
}

/// Resets the peak, if that is allowed.
pub(crate) fn forget_peak_memory() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Returns the names of the open descriptors' files.
pub(crate) fn descriptors() -> Option<Vec<String>> {
    let all = fs::read_dir("/proc/self/fd").ok()?;
    let name = |entry: std::io::Result<fs::DirEntry>| fs::read_link(entry.ok()?.path()).ok();
    Some(all.filter_map(name).map(|name| name.display().to_string()).collect())
}
