//! Metrics through the facade of the crate `metrics`.

use metrics::{counter, gauge};
use sdn_proto::InviteStatus;

/// The waiting invitations, for the gauges.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gauges {
    pub(crate) waiting: f64,
    pub(crate) unknown: f64,
    pub(crate) oldest_seconds: f64,
}

/// Counts an invitation that ended.
pub(crate) fn count(status: InviteStatus, is_limited: bool) {
    match status {
        InviteStatus::Invited => counter!("sdn_outbox_sent_total").increment(1),
        InviteStatus::Refused => counter!("sdn_outbox_refused_total").increment(1),
        InviteStatus::Unknown => counter!("sdn_outbox_unknown_total").increment(1),
        InviteStatus::NotSent if is_limited => {
            counter!("sdn_outbox_rate_limited_total").increment(1);
        }
        InviteStatus::NotSent => counter!("sdn_outbox_not_sent_total").increment(1),
    }
}

/// Sets the gauges. All workers of an outbox set the same values.
pub(crate) fn set(gauges: &Gauges) {
    gauge!("sdn_outbox_waiting").set(gauges.waiting);
    gauge!("sdn_outbox_unknown").set(gauges.unknown);
    gauge!("sdn_outbox_oldest_waiting_seconds").set(gauges.oldest_seconds);
}
