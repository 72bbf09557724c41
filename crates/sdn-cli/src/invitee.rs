//! Invitees: e-mail addresses, phone numbers, users and wallets.

use std::fmt::Display;

use sdn_proto::{Did, Medium, Rule, ThirdPartyId, UserId, WalletAddress};

use crate::link;
use crate::output::printable;

/// An invitee. All ways to write the same person give the same value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Invitee {
    ThirdParty(ThirdPartyId),
    User(UserId),
}

/// What an invitee's text looks like. It may be invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Email,
    Phone,
    User,
    Wallet,
    Did,
    Link,
    /// Longer than a wallet's address, so it may be a private key.
    LongHex,
    Unclear,
}

impl Kind {
    pub(crate) fn of(text: &str) -> Self {
        if link::identifier(text).is_some() {
            Self::Link
        } else if text.starts_with('@') {
            Self::User
        } else if text.contains('@') {
            Self::Email
        } else if text.starts_with("did:") {
            Self::Did
        } else if text.starts_with("0x") || text.starts_with("0X") {
            if text.len() <= WALLET_BYTES { Self::Wallet } else { Self::LongHex }
        } else if text.starts_with('+') || text.bytes().any(|byte| byte.is_ascii_digit()) {
            Self::phone_unless_lettered(text)
        } else {
            Self::Unclear
        }
    }

    /// Returns `Unclear` for a word with digits, unless it was meant as a phone number: it has a `+`,
    /// is a link, or comes from a spreadsheet.
    fn phone_unless_lettered(text: &str) -> Self {
        let rule = ThirdPartyId::msisdn(text).map_err(|error| error.rule());
        let is_meant = matches!(rule, Err(Rule::IsTelLink | Rule::HasExponent));
        let is_lettered = text.chars().any(char::is_alphabetic);
        if is_lettered && !text.starts_with('+') && !is_meant { Self::Unclear } else { Self::Phone }
    }

    /// Returns whether the node has to ask an identity server about it.
    pub(crate) fn needs_identity_server(self) -> bool {
        matches!(self, Self::Email | Self::Phone)
    }
}

/// Returns whether it is a phone number that a spreadsheet wrote as a number.
pub(crate) fn is_from_spreadsheet(text: &str) -> bool {
    let rule = ThirdPartyId::msisdn(text).map_err(|error| error.rule());
    Kind::of(text) == Kind::Phone && matches!(rule, Err(Rule::IsDecimal | Rule::HasExponent))
}

/// The length of a wallet's address as text.
const WALLET_BYTES: usize = 42;

/// Returns where an invitee was given, and its text. A text of unclear kind is left out, because it
/// may be a misplaced token or key.
pub(crate) fn place(stand: impl Display, text: &str) -> String {
    match Kind::of(text) {
        Kind::LongHex | Kind::Unclear => stand.to_string(),
        _ => format!("{stand} \"{}\"", printable(text)),
    }
}

impl Invitee {
    /// Returns the e-mail address or phone number, unless it is a user.
    pub(crate) fn third_party(&self) -> Option<&ThirdPartyId> {
        match self {
            Self::ThirdParty(id) => Some(id),
            Self::User(_) => None,
        }
    }

    /// Parses an invitee, or returns what is wrong with the text and how to correct it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let invalid = |rule: Rule| rule.to_string();
        let third_party = match Kind::of(text) {
            Kind::Email => ThirdPartyId::email(text),
            Kind::Phone => ThirdPartyId::msisdn(text),
            Kind::User | Kind::Wallet | Kind::LongHex | Kind::Did | Kind::Link => {
                return user(text).map(Self::User);
            }
            Kind::Unclear if is_room(text) => return Err(ROOM.to_owned()),
            Kind::Unclear => return Err(UNCLEAR.to_owned()),
        };
        third_party.map(Self::ThirdParty).map_err(|error| invalid(error.rule()))
    }

    /// Parses an invitee of a journal. An earlier version may have accepted texts that are rejected
    /// now.
    pub(crate) fn recorded(text: &str) -> Result<Self, String> {
        let medium = match Kind::of(text) {
            Kind::Email => Medium::EMAIL,
            Kind::Phone => Medium::MSISDN,
            _ => return Self::parse(text),
        };
        let verbatim = || ThirdPartyId::verbatim(medium, text).map(Self::ThirdParty);
        Self::parse(text).or_else(|_| verbatim().map_err(|error| error.rule().to_string()))
    }
}

