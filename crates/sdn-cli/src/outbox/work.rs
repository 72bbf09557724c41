//! `sdn work`.

use std::future::Future;
use std::pin::pin;
use std::process;

use sdn_outbox::{Event, Worker};
use sdn_proto::InviteStatus;
use tokio::sync::mpsc;

use super::logins::Logins;
use super::place::{Place, failed};
use crate::args::WorkArgs;
use crate::connection;
use crate::drive::block_on;
use crate::exit::Exit;
use crate::input::Problems;
use crate::output::{Output, json_object, printable, report, status_word};

pub(crate) fn run(args: &WorkArgs, output: &mut Output) -> Result<Exit, Exit> {
    let mut problems = Problems::default();
    let place = Place::check(&args.outbox, &mut problems);
    let in_flight = problems.keep("--in-flight", in_flight(args.in_flight.as_deref()));
    let client = connection::client_with(args.ca_file.as_deref(), &mut problems);
    let checked = place.zip(in_flight).zip(client);
    let ((place, in_flight), client) = problems.finish(checked)?;
    block_on(async {
        place.migrated().await.map_err(|error| failed(&error))?;
        let (sender, mut events) = mpsc::unbounded_channel();
        let is_json = args.json;
        let worker = Worker::new(place.database, Logins::default())
            .outbox(place.outbox)
            .client(client.build())
            .in_flight(in_flight)
            .on_event(move |event| {
                let _ = sender.send(line(event, is_json));
            });
        let stop = stop()?;
        report("sdn: working; Ctrl-C stops after the invitations that are being sent");
        let mut working = pin!(worker.run(stop));
        let mut last_problem = String::new();
        let mut show = |line| match line {
            Line::Output(line) => {
                last_problem.clear();
                // Nobody may read it, and the outbox has it.
                let _ = output.line(&line);
            }
            // Each task of the worker meets the same one.
            Line::Problem(line) if line == last_problem => {}
            Line::Problem(line) => {
                report(format_args!("sdn: {line}"));
                last_problem = line;
            }
        };
        let ended = loop {
            tokio::select! {
                ended = &mut working => break ended,
                Some(line) = events.recv() => show(line),
            }
        };
        while let Ok(line) = events.try_recv() {
            show(line);
        }
        ended.map_err(|error| failed(&error))?;
        Ok(Exit::Success)
    })
}

fn in_flight(text: Option<&str>) -> Result<u16, &'static str> {
    match text.map_or(Ok(4), str::parse) {
        Ok(number @ 1..=256) => Ok(number),
        _ => Err("must be a whole number from 1 to 256"),
    }
}

/// What is printed, and where.
enum Line {
    Output(String),
    Problem(String),
}

fn line(event: &Event, is_json: bool) -> Line {
    match event {
        Event::Ended { id, room_id, invitee, status, problem, .. } if is_json => {
            Line::Output(json_object([
                ("id", Some((*id).into())),
                ("room_id", Some(room_id.as_str().into())),
                ("invitee", Some(invitee.as_str().into())),
                ("outcome", Some(status.as_str().into())),
                ("message", problem.as_deref().map(Into::into)),
            ]))
        }
        Event::Ended { id, room_id, invitee, status, problem, .. } => {
            let (invitee, room_id) = (printable(invitee), printable(room_id));
            let mut line = format!("{}  id:{id}  {invitee}  {room_id}", status_word(*status));
            if let Some(problem) = problem.as_ref().filter(|_| *status != InviteStatus::Invited) {
                line += &format!("  {}", printable(problem));
            }
            Line::Output(line)
        }
        Event::Held { id, problem, .. } => Line::Problem(format!("id:{id}: {problem}")),
        Event::Expired(count) => Line::Problem(format!(
            "{count} invitations became unknown, because their workers have stopped; look at them \
             with sdn journal --outbox --look"
        )),
        Event::DatabaseFailed(error) => Line::Problem(format!("outbox: {error}")),
        Event::Reconnected => Line::Problem("outbox: connected again".to_owned()),
        other => Line::Problem(format!("{other:?}")),
    }
}

/// Returns what is ready after the first Ctrl-C or SIGTERM. The second Ctrl-C ends the process.
fn stop() -> Result<impl Future<Output = ()>, Exit> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).map_err(|error| {
            Exit::SomeRefused.reporting(format_args!("nothing was sent: {error}"))
        })?
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        report(
            "sdn: finishing the invitations that are being sent; Ctrl-C again stops at once, and \
             their outcome is then unknown",
        );
        tokio::spawn(async {
            let _ = tokio::signal::ctrl_c().await;
            process::exit(Exit::Interrupted as i32);
        });
    })
}
