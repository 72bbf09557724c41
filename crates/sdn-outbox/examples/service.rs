//! A service that invites: a handler, a worker, and a shutdown that loses nothing. The page
//! `docs/in_a_service.md` explains it.
//!
//! It reads `DATABASE_URL`, `LISTEN` (such as `127.0.0.1:8080`), `SDN_NODE`, `SDN_USER`,
//! `SDN_ACCESS_TOKEN`, `SDN_ROOM`, `SDN_ID_SERVER` and `SDN_ID_SERVER_URL` from the environment.
//! To try it, `cargo run -p sdn-testkit --example serve` runs a node with a user and a room.

use std::env;
use std::error::Error;
use std::fmt::Display;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use sdn_outbox::{
    Credentials, CredentialsError, Database, Enqueued, Event, Invitation, Outbox, Worker,
};
use sdn_proto::flow::IdentityServerAt;
use sdn_proto::{AccessToken, IdentityServer, Node, RoomId, ServerName, ThirdPartyId, UserId};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

struct App {
    database: Database,
    outbox: Outbox,
    node: Node,
    sender: UserId,
    room_id: RoomId,
    id_server: IdentityServerAt,
}

async fn invite(
    State(app): State<Arc<App>>,
    address: String,
) -> Result<(StatusCode, String), (StatusCode, String)> {
    let invalid = |error| (StatusCode::BAD_REQUEST, format!("{error}\n"));
    let guest = ThirdPartyId::email(address.trim()).map_err(invalid)?;
    // A connection of your pool, in a real service.
    let mut client = app.database.connect().await.map_err(unavailable)?;
    let transaction = client.transaction().await.map_err(unavailable)?;
    let guests = "INSERT INTO guest (address) VALUES ($1) ON CONFLICT DO NOTHING";
    transaction.execute(guests, &[&guest.address()]).await.map_err(unavailable)?;
    let invitation = Invitation::of_third_party(
        app.node.clone(),
        app.sender.clone(),
        app.room_id.clone(),
        guest,
        app.id_server.clone(),
    );
    let enqueued = app.outbox.enqueue(&transaction, &invitation).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(match enqueued {
        Enqueued::New(id) => (StatusCode::ACCEPTED, format!("{id} waiting\n")),
        Enqueued::Existing(id, state) => (StatusCode::OK, format!("{id} {state}\n")),
    })
}

/// Nothing is committed, so the caller can repeat the request.
fn unavailable(error: impl Display) -> (StatusCode, String) {
    eprintln!("{error}");
    (StatusCode::SERVICE_UNAVAILABLE, "try again\n".to_owned())
}

/// The token of the service's one user. A vault is asked in the same way.
struct Environment;

impl Credentials for Environment {
    async fn access_token(
        &self,
        _: &Node,
        user_id: &UserId,
    ) -> Result<AccessToken, CredentialsError> {
        let token = env::var("SDN_ACCESS_TOKEN").ok();
        let token = token.and_then(|token| AccessToken::new(token).ok());
        token.ok_or_else(|| CredentialsError::new(format!("{user_id} has no token; log in")))
    }
}

fn log(event: &Event) {
    match event {
        Event::Ended { id, status, problem, .. } => {
            println!("{id} {} {}", status.as_str(), problem.as_deref().unwrap_or_default());
        }
        Event::DatabaseFailed(error) => eprintln!("{error}"),
        other => println!("{other:?}"),
    }
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set; set it"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Arc::new(App {
        database: Database::new(&variable("DATABASE_URL")?)?,
        outbox: Outbox::new(),
        node: Node::new(variable("SDN_NODE")?)?,
        sender: UserId::new(variable("SDN_USER")?)?,
        room_id: RoomId::new(variable("SDN_ROOM")?)?,
        id_server: IdentityServerAt::Server {
            name: ServerName::new(variable("SDN_ID_SERVER")?)?,
            base: IdentityServer::new(variable("SDN_ID_SERVER_URL")?)?,
        },
    });
    let mut client = app.database.connect().await?;
    app.outbox.migrate(&mut client).await?;
    // Machines that start at the same time would create it twice without the lock.
    let guests = "SELECT pg_advisory_xact_lock(1);
        CREATE TABLE IF NOT EXISTS guest (address text PRIMARY KEY)";
    client.batch_execute(guests).await?;

    let (stop, mut stopped) = watch::channel(false);
    let worker = Worker::new(app.database.clone(), Environment).on_event(log);
    let working = tokio::spawn(worker.run(async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    }));

    let router = Router::new().route("/guests", post(invite)).with_state(app);
    let listener = TcpListener::bind(variable("LISTEN")?).await?;
    println!("listening on {}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        terminate.recv().await;
    };
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await?;
    stop.send(true)?;
    working.await??;
    println!("stopped");
    Ok(())
}
