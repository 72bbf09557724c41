//! The outbox in PostgreSQL: `sdn invite --outbox`, `sdn work` and `sdn journal --outbox`.

mod journal;
mod logins;
mod place;
mod work;

pub(crate) use self::journal::run as journal;
pub(crate) use self::place::{Place, failed};
pub(crate) use self::work::run as work;