/// Returns the wallet that a text names, if it names one.
pub(crate) fn wallet(text: &str) -> Option<Result<WalletAddress, String>> {
    let address = match Kind::of(text) {
        Kind::Wallet => WalletAddress::new(text),
        Kind::Did => match Did::new(text) {
            Ok(did) => Ok(did.wallet()?),
            Err(error) => Err(error),
        },
        _ => return None,
    };
    Some(address.map_err(|error| error.rule().to_string()))
}

/// Parses a user: an ID, a wallet or a link.
pub(crate) fn user(text: &str) -> Result<UserId, String> {
    match Kind::of(text) {
        Kind::Wallet | Kind::Did => {
            let wallet = wallet(text).unwrap_or_else(|| Err(OTHER_DID.to_owned()))?;
            Ok(UserId::of_wallet(&wallet))
        }
        Kind::LongHex => Err(LONG_WALLET.to_owned()),
        Kind::Link => user_of_id(&link::identifier(text).unwrap_or(Err(UNCLEAR))?),
        Kind::Email | Kind::Phone => Err(ADDRESS.to_owned()),
        Kind::User | Kind::Unclear => user_of_id(text),
    }
}

/// Parses a user ID. A wallet's address in it is changed to lower case.
fn user_of_id(text: &str) -> Result<UserId, String> {
    if is_room(text) {
        return Err(ROOM.to_owned());
    }
    let user_id = UserId::new(text).map_err(|error| error.rule().to_string())?;
    Ok(user_id.wallet().map_or(user_id, |wallet| UserId::of_wallet(&wallet)))
}

fn is_room(text: &str) -> bool {
    text.starts_with(['#', '!'])
}

const ROOM: &str = "this is a room, not a user; name a user";
const ADDRESS: &str =
    "this is an address, not a user; give a user ID such as @bob:node.example, or a wallet";
const UNCLEAR: &str = "not an e-mail address, phone number, user ID, wallet's address or link; \
     write it as name@domain, +18005552067, @localpart:server or 0x… with 40 hex digits";
const OTHER_DID: &str = "this is not a DID of a wallet; write it as did:sdn: with 40 hex digits";
const LONG_WALLET: &str = "too long for a wallet's address, which has 40 hex digits; never give a private \
     key, which has 64, as an argument";

/// Returns what to check about a valid invitee, if anything.
pub(crate) fn note(text: &str) -> Option<&'static str> {
    let is_doubtful = Kind::of(text) == Kind::Phone && has_zero_after_country_code(text);
    is_doubtful
        .then_some("a 0 follows the country code; remove it, unless it is dialled from abroad too")
}

/// Returns whether the number begins with a separate group of digits that can be a country code, and
/// a 0 follows it.
fn has_zero_after_country_code(number: &str) -> bool {
    let from_digit = |text: &'_ str| text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let number = &number[from_digit(number)..];
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let (code, rest) = number.split_at(end);
    (1..=3).contains(&code.len())
        && !WITH_ZERO.contains(&code)
        && rest[from_digit(rest)..].starts_with('0')
}

