//! What a room's state says about the invitees of a store.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sdn_proto::http::Response;
use sdn_proto::ledger::{Comparison, GetPeople, People, Verdict};
use sdn_proto::{AccessToken, Call, Medium, Node, RoomId, Rule, ThirdPartyId, UserId};
use serde_json::{Value, json};

fn people(state: &Value) -> People {
    GetPeople::parse_response(&Response::new(state.to_string())).unwrap()
}

fn member(user_id: &str, membership: &str) -> Value {
    let content = json!({ "membership": membership });
    json!({ "type": "m.room.member", "state_key": user_id, "sender": user_id, "content": content })
}

fn pending(display_name: &str) -> Value {
    json!({
        "type": "m.room.third_party_invite",
        "state_key": display_name.len().to_string(),
        "sender": "@alice:node.example",
        "content": {
            "display_name": display_name,
            "key_validity_url": "https://id.example/x",
            "public_key": "mN6qmPE8hy5P5fkXx+fEblXFgj7CMVG8PQOEInHSWdU",
        },
    })
}

fn email(address: &str) -> ThirdPartyId {
    ThirdPartyId::email(address).unwrap()
}

#[test]
fn request_asks_for_the_state() {
    let token = AccessToken::new("syt_secret").unwrap();
    let session = Node::new("https://node.example").unwrap().session(token);
    let request = GetPeople::new(RoomId::new("!a:node.example").unwrap()).to_request(&session);
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri().path(), "/_api/client/v3/rooms/!a%3Anode.example/state");
}

#[test]
fn odd_events_are_skipped() {
    let state = r#"[
        1, null, [], {}, {"type": "m.room.member"},
        ["m.room.member", "@i:j", {"membership": "join"}],
        {"type": "m.room.member", "state_key": "@a:b", "content": {}},
        {"type": "m.room.member", "state_key": "@c:d", "content": {"membership": 1}},
        {"type": "m.room.member", "state_key": "@k:l", "content": ["join"]},
        {"type": "x", "state_key": "@e:f", "content": {"membership": "join"}},
        {"type": "m.room.third_party_invite", "state_key": "t", "sender": "@a:b", "content": {}},
        {"type": "m.room.\u006dember", "state_key": "@g:h", "content": {"membership": "join"}}
    ]"#;
    let found = GetPeople::parse_response(&Response::new(state)).unwrap();
    assert_eq!(found, people(&json!([member("@g:h", "join")])));
    assert_eq!(found.display_names().count(), 0);
    for bad in ["", "{}", "null", "[", "[{]"] {
        assert!(GetPeople::parse_response(&Response::new(bad)).is_err(), "{bad}");
    }
}

#[test]
fn membership_decides_about_users() {
    let memberships = ["invite", "join", "leave", "ban", "knock"];
    let user = |name: &str| UserId::new(format!("@{name}:node.example")).unwrap();
    let members: Vec<_> = memberships.map(|it| member(user(it).as_str(), it)).into();
    let people = people(&members.into());
    let comparison = Comparison::new(&people, []);
    for membership in memberships {
        let found = comparison.user(&user(membership));
        let expected = match membership {
            "invite" | "join" => Verdict::InTheRoom,
            _ => Verdict::NotSeen,
        };
        assert_eq!((found.verdict, found.membership), (expected, Some(membership)));
        assert_eq!(people.membership(&user(membership)), Some(membership));
    }
    let found = comparison.user(&user("bob"));
    assert_eq!((found.verdict, found.membership), (Verdict::NotSeen, None));
}

#[test]
fn addresses_alike_are_ambiguous() {
    let people = people(&json!([pending("Car...@exa..."), pending("dav...@exa... ")]));
    assert_eq!(people.display_names().collect::<Vec<_>>(), ["Car...@exa...", "dav...@exa... "]);
    let (carol, carl, erin) =
        (email("carol@example.com"), email("carl@exact.example"), email("erin@example.com"));
    let comparison = Comparison::new(&people, [&carol, &erin]);
    let found = comparison.third_party(&carol);
    assert_eq!(found.verdict, Verdict::InTheRoom);
    assert_eq!((found.display_name, found.alike.len()), (Some("Car...@exa..."), 0));
    assert_eq!(comparison.third_party(&erin).verdict, Verdict::NotSeen);

    let comparison = Comparison::new(&people, [&carol, &carl, &erin]);
    for (id, other) in [(&carol, &carl), (&carl, &carol)] {
        let found = comparison.third_party(id);
        assert_eq!((found.verdict, found.alike), (Verdict::Ambiguous, vec![other]));
    }
}

