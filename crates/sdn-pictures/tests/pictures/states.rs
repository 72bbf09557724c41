//! The states of each flow, from the diagrams that open their files.

use std::fs;

use sdn_pictures::diagram;

use crate::{check, read, root};

const FLOWS: &str = "crates/sdn-proto/src/flow";

#[test]
fn each_flow_has_a_picture_of_its_states() {
    let mut files: Vec<_> = fs::read_dir(root().join(FLOWS))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut drawn = 0;
    for file in files {
        let source = read(&format!("{FLOWS}/{file}"));
        let flows: Vec<_> = source.split("impl Flow for ").skip(1).map(first_word).collect();
        if flows.is_empty() {
            continue;
        }
        let diagram = diagram::of_source(&source);
        let diagram = diagram.unwrap_or_else(|| panic!("{file} has no diagram of its states"));
        let name = file.trim_end_matches(".rs");
        let title = format!("States of {}", flows.join(" and "));
        let svg = diagram::draw(&title, &described(&diagram), &diagram);
        check(&format!("states-{name}.svg"), &svg);
        let code = source.split("\nuse ").skip(1).collect::<String>();
        for state in diagram::states(&diagram) {
            assert!(code.contains(state), "{file} has no state {state}");
        }
        drawn += 1;
    }
    assert!(drawn >= 6, "{drawn} flows");
}

fn first_word(text: &str) -> &str {
    text.split([' ', '{', '<']).next().unwrap_or_default()
}

/// Names the states for readers who do not see the picture.
fn described(diagram: &str) -> String {
    let mut states = diagram::states(diagram);
    let mut seen = Vec::new();
    states.retain(|state| {
        !seen.contains(state) && {
            seen.push(*state);
            true
        }
    });
    format!("States from the first to the last: {}.", states.join(", "))
}
