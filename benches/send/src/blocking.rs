//! The clients that block, with a thread for each sender.

use std::error::Error;
use std::thread;
use std::time::Duration;

use sdn_proto::Call;
use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;

use crate::asynchronous::parse;
use crate::{Cost, Meter, Work};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

pub fn sdn_blocking(work: Work) -> crate::Result<Cost> {
    let client = sdn_blocking::Client::builder().max_idle_per_host(work.at_once).build();
    side_by_side(&work, || Ok(client.send(&work.session, &work.call)?))
}

/// Has the time limits that sdn-blocking has.
pub fn ureq(work: Work) -> crate::Result<Cost> {
    let connect = Some(Duration::from_secs(10));
    let config = ureq::Agent::config_builder()
        .timeout_resolve(connect)
        .timeout_connect(connect)
        .timeout_global(Some(Duration::from_secs(150)));
    over_ureq(work, config)
}

pub fn ureq_without_limits(work: Work) -> crate::Result<Cost> {
    over_ureq(work, ureq::Agent::config_builder())
}

fn over_ureq(work: Work, config: ConfigBuilder<AgentScope>) -> crate::Result<Cost> {
    let config = config
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections(work.at_once)
        .max_idle_connections_per_host(work.at_once)
        .proxy(None);
    let agent = config.build().new_agent();
    side_by_side(&work, || {
        let (head, body) = work.call.to_request(&work.session).into_parts();
        let response = agent.run(http::Request::from_parts(head, &body[..]))?;
        let (head, mut body) = response.into_parts();
        parse(head.status, head.headers, body.read_to_vec()?.into())
    })
}

pub fn reqwest(work: Work) -> crate::Result<Cost> {
    let client = reqwest::blocking::Client::builder().no_proxy().build()?;
    side_by_side(&work, || {
        let response = client.execute(work.call.to_request(&work.session).try_into()?)?;
        let (status, headers) = (response.status(), response.headers().clone());
        parse(status, headers, response.bytes()?)
    })
}

/// Measures the first requests, which open the connections, or all later ones.
fn side_by_side(work: &Work, send: impl Fn() -> Result<()> + Sync) -> crate::Result<Cost> {
    if work.count.is_some() {
        each_sends(work.at_once, 1, &send)?;
    }
    let meter = Meter::start();
    each_sends(work.at_once, work.count_of_each(), &send)?;
    Ok(meter.stop())
}

fn each_sends(
    at_once: usize,
    count: usize,
    send: &(impl Fn() -> Result<()> + Sync),
) -> crate::Result<()> {
    let all = || (0..count).try_for_each(|_| send());
    if at_once == 1 {
        return all();
    }
    thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(())
    })
}
