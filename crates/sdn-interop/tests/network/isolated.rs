//! A separate network for a test.

use std::env;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const IS_INSIDE: &str = "SDN_TEST_IS_ISOLATED";

/// Runs the test `name` again, in a process with a separate network and mounts.
///
/// Returns how long that process took. In that process it runs `body` and returns `None`.
pub(crate) fn isolated(name: &str, body: impl FnOnce()) -> Option<Duration> {
    if env::var_os(IS_INSIDE).is_some() {
        run("ip", &["link", "set", "lo", "up"]);
        body();
        return None;
    }
    let is_allowed = |options: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(options).arg("true").stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let options = [&["--net", "--mount"][..], &["--user", "--map-root-user", "--net", "--mount"]];
    let allowed = options.into_iter().find(|options| is_allowed(options));
    let allowed = allowed.expect("this user may not create a network; run the test as root");
    let mut command = Command::new("unshare");
    command.args(allowed).arg(env::current_exe().unwrap());
    command.args(["--ignored", "--exact", name, "--nocapture"]).env(IS_INSIDE, "1");
    let start = Instant::now();
    assert!(command.status().unwrap().success(), "{name} failed in its network");
    Some(start.elapsed())
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &str, arguments: &[&str]) {
    let status = Command::new(command).args(arguments).status();
    let status = status.unwrap_or_else(|error| panic!("{command} cannot run: {error}"));
    assert!(status.success(), "{command} {arguments:?}");
}
