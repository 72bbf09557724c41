//! The tiers of the workspace: one row of boxes for each, the core at the bottom.

use crate::svg::{CHARACTER, LINE, Picture};

/// A crate in its tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its row, from 0 at the top.
    pub tier: usize,
    /// The first column that its box covers, and how many.
    pub columns: (usize, usize),
    /// What happens in it, in lines.
    pub lines: Vec<String>,
}

const COLUMN: f32 = 152.0;
const GAP: f32 = 20.0;
/// The space between rows, where the arrows are.
const BETWEEN: f32 = 34.0;

/// Draws the crates of the tiers, and an arrow from each crate to one that it depends on. An
/// optional dependency is dashed.
///
/// # Panics
/// If a line does not fit into its box.
pub fn draw(
    title: &str,
    tiers: &[&str],
    crates: &[Crate],
    arrows: &[(&str, &str, bool)],
) -> String {
    let arrow = |&(from, to, optional): &(&str, &str, bool)| {
        format!("{from} depends on {to}{}", if optional { " with a feature" } else { "" })
    };
    let boxes = crates.iter().map(|it| {
        let lines =
            if it.lines.is_empty() { String::new() } else { format!(": {}", it.lines.join(", ")) };
        format!("{}, {}{lines}", tiers[it.tier], it.name)
    });
    let said: Vec<_> = boxes.chain(arrows.iter().map(arrow)).collect();
    let mut picture = Picture::new(title, &format!("{}.", said.join(". ")));
    picture.text(0.0, 12.0, "bold", title);
    let left =
        tiers.iter().map(|tier| tier.chars().count()).max().unwrap_or(0) as f32 * CHARACTER + GAP;
    let places = places(tiers.len(), crates, left);
    for (tier, name) in tiers.iter().enumerate() {
        if let Some((_, place)) = crates.iter().zip(&places).find(|(it, _)| it.tier == tier) {
            picture.text(0.0, place.y + 17.0, "soft", name);
        }
    }
    for (it, place) in crates.iter().zip(&places) {
        let longest = it.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(
            longest as f32 * CHARACTER + 16.0 <= place.width,
            "a line of {} is too long",
            it.name
        );
        picture.rectangle(place.x, place.y, place.width, place.height, "box");
        picture.text(place.x + 8.0, place.y + 17.0, "bold", &it.name);
        for (number, line) in (1_u8..).zip(&it.lines) {
            picture.text(place.x + 8.0, place.y + 17.0 + f32::from(number) * LINE, "", line);
        }
    }
    let place_of = |name: &str| {
        let index = crates.iter().position(|it| it.name == name)?;
        places.get(index)
    };
    for (from, to, is_optional) in arrows {
        if let (Some(from), Some(to)) = (place_of(from), place_of(to)) {
            let (start, end) = from.arrow_to(to);
            picture.line(&[start, end], if *is_optional { "line dashed" } else { "line" });
            picture.arrow_head(end, start);
        }
    }
    picture.finish()
}

struct Place {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Place {
    /// Returns a straight line between the boxes: down, or sideways in a tier.
    fn arrow_to(&self, to: &Self) -> ((f32, f32), (f32, f32)) {
        if self.y == to.y {
            let y = self.y + 13.0;
            return match self.x < to.x {
                true => ((self.x + self.width, y), (to.x, y)),
                false => ((self.x, y), (to.x + to.width, y)),
            };
        }
        // The middle of what one box has above the other.
        let x = (self.x.max(to.x) + (self.x + self.width).min(to.x + to.width)) / 2.0;
        ((x, self.y + self.height), (x, to.y))
    }
}

fn places(tiers: usize, crates: &[Crate], left: f32) -> Vec<Place> {
    let lines = |tier| crates.iter().filter(move |it| it.tier == tier).map(|it| it.lines.len());
    let heights: Vec<_> =
        (0..tiers).map(|tier| (lines(tier).max().unwrap_or(0) + 1) as f32 * LINE + 8.0).collect();
    let place = |it: &Crate| {
        let above: f32 = heights[..it.tier].iter().map(|height| height + BETWEEN).sum();
        let (first, count) = (it.columns.0 as f32, it.columns.1 as f32);
        Place {
            x: left + first * (COLUMN + GAP),
            y: 1.5 * LINE + above,
            width: count * (COLUMN + GAP) - GAP,
            height: heights[it.tier],
        }
    };
    crates.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_down_or_sideways() {
        let it =
            |name: &str, tier, columns| Crate { name: name.into(), tier, columns, lines: vec![] };
        let crates = [it("a", 0, (0, 1)), it("b", 0, (1, 1)), it("c", 1, (0, 2))];
        let svg = draw("t", &["x", "y"], &crates, &[("a", "b", true), ("a", "c", false)]);
        assert!(svg.contains("class=\"line dashed\""), "{svg}");
        assert!(svg.contains("a depends on b with a feature. a depends on c.</desc>"), "{svg}");
        let places = places(2, &crates, 10.0);
        let ((x, _), (down, _)) = places[0].arrow_to(&places[2]);
        assert_eq!(x, down);
        let ((_, y), (_, side)) = places[0].arrow_to(&places[1]);
        assert_eq!(y, side);
    }
}
