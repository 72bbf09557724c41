//! A text that a constructor accepts obeys its rules and stays the same however it is written and
//! read. The error for any other text does not repeat it.

use std::fmt::{Debug, Display};
use std::net::IpAddr;
use std::str::FromStr;

use sdn_proto::id::{InviteToken, KeyId, RoomAlias, ValidationSessionId};
use sdn_proto::secret::{ClientSecret, InvitePrivateKey, Password, ValidationToken};
use sdn_proto::{
    AccessToken, Dialect, Did, IdAccessToken, InvalidInput, LoginMessage, Medium, PublicKey,
    RoomId, ServerName, Signature, ThirdPartyId, UserId, WalletAddress, WalletKey,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::assert_plain;

/// Checks any text as a value of each kind.
pub fn check(text: &str) {
    if let Some(id) = check_text(text, RoomId::new(text)) {
        assert!(id.as_str().starts_with('!') && (2..=255).contains(&text.len()));
        assert!(!text.contains('\0'));
    }
    if let Some(alias) = check_text(text, RoomAlias::new(text)) {
        assert!(alias.as_str().starts_with('#') && text.len() <= 255 && !text.contains('\0'));
        check_host(text.split_once(':').unwrap().1);
    }
    if let Some(id) = check_text(text, UserId::new(text)) {
        assert!(text.len() <= 255 && !text.contains('\0'));
        assert_eq!(format!("@{}:{}", id.localpart(), id.server_name()), text);
        assert!(!id.localpart().contains(':'));
        check_host(id.server_name());
    }
    if check_text(text, ServerName::new(text)).is_some() {
        assert!(text.len() <= 230);
        check_host(text);
    }
    if check_text(text, Medium::new(text)).is_some() {
        assert!(!text.is_empty());
    }
    let token = check_text(text, InviteToken::new(text));
    assert_eq!(token.is_some(), is_opaque(text) && !matches!(text, "." | ".."));
    let sid = check_text(text, ValidationSessionId::new(text));
    assert_eq!(sid.is_some(), is_opaque(text));
    let parts = text.split_once(':');
    let key_id = check_text(text, KeyId::new(text));
    assert_eq!(key_id.is_some(), parts.is_some_and(|(a, b)| is_opaque(a) && is_opaque(b)));
    check_wallet(text);
    check_email(text);
    check_msisdn(text);
    check_verbatim(text);
    check_deserialized(text);
    check_tokens(text);
    match text.parse::<Dialect>() {
        Ok(dialect) => assert_eq!(dialect.as_str(), text),
        Err(error) => assert_plain(&error),
    }
}

/// Checks a value that keeps its text unchanged.
fn check_text<T>(text: &str, made: Result<T, InvalidInput>) -> Option<T>
where
    T: AsRef<str> + Debug + Display + FromStr<Err = InvalidInput> + PartialEq,
    T: Serialize + DeserializeOwned,
{
    let value = check_kept(text, text, made)?;
    assert_eq!(value.to_string(), text);
    Some(value)
}

/// Checks a value that keeps its text in another form, and may display a third.
fn check_kept<T>(text: &str, kept: &str, made: Result<T, InvalidInput>) -> Option<T>
where
    T: AsRef<str> + Debug + FromStr<Err = InvalidInput> + PartialEq,
    T: Serialize + DeserializeOwned,
{
    let json = serde_json::to_string(text).unwrap();
    assert_eq!(text.parse::<T>(), made);
    match made {
        Ok(value) => {
            assert_eq!(value.as_ref(), kept);
            let kept_json = serde_json::to_string(kept).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), kept_json);
            for json in [json, kept_json] {
                let read: T = serde_json::from_str(&json).unwrap();
                assert_eq!((read.as_ref(), &read), (kept, &value));
            }
            Some(value)
        }
        Err(error) => {
            assert_plain(&error);
            let refused = serde_json::from_str::<T>(&json).unwrap_err().to_string();
            assert!(refused.starts_with(&error.to_string()), "{refused}");
            None
        }
    }
}

/// `host[:port]` of the specification's grammar.
fn check_host(text: &str) {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (text, "0"),
    };
    assert!((1..=5).contains(&port.len()) && port.parse::<u16>().is_ok(), "{text}");
    let allowed: fn(char) -> bool = if host.starts_with('[') {
        assert!(host.ends_with(']'), "{text}");
        |c| c.is_ascii_hexdigit() || "[:.]".contains(c)
    } else {
        |c| c.is_ascii_alphanumeric() || "-.".contains(c)
    };
    assert!(!host.is_empty() && host.chars().all(allowed), "{text}");
}

