//! Runs every input of the corpus through its target, without libFuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

use sdn_fuzz::TARGETS;

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn committed_corpus_upholds_every_invariant() {
    for (name, target) in TARGETS {
        let inputs = entries(&corpus().join(name));
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in &inputs {
            let data = fs::read(input).unwrap();
            panic::catch_unwind(|| target(&data)).unwrap_or_else(|_| panic!("{input:?} fails"));
        }
        println!("{name}: {} inputs", inputs.len());
    }
}

#[test]
fn targets_and_corpora_have_same_names() {
    let names = |folder: &Path| -> BTreeSet<String> {
        let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        entries(folder).iter().map(stem).collect()
    };
    let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&corpus()), targets);
    assert_eq!(names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets")), targets);
}
