//! Invitations through HAProxy and nginx while the proxy, the node or both fail.
//!
//! Both proxies, as Debian ships them, stand in front of an embedded node. Clients use HTTP/1.1
//! without TLS, and over TLS HTTP/2 (`sdn-hyper` and the command) or HTTP/1.1 (`sdn-blocking`).
//! Every sender runs in every [situation](situations). Each outcome is compared with the node's
//! record:
//!
//! - `Invited`: the node handled the invitation, and it is in the room once.
//! - `Refused`: it is not in the room.
//! - `NotSent`: the node never saw it.
//! - `Unknown`: it arrived at most once.
//!
//! Nothing arrives twice, even if a list runs again. Certainly unsent requests are `NotSent`: an
//! unknown name, a refused connection, a TLS failure, a connect timeout.
//!
//! `.ci/run proxies` runs this; it needs `haproxy` and `nginx`. `SDN_PROXIES=TEXT` selects the
//! cases with this text in their names.
#![cfg(target_os = "linux")]

mod address;
mod certificate;
#[path = "../command/mod.rs"]
mod command;
mod gate;
mod haproxy;
mod nginx;
mod node;
mod place;
mod processes;
mod proxy;
mod report;
mod run;
mod runtime;
mod senders;
mod situation;
mod situations;

use std::any::Any;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use place::Software;
use report::Table;
use run::{Case, Report};
use senders::Kind;
use situation::Situation;

/// The number of cases at the same time; they mostly wait.
const AT_ONCE: usize = 12;
/// The maximum time of all cases.
const LONGEST: Duration = Duration::from_secs(230);

#[test]
#[ignore = "needs haproxy and nginx: .ci/run proxies"]
fn outcomes_agree_with_the_node() {
    let situations = situations::all();
    let filter = env::var("SDN_PROXIES").unwrap_or_default();
    let cases = cases(&situations).into_iter().filter(|case| case.to_string().contains(&filter));
    let cases: Vec<_> = cases.collect();
    assert!(!cases.is_empty(), "no case is named {filter}");
    // Built first, so that no case waits for it.
    command::sdn();
    let reports = run_all(&cases);

    let mut table = Table::default();
    let mut violations = Vec::new();
    for (case, report) in cases.iter().zip(reports) {
        table.add(case, &report);
        violations.extend(report.violations.iter().map(|violation| format!("{case}: {violation}")));
    }
    table.print();
    assert!(violations.is_empty(), "{} violations\n{}", violations.len(), violations.join("\n"));
}

/// Returns every situation with every proxy, protocol and sender that can be in it.
fn cases(situations: &[Situation]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for situation in situations {
        for software in Software::ALL {
            if situation.settings(software).is_none() {
                continue;
            }
            for &protocol in situation.protocols {
                for sender in Kind::ALL {
                    if situation.lists || sender != Kind::List {
                        cases.push(Case { situation, software, protocol, sender });
                    }
                }
            }
        }
    }
    cases
}

/// Runs the cases, several at a time, and returns their reports in the same order.
fn run_all(cases: &[Case<'_>]) -> Vec<Report> {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let reports: Vec<_> = cases.iter().map(|_| Mutex::new(Report::default())).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return };
            let report = catch_unwind(AssertUnwindSafe(|| {
                assert!(begun.elapsed() < LONGEST, "there is no time left");
                case.run()
            }));
            *reports[index].lock().unwrap() = report.unwrap_or_else(|panic| Report {
                violations: vec![format!("it does not end: {}", text_of(&*panic))],
                ..Report::default()
            });
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    reports.into_iter().map(|report| report.into_inner().unwrap()).collect()
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic")
}
