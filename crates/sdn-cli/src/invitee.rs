//! Telling e-mail addresses, phone numbers and user IDs apart.

use std::fmt::Display;

use sdn_proto::error::Rule;
use sdn_proto::{ThirdPartyId, UserId};

use crate::output::printable;

/// Who is invited.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Invitee {
    ThirdParty(ThirdPartyId),
    User(UserId),
}

/// What an invitee's text looks like, whether or not it is valid as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Email,
    Phone,
    User,
    Unclear,
}

impl Kind {
    pub(crate) fn of(text: &str) -> Self {
        if text.starts_with('@') {
            Self::User
        } else if text.contains('@') {
            Self::Email
        } else if text.starts_with('+') || text.bytes().any(|byte| byte.is_ascii_digit()) {
            Self::phone_unless_lettered(text)
        } else {
            Self::Unclear
        }
    }

    /// A word with digits in it is no phone number, but one with a `+` was meant as one.
    fn phone_unless_lettered(text: &str) -> Self {
        let is_lettered = text.chars().any(char::is_alphabetic);
        if is_lettered && !text.starts_with('+') { Self::Unclear } else { Self::Phone }
    }

    /// Whether the node has to ask an identity server about it.
    pub(crate) fn needs_identity_server(self) -> bool {
        matches!(self, Self::Email | Self::Phone)
    }
}

/// Where an invitee was given, and as what. Text that looks like nothing we know is not repeated: it may be a token in the
/// wrong place.
pub(crate) fn place(stand: impl Display, text: &str) -> String {
    match Kind::of(text) {
        Kind::Unclear => stand.to_string(),
        _ => format!("{stand} \"{}\"", printable(text)),
    }
}

impl Invitee {
    /// Reads an invitee, or says what is wrong with the text and how to mend it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let invalid = |rule: Rule| rule.to_string();
        match Kind::of(text) {
            Kind::User => UserId::new(text).map(Self::User).map_err(|error| invalid(error.rule())),
            Kind::Email => ThirdPartyId::email(text)
                .map(Self::ThirdParty)
                .map_err(|error| invalid(error.rule())),
            Kind::Phone => ThirdPartyId::msisdn(text)
                .map(Self::ThirdParty)
                .map_err(|error| invalid(error.rule())),
            Kind::Unclear => Err("neither an e-mail address, a phone number nor a user ID; \
                 write it as name@domain, +18005552067 or @localpart:server"
                .to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_how_the_text_looks() {
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
            ("tel:+18005552067", Kind::Unclear),
            ("alice", Kind::Unclear),
            ("#lobby:node.example", Kind::Unclear),
            ("!room2:node.example", Kind::Unclear),
            ("", Kind::Unclear),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
