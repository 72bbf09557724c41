use std::error::Error;
use std::fmt;

/// A value that is not allowed: its field, and the rule that it breaks.
///
/// It does not contain the value, so it can be logged even when the field is a secret.
///
/// ```
/// use sdn_proto::{RoomId, Rule};
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

    /// Returns the name of the value's field: `room ID`, `e-mail address`, `access token`, …
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// Returns the rule that the value breaks.
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

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $({ $(#[$of:meta])* $field:ident: $type:ty })? = $name:literal, $text:literal;)+) => {
        /// A rule that a value can break. `Display` says what is wrong and how to fix it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $rule $({ $(#[$of])* $field: $type })?,)+
        }

        impl Rule {
            /// Returns the rule's name for programs: stable, in snake case, as in the conformance
            /// data.
            ///
            /// ```
            /// assert_eq!(sdn_proto::Rule::IsAlias.name(), "is_alias");
            /// ```
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$rule { .. } => $name,)+
                }
            }
        }

        impl fmt::Display for Rule {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$rule $({ $field })? => write!(f, $text),)+
                }
            }
        }
    };
}

rules! {
    /// It is empty.
    Empty = "empty", "empty; give a value";
    /// It has more than this many bytes.
    TooLong {
        /// The greatest number of bytes allowed.
        max: usize
    } = "too_long", "longer than {max} bytes; shorten it";
    /// It contains a NUL character.
    Nul = "nul", "contains a NUL character; remove it";
    /// It contains a control character, for instance a line break.
    ControlCharacter = "control_character",
        "contains a control character, perhaps a line break; remove it";
    /// It contains white space.
    Whitespace = "whitespace", "contains white space; remove it";
    /// It contains an invisible character, for instance a zero width space.
    InvisibleCharacter {
        /// The character's name and code point.
        name: &'static str
    } = "invisible_character", "contains an invisible character: {name}; remove it";
    /// It contains a character that is not allowed.
    InvalidCharacter = "invalid_character", "contains a character that is not allowed; remove it";
    /// A token contains something other than visible ASCII characters.
    NotVisibleAscii = "not_visible_ascii",
        "contains a character that is not visible ASCII, perhaps a line break; give only the token";
    /// It does not begin with the character that marks this kind of identifier.
    MissingSigil {
        /// The character it must begin with.
        sigil: char
    } = "missing_sigil", "does not begin with '{sigil}'; give the full identifier";
    /// It is a room alias (`#…`), not a room ID.
    IsAlias = "is_alias", "this is a room alias (it begins with '#'); resolve the alias first";
    /// A user ID or an alias has no `:server` part.
    MissingServer = "missing_server", "has no server part; add one, such as :node.example";
    /// It is a user ID (`@…:…`), not a third-party identifier.
    IsUserId = "is_user_id", "this is a user ID; invite it as a user instead";
    /// It is a URL (`https://…`), not a server name.
    HasScheme = "has_scheme", "has a scheme; give only host[:port]";
    /// A server name has a path.
    HasPath = "has_path", "has a path; give only host[:port]";
    /// The host is not a host name, IPv4 address or bracketed IPv6 address.
    InvalidHost = "invalid_host",
        "the host is not a valid name, IPv4 address or bracketed IPv6 address; correct it";
    /// The port is not a number from 0 to 65535.
    InvalidPort = "invalid_port", "the port is not a number from 0 to 65535; correct it";
    /// An e-mail address comes with a display name (`Alice <alice@example.com>`).
    HasDisplayName = "has_display_name", "has a display name; give only the address";
    /// An e-mail address is in angle brackets.
    HasAngleBrackets = "has_angle_brackets", "has angle brackets; give the address without them";
    /// An e-mail address is a `mailto:` link.
    IsMailto = "is_mailto", "this is a mailto: link; give only the address";
    /// An e-mail address is in a URL, or is one.
    IsUrl = "is_url", "this is a URL; give only the address";
    /// An e-mail address has no `@`.
    MissingAt = "missing_at", "has no '@'; write it as name@domain";
    /// An e-mail address has more than one `@`.
    SeveralAts = "several_ats", "has more than one '@'; give one address";
    /// An e-mail address has nothing before its `@`.
    MissingLocalpart = "missing_localpart", "has nothing before the '@'; write it as name@domain";
    /// An e-mail address has nothing after its `@`.
    MissingDomain = "missing_domain", "has nothing after the '@'; write it as name@domain";
    /// An e-mail address has a character before its `@` that is allowed only in quotation marks.
    SpecialCharacter = "special_character",
        "has one of ( ) , : ; [ ] \\ \" before the '@'; remove it, or quote everything before the '@'";
    /// An e-mail address has an IP address after its `@`.
    HasIpAddress = "has_ip_address", "has an IP address after the '@'; give the name of a domain";
    /// An e-mail address is followed by punctuation, such as a comma or the end of a sentence.
    TrailingCharacter {
        /// The last character.
        character: char
    } = "trailing_character", "ends with '{character}', which is not part of an address; remove it";
    /// The text after the `@` of an e-mail address is not a domain.
    InvalidDomain = "invalid_domain",
        "the part after the '@' is not a domain; give only name@domain, without a port or a path";
    /// A phone number contains letters.
    HasLetters = "has_letters", "contains letters; write the number in digits, without an extension";
    /// A phone number is a `tel:` link.
    IsTelLink = "is_tel_link", "this is a tel: link; give only the number";
    /// A phone number ends in `.0`, `,0` or more zeros, as spreadsheets write numbers.
    IsDecimal = "is_decimal", "ends in decimals such as '.0', as spreadsheets write numbers; export the column as text";
    /// A phone number has an exponent, as spreadsheets write large numbers, and may have lost
    /// digits.
    HasExponent = "has_exponent",
        "has an exponent, as spreadsheets write large numbers, and may have lost digits; export the column as text";
    /// A phone number begins with 0, so it has no country code.
    MissingCountryCode = "missing_country_code",
        "begins with 0; write + and the country code instead, for instance +44 20 7946 0958";
    /// A phone number contains a trunk prefix, `(0)`, that is not dialled from abroad.
    HasTrunkPrefix = "has_trunk_prefix",
        "contains '(0)', which is not dialled from abroad; remove it";
    /// A phone number has fewer than 5 digits.
    TooFewDigits = "too_few_digits", "has fewer than 5 digits; write the full international number";
    /// A phone number has more than 15 digits.
    TooManyDigits = "too_many_digits", "has more than 15 digits; write one international number";
    /// A base URL has no scheme.
    MissingScheme = "missing_scheme", "has no scheme; begin it with https://";
    /// A base URL has a scheme other than `https` and `http`.
    UnsupportedScheme = "unsupported_scheme",
        "has a scheme other than https and http; use https://";
    /// A base URL contains a user name or password.
    HasUserinfo = "has_userinfo", "contains a user name or password; remove it";
    /// A base URL has a query (`?…`).
    HasQuery = "has_query", "has a query; remove the '?' and everything after it";
    /// A base URL has a fragment (`#…`).
    HasFragment = "has_fragment", "has a fragment; remove the '#' and everything after it";
    /// A base URL has a path that does not end with `/`.
    MissingTrailingSlash = "missing_trailing_slash",
        "has a path whose last part would be dropped; end it with /";
    /// A base URL contains the path of an API or of a discovery document.
    HasApiPath {
        /// The first segment of the API's path.
        segment: &'static str
    } = "has_api_path", "contains the path of an API; remove /{segment} and everything after it";
    /// A path has a segment that is `.` or `..`, plain or percent-encoded.
    DotSegment = "dot_segment", "has a path segment '.' or '..' (or its encoded form); remove it";
    /// A path has an empty segment (`//`).
    EmptySegment = "empty_segment", "has an empty path segment '//'; remove one slash";
    /// A base URL is plain `http` and its host is not this machine.
    InsecureHttp = "insecure_http",
        "would send tokens over plain http; use https://, or allow plain http by name";
    /// The URL of a proxy does not begin with `http://`.
    NotHttpProxy = "not_http_proxy",
        "does not begin with http://; name an HTTP proxy, which is reached without TLS";
    /// A base URL leads to this machine, but a domain on another machine names it.
    Loopback = "loopback",
        "leads to this machine, but the domain that names it does not; name another server";
    /// It is not one of the allowed words.
    UnknownWord = "unknown_word", "is not one of the allowed values; see the documentation";
    /// It is not the link of an invitation mail.
    NotInviteLink = "not_invite_link",
        "is not the link of an invitation mail; copy the whole link from the mail";
    /// It is not Base64 of the right number of bytes.
    NotBase64 = "not_base64", "is not Base64 of 32 bytes; copy it unchanged";
    /// It contains a character that is not a hex digit.
    NotHex = "not_hex", "contains a character that is not a hex digit; remove it";
    /// It does not have as many hex digits as it should.
    WrongLength {
        /// The number of hex digits that it should have.
        digits: usize
    } = "wrong_length", "does not have {digits} hex digits; copy all of it";
    /// A wallet address has no `0x` at its start.
    MissingHexPrefix = "missing_hex_prefix", "does not begin with 0x; add it";
    /// A DID of SDN contains the `0x` of the wallet address.
    HasHexPrefix = "has_hex_prefix", "has 0x after did:sdn:; remove the 0x";
    /// It is not a DID.
    NotDid = "not_did", "is not a DID; write it as did:method:identifier";
    /// The last byte of a signature (*v*) is not 0, 1, 27 or 28.
    UnknownRecoveryId = "unknown_recovery_id",
        "has a last byte (v) other than 0, 1, 27 and 28; sign with personal_sign";
    /// The *s* of a signature is in the upper half of its range.
    HighS = "high_s", "has a high s; sign with a wallet that writes a low s";
    /// A key, or the *r* or *s* of a signature, is 0 or is not below the order of the curve.
    OutOfRange = "out_of_range",
        "contains a number that is 0 or too large; copy it from the wallet unchanged";
    /// No key can have made this signature.
    NoSigner = "no_signer", "was not made by any wallet; sign with personal_sign";
    /// The case of a wallet address's letters does not match its EIP-55 checksum.
    WrongChecksum = "wrong_checksum",
        "the case of its letters does not match its checksum; compare each digit with the wallet's";
    /// Another wallet made the signature, or it is of another message.
    OtherSigner = "other_signer",
        "was not made by this wallet for this message; sign the message unchanged with this wallet";
}
