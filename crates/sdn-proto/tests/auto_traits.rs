//! Every public type is `Send` and `Sync`, and the error types are `'static` errors.

use std::any::type_name;
use std::error::Error;
use std::fs;
use std::path::Path;

use sdn_proto::Call;

fn shared<T: Send + Sync + Unpin + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}
fn value<T: Clone + Send + Sync + Unpin + 'static>() {}

#[test]
fn auto_traits() {
    value::<sdn_proto::RoomId>();
    value::<sdn_proto::UserId>();
    value::<sdn_proto::ServerName>();
    value::<sdn_proto::Medium>();
    value::<sdn_proto::ThirdPartyId>();
    value::<sdn_proto::AccessToken>();
    value::<sdn_proto::IdAccessToken>();
    value::<sdn_proto::WalletAddress>();
    value::<sdn_proto::Did>();
    value::<sdn_proto::LoginMessage>();
    value::<sdn_proto::Signature>();
    #[cfg(feature = "wallet")]
    shared::<sdn_proto::WalletKey>();
    value::<sdn_proto::Node>();
    value::<sdn_proto::Session>();
    value::<sdn_proto::Dialect>();
    value::<sdn_proto::Proxy>();
    value::<sdn_proto::ErrorCode>();
    value::<sdn_proto::OtherCode>();
    value::<sdn_proto::Rule>();
    value::<sdn_proto::RetryAfter>();
    value::<sdn_proto::Delivery>();
    value::<sdn_proto::plain::PlainRequest>();
    value::<sdn_proto::plain::PlainResponse>();
    shared::<sdn_proto::ApiErrorKind>();
    shared::<sdn_proto::Redacted<'static, sdn_proto::http::Request<sdn_proto::bytes::Bytes>>>();
    shared::<sdn_proto::Escaped<'static>>();
    error::<sdn_proto::InvalidInput>();
    error::<sdn_proto::ApiError>();
    error::<sdn_proto::CallError>();
    error::<sdn_proto::TransportError>();
    error::<sdn_proto::ProxyError>();
    value::<sdn_proto::TransportErrorKind>();
    value::<sdn_proto::InviteStatus>();
}

#[test]
fn values_have_their_auto_traits() {
    value::<sdn_proto::IdentityServer>();
    value::<sdn_proto::IdentitySession>();
    value::<sdn_proto::id::InviteToken>();
    value::<sdn_proto::id::RoomAlias>();
    value::<sdn_proto::id::KeyId>();
    value::<sdn_proto::id::ValidationSessionId>();
    value::<sdn_proto::secret::ClientSecret>();
    value::<sdn_proto::secret::InvitePrivateKey>();
    value::<sdn_proto::secret::Password>();
    value::<sdn_proto::secret::ValidationToken>();
    value::<sdn_proto::client::DidChallenge>();
    value::<sdn_proto::client::InvitedUser>();
    value::<sdn_proto::client::InviteKey>();
    value::<sdn_proto::client::PendingInvite>();
    value::<sdn_proto::identity::Policy>();
    value::<sdn_proto::identity::PolicyText>();
    error::<sdn_proto::identity::NoCommonAlgorithm>();
    error::<sdn_proto::identity::UnreadableTerms>();
    value::<sdn_proto::InviteLink>();
    value::<sdn_proto::signed::SignedPendingInvite>();
    value::<sdn_proto::flow::AcceptFlow>();
    value::<sdn_proto::flow::InviteFlow>();
    value::<sdn_proto::flow::Invited>();
    value::<sdn_proto::flow::Challenge>();
    value::<sdn_proto::flow::LoginFlow>();
    value::<sdn_proto::flow::SignedLoginFlow>();
    value::<sdn_proto::flow::RegisterFlow>();
    value::<sdn_proto::flow::Registered>();
    value::<sdn_proto::flow::RevokeError>();
    value::<sdn_proto::flow::RevokeFlow>();
    value::<sdn_proto::flow::Revoked>();
    value::<sdn_proto::Outgoing>();
    value::<sdn_proto::flow::Step<()>>();
    value::<sdn_proto::flow::IdentityServerAt>();
    value::<sdn_proto::flow::PendingTerms<sdn_proto::flow::InviteFlow>>();
    error::<sdn_proto::flow::AcceptError>();
    error::<sdn_proto::flow::DiscoverError>();
    error::<sdn_proto::flow::InviteError>();
    error::<sdn_proto::flow::LoginError>();
    error::<sdn_proto::flow::RegisterError>();
    value::<sdn_proto::flow::Arrival>();
    value::<sdn_proto::flow::Diagnosis>();
    value::<sdn_proto::flow::DiscoverFlow>();
    value::<sdn_proto::flow::Discovered>();
    value::<sdn_proto::flow::Stage>();
    value::<sdn_proto::retry::Backoff>();
    value::<sdn_proto::retry::RetryBudget>();
    value::<sdn_proto::retry::Ticket>();
    value::<sdn_proto::retry::Turn>();
    shared::<sdn_proto::retry::Attempt>();
    value::<sdn_proto::ledger::State>();
    value::<sdn_proto::ledger::Decision>();
    error::<sdn_proto::ledger::NotAllowed>();
    value::<sdn_proto::ledger::GetPeople>();
    value::<sdn_proto::ledger::People>();
    value::<sdn_proto::ledger::Comparison<'static>>();
    value::<sdn_proto::ledger::Found<'static>>();
    value::<sdn_proto::ledger::Verdict>();
    shared::<sdn_proto::retry::Next>();
    #[cfg(feature = "verify")]
    error::<sdn_proto::signed::InvalidProof>();
    #[cfg(feature = "verify")]
    error::<sdn_proto::signed::NotCanonical>();
}

#[test]
fn auto_traits_of_every_call() {
    macro_rules! check {
        ($($folder:ident::$file:ident::$call:ident,)*) => {$(
            value::<sdn_proto::$folder::$call>();
            value::<<sdn_proto::$folder::$call as Call>::Output>();
        )*};
    }
    sdn_proto::for_each_call!(check);
}

/// Looks for types that are missing in the lists above.
#[test]
fn lists_contain_every_public_type() {
    let mut types = Vec::new();
    public_types(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut types);
    assert!(types.len() > 90, "{types:?}");
    let mut names = Vec::new();
    macro_rules! names {
        ($($folder:ident::$file:ident::$call:ident,)*) => {
            names.extend([$(type_name::<sdn_proto::$folder::$call>()),*]);
            names.extend([$(type_name::<<sdn_proto::$folder::$call as Call>::Output>()),*]);
        };
    }
    sdn_proto::for_each_call!(names);
    let lists = include_str!("auto_traits.rs");
    for name in types {
        let is_of_call = |path: &&str| path.trim_end_matches('>').ends_with(&format!("::{name}"));
        let is_listed = names.iter().any(is_of_call)
            || ["::{}>", "::{}<"].iter().any(|form| lists.contains(&form.replace("{}", &name)));
        assert!(is_listed, "{name} is not listed");
    }
}

fn public_types(folder: &Path, types: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // These are for generators, or cannot be named.
        if ["generate", "parts.rs", "request.rs"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            public_types(&path, types);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let definitions = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub struct ").or(line.strip_prefix("pub enum ")));
        types.extend(
            definitions
                .map(|text| text.chars().take_while(|c| c.is_alphanumeric()).collect::<String>()),
        );
    }
}
