//! `sdn login`.

mod matrix;

use sdn_hyper::Client;
use sdn_proto::Node;
use sdn_proto::client::{LogOut, Login};
use sdn_proto::{CallError, Delivery};

use crate::args::LoginArgs;
use crate::connection;
use crate::credentials;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::failure::describe;
use crate::input::Problems;
use crate::output::{Output, json_object, printable, tell};

pub(crate) fn run(args: &LoginArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let server = connection::without_token(&args.server, &mut problems);
    // Nobody should log in and then lose the token.
    let checked = problems.keep("credentials", credentials::check());
    if !args.server.matrix {
        problems.add(
            "--matrix",
            "not given; only a node of Matrix takes the password that this asks for",
        );
    }
    let ((node, client), ()) = problems.finish(server.zip(checked))?;
    let client = client.build();
    block_on(async {
        let login = matrix::log_in(&node, args.user.as_deref(), &client).await?;
        keep(&node, &login, &client).await?;
        Exit::Success.unless_unwritten(show(&node, &login, args.json, output))
    })
}

/// Keeps a login. One that cannot be kept is ended, because nobody else has its token.
async fn keep(node: &Node, login: &Login, client: &Client) -> Result<(), Exit> {
    let kept = credentials::add(credentials::Login {
        node: node.clone(),
        user_id: login.user_id.clone(),
        device_id: login.device_id.clone(),
        token: login.access_token.clone(),
    });
    match kept {
        Ok((path, is_replaced)) => {
            let path = printable(&path.to_string_lossy());
            tell(format_args!("sdn: the login is kept in {path}"));
            if is_replaced {
                tell(
                    "sdn: an earlier login of the same user was replaced; its session is still open at the node",
                );
            }
            Ok(())
        }
        Err(problem) => {
            let ended = client.send(&login.session(node), &LogOut::new()).await;
            let session = if ended.is_ok() { "was ended" } else { "is still open at the node" };
            Err(Exit::SomeRefused
                .reporting(format_args!("the login cannot be kept, and {session}: {problem}")))
        }
    }
}

fn show(node: &Node, login: &Login, is_json: bool, output: &mut Output) -> std::io::Result<()> {
    let user_id = login.user_id.as_str();
    output.line(&if is_json {
        json_object([
            ("outcome", Some("logged_in".into())),
            ("user_id", Some(user_id.into())),
            ("device_id", login.device_id.as_deref().map(Into::into)),
            ("node", Some(node.to_string().into())),
        ])
    } else {
        format!("logged in  {}", printable(user_id))
    })
}

/// Reports why there is no login.
fn failed(error: &CallError) -> Exit {
    match error.delivery() {
        Delivery::Unknown => {
            Exit::SomeUnknown.reporting(format_args!("{}; {UNKNOWN}", describe(error)))
        }
        _ => Exit::SomeRefused.reporting(describe(error)),
    }
}

/// What the node's list of devices calls this command.
const DEVICE: &str = "sdn";

const UNKNOWN: &str = "the node may have begun a session, and nobody has its token. Log in again, which \
     begins another";
