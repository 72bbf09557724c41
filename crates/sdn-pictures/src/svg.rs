//! A writer for the few elements of SVG that the pictures need.

use std::fmt::Write as _;

/// The width of a character of the pictures' font, rounded up: fonts of one width differ a little.
pub(crate) const CHARACTER: f32 = 8.0;
/// The height of a line of text.
pub(crate) const LINE: f32 = 20.0;
/// The space between a picture's content and its border.
pub(crate) const MARGIN: f32 = 16.0;

/// Colours are classes, because a dark theme has others.
const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;white-space:pre}
.middle{text-anchor:middle}
.end{text-anchor:end}
.bold{font-weight:bold}
.italic{font-style:italic}
.soft{fill:#59636e}
.paper{fill:#ffffff;stroke:#d1d9e0}
.cover{fill:#ffffff}
.box{fill:#eef3f8;stroke:#1f2328}
.line{fill:none;stroke:#1f2328}
.thin{fill:none;stroke:#8c959f}
.dashed{stroke-dasharray:4 3}
.head{fill:#1f2328}
.ours{fill:#0550ae}
.theirs{fill:url(#hatch);stroke:#59636e}
.hatch{stroke:#59636e}
.red{fill:#a40e26}.green{fill:#116329}.yellow{fill:#7d4e00}.blue{fill:#0550ae}.magenta{fill:#7d2ca8}.cyan{fill:#1b6c85}
@media (prefers-color-scheme:dark){
text{fill:#f0f6fc}
.soft{fill:#9198a1}
.paper{fill:#0d1117;stroke:#3d444d}
.cover{fill:#0d1117}
.box{fill:#1b2735;stroke:#f0f6fc}
.line{stroke:#f0f6fc}
.thin{stroke:#6e7681}
.head{fill:#f0f6fc}
.ours{fill:#58a6ff}
.theirs{stroke:#9198a1}
.hatch{stroke:#9198a1}
.red{fill:#ff9492}.green{fill:#4ae168}.yellow{fill:#f0b72f}.blue{fill:#91cbff}.magenta{fill:#dbb7ff}.cyan{fill:#76e3ea}
}
";

/// One picture, while it is drawn. Coordinates begin inside of the margin.
#[derive(Debug)]
pub struct Picture {
    title: String,
    description: String,
    body: String,
    /// How far the content reaches to the right and down.
    reach: (f32, f32),
}

impl Picture {
    pub(crate) fn new(title: &str, description: &str) -> Self {
        let (title, description) = (escape(title), escape(description));
        Self { title, description, body: String::new(), reach: (0.0, 0.0) }
    }

    /// Writes text with its baseline at `y`.
    pub(crate) fn text(&mut self, x: f32, y: f32, class: &str, text: &str) {
        let width = text.chars().count() as f32 * CHARACTER;
        let right = match class.split(' ').find(|class| matches!(*class, "middle" | "end")) {
            Some("middle") => x + width / 2.0,
            Some(_) => x,
            None => x + width,
        };
        self.reach(right, y + 4.0);
        let (x, y, text) = (place(x), place(y), escape(text));
        self.element(format_args!("<text x=\"{x}\" y=\"{y}\"{}>{text}</text>", Class(class)));
    }

    /// Writes text that is exactly `width` wide, as on a terminal.
    pub(crate) fn fitted(&mut self, x: f32, y: f32, width: f32, class: &str, text: &str) {
        self.reach(x + width, y + 4.0);
        let (x, y, text, class) = (place(x), place(y), escape(text), Class(class));
        let fit = format_args!("textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"");
        self.element(format_args!("<text x=\"{x}\" y=\"{y}\" {fit}{class}>{text}</text>"));
    }

    pub(crate) fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, class: &str) {
        self.reach(x + width, y + height);
        let (x, y, class) = (place(x), place(y), Class(class));
        self.element(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\"{class}/>"
        ));
    }

    /// Draws a line along points.
    pub(crate) fn line(&mut self, points: &[(f32, f32)], class: &str) {
        let path = self.path(points);
        self.element(format_args!("<path d=\"{path}\" class=\"{class}\"/>"));
    }

    /// Draws the head of an arrow that ends at a point and comes from the direction of another.
    pub(crate) fn arrow_head(&mut self, (x, y): (f32, f32), from: (f32, f32)) {
        let (back, side) = (7.0, 4.0);
        let (dx, dy) = ((from.0 - x).signum(), (from.1 - y).signum());
        let corners = if from.0 == x {
            [(x, y), (x - side, y + dy * back), (x + side, y + dy * back)]
        } else {
            [(x, y), (x + dx * back, y - side), (x + dx * back, y + side)]
        };
        let path = self.path(&corners);
        self.element(format_args!("<path d=\"{path}Z\" class=\"head\"/>"));
    }

    fn path(&mut self, points: &[(f32, f32)]) -> String {
        let mut path = String::new();
        for (index, &(x, y)) in points.iter().enumerate() {
            self.reach(x, y);
            let command = if index == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(path, "{command}{} {}", place(x), place(y));
        }
        path
    }

    fn reach(&mut self, right: f32, bottom: f32) {
        self.reach = (self.reach.0.max(right), self.reach.1.max(bottom));
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.body, "{element}");
    }

    /// Returns the SVG document.
    pub fn finish(self) -> String {
        let Self { title, description, body, reach: (right, bottom) } = self;
        let (width, height) = (right + 2.0 * MARGIN, bottom + 2.0 * MARGIN);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\">\n\
             <title id=\"title\">{title}</title>\n\
             <desc id=\"description\">{description}</desc>\n\
             <style>\n{STYLE}</style>\n\
             <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
             <path d=\"M-1 1L1 -1M0 6L6 0M5 7L7 5\" class=\"hatch\"/></pattern></defs>\n\
             <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\" class=\"paper\"/>\n\
             {body}</svg>\n",
            width - 1.0,
            height - 1.0,
        )
    }
}

/// Moves a coordinate past the margin.
fn place(coordinate: f32) -> f32 {
    coordinate + MARGIN
}

struct Class<'a>(&'a str);

impl std::fmt::Display for Class<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            "" => Ok(()),
            class => write!(f, " class=\"{class}\""),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_inside() {
        let mut picture = Picture::new("a < b", "\"&\"");
        picture.text(10.0, 20.0, "", "1 < 2 && 3");
        let svg = picture.finish();
        assert!(svg.contains("<title id=\"title\">a &lt; b</title>"), "{svg}");
        assert!(svg.contains(">1 &lt; 2 &amp;&amp; 3</text>"), "{svg}");
        // 10 characters from 10 on, and a margin at both sides.
        assert!(svg.contains("width=\"122\""), "{svg}");
    }
}
