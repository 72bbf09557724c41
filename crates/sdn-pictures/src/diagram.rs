//! Diagrams of states, from the box-drawing characters in which the source code has them.

use crate::svg::{CHARACTER, LINE, Picture};

/// Where a line leaves its cell.
const LINES: [(char, &[Side]); 15] = {
    use Side::{Bottom, Left, Right, Top};
    [
        ('─', &[Left, Right]),
        ('┄', &[Left, Right]),
        ('│', &[Top, Bottom]),
        ('┌', &[Right, Bottom]),
        ('┐', &[Left, Bottom]),
        ('└', &[Right, Top]),
        ('┘', &[Left, Top]),
        ('├', &[Top, Bottom, Right]),
        ('┤', &[Top, Bottom, Left]),
        ('┬', &[Left, Right, Bottom]),
        ('┴', &[Left, Right, Top]),
        ('►', &[Left, Right]),
        ('◄', &[Left, Right]),
        ('▲', &[Top, Bottom]),
        ('▼', &[Top, Bottom]),
    ]
};

#[derive(Debug, Clone, Copy)]
enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

/// Returns the diagram that opens a source file: the first `text` block of its comment.
pub fn of_source(source: &str) -> Option<String> {
    let comment: Vec<_> = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let start = comment.iter().position(|line| line.trim() == "```text")? + 1;
    let lines = comment[start..].iter().take_while(|line| line.trim() != "```");
    Some(lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n"))
}

/// Returns the names of a diagram's states.
pub fn states(diagram: &str) -> Vec<&str> {
    let pieces = diagram.lines().flat_map(|line| line.split(is_line));
    pieces.flat_map(|piece| piece.split("  ")).filter_map(state).collect()
}

/// Draws a diagram.
pub fn draw(title: &str, description: &str, diagram: &str) -> String {
    let mut picture = Picture::new(title, description);
    picture.text(0.0, 12.0, "bold", title);
    for (row, line) in diagram.lines().enumerate() {
        let y = (row + 1) as f32 * LINE + 8.0;
        let mut text = String::new();
        for (column, character) in line.chars().chain([' ', ' ']).enumerate() {
            match LINES.iter().find(|(known, _)| *known == character) {
                Some((_, sides)) => {
                    write(&mut picture, &mut text, column, y);
                    cell(&mut picture, column as f32 * CHARACTER, y, character, sides);
                }
                None => {
                    text.push(character);
                    if text.ends_with("  ") {
                        write(&mut picture, &mut text, column + 1, y);
                    }
                }
            }
        }
    }
    picture.finish()
}

fn is_line(character: char) -> bool {
    LINES.iter().any(|(known, _)| *known == character)
}

/// Returns the name of the state that a piece of text begins with, without what it holds.
fn state(piece: &str) -> Option<&str> {
    let word = piece.split_whitespace().next()?;
    let is_state = word.starts_with(|first: char| first.is_ascii_uppercase());
    (is_state && !word.ends_with(':')).then(|| word.split('(').next().unwrap_or(word))
}

/// Draws what a cell of lines and arrows shows.
fn cell(picture: &mut Picture, x: f32, y: f32, character: char, sides: &[Side]) {
    let (right, bottom) = (x + CHARACTER, y + LINE);
    let center = (x + CHARACTER / 2.0, y + LINE / 2.0);
    let end = |side| match side {
        Side::Left => (x, center.1),
        Side::Right => (right, center.1),
        Side::Top => (center.0, y),
        Side::Bottom => (center.0, bottom),
    };
    let class = if character == '┄' { "line dashed" } else { "line" };
    match sides {
        [first, second] => picture.line(&[end(*first), center, end(*second)], class),
        _ => sides.iter().for_each(|side| picture.line(&[center, end(*side)], class)),
    }
    match character {
        '►' => picture.arrow_head((right + 3.0, center.1), (x, center.1)),
        '◄' => picture.arrow_head((x - 3.0, center.1), (right, center.1)),
        '▲' => picture.arrow_head((center.0, y), (center.0, bottom)),
        '▼' => picture.arrow_head((center.0, bottom), (center.0, y)),
        _ => {}
    }
}

/// Writes the text that ends before a column, with a box around a state, and empties it.
fn write(picture: &mut Picture, text: &mut String, end: usize, y: f32) {
    let start = end - text.chars().count() + text.chars().take_while(|c| *c == ' ').count();
    let (x, baseline) = (start as f32 * CHARACTER, y + 14.5);
    let words = text.trim();
    if let Some(name) = state(words) {
        let boxed = words.split(' ').next().unwrap_or(name);
        let width = boxed.chars().count() as f32 * CHARACTER;
        picture.rectangle(x - 4.0, y, width + 8.0, LINE, "box");
        picture.text(x + width / 2.0, baseline, "middle", boxed);
        let rest = &words[boxed.len()..];
        if !rest.is_empty() {
            picture.text(x + width + CHARACTER, baseline, "soft", rest.trim());
        }
    } else if !words.is_empty() {
        let class = if words.ends_with(':') { "bold" } else { "soft" };
        picture.text(x, baseline, class, words);
    }
    text.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! Revokes.\n//!\n//! ```text\n//! Look ─► Revoke ─► Done\n\
        //!  │  unknown, too\n//!  └─► Done(Found) (or not)\n//! ```\n//!\n//! More.\n\nuse x;\n";

    #[test]
    fn diagram_of_a_comment_is_found() {
        let diagram = of_source(SOURCE).unwrap();
        let lines: Vec<_> = diagram.lines().collect();
        assert_eq!(
            lines,
            ["Look ─► Revoke ─► Done", " │  unknown, too", " └─► Done(Found) (or not)"]
        );
        assert_eq!(of_source("use x;\n"), None);
    }

    #[test]
    fn states_are_boxed_and_words_are_not() {
        let diagram = of_source(SOURCE).unwrap();
        assert_eq!(states(&diagram), ["Look", "Revoke", "Done", "Done"]);
        let svg = draw("t", "d", &diagram);
        assert_eq!(svg.matches("class=\"box\"").count(), 4, "{svg}");
        assert!(svg.contains(">Done(Found)</text>"), "{svg}");
        assert!(svg.contains(">(or not)</text>"), "{svg}");
        assert!(svg.contains("class=\"soft\">unknown, too</text>"), "{svg}");
        assert_eq!(svg.matches("class=\"head\"").count(), 3, "{svg}");
    }
}
