//! Pictures of a terminal.

use crate::svg::Picture;

const COLUMN: f32 = 7.75;
const ROW: f32 = 18.0;

/// Text of one style in a row of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The column of its first character, from 0.
    pub column: usize,
    /// The text.
    pub text: String,
    /// The classes of its style, such as `bold green`.
    pub style: String,
}

/// Draws the rows of a terminal that is `columns` wide.
pub fn draw(title: &str, columns: usize, rows: &[Vec<Run>]) -> String {
    let text = |row: &Vec<Run>| row.iter().map(|run| &*run.text).collect::<Vec<_>>().join(" ");
    let said: Vec<_> = rows.iter().map(text).collect();
    let mut picture = Picture::new(title, &said.join("\n"));
    for (y, row) in rows.iter().enumerate() {
        let baseline = y as f32 * ROW + 13.0;
        for run in row {
            let width = run.text.chars().count() as f32 * COLUMN;
            let x = run.column as f32 * COLUMN;
            picture.fitted(x, baseline, width, &run.style, &run.text);
        }
    }
    // All pictures of one terminal are equally wide.
    picture.line(&[(columns as f32 * COLUMN, 0.0)], "thin");
    picture.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_column_and_style() {
        let run = Run { column: 10, text: "invited".into(), style: "bold green".into() };
        let svg = draw("t", 80, &[vec![], vec![run]]);
        let wanted = "<text x=\"93.5\" y=\"47\" textLength=\"54.25\" \
            lengthAdjust=\"spacingAndGlyphs\" class=\"bold green\">invited</text>";
        assert!(svg.contains(wanted), "{svg}");
        assert!(svg.contains("width=\"652\""), "{svg}");
    }
}