fn check_wallet(text: &str) {
    let lower = text.to_ascii_lowercase();
    let are_digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| b"0123456789abcdef".contains(&byte))
    };
    let address = check_kept(text, &lower, WalletAddress::new(text));
    let is_address = lower.strip_prefix("0x").is_some_and(|digits| are_digits(digits, 40));
    assert_eq!(address.is_some(), is_address);
    if let Some(address) = address {
        assert_eq!(address.to_string(), lower);
        check_text(UserId::of_wallet(&address).as_str(), Ok(UserId::of_wallet(&address)));
    }

    let is_sdn = text.starts_with("did:sdn:");
    let did = check_kept(text, if is_sdn { &lower } else { text }, Did::new(text));
    if let Some(did) = did {
        assert_eq!(did.to_string(), did.as_str());
        assert!(text.len() <= 255 && text.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(text.splitn(3, ':').filter(|part| !part.is_empty()).count() == 3);
        assert!(!is_sdn || are_digits(&did.as_str()["did:sdn:".len()..], 40));
    }

    let message = check_kept(text, text, LoginMessage::new(text));
    assert_eq!(message.is_some(), text.len() <= 4096);
    if let Some(message) = message {
        assert!(!message.display().to_string().contains(char::is_control));
    }

    check_checksum(text);
    match WalletKey::new(text) {
        Ok(key) => assert_eq!(format!("{key:?}"), "WalletKey([redacted])"),
        Err(error) => assert_plain(&error),
    }

    let signature = Signature::new(text);
    let kept = signature.as_ref().map_or("", Signature::expose).to_owned();
    if let Ok(signature) = &signature {
        if let Err(error) = signature.signer(&LoginMessage::new("hello").unwrap()) {
            assert_plain(&error);
        }
        let digits = lower.strip_prefix("0x").unwrap_or(&lower);
        assert!(are_digits(digits, 130) && kept.starts_with("0x") && kept[2..130] == digits[..128]);
        let v = i64::from_str_radix(&kept[130..], 16).unwrap();
        let given = i64::from_str_radix(&digits[128..], 16).unwrap();
        assert!(matches!(v, 27 | 28) && [v, v - 27].contains(&given));
        check_secret(&kept, Signature::new(&kept), Signature::expose, true);
    }
    check_secret_as(text, &kept, signature, Signature::expose, !kept.is_empty());
}

/// A checksum is accepted only in its own mixture of cases.
fn check_checksum(text: &str) {
    match WalletAddress::with_checksum(text) {
        Ok(address) => {
            assert_eq!(WalletAddress::new(text), Ok(address));
            for (at, letter) in text.char_indices().skip(2) {
                let mut other = text.to_owned();
                let letter = if letter.is_ascii_lowercase() {
                    letter.to_ascii_uppercase()
                } else {
                    letter.to_ascii_lowercase()
                };
                other.replace_range(at..=at, letter.encode_utf8(&mut [0; 4]));
                assert!(other == text || WalletAddress::with_checksum(&other).is_err());
            }
        }
        Err(error) => assert_plain(&error),
    }
}

fn check_email(text: &str) {
    match ThirdPartyId::email(text) {
        Ok(id) => {
            let address = id.address();
            assert_eq!(id.medium(), &Medium::EMAIL);
            assert_eq!(ThirdPartyId::email(address).as_ref(), Ok(&id), "folding twice");
            assert_eq!(text.parse().as_ref(), Ok(&id));
            assert!(text.len() <= 500 && address.len() <= 500);
            let (localpart, domain) = address.split_once('@').unwrap();
            assert!(!localpart.is_empty() && !domain.is_empty() && !domain.contains('@'));
            check_domain(domain);
            let unwanted = |c: char| {
                c.is_control()
                    || c.is_whitespace()
                    || "<>\u{ad}\u{200b}\u{202e}\u{feff}".contains(c)
            };
            assert!(!address.contains(unwanted) && !address.starts_with("mailto:"));
            assert_eq!(address.to_ascii_lowercase(), address);
            check_round_trip(&id);
        }
        Err(error) => assert_plain(&error),
    }
}

/// Checks the labels between the dots. They have no character that separates words or ends a
/// sentence.
fn check_domain(domain: &str) {
    for label in domain.split('.') {
        assert!((1..=63).contains(&label.chars().count()), "{label}");
        assert!(!label.starts_with('-') && !label.ends_with('-'), "{label}");
        let is_allowed = |c: char| c == '-' || c.is_ascii_alphanumeric() || !c.is_ascii();
        assert!(label.chars().all(is_allowed), "{label}");
    }
    assert!(domain.parse::<IpAddr>().is_err());
}

