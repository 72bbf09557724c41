//! Logs in at an SDN node, with a wallet.

use std::io;

use sdn_hyper::Builder;
use sdn_proto::client::Login;
use sdn_proto::flow::{Challenge, LoginError, LoginFlow};
use sdn_proto::{Escaped, InvalidInput, Node, Signature, WalletAddress, WalletKey};

use super::developer::SignUrl;
use super::{DEVICE, UNKNOWN, bad_input};
use crate::args::LoginArgs;
use crate::drive::Driver;
use crate::exit::Exit;
use crate::failure::{NODE, advice_about_url, with_advice, with_sources};
use crate::input::Problems;
use crate::invitee;
use crate::output::{Output, json_object, printable, report};
use crate::prompt;
use crate::token::Source;

/// A login, all of it checked.
pub(super) struct Plan {
    wallet: Wallet,
    developer: Option<Developer>,
}

/// Where the wallet signs.
enum Wallet {
    Here(WalletKey),
    Elsewhere(WalletAddress),
}

/// Where the app's developer key signs.
enum Developer {
    Here(WalletKey),
    Elsewhere,
    At(SignUrl),
}

impl Plan {
    /// Checks the options, and asks for keys that are not given.
    pub(super) fn check(args: &LoginArgs, problems: &mut Problems) -> Option<Self> {
        let wallet = if args.external { elsewhere(args, problems) } else { here(args, problems) };
        let developer = developer(args, problems);
        Some(Self { wallet: wallet?, developer: developer? })
    }

    /// Logs in. Prints the message before it is signed.
    pub(super) async fn log_in(
        self,
        node: &Node,
        client: Builder,
        driver: &Driver,
        is_json: bool,
        output: &mut Output,
    ) -> Result<Login, Exit> {
        let flow = LoginFlow::new(node.clone(), self.address()).with_wait_budget(driver.wait);
        let challenge = driver.run(flow).await.map_err(|error| failed(&error))?;
        show(&challenge);
        let mut elsewhere = Elsewhere { challenge: &challenge, is_json, output };
        let signature = match &self.wallet {
            Wallet::Here(key) => key.sign(challenge.message()),
            Wallet::Elsewhere(_) => elsewhere.sign("wallet")?,
        };
        let signed = challenge.answer(signature);
        let mut flow = signed
            .map_err(|error| bad_input("signature", &error.rule().to_string()))?
            .with_initial_device_display_name(DEVICE);
        if let Some(developer) = &self.developer {
            flow = flow.with_developer_signature(match developer {
                Developer::Here(key) => key.sign(challenge.message()),
                Developer::Elsewhere => elsewhere.sign("developer")?,
                Developer::At(url) => url.sign(challenge.message(), client).await?,
            });
        }
        driver.run(flow).await.map_err(|error| failed(&error))
    }

    fn address(&self) -> WalletAddress {
        match &self.wallet {
            Wallet::Here(key) => key.address(),
            Wallet::Elsewhere(address) => address.clone(),
        }
    }
}

fn here(args: &LoginArgs, problems: &mut Problems) -> Option<Wallet> {
    let source = Source {
        name: "wallet's private key",
        variable: "SDN_WALLET_KEY",
        flag: "--key-file",
        file: args.key_file.as_deref(),
        advice: "a key has 64 hex digits",
    };
    key(&source, problems).map(Wallet::Here)
}

fn elsewhere(args: &LoginArgs, problems: &mut Problems) -> Option<Wallet> {
    let Some(text) = &args.wallet else {
        problems.add("--wallet", "not given; give the address of the wallet that signs");
        return None;
    };
    let address = invitee::wallet(text);
    let address =
        address.unwrap_or_else(|| Err("not the address of a wallet; give 0x…".to_owned()));
    problems.keep("--wallet", address).map(Wallet::Elsewhere)
}

fn developer(args: &LoginArgs, problems: &mut Problems) -> Option<Option<Developer>> {
    if let Some(url) = &args.developer_sign_url {
        let url = problems.keep("--developer-sign-url", SignUrl::parse(url))?;
        return Some(Some(Developer::At(url)));
    }
    let source = Source {
        name: "developer key",
        variable: "SDN_DEVELOPER_KEY",
        flag: "--developer-key-file",
        file: args.developer_key_file.as_deref(),
        advice: "a key has 64 hex digits",
    };
    let given = problems.keep(source.place(), source.read_if_set(check_key))?;
    match given {
        Some(key) => Some(Some(Developer::Here(key))),
        None if !args.developer => Some(None),
        None if args.external => Some(Some(Developer::Elsewhere)),
        None => key(&source, problems).map(|key| Some(Developer::Here(key))),
    }
}

/// Reads a key, or asks for it.
fn key(source: &Source<'_>, problems: &mut Problems) -> Option<WalletKey> {
    let given = source.read_if_set(check_key).transpose();
    if given.is_none() && !problems.is_empty() {
        // Do not ask if the command fails anyway.
        return None;
    }
    let key = given.unwrap_or_else(|| {
        let name = source.name;
        let typed = prompt::secret(&format!("The {name}")).map_err(|problem| {
            format!("not set, and {problem}; put the {name} there, or in a file: {}", source.flag)
        })?;
        check_key(typed.trim()).map_err(|error| format!("{}; {}", error.rule(), source.advice))
    });
    problems.keep(source.place(), key)
}

fn check_key(text: &str) -> Result<WalletKey, InvalidInput> {
    WalletKey::new(text)
}

/// Prints the message. It comes from the node, so everything that a terminal acts upon is escaped.
fn show(challenge: &Challenge) {
    let (wallet, did) = (challenge.address(), printable(challenge.did().as_str()));
    report(format_args!("sdn: the node asks {wallet} ({did}) to sign this message:"));
    for line in challenge.message().as_str().split('\n') {
        report(format_args!("  {}", Escaped(line)));
    }
}

/// Asks for signatures by other programs.
struct Elsewhere<'a> {
    challenge: &'a Challenge,
    is_json: bool,
    output: &'a mut Output,
}

impl Elsewhere<'_> {
    /// Asks for a signature of the message, by the wallet or by the developer key.
    fn sign(&mut self, sign_with: &str) -> Result<Signature, Exit> {
        let (message, did) = (self.challenge.message().as_str(), self.challenge.did().as_str());
        if self.is_json {
            let written = self.output.line(&json_object([
                ("message", Some(message.into())),
                ("did", Some(did.into())),
                ("sign_with", Some(sign_with.into())),
            ]));
            Exit::Success.unless_unwritten(written)?;
        } else {
            if message.split('\n').any(|line| Escaped(line).to_string() != line) {
                report(
                    "sdn: some characters of the message are escaped here; use --json to get the exact text",
                );
            }
            report(format_args!(
                "sdn: sign the message with personal_sign, and enter the signature ({sign_with}):"
            ));
        }
        let signature = prompt::read_line(&mut io::stdin().lock())
            .and_then(|line| Signature::new(line).map_err(|error| error.rule().to_string()));
        signature.map_err(|problem| bad_input("signature", &problem))
    }
}

/// Reports why the login failed.
fn failed(error: &LoginError) -> Exit {
    let text = with_sources(error);
    match error {
        LoginError::Unknown(_) => Exit::SomeUnknown.reporting(format_args!("{text}; {UNKNOWN}")),
        _ => {
            let advice = error.api_error().and_then(|error| advice_about_url(error, NODE));
            Exit::SomeRefused.reporting(with_advice(text, advice))
        }
    }
}
