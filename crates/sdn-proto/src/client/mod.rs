//! Calls to the node, one file each.

crate::call::calls! {
    $ for_each_client_call: client
    create_room::CreateRoom,
    did_login::DidLogin,
    discover::Discover,
    get_invites::GetInvites,
    get_login_flows::GetLoginFlows,
    get_third_party_invite::GetThirdPartyInvite,
    get_versions::GetVersions,
    invite_by_3pid::InviteBy3pid,
    invite_user::InviteUser,
    join_room::JoinRoom,
    joined_rooms::JoinedRooms,
    kick::Kick,
    leave_room::LeaveRoom,
    list_dids::ListDids,
    log_out::LogOut,
    password_login::PasswordLogin,
    pre_login::PreLogin,
    request_open_id_token::RequestOpenIdToken,
    resolve_alias::ResolveAlias,
    revoke_third_party_invite::RevokeThirdPartyInvite,
    who_am_i::WhoAmI,
}

pub use crate::login::Login;
pub use crate::open_id_token::OpenIdToken;
pub use crate::third_party_invite::{InviteKey, PendingInvite, ThirdPartyInvite};
pub use crate::versions::Versions;
