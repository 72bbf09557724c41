//! Checks the conformance data of values and of responses to invitations, without a transport.
//! `conformance/README.md` describes the files.

mod common;

use common::{cases, response, show_error, text};
#[cfg(feature = "wallet")]
use sdn_proto::WalletKey;
use sdn_proto::id::RoomAlias;
use sdn_proto::{
    AccessToken, Call, Did, IdAccessToken, InvalidInput, InviteBy3pid, InviteUser, LoginMessage,
    Node, RoomId, Rule, ServerName, Signature, ThirdPartyId, UserId, WalletAddress,
};
use serde_json::Value;

fn check_values(subject: &str, parse: impl Fn(&str) -> Result<String, InvalidInput>) {
    for case in cases(subject, "cases") {
        let input = text(&case, "input");
        match parse(input) {
            Ok(value) => assert_eq!(case["value"], value, "{subject}: {case}"),
            Err(error) => {
                assert_eq!(case["error"], error.rule().name(), "{subject}: {case}");
                let shown = error.to_string();
                assert!(shown.starts_with(error.field()) && shown.contains(": "), "{shown}");
                assert!(input.len() < 4 || !shown.contains(input), "{shown} echoes its value");
            }
        }
    }
}

#[test]
fn values() {
    check_values("room_id", |text| RoomId::new(text).map(|id| id.to_string()));
    check_values("room_alias", |text| RoomAlias::new(text).map(|alias| alias.to_string()));
    check_values("user_id", |text| UserId::new(text).map(|id| id.to_string()));
    check_values("server_name", |text| ServerName::new(text).map(|name| name.to_string()));
    check_values("email", |text| ThirdPartyId::email(text).map(|id| id.to_string()));
    check_values("msisdn", |text| ThirdPartyId::msisdn(text).map(|id| id.to_string()));
    check_values("wallet_address", |text| WalletAddress::new(text).map(|it| it.to_string()));
    check_values("did", |text| Did::new(text).map(|did| did.to_string()));
    check_values("signature", |text| Signature::new(text).map(|it| it.expose().to_owned()));
    check_values("login_message", |text| {
        LoginMessage::new(text).map(|message| message.as_str().to_owned())
    });
    check_values("node_url", |text| Node::new(text).map(|node| node.to_string()));
    check_values("token", |text| AccessToken::new(text).map(|token| token.expose().to_owned()));
    check_values("token", |text| IdAccessToken::new(text).map(|token| token.expose().to_owned()));
}

#[test]
fn wallet_has_an_sdn_user_id() {
    for case in cases("wallet_address", "cases").iter().filter(|case| case["error"].is_null()) {
        let address = WalletAddress::new(text(case, "input")).unwrap();
        let user_id = UserId::of_wallet(&address);
        assert_eq!(user_id.as_str(), text(case, "user_id"));
        assert_eq!(user_id.wallet(), Some(address));
    }
}

#[test]
fn wallet_is_found_in_each_spelling() {
    const DIGITS: &str = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    const MIXED: &str = "7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
    let wallet = WalletAddress::new(format!("0x{DIGITS}")).unwrap();
    let other = DIGITS.replace('7', "8");
    for (text, is_wallet) in [
        (format!("@sdn_{DIGITS}:{DIGITS}"), true),
        (format!("@sdn_{MIXED}:{DIGITS}"), true),
        (format!("@sdn_{DIGITS}:{MIXED}"), true),
        (format!("@sdn_{DIGITS}:{other}"), false),
        (format!("@sdn_{DIGITS}:node.example"), false),
        (format!("@SDN_{DIGITS}:{DIGITS}"), false),
        (format!("@{DIGITS}:{DIGITS}"), false),
        ("@sdn_bob:bob".to_owned(), false),
        ("@bob:node.example".to_owned(), false),
    ] {
        let found = UserId::new(&text).unwrap().wallet();
        assert_eq!(found, is_wallet.then(|| wallet.clone()), "{text}");
    }
    for (text, is_wallet) in [
        (format!("did:sdn:{MIXED}"), true),
        (format!("did:pkh:eip155:1:0x{MIXED}"), true),
        (format!("did:pkh:eip155:1:{DIGITS}"), false),
        (format!("did:pkh:eip155:2:0x{DIGITS}"), false),
        ("did:web:node.example".to_owned(), false),
    ] {
        let found = Did::new(&text).unwrap().wallet();
        assert_eq!(found, is_wallet.then(|| wallet.clone()), "{text}");
    }
}

