//! A proxy: its processes, and control of them.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::address;
use crate::certificate::Certificate;
use crate::place::{Place, Protocol, Settings, Software};
use crate::processes::{await_that, children, kill, stop};
use crate::{haproxy, nginx};

/// The time to try one connection.
const TRY: Duration = Duration::from_millis(200);

pub(crate) struct Proxy {
    software: Software,
    pub(crate) place: Place,
    /// The newest is last. The earlier ones are ending.
    processes: Vec<Child>,
}

impl Proxy {
    /// Starts a proxy with a separate folder in front of the node.
    pub(crate) fn start(
        software: Software,
        protocol: Protocol,
        settings: Settings,
        node: SocketAddr,
    ) -> Self {
        let front = address::free();
        let name = format!("proxy-{}-{}", front.ip(), front.port());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // A killed run may have left one behind.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let place = Place { front, protocol, node, folder };
        let certificate = Certificate::new(front.ip());
        fs::write(place.authority(), certificate.authority).unwrap();
        fs::write(place.identity(), certificate.identity).unwrap();
        let config = match software {
            Software::Haproxy => fill_in(haproxy::config(&place), haproxy::SECTIONS, settings),
            Software::Nginx => fill_in(nginx::config(&place), nginx::SECTIONS, settings),
        };
        fs::write(place.config(), config).unwrap();
        let mut proxy = Self { software, place, processes: Vec::new() };
        proxy.run();
        proxy
    }

    /// Starts it again, at the same address.
    pub(crate) fn run(&mut self) {
        let id = self.spawn(&[]);
        self.await_front(true);
        if self.software == Software::Nginx {
            // It listens first, then handles signals, then has a worker.
            await_that(|| !children(id).is_empty(), || "nginx has no worker".into());
        }
    }

    fn spawn(&mut self, arguments: &[&str]) -> u32 {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = match self.software {
            Software::Haproxy => haproxy::command(&self.place),
            Software::Nginx => nginx::command(&self.place),
        };
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().unwrap();
        let id = process.id();
        self.processes.push(process);
        id
    }

    fn log(&self) -> PathBuf {
        self.place.folder.join("stderr.log")
    }

    /// Waits until connections are accepted, or refused.
    fn await_front(&self, is_open: bool) {
        let is_there = || TcpStream::connect_timeout(&self.place.front, TRY).is_ok();
        let problem = || {
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            let wanted = if is_open { "accepts" } else { "refuses" };
            format!("{} never {wanted} connections: {log}", self.software)
        };
        await_that(|| is_there() == is_open, problem);
    }

    /// Sends a signal to the newest process, which passes it on to its workers.
    fn signal(&self, signal: &str) {
        let newest = self.processes.last().expect("the proxy is running").id();
        assert!(kill(signal, &[newest]), "{} has ended by itself", self.software);
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        let ids = self.freeze();
        assert!(kill("KILL", &ids));
        self.reap();
    }

    /// Ends it at once.
    pub(crate) fn end(&mut self) {
        self.signal("TERM");
        self.reap();
    }

    /// Waits for the end of every process.
    fn reap(&mut self) {
        for process in &mut self.processes {
            await_that(|| process.try_wait().unwrap().is_some(), || "a proxy never ends".into());
        }
        self.processes.clear();
        self.await_front(false);
    }

    /// Makes it stop accepting connections, and end after its requests.
    pub(crate) fn drain(&mut self) {
        self.signal(match self.software {
            Software::Haproxy => haproxy::DRAIN,
            Software::Nginx => nginx::DRAIN,
        });
        self.await_front(false);
    }

    /// Starts a new process, while the earlier one ends its requests.
    pub(crate) fn reload(&mut self) {
        match self.software {
            Software::Nginx => self.signal(nginx::RELOAD),
            Software::Haproxy => {
                let before = self.processes.last().expect("the proxy is running").id().to_string();
                self.spawn(&[haproxy::TAKE_OVER, &before]);
            }
        }
    }

    /// Stops every process, and returns their IDs.
    pub(crate) fn freeze(&self) -> Vec<u32> {
        let own: Vec<_> = self.processes.iter().map(Child::id).collect();
        stop(&own);
        // Now no process starts another one.
        let workers: Vec<_> = own.iter().flat_map(|id| children(*id)).collect();
        stop(&workers);
        [own, workers].concat()
    }

    pub(crate) fn thaw(&self, ids: &[u32]) {
        assert!(kill("CONT", ids));
        self.await_front(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        kill("KILL", &self.freeze());
        for process in &mut self.processes {
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.place.folder);
    }
}

/// Puts the settings into their sections of a configuration.
fn fill_in(mut config: String, sections: &[&str], settings: Settings) -> String {
    for (section, _) in settings {
        assert!(sections.contains(section), "there is no section {section}");
    }
    for section in sections {
        let lines = settings.iter().filter(|(name, _)| name == section).map(|(_, line)| *line);
        let lines = lines.collect::<Vec<_>>().join("\n");
        config = config.replace(&format!("{{{section}}}"), &lines);
    }
    config
}
