use std::error::Error;
use std::fmt;

/// A value that cannot be used: which field it was for, and which rule it breaks.
///
/// It never holds the value itself, so it can be logged even when the field is a secret.
///
/// ```
/// use sdn_proto::{RoomId, error::Rule};
///
/// let error = RoomId::new("#lobby:node.example").unwrap_err();
/// assert_eq!(error.rule(), Rule::IsAlias);
/// assert_eq!(
///     error.to_string(),
///     "room ID: this is a room alias (it begins with '#'); resolve the alias first",
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvalidInput {
    field: &'static str,
    rule: Rule,
}

impl InvalidInput {
    pub(crate) const fn new(field: &'static str, rule: Rule) -> Self {
        Self { field, rule }
    }

    /// The field the value was for, in words: `room ID`, `e-mail address`, `access token`, …
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The rule that was broken.
    pub fn rule(&self) -> Rule {
        self.rule
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

impl Error for InvalidInput {}

/// A rule that a value can break. `Display` says what is wrong and how to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// It is empty.
    Empty,
    /// It has more than this many bytes.
    TooLong {
        /// The greatest number of bytes allowed.
        max: usize,
    },
    /// It holds a NUL character.
    Nul,
    /// It holds a control character, for instance a line break.
    ControlCharacter,
    /// It holds white space.
    Whitespace,
    /// It holds a character that has no place there.
    InvalidCharacter,
    /// A token holds something else than visible ASCII characters.
    NotVisibleAscii,
    /// It does not begin with the character that marks this kind of identifier.
    MissingSigil {
        /// The character it must begin with.
        sigil: char,
    },
    /// A room ID was wanted and a room alias (`#…`) given.
    IsAlias,
    /// A user ID has no `:server` part.
    MissingServer,
    /// A third-party identifier was wanted and a user ID (`@…:…`) given.
    IsUserId,
    /// A server name was wanted and a URL (`https://…`) given.
    HasScheme,
    /// A server name has a path.
    HasPath,
    /// The host is no host name, IPv4 address or bracketed IPv6 address.
    InvalidHost,
    /// The port is no number from 0 to 65535.
    InvalidPort,
    /// An e-mail address comes with a display name (`Alice <alice@example.com>`).
    HasDisplayName,
    /// An e-mail address is in angle brackets.
    HasAngleBrackets,
    /// An e-mail address is a `mailto:` link.
    IsMailto,
    /// An e-mail address has no `@`.
    MissingAt,
    /// An e-mail address has more than one `@`.
    SeveralAts,
    /// An e-mail address has nothing before its `@`.
    MissingLocalpart,
    /// An e-mail address has nothing after its `@`.
    MissingDomain,
    /// A phone number holds letters.
    HasLetters,
    /// A phone number begins with 0, so it has no country code.
    MissingCountryCode,
    /// A phone number holds a trunk prefix, `(0)`, that is not dialled from abroad.
    HasTrunkPrefix,
    /// A phone number has fewer than 5 digits.
    TooFewDigits,
    /// A phone number has more than 15 digits.
    TooManyDigits,
    /// A base URL has no scheme.
    MissingScheme,
    /// A base URL has a scheme other than `https` and `http`.
    UnsupportedScheme,
    /// A base URL holds a user name or password.
    HasUserinfo,
    /// A base URL has a query (`?…`).
    HasQuery,
    /// A base URL has a fragment (`#…`).
    HasFragment,
    /// A base URL has a path that does not end with `/`.
    MissingTrailingSlash,
    /// A path has a segment that is `.` or `..`, plain or percent-encoded.
    DotSegment,
    /// A path has an empty segment (`//`).
    EmptySegment,
    /// A base URL is plain `http` and its host is not this machine.
    InsecureHttp,
    /// A base URL leads to this machine, and was named by a domain that is not on it.
    Loopback,
    /// It is none of the words allowed there.
    UnknownWord,
    /// It is not Base64 of as many bytes as it must have.
    NotBase64,
}

impl Rule {
    /// The rule's name for programs: stable, in snake case, as the conformance data has it.
    ///
    /// ```
    /// assert_eq!(sdn_proto::error::Rule::IsAlias.name(), "is_alias");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::Nul => "nul",
            Self::ControlCharacter => "control_character",
            Self::Whitespace => "whitespace",
            Self::InvalidCharacter => "invalid_character",
            Self::NotVisibleAscii => "not_visible_ascii",
            Self::MissingSigil { .. } => "missing_sigil",
            Self::IsAlias => "is_alias",
            Self::MissingServer => "missing_server",
            Self::IsUserId => "is_user_id",
            Self::HasScheme => "has_scheme",
            Self::HasPath => "has_path",
            Self::InvalidHost => "invalid_host",
            Self::InvalidPort => "invalid_port",
            Self::HasDisplayName => "has_display_name",
            Self::HasAngleBrackets => "has_angle_brackets",
            Self::IsMailto => "is_mailto",
            Self::MissingAt => "missing_at",
            Self::SeveralAts => "several_ats",
            Self::MissingLocalpart => "missing_localpart",
            Self::MissingDomain => "missing_domain",
            Self::HasLetters => "has_letters",
            Self::MissingCountryCode => "missing_country_code",
            Self::HasTrunkPrefix => "has_trunk_prefix",
            Self::TooFewDigits => "too_few_digits",
            Self::TooManyDigits => "too_many_digits",
            Self::MissingScheme => "missing_scheme",
            Self::UnsupportedScheme => "unsupported_scheme",
            Self::HasUserinfo => "has_userinfo",
            Self::HasQuery => "has_query",
            Self::HasFragment => "has_fragment",
            Self::MissingTrailingSlash => "missing_trailing_slash",
            Self::DotSegment => "dot_segment",
            Self::EmptySegment => "empty_segment",
            Self::InsecureHttp => "insecure_http",
            Self::Loopback => "loopback",
            Self::UnknownWord => "unknown_word",
            Self::NotBase64 => "not_base64",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::TooLong { max } => return write!(f, "longer than {max} bytes; shorten it"),
            Self::MissingSigil { sigil } => {
                return write!(f, "does not begin with '{sigil}'; give the full identifier");
            }
            Self::Empty => "empty; give a value",
            Self::Nul => "holds a NUL character; remove it",
            Self::ControlCharacter => "holds a control character, perhaps a line break; remove it",
            Self::Whitespace => "holds white space; give it without",
            Self::InvalidCharacter => "holds a character that has no place there; remove it",
            Self::NotVisibleAscii => {
                "holds something else than visible ASCII, perhaps a line break; give the bare token"
            }
            Self::IsAlias => "this is a room alias (it begins with '#'); resolve the alias first",
            Self::MissingServer => "has no server part; write it as @localpart:server",
            Self::IsUserId => "this is a user ID; invite it as a user instead",
            Self::HasScheme => "has a scheme; give only host[:port]",
            Self::HasPath => "has a path; give only host[:port]",
            Self::InvalidHost => {
                "the host is no host name, IPv4 address or IPv6 address in brackets; correct it"
            }
            Self::InvalidPort => "the port is no number from 0 to 65535; correct it",
            Self::HasDisplayName => "has a display name; give only the address",
            Self::HasAngleBrackets => "has angle brackets; give the address without them",
            Self::IsMailto => "this is a mailto: link; give only the address",
            Self::MissingAt => "has no '@'; write it as name@domain",
            Self::SeveralAts => "has more than one '@'; give one address",
            Self::MissingLocalpart => "has nothing before the '@'; write it as name@domain",
            Self::MissingDomain => "has nothing after the '@'; write it as name@domain",
            Self::HasLetters => "holds letters; give the number in digits, without an extension",
            Self::MissingCountryCode => {
                "begins with 0; give it with its country code, for instance +44 20 7946 0958"
            }
            Self::HasTrunkPrefix => "holds '(0)', which is not dialled from abroad; leave it out",
            Self::TooFewDigits => "has fewer than 5 digits; give the full international number",
            Self::TooManyDigits => "has more than 15 digits; give one international number",
            Self::MissingScheme => "has no scheme; begin it with https://",
            Self::UnsupportedScheme => "has a scheme other than https and http; use https://",
            Self::HasUserinfo => "holds a user name or password; remove it",
            Self::HasQuery => "has a query; remove it from the '?' on",
            Self::HasFragment => "has a fragment; remove it from the '#' on",
            Self::MissingTrailingSlash => {
                "has a path whose last part would be dropped; end it with /"
            }
            Self::DotSegment => "has a path segment '.' or '..' (or its encoded form); remove it",
            Self::EmptySegment => "has an empty path segment '//'; remove one slash",
            Self::InsecureHttp => {
                "would send tokens over plain http; use https://, or ask for an insecure one by name"
            }
            Self::Loopback => {
                "leads to this machine, and the domain that names it does not; name another server"
            }
            Self::NotBase64 => "is not Base64 of 32 bytes; give it as it came",
            Self::UnknownWord => "is none of the words allowed there; see the documentation",
        };
        f.write_str(text)
    }
}
