//! What the command shows on a terminal, which util-linux's `script` provides.

use std::env;
use std::fs;
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use sdn_pictures::terminal::{Run, draw};
use sdn_testkit::script::{self, ScriptedServer, response};

use crate::check;

/// A program on a terminal, and the terminal's screen.
struct Terminal {
    process: Child,
    output: ChildStdout,
    screen: vt100::Parser,
}

impl Terminal {
    fn start(arguments: &str, rows: u16, columns: u16) -> Self {
        let line =
            format!("stty rows {rows} cols {columns}; exec '{}' {arguments}", sdn().display());
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        for (name, _) in
            env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SDN_"))
        {
            script.env_remove(name);
        }
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
            script.env_remove(name);
        }
        script.env("TERM", "xterm").env("SHELL", "/bin/sh");
        script
            .env("XDG_CONFIG_HOME", folder("no-config"))
            .env("XDG_STATE_HOME", folder("no-state"));
        script.env("SDN_ACCESS_TOKEN", "planted").env("SDN_ID_ACCESS_TOKEN", "planted");
        let mut process =
            script.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("there is script");
        let output = process.stdout.take().unwrap();
        Self { process, output, screen: vt100::Parser::new(size(rows), size(columns), 0) }
    }

    /// Reads what the program writes until the screen shows each of some texts.
    fn read_until(&mut self, wanted: &[&str]) {
        let mut bytes = [0; 256];
        while !wanted.iter().all(|text| self.screen.screen().contents().contains(text)) {
            match self.output.read(&mut bytes).unwrap() {
                0 => panic!("no {wanted:?} in:\n{}", self.screen.screen().contents()),
                count => self.screen.process(&bytes[..count]),
            }
        }
    }

    /// Reads everything that the program writes, with another port, which differs from run to run.
    fn read_to_end(&mut self) -> ExitStatus {
        let mut text = String::new();
        self.output.read_to_string(&mut text).unwrap();
        self.screen.process(replace_digits(&text, "127.0.0.1:", "40000").as_bytes());
        self.process.wait().unwrap()
    }

    /// Returns the rows down to the last that has text.
    fn rows(&self) -> Vec<Vec<Run>> {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let mut drawn: Vec<_> =
            (0..rows.get()).map(|row| runs(screen, row, columns.get())).collect();
        drawn.truncate(drawn.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1));
        drawn
    }
}

fn size(size: u16) -> NonZero<u16> {
    NonZero::new(size).expect("a terminal has rows and columns")
}

/// Returns the texts of a row, without the space around them.
fn runs(screen: &vt100::Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else { continue };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let style = style(cell);
        match runs.last_mut() {
            Some(run) if run.style == style => run.text.push_str(text),
            _ => runs.push(Run { column: column.into(), text: text.to_owned(), style }),
        }
    }
    for run in &mut runs {
        run.column += run.text.chars().take_while(|character| *character == ' ').count();
        run.text = run.text.trim().to_owned();
    }
    runs.retain(|run| !run.text.is_empty());
    runs
}

fn style(cell: &vt100::Cell) -> String {
    const COLOURS: [&str; 8] = ["", "red", "green", "yellow", "blue", "magenta", "cyan", ""];
    let colour = match cell.fgcolor() {
        vt100::Color::Idx(index) => COLOURS[usize::from(index % 8)],
        _ => "",
    };
    let styles =
        [(cell.bold(), "bold"), (cell.dim(), "soft"), (cell.italic(), "italic"), (true, colour)];
    let used = styles.into_iter().filter(|(is_on, name)| *is_on && !name.is_empty());
    used.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}

/// Builds the command as it is now, and returns where it is.
fn sdn() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "-q", "-p", "sdn-cli"]);
    // What cargo sets for this test would have ring built again.
    let is_own = |name: &str| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR";
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| is_own(name)) {
        cargo.env_remove(name);
    }
    assert!(cargo.status().unwrap().success(), "sdn-cli does not build");
    let test = env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("sdn")
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns a row with the command as a user types it.
fn prompt(command: &str) -> Vec<Run> {
    vec![Run { column: 0, text: format!("$ {command}"), style: "bold".into() }]
}

fn text(row: &[Run]) -> String {
    row.iter().map(|run| &*run.text).collect::<Vec<_>>().join(" ")
}

/// Replaces the digits after a word.
fn replace_digits(text: &str, word: &str, digits: &str) -> String {
    let mut parts = text.split(word);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|character: char| character.is_ascii_digit());
        let has_digits = rest.len() < part.len();
        replaced.extend([word, if has_digits { digits } else { "" }, rest]);
    }
    replaced
}

