//! The configuration file, which sets the default servers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
use std::io::Read;

use serde::Deserialize;
use serde_json::Value;

use crate::args::{Command, IdentityArgs, ServerArgs};
use crate::exit::Exit;
use crate::input::Problems;
use crate::output::{printable, report};
use crate::xdg;

/// Completes a command's options from the configuration file. The command line takes precedence.
pub(crate) fn complete(command: &mut Command) -> Result<(), Exit> {
    let (server, identity) = match command {
        Command::Invite(args) => (&mut args.connection.server, Some(&mut args.identity)),
        Command::Accept(args) => (&mut args.connection.server, Some(&mut args.identity)),
        Command::Whois(args) => (&mut args.connection.server, Some(&mut args.identity)),
        Command::Create(args) => (&mut args.connection.server, Some(&mut args.identity)),
        Command::Rooms(args) => (&mut args.connection.server, None),
        Command::Pending(args) => (&mut args.connection.server, None),
        Command::Revoke(args) => (&mut args.connection.server, None),
        Command::Whoami(args) => (&mut args.connection.server, None),
        Command::Login(args) => (&mut args.server, None),
        Command::Logout(args) => (&mut args.connection.server, None),
        Command::Journal(args) if args.look => (&mut args.connection.server, None),
        Command::Journal(_)
        | Command::Tokens
        | Command::Completions { .. }
        | Command::Man { .. } => return Ok(()),
        #[cfg(feature = "demo")]
        Command::Demo => return Ok(()),
        #[cfg(feature = "outbox")]
        Command::Work(_) => return Ok(()),
    };
    let config = Config::read()?;
    config.complete(server);
    if let Some(identity) = identity {
        config.complete_identity(identity);
    }
    Ok(())
}

/// The file's content. It cannot contain tokens, or anything that makes a connection less safe.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    node: Option<String>,
    #[serde(default)]
    matrix: bool,
    id_server: Option<String>,
    id_server_url: Option<String>,
    proxy: Option<String>,
}

impl Config {
    /// Reads the file, if there is one, or reports what is wrong with it.
    fn read() -> Result<Self, Exit> {
        let Some(path) = xdg::config_home().map(|folder| folder.join("sdn/config.toml")) else {
            return Ok(Self::default());
        };
        let mut text = String::new();
        let read =
            File::open(&path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
        let problem = match read {
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => {
                return Ok(Self::default());
            }
            // The home folder may be another user's, whose file does not apply.
            Err(error) if error.kind() == PermissionDenied => {
                let path = printable(&path.to_string_lossy());
                report(format_args!("sdn: {path}: ignored, because it cannot be read: {error}"));
                return Ok(Self::default());
            }
            Err(error) => format!("cannot be read ({error}); correct that"),
            Ok(_) => match parse(&text) {
                Ok(config) => return Ok(config),
                Err(problem) => problem,
            },
        };
        let mut problems = Problems::default();
        problems.add(printable(&path.to_string_lossy()), problem);
        problems.finish(None)
    }

    /// Sets the node and the proxy if the command line does not. `matrix` applies only to the file's
    /// own node.
    fn complete(&self, args: &mut ServerArgs) {
        if args.node.is_none() && self.node.is_some() {
            args.node.clone_from(&self.node);
            args.matrix |= self.matrix;
        }
        if args.proxy.is_none() {
            args.proxy.clone_from(&self.proxy);
        }
    }

    /// Sets the identity server if the command line does not say where to find one.
    fn complete_identity(&self, args: &mut IdentityArgs) {
        let is_open =
            args.id_server.is_none() && args.id_server_url.is_none() && args.discover.is_none();
        if is_open && self.id_server.is_some() {
            args.id_server.clone_from(&self.id_server);
            args.id_server_url.clone_from(&self.id_server_url);
        }
    }
}

fn parse(text: &str) -> Result<Config, String> {
    // The error's `Display` repeats the line, which may contain a misplaced token.
    let problem = |error: toml::de::Error| {
        let line = |at: usize| text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
        let place = error.span().map(|span| format!(" at line {}", line(span.start)));
        let place = place.unwrap_or_default();
        printable(&format!("invalid{place}: {}; correct the file", error.message()))
    };
    let members: BTreeMap<String, Value> = toml::from_str(text).map_err(problem)?;
    // The parser's own message would repeat the value.
    for (name, value) in &members {
        match &**name {
            "matrix" if !value.is_boolean() => {
                return Err(format!("{name}: must be true or false"));
            }
            "node" | "id_server" | "id_server_url" | "proxy" if !value.is_string() => {
                return Err(format!("{name}: must be a text in quotation marks"));
            }
            _ => {}
        }
    }
    toml::from_str(text).map_err(problem)
}

const MAX_BYTES: u64 = 64 * 1024;
