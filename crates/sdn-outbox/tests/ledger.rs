//! The SQL follows the ledger: each list of states in it is a set that the ledger's steps define.

use std::fs;
use std::path::Path;

use sdn_proto::InviteStatus;
use sdn_proto::ledger::State;

/// Returns the text of all source files in a folder.
fn source(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text =
        |path: &Path| if path.is_dir() { source(path) } else { fs::read_to_string(path).unwrap() };
    entries.map(|path| text(&path)).collect()
}

/// Returns each list of quoted words in parentheses that begins with a state.
fn lists(source: &str) -> Vec<Vec<State>> {
    // The check of the table breaks its lines.
    let source = source.split_whitespace().collect::<Vec<_>>().join(" ").replace("( '", "('");
    let lists = source.split("('").skip(1).filter_map(|rest| rest.split_once(')'));
    let words = lists.map(|(list, _)| list.split(',').map(|word| word.trim_matches([' ', '\''])));
    let states = words.filter(|words| words.clone().next().is_some_and(is_state));
    states.map(|words| words.map(|word| word.parse().expect(word)).collect()).collect()
}

fn is_state(word: &str) -> bool {
    word.parse::<State>().is_ok()
}

fn states(is_in: impl Fn(State) -> bool) -> Vec<State> {
    State::ALL.into_iter().filter(|&state| is_in(state)).collect()
}

#[test]
fn lists_follow_from_the_ledger() {
    let can_finish = |state: State| state.finish(InviteStatus::Invited).is_ok();
    let expected = [
        states(|_| true),
        states(State::may_be_sent),
        states(State::needs_decision),
        states(can_finish),
        // These have ended: nothing is sent, and no outcome can follow.
        states(|state| !state.may_be_sent() && !can_finish(state)),
    ];
    let source = source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let found = lists(&source);
    for list in &found {
        assert!(expected.contains(list), "{list:?}");
    }
    for list in &expected {
        assert!(found.contains(list), "{list:?} is in no statement");
    }
}

#[test]
fn single_states_are_of_the_ledger() {
    let source = source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let words: Vec<_> = ["state = '", "state <> '", "DEFAULT '"]
        .iter()
        .flat_map(|start| source.split(start).skip(1))
        .filter_map(|rest| rest.split_once('\'').map(|(word, _)| word))
        .collect();
    assert!(words.len() > 5, "{words:?}");
    for word in words {
        assert!(is_state(word), "{word}");
    }
}