fn check_msisdn(text: &str) {
    match ThirdPartyId::msisdn(text) {
        Ok(id) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            assert_eq!((id.medium(), id.address()), (&Medium::MSISDN, &*digits));
            assert!((5..=15).contains(&digits.len()) && !digits.starts_with('0'));
            assert!(!text.ends_with(".0") && !text.contains("(0)"));
            assert_eq!(ThirdPartyId::msisdn(&digits).as_ref(), Ok(&id));
            assert_eq!(text.parse().as_ref(), Ok(&id));
            check_round_trip(&id);
        }
        Err(error) => assert_plain(&error),
    }
}

fn check_verbatim(text: &str) {
    let medium = Medium::new(text).unwrap_or(Medium::EMAIL);
    match ThirdPartyId::verbatim(medium.clone(), text) {
        Ok(id) => {
            assert_eq!((id.medium(), id.address()), (&medium, text));
            if !matches!(text, "email" | "msisdn") {
                check_round_trip(&id);
            }
        }
        Err(_) => assert!(text.is_empty()),
    }
}

/// `Deserialize` returns the same value or error as the constructor of the medium.
fn check_deserialized(text: &str) {
    const PAGER: &str = "org.example.pager";
    let verbatim = ThirdPartyId::verbatim(Medium::new(PAGER).unwrap(), text);
    for (json, made) in [
        (json!({ "medium": "email", "address": text }), ThirdPartyId::email(text)),
        (json!({ "medium": "msisdn", "address": text }), ThirdPartyId::msisdn(text)),
        (json!({ "medium": PAGER, "address": text }), verbatim),
        (json!(text), text.parse()),
    ] {
        let read: Result<ThirdPartyId, _> = serde_json::from_value(json);
        assert_eq!(
            read.map_err(|error| error.to_string()),
            made.map_err(|error| error.to_string())
        );
    }
}

fn check_round_trip(id: &ThirdPartyId) {
    let json = serde_json::to_string(id).unwrap();
    assert_eq!(&serde_json::from_str::<ThirdPartyId>(&json).unwrap(), id);
    assert_eq!(id.to_string(), id.address());
}

fn check_tokens(text: &str) {
    let is_visible =
        (1..=8192).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    check_secret(text, AccessToken::new(text), AccessToken::expose, is_visible);
    check_secret(text, IdAccessToken::new(text), IdAccessToken::expose, is_visible);
    check_secret(text, ValidationToken::new(text), ValidationToken::expose, is_visible);
    check_secret(text, ClientSecret::new(text), ClientSecret::expose, is_opaque(text));
    let is_password = (1..=8192).contains(&text.len());
    check_secret(text, Password::new(text), Password::expose, is_password);
    let is_key = is_key(text);
    check_secret(text, InvitePrivateKey::new(text), InvitePrivateKey::expose, is_key);
    assert_eq!(check_text(text, PublicKey::new(text)).is_some(), is_key);
}

/// `[0-9a-zA-Z.=_-]{1,255}`.
fn is_opaque(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".=_-".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether a text is Base64 of 32 bytes: 43 digits of one alphabet, with or without the `=` of
/// padding.
fn is_key(text: &str) -> bool {
    let digits = text.strip_suffix('=').unwrap_or(text);
    let of = |others: &str| digits.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c));
    digits.len() == 43 && (of("+/") || of("-_"))
}

/// Checks a secret: it is accepted unchanged or refused, and never printed.
fn check_secret<T: Debug + FromStr<Err = InvalidInput>>(
    text: &str,
    made: Result<T, InvalidInput>,
    expose: fn(&T) -> &str,
    is_valid: bool,
) {
    check_secret_as(text, text, made, expose, is_valid);
}

/// Checks a secret that keeps its text in another form.
fn check_secret_as<T: Debug + FromStr<Err = InvalidInput>>(
    text: &str,
    kept: &str,
    made: Result<T, InvalidInput>,
    expose: fn(&T) -> &str,
    is_valid: bool,
) {
    assert_eq!(text.parse::<T>().as_ref().map(expose), made.as_ref().map(expose));
    match made {
        Ok(secret) => {
            assert!(is_valid && expose(&secret) == kept);
            let name = std::any::type_name::<T>().rsplit("::").next().unwrap();
            assert_eq!(format!("{secret:?}"), format!("{name}([redacted])"));
            assert_eq!(format!("{secret:#?}"), format!("{name}([redacted])"));
        }
        Err(error) => {
            assert!(!is_valid);
            assert_plain(&error);
        }
    }
}
