//! The assumptions of the other tests about the lab.

use sdn_interop::{ID_A, Lab, NODE_A, invitation_mail, unique_address};
use serde_json::json;

#[test]
#[ignore = "needs the real servers: .ci/run interop"]
fn manual_invitation_creates_event_and_mail() {
    let lab = Lab::start();
    let alice = lab.register(NODE_A, "alice");
    let room = lab.create_room(&alice);
    let address = unique_address("carol");
    let body = json!({
        "address": address,
        "id_access_token": lab.register_identity(&alice, ID_A),
        "id_server": ID_A,
        "medium": "email",
    });
    lab.in_room(&alice, &room, "invite", &body);

    let mail = invitation_mail(lab, &address);
    assert_eq!((&mail["room_id"], &mail["sender"]), (&room, &alice.id));
    let event = lab.state_event(&alice, &room, "m.room.third_party_invite", &mail["token"]);
    assert!(event.is_some());
}
