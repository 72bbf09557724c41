//! Bar charts of tables.
//!
//! Bars are compared within a group, so each group has its scale. Our bars are solid and have bold
//! labels, and others are hatched. The figure is at the end of its bar.

use crate::svg::{CHARACTER, LINE, Picture};
use crate::table::Table;

/// How a table is drawn. Columns are named by their header.
struct Plot {
    /// The name of the table, and of the picture's file.
    table: &'static str,
    file: &'static str,
    title: &'static str,
    /// The column that names a group, and the text after its cell. Without it, all rows are a group.
    group: Option<(&'static str, &'static str)>,
    /// The column that names a bar, and the text after its cell.
    label: (&'static str, &'static str),
    /// The columns that are drawn, and what their figures count.
    values: &'static [(&'static str, &'static str)],
}

const PLOTS: [Plot; 7] = [
    Plot {
        table: "build",
        file: "build",
        title: "Instructions to build a request",
        group: Some(("build", "")),
        label: ("by", ""),
        values: &[("instructions", "")],
    },
    Plot {
        table: "parse",
        file: "parse",
        title: "Instructions to parse a response",
        group: Some(("parse", "")),
        label: ("by", ""),
        values: &[("instructions", "")],
    },
    Plot {
        table: "signed",
        file: "signed",
        title: "Instructions for canonical JSON and for proofs",
        group: Some(("signed", "")),
        label: ("by", ""),
        values: &[("instructions", "")],
    },
    Plot {
        table: "client",
        file: "send",
        title: "Cost of an invitation over the loopback interface",
        group: Some(("at once", " at once")),
        label: ("client", ""),
        values: &[("instructions", "instructions"), ("processor", "processor time")],
    },
    Plot {
        table: "in flight",
        file: "connect",
        title: "Processor time of a call, with its connection",
        group: Some(("in flight", " in flight")),
        label: ("client", ""),
        values: &[("processor", "")],
    },
    Plot {
        table: "waiting",
        file: "wait",
        title: "Senders that wait for a rate limit",
        group: None,
        label: ("waiting", " waiting"),
        values: &[("polls a call", "polls a call"), ("requests a call", "requests a call")],
    },
    Plot {
        table: "library",
        file: "weight",
        title: "Weight of a dependency",
        group: None,
        label: ("library", ""),
        values: &[("crates", "crates"), ("build", "processor time of a first release build")],
    },
];

const BAR: f32 = 340.0;
const ROW: f32 = 18.0;
/// Between a label, its bar and its figure.
const GAP: f32 = 8.0;

struct Bar {
    label: String,
    text: String,
    value: f32,
    is_ours: bool,
}

/// Draws a table. Returns the name of the picture's file and the SVG, or `None` if it is a table
/// that has no picture.
pub fn draw(table: &Table) -> Option<(String, String)> {
    let plot = PLOTS.iter().find(|plot| plot.table == table.name())?;
    let groups = groups(plot, table)?;
    let said = groups.iter().map(|(heading, bars)| {
        let bars: Vec<_> = bars.iter().map(|bar| format!("{} {}", bar.label, bar.text)).collect();
        format!("{heading}: {}.", bars.join(", "))
    });
    let description = format!("Bar chart. {}", said.collect::<Vec<_>>().join(" "));
    let mut picture = Picture::new(plot.title, &description);
    picture.text(0.0, 12.0, "bold", plot.title);
    picture.text(0.0, 12.0 + LINE, "soft", "Bars are to scale within a group; shorter is cheaper.");
    let longest = groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.label.chars().count());
    let start = longest.max().unwrap_or(0) as f32 * CHARACTER + GAP;
    let mut y = 2.0 * LINE;
    for (heading, bars) in &groups {
        y += LINE + 4.0;
        picture.text(0.0, y, "", heading);
        y += 8.0;
        let largest = bars.iter().map(|bar| bar.value).fold(0.0, f32::max);
        for bar in bars {
            let (baseline, width) = (y + 13.0, (BAR * bar.value / largest).round().max(1.0));
            let bold = if bar.is_ours { " bold" } else { "" };
            picture.text(start - GAP, baseline, &format!("end{bold}"), &bar.label);
            let class = if bar.is_ours { "ours" } else { "theirs" };
            picture.rectangle(start, y + 3.0, width, ROW - 6.0, class);
            picture.text(start + width + GAP, baseline, bold.trim(), &bar.text);
            y += ROW;
        }
    }
    Some((format!("{}.svg", plot.file), picture.finish()))
}

/// Returns the heading and the bars of each group.
fn groups(plot: &Plot, table: &Table) -> Option<Vec<(String, Vec<Bar>)>> {
    let (label, after) = (table.column(plot.label.0)?, plot.label.1);
    let mut groups: Vec<(String, Vec<Bar>)> = Vec::new();
    for (value, counted) in plot.values {
        let value = table.column(value)?;
        for row in table.rows() {
            let group = match plot.group {
                Some((column, after)) => Some(format!("{}{after}", row[table.column(column)?])),
                None => None,
            };
            let parts = [group.as_deref(), Some(*counted).filter(|counted| !counted.is_empty())];
            let heading = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
            let text = row[value].clone();
            let is_ours = row[label].starts_with("sdn-") || !table.has_peers(label);
            let digits = text.split(' ').next()?.replace(',', "");
            let label = format!("{}{after}", row[label]);
            let bar = Bar { label, value: digits.parse().ok()?, text, is_ours };
            match groups.iter_mut().find(|(known, _)| *known == heading) {
                Some((_, bars)) => bars.push(bar),
                None => groups.push((heading, vec![bar])),
            }
        }
    }
    Some(groups)
}

impl Table {
    /// Whether somebody else's library is in a column with ours.
    fn has_peers(&self, column: usize) -> bool {
        self.rows().iter().any(|row| row[column].starts_with("sdn-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_in_the_picture() {
        let page = "| build | by | instructions |\n|---|---|---:|\n| real | sdn-proto | 3,168 |\n\
                    | real | ruma | 10,222 |\n| hostile | sdn-proto | 14,916 |\n";
        let (file, svg) = draw(&Table::all(page)[0]).unwrap();
        assert_eq!(file, "build.svg");
        for wanted in [
            ">3,168</text>",
            ">10,222</text>",
            "width=\"340\"",
            "width=\"105\"",
            "hostile: sdn-proto 14,916.",
        ] {
            assert!(svg.contains(wanted), "no {wanted} in {svg}");
        }
    }

    #[test]
    fn other_tables_have_no_picture() {
        assert_eq!(draw(&Table::all("| word | meaning |\n|---|---|\n| a | b |\n")[0]), None);
    }
}
