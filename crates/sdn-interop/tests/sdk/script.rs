//! Runs a script of `sdk/`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Enough on a busy machine; a script takes two seconds.
const LIMIT_SECONDS: &str = "60";

/// Runs a script with these settings and returns its result.
///
/// # Panics
/// If it fails, prints no result, or takes too long.
pub(crate) fn run(name: &str, settings: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk");
    let python = folder.join("venv/bin/python").into_os_string();
    let interpreter = if name.ends_with(".py") { python } else { "node".into() };
    let mut script = Command::new("timeout")
        .arg(LIMIT_SECONDS)
        .arg(interpreter)
        .arg(folder.join(name))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a client that .ci/run sdk installs");
    script.stdin.take().unwrap().write_all(settings.to_string().as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{name}: {}\n{stdout}", output.status);
    serde_json::from_str(stdout.lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{name}: {error}\n{stdout}"))
}
