//! The metrics of a worker, as a recorder receives them.

mod postgres;
mod scene;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use sdn_proto::InviteStatus;
use sdn_testkit::Fault;

use scene::{Running, Scene};

/// The values by name: those of gauges are the bits of a float.
#[derive(Default, Clone)]
struct Values(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Values {
    fn of(&self, name: &str) -> Arc<AtomicU64> {
        Arc::clone(self.0.lock().unwrap().entry(name.to_owned()).or_default())
    }

    fn counter(&self, name: &str) -> u64 {
        self.of(name).load(Ordering::SeqCst)
    }

    fn gauge(&self, name: &str) -> f64 {
        f64::from_bits(self.counter(name))
    }
}

impl Recorder for Values {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key.name()))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.of(key.name()))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: .ci/run outbox"]
async fn metrics_show_what_happened() {
    let values = Values::default();
    metrics::set_global_recorder(values.clone()).unwrap();
    let scene = Scene::set().await;
    scene.world.ban(&scene.room, "@mallory:node.example");
    let ids = [
        scene.enqueue(&scene.to_user("@bob:node.example")).await,
        scene.enqueue(&scene.to_user("@mallory:node.example")).await,
        scene.enqueue(&scene.to_user("@dave:node.example")).await,
    ];
    let age = "UPDATE sdn.invitation SET enqueued_at = now() - interval '90 s'";
    scene.client.batch_execute(age).await.unwrap();
    let tokens = scene.tokens.of_alice();
    scene.tokens.remove_alice();
    let worker = Running::start(scene.worker().in_flight(1));
    let is_set = async || (values.gauge("sdn_outbox_waiting") == 3.0).then_some(());
    scene::until("three wait", is_set).await;
    let oldest = values.gauge("sdn_outbox_oldest_waiting_seconds");
    assert!((90.0..150.0).contains(&oldest), "{oldest}");
    scene.tokens.add(scene::ALICE, &tokens.0, &tokens.1);
    scene.ended(ids[0], InviteStatus::Invited).await;
    scene.ended(ids[1], InviteStatus::Refused).await;
    scene.ended(ids[2], InviteStatus::Invited).await;
    scene.server.fault_next(Fault::CloseAfterRequest { handled: true });
    let lost = scene.enqueue(&scene.to_user("@erin:node.example")).await;
    scene.ended(lost, InviteStatus::Unknown).await;
    worker.stop().await.unwrap();
    for (name, wanted) in [
        ("sdn_outbox_sent_total", 2),
        ("sdn_outbox_refused_total", 1),
        ("sdn_outbox_unknown_total", 1),
        ("sdn_outbox_rate_limited_total", 0),
    ] {
        assert_eq!(values.counter(name), wanted, "{name}");
    }
    assert!(values.counter("sdn_outbox_not_sent_total") >= 1);
    // A worker that starts sets the gauges at once.
    let worker = Running::start(scene.worker());
    let is_set = async || {
        let (waiting, unknown) =
            (values.gauge("sdn_outbox_waiting"), values.gauge("sdn_outbox_unknown"));
        (waiting == 0.0 && unknown == 1.0).then_some(())
    };
    scene::until("nothing waits and one is unknown", is_set).await;
    worker.stop().await.unwrap();
}
