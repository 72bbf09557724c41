//! `sdn login`.

mod developer;
mod matrix;
mod wallet;

use std::{env, io};

use sdn_hyper::Client;
use sdn_proto::Node;
use sdn_proto::client::{LogOut, Login};

use crate::args::LoginArgs;
use crate::connection;
use crate::credentials;
use crate::drive::{Driver, block_on};
use crate::exit::Exit;
use crate::input::{Problems, wait};
use crate::output::{Output, json_object, printable, report};
use crate::terms::Decider;

/// The user or the wallet that logs in.
enum Who {
    /// A user of a Matrix node, if the options name one.
    Matrix(Option<String>),
    Wallet(Box<wallet::Plan>),
}

pub(crate) fn run(args: &LoginArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let server = connection::without_token(&args.server, &mut problems);
    // A login that cannot be stored would lose its token.
    let checked = problems.keep("credentials", credentials::check());
    let who = who(args, &mut problems);
    let wait = wait(&args.server, 0, &mut problems);
    let checked = server.zip(checked).zip(who).zip(wait);
    let ((((node, client), ()), who), wait) = problems.finish(checked)?;
    let driver = Driver::new(client.clone(), wait, Decider::Nobody);
    block_on(async {
        let node = node.located(&driver).await?;
        let login = match who {
            Who::Matrix(user) => matrix::log_in(&node, user, &driver).await?,
            Who::Wallet(plan) => plan.log_in(&node, client, &driver, args.json, output).await?,
        };
        keep(&node, &login, &driver.client).await?;
        Exit::Success.unless_unwritten(show(&node, &login, args.json, output))
    })
}

fn who(args: &LoginArgs, problems: &mut Problems) -> Option<Who> {
    if !args.server.matrix {
        if args.user.is_some() {
            problems.add("--user", "only for a Matrix node; remove it, or add --matrix");
        }
        return wallet::Plan::check(args, problems).map(|plan| Who::Wallet(Box::new(plan)));
    }
    let developer = args.developer || args.developer_key_file.is_some();
    for (option, is_given) in [
        ("--key-file", args.key_file.is_some()),
        ("--external", args.external),
        ("--developer…", developer || args.developer_sign_url.is_some()),
    ] {
        if is_given {
            problems.add(option, "a Matrix node expects a password; remove the option");
        }
    }
    Some(Who::Matrix(args.user.clone()))
}

/// Stores a login. A login that cannot be stored is ended, because its token would be lost.
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
            report(format_args!("sdn: the login is stored in {path}"));
            if is_replaced {
                report(REPLACED);
            }
            if env::var_os("SDN_ACCESS_TOKEN").is_some_and(|token| !token.is_empty()) {
                report("sdn: SDN_ACCESS_TOKEN is set and takes precedence; unset it");
            }
            Ok(())
        }
        Err(problem) => {
            let ended = client.send(&login.session(node), &LogOut::new()).await;
            let session = if ended.is_ok() { "was ended" } else { "is still open at the node" };
            Err(Exit::SomeRefused
                .reporting(format_args!("the login cannot be stored, and {session}: {problem}")))
        }
    }
}

fn show(node: &Node, login: &Login, is_json: bool, output: &mut Output) -> io::Result<()> {
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

/// Reports invalid input that could not be checked together with the other problems.
fn bad_input(place: &str, problem: &str) -> Exit {
    Exit::BadInput.reporting(format_args!("no login was sent; {place}: {problem}"))
}

const REPLACED: &str =
    "sdn: an earlier login of the same user was replaced; its session is still open at the node";

/// The name of this command in the node's list of devices.
const DEVICE: &str = "sdn";

/// What to do about a login with an unknown outcome.
const UNKNOWN: &str = "the node may have begun a session whose token is lost; log in again to begin \
     another";
