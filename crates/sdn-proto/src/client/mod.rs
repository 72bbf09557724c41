//! Calls to the node, one file each.

mod invite_by_3pid;
mod invite_user;

pub use invite_by_3pid::InviteBy3pid;
pub use invite_user::InviteUser;

use crate::id::RoomId;
use crate::request::Piece;

/// Both forms of invitation have the same path.
fn invite_path(room_id: &RoomId) -> [Piece<'_>; 3] {
    [Piece::Text("/client/v3/rooms/"), Piece::Segment(room_id.as_str()), Piece::Text("/invite")]
}
