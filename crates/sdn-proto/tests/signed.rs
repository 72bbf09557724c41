//! Proofs of invitations and associations: from real servers, created here, and altered.
#![cfg(feature = "verify")]

use std::fs;

use sdn_proto::client::{GetInvites, PendingInvite};
use sdn_proto::http::Response;
use sdn_proto::id::KeyId;
use sdn_proto::secret::InvitePrivateKey;
use sdn_proto::signed::{Association, InvalidProof, NotCanonical, SignedInvite, verify_json};
use sdn_proto::{Call, PublicKey, ServerName, UserId};
use serde_json::{Map, Value, json};

/// The long-term key of the recorded identity server.
const ID_SERVER: &str = "localhost:18091";
const ID_SERVER_KEY: &str = "mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU";

/// The private key that the recorded identity server received to sign with, and its public key.
const MAILED_KEY: &str = "Dw9c7m9I2epmukp8VXMtQz9k7C23UzTTxI9kT8EtZ4E";
const MAILED_PUBLIC_KEY: &str = "8pgak8t7Ryft5xAuIlcHhereoJ7upIr5ku9i6nawnnM";

const ALICE: &str = "@aliceef6a84:localhost:18048";
const CAROL: &str = "@carolef6a84:localhost:18048";
const DAVE: &str = "@daveef6a84:localhost:18048";

fn proof(value: &Value) -> SignedInvite {
    serde_json::from_value(value.clone()).unwrap()
}

fn user(text: &str) -> UserId {
    UserId::new(text).unwrap()
}

fn public_key(text: &str) -> PublicKey {
    PublicKey::new(text).unwrap()
}

fn key_id(text: &str) -> KeyId {
    KeyId::new(text).unwrap()
}

/// Returns the body of a real server's response.
fn recorded(case: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/recorded.jsonl");
    let lines = fs::read_to_string(path).unwrap();
    let mut exchanges = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let exchange = exchanges.find(|exchange| exchange["case"] == case).unwrap();
    serde_json::from_str(exchange["body"].as_str().unwrap()).unwrap()
}

/// Returns the proof from a binding, and its invitation.
fn recorded_invitation() -> (SignedInvite, PendingInvite) {
    let association = recorded("is 3pid/bind ok (with pending invites)");
    let signed = proof(&association["invites"][0]["signed"]);
    let content = recorded("state m.room.third_party_invite ok");
    let pending = pending_of(signed.token().as_str(), ALICE, &content);
    (signed, pending)
}

/// Returns an invitation from the state of its room.
fn pending_of(token: &str, sender: &str, content: &Value) -> PendingInvite {
    let event = json!({
        "type": "m.room.third_party_invite",
        "state_key": token,
        "sender": sender,
        "content": content,
    });
    let response = Response::new(json!([event]).to_string());
    GetInvites::parse_response(&response).unwrap().pending.remove(0)
}

#[test]
fn real_association_is_verified() {
    let id = key_id("ed25519:0");
    let cases = [
        "is 3pid/bind ok (no pending invites)",
        "is 3pid/bind ok (with pending invites)",
        "is 3pid/bind ok (pending invite revoked)",
        "is 3pid/bind ok (remote homeserver)",
        "is 3pid/bind ok",
    ];
    for case in cases {
        let value = recorded(case);
        let association: Association = serde_json::from_value(value.clone()).unwrap();
        let key = public_key(ID_SERVER_KEY);
        assert_eq!(association.verify(ID_SERVER, &id, &key), Ok(()), "{case}");
        for invite in association.invites() {
            let signed = invite.signed.object();
            assert_eq!(verify_json(signed, ID_SERVER, &id, &key), Ok(()), "{case}");
        }
        for (server, key_id, key, error) in [
            ("localhost", id.clone(), key.clone(), InvalidProof::NotSigned),
            (ID_SERVER, key_id("ed25519:1"), key.clone(), InvalidProof::NotSigned),
            (ID_SERVER, id.clone(), public_key(MAILED_PUBLIC_KEY), InvalidProof::WrongSignature),
        ] {
            assert_eq!(association.verify(server, &key_id, &key), Err(error), "{case}");
        }
        for member in ["address", "medium", "mxid", "not_after", "not_before", "ts"] {
            let mut altered = value.clone();
            altered[member] = match &value[member] {
                Value::String(text) => json!(format!("{}x{}", &text[..1], &text[1..])),
                number => json!(number.as_i64().unwrap() + 1),
            };
            let altered: Association = serde_json::from_value(altered).unwrap();
            let error = Err(InvalidProof::WrongSignature);
            assert_eq!(altered.verify(ID_SERVER, &id, &key), error, "{case}: {member}");
        }
    }
}

#[test]
fn real_proof_is_verified() {
    let (signed, pending) = recorded_invitation();
    assert_eq!(signed.verify(&pending, &user(CAROL)), Ok(()));
    // The node's member event contains the same proof.
    let member = recorded("state m.room.member with third_party_invite ok");
    let in_member = proof(&member["third_party_invite"]["signed"]);
    assert_eq!(in_member, signed);

    assert_eq!(signed.verify(&pending, &user(DAVE)), Err(InvalidProof::OtherUser));
    let content = recorded("state m.room.third_party_invite ok");
    let other = pending_of("nope", ALICE, &content);
    assert_eq!(signed.verify(&other, &user(CAROL)), Err(InvalidProof::OtherToken));
}

