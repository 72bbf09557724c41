//! Calls to the node, one file each.

mod invite_by_3pid;
mod invite_user;

pub use invite_by_3pid::InviteBy3pid;
pub use invite_user::InviteUser;
