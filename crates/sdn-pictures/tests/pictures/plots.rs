//! The plots of the benchmarks.

use std::collections::BTreeSet;
use std::fs;

use sdn_pictures::plot;
use sdn_pictures::table::Table;

use crate::{check_at, read, root};

#[test]
fn plots_show_the_figures_of_the_tables() {
    let mut drawn = BTreeSet::new();
    for (file, svg) in Table::all(&read("benches/README.md")).iter().filter_map(plot::draw) {
        check_at(&format!("benches/plots/{file}"), &svg);
        drawn.insert(file);
    }
    let kept = fs::read_dir(root().join("benches/plots")).unwrap();
    let kept = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(kept.collect::<BTreeSet<_>>(), drawn, "a plot has no table");
}