#[test]
fn local_acceptance_equals_the_servers() {
    let by_server = proof(&recorded("is sign-ed25519 ok"));
    let by_us = SignedInvite::sign(
        user(DAVE),
        Some(user(ALICE)),
        by_server.token().clone(),
        &ServerName::new(ID_SERVER).unwrap(),
        &InvitePrivateKey::new(MAILED_KEY).unwrap(),
    );
    assert_eq!(by_us, by_server);
    assert_eq!(by_us.object(), by_server.object());
    assert_eq!(by_us.sender(), Some(&user(ALICE)));

    let content = json!({
        "display_name": "dav...@exa...",
        "key_validity_url": "https://id.example/x",
        "public_key": ID_SERVER_KEY,
        "public_keys": [{"public_key": ID_SERVER_KEY}, {"public_key": MAILED_PUBLIC_KEY}],
    });
    let pending = pending_of(by_us.token().as_str(), ALICE, &content);
    assert_eq!(by_us.verify(&pending, &user(DAVE)), Ok(()));
    let by_carol = pending_of(by_us.token().as_str(), CAROL, &content);
    assert_eq!(by_us.verify(&by_carol, &user(DAVE)), Err(InvalidProof::OtherSender));
    let mut content = content;
    content["public_keys"] = json!([]);
    let without_the_key = pending_of(by_us.token().as_str(), ALICE, &content);
    assert_eq!(by_us.verify(&without_the_key, &user(DAVE)), Err(InvalidProof::WrongSignature));
}

#[test]
fn proof_with_altered_byte_is_refused() {
    let (signed, pending) = recorded_invitation();
    let text = serde_json::to_string(&signed).unwrap();
    // The names of the server and its key are not signed.
    let range = |name: &str| text.find(name).map(|start| start..start + name.len()).unwrap();
    let (server, key_name) = (range(ID_SERVER), range("0\":\"EmEd6gBozw1K").start);
    let mut refused = 0;
    for (at, old) in text.char_indices() {
        for new in ['A', '0', '-', '"'] {
            let altered = format!("{}{new}{}", &text[..at], &text[at + 1..]);
            // Many alterations are not a proof.
            let Ok(altered) = serde_json::from_str::<SignedInvite>(&altered) else { continue };
            if altered.verify(&pending, &user(CAROL)).is_err() {
                refused += 1;
            } else {
                let is_unsigned = server.contains(&at) || at == key_name;
                assert!(new == old || is_unsigned, "{altered:?}");
            }
        }
    }
    assert!(refused > 700, "{refused}");
}

#[test]
fn proof_with_other_members_is_refused() {
    let (signed, pending) = recorded_invitation();
    let verify = |object: Map<String, Value>| {
        serde_json::from_value::<SignedInvite>(object.into())
            .unwrap()
            .verify(&pending, &user(CAROL))
    };
    let with = |key: &str, value: Value| {
        let mut object = signed.object().clone();
        object.insert(key.to_owned(), value);
        verify(object)
    };
    assert_eq!(with("unsigned", json!({"age": 0.5})), Ok(()));
    assert_eq!(with("more", json!(1)), Err(InvalidProof::WrongSignature));
    assert_eq!(with("sender", json!(ALICE)), Err(InvalidProof::WrongSignature));
    assert_eq!(with("sender", json!(DAVE)), Err(InvalidProof::OtherSender));
    assert_eq!(with("more", json!(0.5)), Err(InvalidProof::NotCanonical(NotCanonical::Float)));
    for none in [json!({}), json!([]), json!(null), json!({ID_SERVER: []}), json!({ID_SERVER: {}})]
    {
        assert_eq!(with("signatures", none), Err(InvalidProof::NotSigned));
    }
    let signature = &signed.object()["signatures"][ID_SERVER]["ed25519:0"];
    assert_eq!(with("signatures", json!({"any": {"ed25519:any": signature}})), Ok(()));
    assert_eq!(
        with("signatures", json!({"any": {"ed448:0": signature}})),
        Err(InvalidProof::NotSigned)
    );

    // The last of two equal members counts, for parsing and for the signature.
    let text = serde_json::to_string(&signed).unwrap();
    let doubled = |text: String| serde_json::from_str::<SignedInvite>(&text).unwrap();
    let before = doubled(text.replacen('{', &format!(r#"{{"mxid":"{DAVE}","#), 1));
    assert_eq!((before.mxid().as_str(), before.verify(&pending, &user(CAROL))), (CAROL, Ok(())));
    let after = doubled(format!(r#"{},"mxid":"{DAVE}"}}"#, text.strip_suffix('}').unwrap()));
    assert_eq!(after.mxid().as_str(), DAVE);
    assert_eq!(after.verify(&pending, &user(CAROL)), Err(InvalidProof::OtherUser));
    assert_eq!(after.verify(&pending, &user(DAVE)), Err(InvalidProof::WrongSignature));
}

#[test]
fn good_signature_among_few_is_enough() {
    let (signed, pending) = recorded_invitation();
    let good = &signed.object()["signatures"][ID_SERVER]["ed25519:0"];
    let verify_among = |bad: usize| {
        let mut by_server: Map<_, _> =
            (0..bad).map(|n| (format!("ed25519:{n:06}"), json!("c2ln"))).collect();
        by_server.insert("ed25519:good".to_owned(), good.clone());
        let mut object = signed.object().clone();
        object.insert("signatures".to_owned(), json!({ID_SERVER: by_server}));
        proof(&object.into()).verify(&pending, &user(CAROL))
    };
    assert_eq!(verify_among(10), Ok(()));
    assert_eq!(
        verify_among(100_000),
        Err(InvalidProof::WrongSignature),
        "only the first ones are tried"
    );
}