#[cfg(feature = "wallet")]
#[test]
fn signatures_equal_other_implementations() {
    for case in cases("personal_sign", "cases") {
        let key = WalletKey::new(text(&case, "key")).unwrap();
        let message = LoginMessage::new(text(&case, "message")).unwrap();
        let hash: String = message.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(key.address().as_str(), text(&case, "address"));
        assert_eq!(hash, text(&case, "hash"));
        assert_eq!(key.sign(&message).expose(), text(&case, "signature"));
        let signature = Signature::new(text(&case, "signature")).unwrap();
        assert_eq!(signature.signer(&message), Ok(key.address()));
    }
}

#[cfg(feature = "wallet")]
#[test]
fn checksum_accepts_one_form() {
    for case in cases("wallet_address", "cases") {
        let (input, made) = (text(&case, "input"), WalletAddress::new(text(&case, "input")));
        let checked = WalletAddress::with_checksum(input);
        if case["checksum"] == input || made.is_err() {
            assert_eq!(checked, made, "{case}");
        } else {
            assert_eq!(checked.unwrap_err().rule().name(), "wrong_checksum", "{case}");
        }
        if made.is_ok() {
            assert_eq!(WalletAddress::with_checksum(text(&case, "checksum")), made, "{case}");
        }
    }
}

#[test]
fn invisible_characters_are_named() {
    let ranges = cases("invisible", "cases");
    let bound =
        |range: &Value, key| char::from_u32(u32::try_from(range[key].as_u64().unwrap()).unwrap());
    let named = |c: char| {
        let is_in = |range: &&Value| {
            (bound(range, "first").unwrap()..=bound(range, "last").unwrap()).contains(&c)
        };
        ranges.iter().find(is_in).map(|range| text(range, "name"))
    };
    // The planes between and after these have no letters or format characters.
    let planes = ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e1fff}');
    for c in planes {
        let rules =
            [ThirdPartyId::email(format!("a{c}@a")), ThirdPartyId::msisdn(format!("1{c}2345"))];
        for rule in rules.map(|made| made.err().map(|error| error.rule())) {
            let name = match rule {
                Some(Rule::InvisibleCharacter { name }) => Some(name),
                _ => None,
            };
            assert_eq!(name, named(c), "{c:?}");
        }
    }
}

#[test]
fn login_messages_are_shown_escaped() {
    for case in cases("login_message", "cases").iter().filter(|case| case["error"].is_null()) {
        let message = LoginMessage::new(text(case, "input")).unwrap();
        assert_eq!(message.display().to_string(), text(case, "display"));
    }
}

#[test]
fn insecure_constructor_adds_only_plain_http() {
    for case in cases("node_url", "cases") {
        let (strict, insecure) =
            (Node::new(text(&case, "input")), Node::new_insecure(text(&case, "input")));
        match strict {
            Err(error) if error.rule().name() == "insecure_http" => {
                assert!(insecure.is_ok(), "{case}");
            }
            _ => assert_eq!(strict, insecure, "{case}"),
        }
    }
}

#[test]
fn responses() {
    for case in cases("invite_response", "cases") {
        let response = response(&case);
        match InviteBy3pid::parse_response(&response) {
            Ok(()) => assert_eq!(case["ok"], true, "{}", case["name"]),
            Err(error) => {
                assert_eq!(show_error(&error, &response), case["error"], "{}", case["name"]);
            }
        }
        let both = [InviteBy3pid::parse_response(&response), InviteUser::parse_response(&response)];
        let [one, other] = both.map(|result| format!("{result:?}"));
        assert_eq!(one, other);
    }
}