#[test]
#[ignore = "needs util-linux's script: .ci/run pictures"]
fn demo_shows_an_invitation_by_email() {
    const COLUMNS: u16 = 100;
    let mut terminal = Terminal::start("demo", 600, COLUMNS);
    assert!(terminal.read_to_end().success());
    let rows = terminal.rows();
    let place =
        |wanted: &str| rows.iter().position(|row| text(row).starts_with(wanted)).expect(wanted);
    let (start, end) = (place("3. "), place("4. "));
    let section = &rows[start..end - 1];
    let is_request =
        |row: &Vec<Run>| ["GET ", "POST "].iter().any(|method| text(row).starts_with(method));
    let first = section.iter().position(is_request).expect("Alice registers");
    let last = section.iter().rposition(is_request).expect("Alice invites");
    let keys = section.iter().position(|row| text(row).starts_with("\"public_keys")).expect("keys");
    let end = section.iter().position(|row| text(row) == "]").expect("the end of the keys");
    let count = section[first..last].iter().filter(|row| is_request(row)).count();
    let registers = format!("{count} requests: Alice registers with the identity server");
    let shown = [
        &[prompt("sdn demo"), gap(0, "")][..],
        &section[..first],
        &[gap(4, &registers), vec![]],
        &section[last..keys],
        &[gap(6, "")],
        &section[end + 1..],
    ];
    let title = "What sdn demo shows of an invitation by e-mail";
    check("demo.svg", &draw(title, COLUMNS.into(), &shown.concat()));
}

/// Returns a row in place of others.
fn gap(column: usize, text: &str) -> Vec<Run> {
    vec![Run { column, text: format!("⋮  {text}").trim().to_owned(), style: "soft".into() }]
}

/// A server that waits at the 13th invitation until it is opened, and then limits the rate once.
struct Server {
    server: ScriptedServer,
    gate: Arc<(Mutex<bool>, Condvar)>,
}

impl Server {
    fn start() -> Self {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let count = Mutex::new(0);
        let waiting = Arc::clone(&gate);
        let server = script::serve(move |connection| {
            while let Some(request) = connection.request() {
                let mut count = count.lock().unwrap();
                *count += 1;
                let body = String::from_utf8_lossy(&request.body);
                let answer = if *count == 13 {
                    let (is_open, opened) = &*waiting;
                    drop(opened.wait_while(is_open.lock().unwrap(), |is_open| !*is_open));
                    response(
                        "429 Too Many Requests",
                        r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests","retry_after_ms":5000}"#,
                    )
                } else if body.contains("heidi@") {
                    response(
                        "403 Forbidden",
                        r#"{"errcode":"M_FORBIDDEN","error":"heidi is banned from the room"}"#,
                    )
                } else {
                    response("200 OK", "{}")
                };
                // So slowly that an estimate of the time left is shown.
                thread::sleep(Duration::from_millis(300));
                if connection.write(answer).is_err() {
                    break;
                }
            }
        });
        Self { server, gate }
    }

    fn open(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }
}

#[test]
#[ignore = "needs util-linux's script: .ci/run pictures"]
fn list_shows_its_progress_and_a_rate_limit() {
    const COLUMNS: u16 = 100;
    const COMMAND: &str = "invite '!reading:node.example' --from people.csv";
    let names = [
        "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy",
        "mallory", "niaj", "olivia", "peggy", "rupert", "sybil", "trent", "victor", "walter",
        "zoe",
    ];
    let list = folder("list");
    let _ = fs::remove_file(list.join("people.csv.journal"));
    fs::write(list.join("people.csv"), names.map(|name| format!("{name}@example.com\n")).concat())
        .unwrap();
    let server = Server::start();
    let options = format!("--node {} --id-server id.example:8090", server.server.base_url());
    let line = format!("{COMMAND} {options}")
        .replace("people.csv", list.join("people.csv").to_str().unwrap());
    let mut terminal = Terminal::start(&line, 30, COLUMNS);
    for (file, title, wanted) in [
        ("list.svg", "A list in progress", &["12/20", "left"][..]),
        ("rate-limit.svg", "A list that waits for a rate limit", &["12/20", "left", " 3 s"]),
    ] {
        terminal.read_until(wanted);
        let mut rows = terminal.rows();
        // The estimate differs from run to run.
        for run in rows.iter_mut().flatten() {
            run.text = replace_digits(&run.text, "about ", "3");
        }
        rows.insert(0, prompt(&format!("sdn {COMMAND}")));
        check(file, &draw(title, COLUMNS.into(), &rows));
        server.open();
    }
    // One invitee is refused.
    assert_eq!(terminal.read_to_end().code(), Some(1));
}
