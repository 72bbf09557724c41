//! The tiers of the workspace, and one invitation's way through them.

use std::path::Path;
use std::process::Command;

use sdn_pictures::tiers::{Crate, draw};
use serde_json::Value;

use crate::{check, read, root};

const TIERS: [&str; 3] = ["tools", "transports", "core"];

/// The tier, first column and number of columns of each crate. Below a crate is the crate that it
/// depends on, so that its arrow is straight.
const PLACES: [(&str, usize, usize, usize); 6] = [
    ("sdn-outbox", 0, 0, 1),
    ("sdn-cli", 0, 1, 1),
    ("sdn-testkit", 0, 3, 1),
    ("sdn-hyper", 1, 0, 2),
    ("sdn-blocking", 1, 2, 1),
    ("sdn-proto", 2, 0, 4),
];

/// Says in a few words what each step of the map's list is about.
const WAY: [&str; 6] = [
    "values are checked",
    "to_request",
    "it is sent",
    "parse_response",
    "a flow does 1 to 4",
    "it is recorded",
];

#[test]
fn tiers_show_the_crates_and_their_dependencies() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let published = packages.iter().filter(|package| package["publish"].is_null());
    for package in published {
        let name = package["name"].as_str().unwrap();
        assert!(PLACES.iter().any(|(known, ..)| *known == name), "{name} has no place in tiers.rs");
    }
    let arrows = arrows(packages);
    let steps = steps();
    let crates = PLACES.map(|(name, tier, first, count)| {
        let own = steps.iter().filter(|(_, at)| at == name);
        let lines = own.map(|(number, _)| format!("{number}. {}", WAY[number - 1]));
        Crate { name: name.to_owned(), tier, columns: (first, count), lines: lines.collect() }
    });
    let arrows: Vec<_> =
        arrows.iter().map(|(from, to, optional)| (&**from, &**to, *optional)).collect();
    let title = "The tiers, and one invitation's way through them";
    check("tiers.svg", &draw(title, &TIERS, &crates, &arrows));
}

fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    let output = cargo.current_dir(root()).output().unwrap();
    serde_json::from_slice(&output.stdout).expect("cargo prints its metadata")
}

/// Returns each crate with one that it depends on, and whether only with a feature. A dependency that another one
/// brings with it is left out.
fn arrows(packages: &[Value]) -> Vec<(String, String, bool)> {
    let mut all = Vec::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().unwrap() {
            let [from, to] =
                [package, dependency].map(|it| it["name"].as_str().unwrap().to_owned());
            let known = |name: &str| PLACES.iter().any(|(known, ..)| *known == name);
            if dependency["kind"].is_null() && known(&from) && known(&to) {
                all.push((from, to, dependency["optional"] == true));
            }
        }
    }
    let is_brought = |(from, to, _): &&(String, String, bool)| {
        all.iter().any(|(a, middle, optional)| {
            a == from && !optional && all.iter().any(|(b, end, _)| b == middle && end == to)
        })
    };
    all.iter().filter(|it| !is_brought(it)).cloned().collect()
}

/// Returns the steps of the map's list, and the crate of the file that each begins with.
fn steps() -> Vec<(usize, String)> {
    let map = read("crates/README.md");
    let section =
        map.split("## One invitation's way").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut steps = Vec::new();
    for number in 1..=WAY.len() {
        let text = section.split(&format!("\n{number}. ")).nth(1).expect("the list has each step");
        let paths = text.split('`').skip(1).step_by(2);
        let path =
            paths.into_iter().find(|path| path.starts_with("sdn-")).expect("a step names a file");
        assert!(root().join("crates").join(Path::new(path)).exists(), "{path}, of step {number}");
        steps.push((number, path.split('/').next().unwrap().to_owned()));
    }
    steps
}
