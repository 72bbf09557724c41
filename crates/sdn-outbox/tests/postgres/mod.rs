//! PostgreSQL from Debian's package: in a temporary folder, as an unprivileged user, on a Unix
//! socket only.
#![allow(dead_code, reason = "each test uses a part")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sdn_outbox::Database;
use sdn_outbox::tokio_postgres::Client;

/// The newest of Debian's versions.
const FIND: &str = r#"PATH=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1):$PATH"#;

/// Starts the server, prints its process ID, and stops it after a word or the end of standard
/// input. So it ends even if the test is killed.
const RUN: &str = r#"
postgres -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=60 >> "$1/log" 2>&1 <&- &
server=$!
echo $server
read -r word
kill -QUIT $server
wait $server
[ "$word" = keep ] || rm -rf "$1"
"#;

/// A server that runs until this is dropped.
pub(crate) struct Postgres {
    folder: PathBuf,
    shell: Child,
    server: u32,
}

static STARTED: AtomicU32 = AtomicU32::new(0);

impl Postgres {
    /// The server that all tests of a file share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_in(temporary_folder()))
    }

    /// A server for one test.
    pub(crate) fn start() -> Self {
        Self::start_in(temporary_folder())
    }

    /// A server with an empty data folder.
    pub(crate) fn start_in(folder: PathBuf) -> Self {
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let initdb = format!(
            "{FIND}; initdb -D {0}/data -U postgres -A trust -E UTF8 --locale=C --no-sync > {0}/log",
            folder.display()
        );
        run(&mut unprivileged(&initdb, &folder));
        let (shell, server) = launch(&folder);
        let server = Self { folder, shell, server };
        server.wait();
        server
    }

    /// Stops it as a power failure does: nothing is finished or written.
    pub(crate) fn stop_hard(&mut self) {
        self.shell.stdin.take().unwrap().write_all(b"keep\n").unwrap();
        self.shell.wait().unwrap();
    }

    /// Starts it again.
    pub(crate) fn start_again(&mut self) {
        (self.shell, self.server) = launch(&self.folder);
        self.wait();
    }

    /// The process ID of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.server
    }

    /// The address of a database.
    pub(crate) fn address(&self, database: &str) -> String {
        format!("postgres:///{database}?user=postgres&host={}", self.folder.display())
    }

    /// The path of the socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Creates a separate database for a test, and returns its address.
    pub(crate) async fn create(&self) -> String {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", CREATED.fetch_add(1, Ordering::Relaxed));
        let client = connect(&self.address("postgres")).await;
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        self.address(&name)
    }

    fn wait(&self) {
        let script = format!(
            "{FIND}; for _ in $(seq 600); do pg_isready -q -h {} && exit 0; sleep 0.05; done; exit 1",
            self.folder.display()
        );
        if !unprivileged(&script, &self.folder).status().unwrap().success() {
            panic!("no server: {}", fs::read_to_string(self.folder.join("log")).unwrap());
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Connects to a database by its address.
pub(crate) async fn connect(address: &str) -> Client {
    Database::new(address).unwrap().connect().await.unwrap()
}

/// A short path, because a socket's path has at most 107 bytes.
fn temporary_folder() -> PathBuf {
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(format!("/tmp/sdn-pg-{}-{number}", process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    folder
}

fn launch(folder: &PathBuf) -> (Child, u32) {
    let mut command = unprivileged(&format!("{FIND}; {RUN}"), folder);
    let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (shell, line.trim().parse().unwrap())
}

/// A script with the folder as its argument, as a user that is not root.
fn unprivileged(script: &str, folder: &PathBuf) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command.arg("-c").arg(script).arg("sh").arg(folder).current_dir("/");
    command
}

pub(crate) fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
