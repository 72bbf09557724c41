//! Identifiers: of rooms, users, servers, invitations and keys.
//!
//! Each checks its text once, in its constructor, and is cheap to clone.

pub(crate) mod host;
mod invite_token;
mod key_id;
pub(crate) mod opaque;
mod room_alias;
mod room_id;
mod server_name;
mod text_traits;
mod user_id;
mod validation_session_id;

pub use invite_token::InviteToken;
pub use key_id::KeyId;
pub use room_alias::RoomAlias;
pub use room_id::RoomId;
pub use server_name::ServerName;
pub use user_id::UserId;
pub use validation_session_id::ValidationSessionId;

pub(crate) use text_traits::text_traits;