#[test]
fn other_redactions_are_ambiguous() {
    let phone = ThirdPartyId::msisdn("+1 800 555 2067").unwrap();
    let carol = email("carol@example.com");
    for (name, carols, phones) in [
        ("c***@example.com", Verdict::Ambiguous, Verdict::NotSeen),
        ("carol@example.com", Verdict::Ambiguous, Verdict::NotSeen),
        ("...67", Verdict::NotSeen, Verdict::Ambiguous),
        ("...", Verdict::NotSeen, Verdict::NotSeen),
        ("dave", Verdict::NotSeen, Verdict::NotSeen),
    ] {
        let people = people(&json!([pending(name)]));
        let comparison = Comparison::new(&people, [&carol, &phone]);
        for (id, expected) in [(&carol, carols), (&phone, phones)] {
            let found = comparison.third_party(id);
            assert_eq!(found.verdict, expected, "{name} {id}");
            let is_shown = expected == Verdict::Ambiguous;
            assert_eq!(found.display_name, is_shown.then_some(name), "{name} {id}");
        }
    }
}

#[test]
fn name_of_another_address_is_not_ambiguous() {
    let people = people(&json!([pending("c...@exa...")]));
    let (short, long) = (email("cy@example.com"), email("carol@example.com"));
    let comparison = Comparison::new(&people, [&short, &long]);
    assert_eq!(comparison.third_party(&short).verdict, Verdict::InTheRoom);
    assert_eq!(comparison.third_party(&long).verdict, Verdict::NotSeen);
    // Nobody else has this form.
    let comparison = Comparison::new(&people, [&long]);
    assert_eq!(comparison.third_party(&long).verdict, Verdict::Ambiguous);
}

#[test]
fn unknown_medium_is_not_an_error() {
    let people = people(&json!([pending("unit...")]));
    let pager =
        ThirdPartyId::verbatim(Medium::new("org.example.pager").unwrap(), "unit 7").unwrap();
    let comparison = Comparison::new(&people, [&pager]);
    assert_eq!(comparison.third_party(&pager).verdict, Verdict::Ambiguous);
}

#[test]
fn verdict_is_its_word() {
    assert_eq!(Verdict::ALL.map(Verdict::as_str), ["in_the_room", "not_seen", "ambiguous"]);
    for verdict in Verdict::ALL {
        assert_eq!(verdict.to_string().parse(), Ok(verdict));
        let json = serde_json::to_string(&verdict).unwrap();
        assert_eq!(json, format!("\"{verdict}\""));
        assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), verdict);
    }
    let error = "In the room".parse::<Verdict>().unwrap_err();
    assert_eq!((error.field(), error.rule()), ("verdict", Rule::UnknownWord));
}

/// Shows as much of a text as Sydent does.
fn cut(text: &str) -> String {
    let shown = if text.len() > 3 { 3 } else { usize::from(text.len() > 1) };
    format!("{}...", &text[..shown])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn verdict_is_never_wrong(
        stored in proptest::collection::btree_map("[ab]{1,5}@[ab]{1,4}\\.ab", any::<bool>(), 1..12)
    ) {
        let names: BTreeSet<_> = stored.iter().filter(|(_, is_invited)| **is_invited).map(|(address, _)| {
            let (name, domain) = address.split_once('@').unwrap();
            format!("{}@{}", cut(name), cut(domain))
        }).collect();
        let state: Vec<_> = names.iter().map(|name| pending(name)).collect();
        let people = people(&state.into());
        let ids: Vec<_> = stored.keys().map(|address| email(address)).collect();
        let comparison = Comparison::new(&people, &ids);
        for (id, is_invited) in ids.iter().zip(stored.values()) {
            let verdict = comparison.third_party(id).verdict;
            let wrong = if *is_invited { Verdict::NotSeen } else { Verdict::InTheRoom };
            prop_assert_ne!(verdict, wrong, "{}", id);
        }
    }
}
