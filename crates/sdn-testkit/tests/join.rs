//! Joining by a room's ID, without `rooms` in the path.

mod common;

use common::*;
use http::Method;
use serde_json::json;

#[test]
fn room_id_alone_joins() {
    let setting = Setting::new();
    let bob = setting.world.add_user(BOB);
    let join = |room: &str| {
        let room = room.replace('#', "%23").replace(':', "%3A");
        setting.call(Method::POST, &format!("/_api/client/v3/join/{room}"), Some(&bob), "{}")
    };
    assert_refused(&join(&setting.room), 403, "M_FORBIDDEN", "You are not invited to this room.");
    assert_ok(&setting.invite(&json!({ "user_id": BOB })));
    assert_eq!(json(&join(&setting.room)), json!({ "room_id": setting.room }));
    let event = setting.events("m.room.member").pop().unwrap();
    assert_eq!((&*event.sender, &event.content), (BOB, &json!({ "membership": "join" })));

    let alias = "#tea:node.example";
    assert_refused(&join(alias), 404, "M_NOT_FOUND", "Room alias #tea:node.example not found");
    assert_refused(&join("tea"), 400, "M_UNKNOWN", "tea was not legal room ID or room alias");
}
