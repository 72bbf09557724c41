//! Calls to the node, one file each.

mod discover;
mod get_invites;
mod get_third_party_invite;
mod get_versions;
mod invite_by_3pid;
mod invite_user;
mod join_room;
mod leave_room;
mod request_open_id_token;
mod revoke_third_party_invite;
mod who_am_i;

pub use discover::{Discover, Discovery};
pub use get_invites::{GetInvites, InvitedUser, Invites};
pub use get_third_party_invite::GetThirdPartyInvite;
pub use get_versions::GetVersions;
pub use invite_by_3pid::InviteBy3pid;
pub use invite_user::InviteUser;
pub use join_room::JoinRoom;
pub use leave_room::LeaveRoom;
pub use request_open_id_token::RequestOpenIdToken;
pub use revoke_third_party_invite::RevokeThirdPartyInvite;
pub use who_am_i::{Me, WhoAmI};

pub use crate::open_id_token::OpenIdToken;
pub use crate::third_party_invite::{InviteKey, PendingInvite, ThirdPartyInvite};
pub use crate::versions::Versions;

use crate::id::{InviteToken, RoomId};
use crate::request::Piece;

/// The path of a call about a room.
fn in_room<'a>(room_id: &'a RoomId, what: &'a str) -> [Piece<'a>; 3] {
    [Piece::Text("/client/v3/rooms/"), Piece::Segment(room_id.as_str()), Piece::Text(what)]
}

fn third_party_invite_path<'a>(room_id: &'a RoomId, token: &'a InviteToken) -> [Piece<'a>; 4] {
    let [rooms, room, state] = in_room(room_id, "/state/m.room.third_party_invite/");
    [rooms, room, state, Piece::Segment(token.as_str())]
}