/// The countries whose numbers begin with 0 from abroad too: Italy, Ivory Coast, Benin, Gabon,
/// Congo and San Marino.
const WITH_ZERO: &[&str] = &["39", "225", "229", "241", "242", "378"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_follows_from_text() {
        for (text, kind) in [
            ("alice@example.com", Kind::Email),
            ("Alice <alice@example.com>", Kind::Email),
            ("mailto:alice@example.com", Kind::Email),
            ("@bob:node.example", Kind::User),
            ("@bob", Kind::User),
            ("@", Kind::User),
            ("+1 (800) 555-2067", Kind::Phone),
            ("18005552067", Kind::Phone),
            (" 1800", Kind::Phone),
            ("+1 800 FLOWERS", Kind::Phone),
            ("1 800 FLOWERS", Kind::Unclear),
            ("tel:+18005552067", Kind::Phone),
            ("1.8005552067E+10", Kind::Phone),
            ("hotel:18005552067", Kind::Unclear),
            ("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", Kind::Wallet),
            ("0X7E5F", Kind::Wallet),
            ("0x0000000000000000000000000000000000000000000000000000000000000001", Kind::LongHex),
            ("did:sdn:7e5f4552091a69125d5dfcb7b8c2659029395bdf", Kind::Did),
            ("0x7e5f@example.com", Kind::Email),
            ("did:web:node.example", Kind::Did),
            ("https://matrix.to/#/@bob:node.example", Kind::Link),
            ("matrix:u/bob:node.example", Kind::Link),
            ("https://node.example/@bob", Kind::Email),
            ("alice", Kind::Unclear),
            ("#lobby:node.example", Kind::Unclear),
            ("!room2:node.example", Kind::Unclear),
            ("", Kind::Unclear),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }

    #[test]
    fn spellings_of_one_wallet_are_equal() {
        const DIGITS: &str = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";
        const MIXED: &str = "7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
        let wanted = format!("@sdn_{DIGITS}:{DIGITS}");
        for text in [
            format!("0x{DIGITS}"),
            format!("0x{MIXED}"),
            format!("did:sdn:{MIXED}"),
            format!("did:pkh:eip155:1:0x{MIXED}"),
            wanted.clone(),
            format!("@sdn_{MIXED}:{MIXED}"),
            format!("https://matrix.to/#/@sdn_{MIXED}:{DIGITS}"),
            format!("matrix:u/sdn_{DIGITS}:{DIGITS}"),
        ] {
            let invitee = Invitee::parse(&text);
            assert_eq!(
                invitee,
                UserId::new(&wanted).map(Invitee::User).map_err(|_| String::new()),
                "{text}"
            );
        }
        for other in ["@sdn_bob:node.example".to_owned(), format!("@sdn_{MIXED}:node.example")] {
            assert_eq!(Invitee::parse(&other), Ok(Invitee::User(UserId::new(&other).unwrap())));
        }
    }

    #[test]
    fn zero_after_country_code_is_doubtful() {
        for number in [
            "+49 0151 1234567",
            "+49 (030) 901820",
            "+49(0151)1234567",
            "49 0151 1234567",
            "+49-0151-1",
            "+ (44) 020 7946 0958",
        ] {
            assert!(note(number).is_some(), "{number}");
        }
        for number in [
            "+39 06 1234 5678",
            "+378 0549 123456",
            "+225 01 23 45 67 89",
            "+49 151 01234567",
            "+4901511234567",
            "+1 800 055 5067",
            "+1000 0123",
            "0049 0151 1234567",
            "a 0@example.com",
            "@49 0:node.example",
            "+",
        ] {
            assert_eq!(note(number), None, "{number}");
        }
    }

    #[test]
    fn bad_wallet_has_its_own_error() {
        let key = format!("0x{}", "7".repeat(64));
        for (text, wanted) in [
            ("0x7e5f", "40"),
            ("0x7e5f4552091a69125d5dfcb7b8c2659029395bdg", "hex"),
            (&*key, "private key"),
            ("did:sdn:0x7e5f4552091a69125d5dfcb7b8c2659029395bdf", "0x"),
            ("did:web:node.example", "not a DID of a wallet"),
            ("https://matrix.to/#/#lobby:node.example", "this is a room"),
            ("matrix:roomid/a:node.example", "this is a room"),
            ("matrix:x/a:node.example", "does not name a user"),
        ] {
            let problem = Invitee::parse(text).unwrap_err();
            assert!(problem.contains(wanted), "{text}: {problem}");
            assert!(wallet(text).is_none_or(|wallet| wallet.is_err()), "{text}");
        }
        assert_eq!(place("INVITEE 1", &key), "INVITEE 1");
    }

    #[test]
    fn recorded_invitee_may_break_new_rules() {
        for text in ["bob@example.com\u{200b}", "alice@example.com,", "18005552067.0"] {
            assert!(Invitee::parse(text).is_err(), "{text}");
            let Ok(Invitee::ThirdParty(id)) = Invitee::recorded(text) else { panic!("{text}") };
            assert_eq!(id.address(), text);
        }
        assert_eq!(Invitee::recorded("Bob@example.com"), Invitee::parse("bob@example.com"));
        for text in ["", "bob", "@bob"] {
            assert!(Invitee::recorded(text).is_err(), "{text}");
        }
    }
}
